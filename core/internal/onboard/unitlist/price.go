package unitlist

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
)

var (
	symbols      = []struct{ symbol, currency string }{{"€", "EUR"}, {"£", "GBP"}, {"$", "USD"}}
	currencyCode = regexp.MustCompile(`^([A-Z]{3})[. ]*(\d.*)$|^([\d.,' -]*\d)[,.]?-? ?([A-Z]{3})$`)
	amountForm   = regexp.MustCompile(`^\d[\d.,]*$`)
	grouped      = regexp.MustCompile(`^[1-9]\d{0,2}(?:[.,]\d{3})+$`)

	thousandMarks = strings.NewReplacer(" ", "", "'", "", "’", "")
	separators    = strings.NewReplacer(".", "", ",", "")

	errNoPrice  = core.Errorf(core.Invalid, "This isn't a price such as 458,150.00.")
	errDecimals = core.Errorf(core.Invalid, "The price has more decimals than its currency.")
	errTooLarge = core.Errorf(core.Invalid, "The price is too large.")
)

// maxPriceDigits keeps every price far inside an int64 of minor units.
const maxPriceDigits = 15

// parsePrice returns the exact amount, nil if none is known. The amount is in
// the currency; a symbol or code of another is an error. A point or comma with
// three figures behind it separates thousands, with fewer it is decimal, so
// that 458.150,00 and 458,150.00 are the same. Computed amounts of a workbook
// have decimals without end: round cuts them to the minor unit, half up.
func parsePrice(s, currency string, round bool) (*core.Money, error) {
	s = strings.ToUpper(clean(s))
	if unknown(s) {
		return nil, nil
	}
	s, found := cutCurrency(s, currency)
	if found != "" && found != currency {
		return nil, core.Errorf(core.Invalid, "The price is in %s and not in %s.", found, currency)
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, ",-"), ".-")
	s = thousandMarks.Replace(s)
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "(") {
		return nil, core.Errorf(core.Invalid, "The price is negative.")
	}
	if !amountForm.MatchString(s) {
		return nil, errNoPrice
	}
	whole, decimals, ok := splitAmount(s, core.Exponent(currency))
	if !ok {
		return nil, errNoPrice
	}
	minor, err := minorUnits(whole, decimals, core.Exponent(currency), round)
	if err != nil || minor == 0 {
		return nil, err // a price of nothing is one that nobody filled in
	}
	return &core.Money{Minor: minor, Currency: currency}, nil
}

// cutCurrency takes symbol and code off. A dollar is any dollar.
func cutCurrency(s, expected string) (amount, currency string) {
	for _, c := range symbols {
		if before, after, ok := strings.Cut(s, c.symbol); ok {
			if c.symbol == "$" && strings.HasSuffix(expected, "D") {
				c.currency = expected
			}
			s, currency = strings.TrimSpace(before+after), c.currency
			break
		}
	}
	if m := currencyCode.FindStringSubmatch(s); m != nil && (currency == "" || currency == m[1]+m[4]) {
		return m[2] + m[3], m[1] + m[4]
	}
	return s, currency
}

// splitAmount separates whole units from decimals and drops the separators of
// thousands. It refuses thousands that are not groups of three.
func splitAmount(s string, exponent int) (whole, decimals string, ok bool) {
	whole = s
	if i := strings.LastIndexAny(s, ".,"); i >= 0 {
		other := strings.ContainsAny(s[:i], strings.Trim(".,", s[i:i+1]))
		repeated := strings.Contains(s[:i], s[i:i+1])
		thousands := repeated || !other && len(s)-i-1 == 3 && exponent != 3 && grouped.MatchString(s)
		if !thousands {
			whole, decimals = s[:i], s[i+1:]
		}
	}
	if strings.ContainsAny(whole, ".,") {
		mixed := strings.Contains(whole, ".") && strings.Contains(whole, ",")
		if mixed || !grouped.MatchString(whole) {
			return "", "", false
		}
		whole = separators.Replace(whole)
	}
	return whole, decimals, whole != ""
}

// minorUnits puts the figures together as an integer.
func minorUnits(whole, decimals string, exponent int, round bool) (int64, error) {
	extra := ""
	if len(decimals) > exponent {
		decimals, extra = decimals[:exponent], strings.TrimRight(decimals[exponent:], "0")
	}
	if extra != "" && !round {
		return 0, errDecimals
	}
	digits := strings.TrimLeft(whole, "0") + decimals + strings.Repeat("0", exponent-len(decimals))
	if len(digits) > maxPriceDigits {
		return 0, errTooLarge
	}
	minor, err := strconv.ParseInt("0"+digits, 10, 64)
	if err != nil {
		return 0, errNoPrice
	}
	if extra >= "5" {
		minor++
	}
	return minor, nil
}

// currencyOf returns the currency that a heading names: Price (€).
func currencyOf(heading, fallback string) string {
	for _, c := range symbols {
		if strings.Contains(heading, c.symbol) && (c.symbol != "$" || !strings.HasSuffix(fallback, "D")) {
			return c.currency
		}
	}
	for _, word := range strings.Fields(fold(heading)) {
		if word == "eur" || word == "gbp" || word == "usd" {
			return strings.ToUpper(word)
		}
	}
	return fallback
}
