// Package rate is the arithmetic of costs: exact rationals inside, one rounding
// half to even where an amount is written down (billing.md H1).
package rate

import (
	"math"
	"math/big"
	"math/bits"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// Amount is money in 10^-12 USD: fine enough for one token at any list price,
// and up to 9.2 million USD.
type Amount int64

// USD is so many whole dollars.
const USD Amount = 1_000_000_000_000

// Price is what so many units cost, in 10^-12 USD: every decimal of at most
// twelve places is exact.
type Price int64

// places is how many decimal places a price may have.
const places = 12

// ParsePrice reads a price in USD, a decimal such as 0.0125. Returns invalid for
// anything but a decimal of at most 12 places from 0 to 9,223,372.
func ParsePrice(text string) (Price, error) {
	whole, fraction, dotted := strings.Cut(text, ".")
	if whole == "" || len(whole) > 7 || dotted && fraction == "" || len(fraction) > places {
		return 0, core.Errorf(core.Invalid, "The price %q is not a decimal of USD with at most %d places.", text, places)
	}
	var p int64
	for _, digit := range whole + fraction + strings.Repeat("0", places-len(fraction)) {
		if digit < '0' || digit > '9' || p > (math.MaxInt64-int64(digit-'0'))/10 {
			return 0, core.Errorf(core.Invalid, "The price %q is not a decimal of USD with at most %d places.", text, places)
		}
		p = 10*p + int64(digit-'0')
	}
	return Price(p), nil
}

// Cost is what a quantity costs at a price for so many units, rounded once, half
// to even (H1). It is false where the quantity is negative, per isn't positive,
// or the amount is more than an Amount holds: there is no price then (H20).
func Cost(quantity int64, p Price, per int64) (Amount, bool) {
	if quantity < 0 || p < 0 || per <= 0 {
		return 0, false
	}
	n, ok := round(uint64(quantity), uint64(p), uint64(per))
	return Amount(n), ok
}

// round is a*b/c, half to even, and whether that is an int64.
func round(a, b, c uint64) (uint64, bool) {
	hi, lo := bits.Mul64(a, b)
	if hi >= c {
		return 0, false
	}
	n, rest := bits.Div64(hi, lo, c)
	if rest > c-rest || rest == c-rest && n%2 == 1 {
		n++
	}
	return n, n <= math.MaxInt64
}

// Step is the price of what is above so many units. None: nobody knows it.
type Step struct {
	Above int64
	Price Price
	Per   int64
	None  bool
}

// Graduated is what a quantity costs at prices by step: each step costs what is
// above it, up to the next one. Free units are a first step of price 0. The sum
// is rounded once. It is false where the quantity reaches a step without a
// price, or the first step isn't at 0.
func Graduated(quantity int64, steps []Step) (Amount, bool) {
	if quantity < 0 || len(steps) == 0 || steps[0].Above != 0 {
		return 0, false
	}
	sum := new(big.Rat)
	for i, s := range steps {
		upTo := quantity
		if i+1 < len(steps) {
			upTo = min(quantity, steps[i+1].Above)
		}
		switch units := upTo - s.Above; {
		case units <= 0:
		case s.None || s.Per <= 0 || s.Price < 0:
			return 0, false
		default:
			sum.Add(sum, new(big.Rat).SetFrac(product(units, int64(s.Price)), big.NewInt(s.Per)))
		}
	}
	return amount(sum)
}

func product(a, b int64) *big.Int { return new(big.Int).Mul(big.NewInt(a), big.NewInt(b)) }

// amount rounds half to even, and says whether the result is an Amount.
func amount(r *big.Rat) (Amount, bool) {
	n := HalfEven(r)
	return Amount(n.Int64()), n.IsInt64()
}

// HalfEven is the whole number that is nearest, the even one of two.
func HalfEven(r *big.Rat) *big.Int {
	n, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	c := rest.Abs(rest).Lsh(rest, 1).Cmp(r.Denom())
	if c > 0 || c == 0 && n.Bit(0) == 1 {
		n.Add(n, big.NewInt(int64(r.Sign())))
	}
	return n
}

// Convert is an amount in another currency, at a rate of that currency for one
// USD, rounded once, half to even, to minor units (H24). Returns invalid for a
// rate that is no positive decimal, or an amount that Money can't hold.
func Convert(a Amount, decimal, currency string) (core.Money, error) {
	r, ok := new(big.Rat).SetString(decimal)
	if !ok || r.Sign() <= 0 || len(decimal) > 40 || strings.ContainsAny(decimal, "eEpPxX/_") {
		return core.Money{}, core.Errorf(core.Invalid, "The exchange rate %q is not a positive decimal.", decimal)
	}
	minor := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(core.Exponent(currency))), nil)
	r.Mul(r, new(big.Rat).SetFrac(minor.Mul(minor, big.NewInt(int64(a))), big.NewInt(int64(USD))))
	n := HalfEven(r)
	if !n.IsInt64() {
		return core.Money{}, core.Errorf(core.Invalid, "The amount is too large in %s.", currency)
	}
	return core.Money{Minor: n.Int64(), Currency: currency}, nil
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
