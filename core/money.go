package core

import (
	"fmt"
	"strings"
)

// Money is an exact amount: integer minor units of an ISO 4217 currency
// (billing rule H1).
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// Exponent is the number of decimal digits of a currency's minor unit
// (ISO 4217); currencies that are not listed have two.
func Exponent(currency string) int {
	switch currency {
	case "JPY", "KRW", "ISK", "CLP", "VND", "XAF", "XOF", "XPF", "UGX", "PYG", "RWF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	}
	return 2
}

// Add returns m + n. Mixing currencies is an invalid error (H1).
func (m Money) Add(n Money) (Money, error) {
	if m.Currency != n.Currency {
		return Money{}, Errorf(Invalid, "Amounts in %s and %s can't be added.", m.Currency, n.Currency)
	}
	return Money{m.Minor + n.Minor, m.Currency}, nil
}

// String returns the amount as "-1234.50 EUR", the form that files carry.
func (m Money) String() string {
	digits, sign := fmt.Sprintf("%d", m.Minor), ""
	if rest, ok := strings.CutPrefix(digits, "-"); ok {
		digits, sign = rest, "-"
	}
	if e := Exponent(m.Currency); e > 0 {
		if pad := e + 1 - len(digits); pad > 0 {
			digits = strings.Repeat("0", pad) + digits
		}
		digits = digits[:len(digits)-e] + "." + digits[len(digits)-e:]
	}
	return sign + digits + " " + m.Currency
}
