// Package rate is the arithmetic of costs: exact rationals inside, one rounding
// half to even where an amount is written down (billing.md H1).
package rate

// Amount is money in 10^-12 USD: fine enough for one token at any list price,
// and up to 9.2 million USD.
type Amount int64
