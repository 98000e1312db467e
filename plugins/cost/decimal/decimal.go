// Package decimal reads and writes the exact decimal numbers of bills: no
// amount ever passes through a float.
package decimal

import (
	"errors"
	"math/big"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// Bounds of a number. No bill comes near them; a hostile answer does.
const (
	maxDigits   = 60
	maxExponent = 40
)

// ErrNotNumber is returned for a text that is no decimal number.
var ErrNotNumber = errors.New("is not a decimal number")

// Parse reads a number as JSON and spreadsheets write it: 12, -0.0612, 6.1e-5,
// +3. Returns ErrNotNumber for anything else, and for more than 60 digits or an
// exponent beyond 40.
func Parse(text string) (*big.Rat, error) {
	mantissa, exponent, scaled := strings.Cut(strings.ReplaceAll(text, "E", "e"), "e")
	power := 0
	if scaled {
		n, err := strconv.Atoi(exponent)
		if err != nil || n > maxExponent || n < -maxExponent {
			return nil, ErrNotNumber
		}
		power = n
	}
	digits, sign := strings.TrimPrefix(mantissa, "+"), ""
	if rest, negative := strings.CutPrefix(mantissa, "-"); negative {
		digits, sign = rest, "-"
	}
	whole, part, pointed := strings.Cut(digits, ".")
	all := whole + part
	if all == "" || len(all) > maxDigits || pointed && part == "" || strings.Trim(all, "0123456789") != "" {
		return nil, ErrNotNumber
	}
	n, ok := new(big.Int).SetString(sign+all, 10)
	if !ok {
		return nil, ErrNotNumber
	}
	power -= len(part)
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(power, -power))), nil)
	if power < 0 {
		return new(big.Rat).SetFrac(n, scale), nil
	}
	return new(big.Rat).SetInt(n.Mul(n, scale)), nil
}

// Text writes a number with all its places and no more: -0.0612. What has no
// end as a decimal is cut after 30 places.
func Text(r *big.Rat) string {
	places, exact := r.FloatPrec()
	if !exact {
		places = 30
	}
	return r.FloatString(places)
}

// Sum adds two numbers as Text writes them. Returns ErrNotNumber.
func Sum(a, b string) (string, error) {
	x, err := Parse(a)
	if err != nil {
		return "", err
	}
	y, err := Parse(b)
	if err != nil {
		return "", err
	}
	return Text(x.Add(x, y)), nil
}

// Scaled is the number in units of 10^-places, rounded once, half to even
// (billing.md H1). ok is false when it doesn't fit into 64 bits.
func Scaled(r *big.Rat, places int) (n int64, ok bool) {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	whole := rate.HalfEven(new(big.Rat).Mul(r, new(big.Rat).SetInt(scale)))
	return whole.Int64(), whole.IsInt64()
}
