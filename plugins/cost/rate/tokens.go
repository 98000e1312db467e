package rate

import "math"

// Quantities are the tokens of one call, by what they are priced as. Cached and
// cache-write tokens are no longer in Input; reasoning tokens are in Output.
type Quantities struct {
	Input, Cached, CacheWrite, Output int64
}

// Tokens splits what a provider reports (H19): cached and cache-write tokens are
// inside prompt tokens, reasoning tokens inside completion tokens. It is false
// where they don't add up or one is negative.
func Tokens(prompt, cached, write, completion, reasoning int64) (Quantities, bool) {
	if min(prompt, cached, write, completion, reasoning) < 0 || reasoning > completion || cached > prompt || write > prompt-cached {
		return Quantities{}, false
	}
	return Quantities{prompt - cached - write, cached, write, completion}, true
}

// LongAbove is the context threshold in prompt tokens.
const LongAbove = 272_000

// Long reports whether a call is in the long context band: strictly above the
// threshold, and then as a whole (H19).
func Long(prompt int64) bool { return prompt > LongAbove }

// Reading is what storage held on a local date: the mean of the day's readings,
// in bytes.
type Reading struct {
	Date  string
	Bytes int64
}

// Stored is what a date's storage comes to.
type Stored struct {
	Date     string
	Quantity int64 // byte-months
	Amount   Amount
}

// Storage is what the readings of one month come to, by date (H22): each date
// that has a reading is one of the month's days, and the sum of byte-months,
// which is the mean over the month, is priced and rounded once; both are shared
// out to the dates by largest remainder. It is false like Cost.
func Storage(readings []Reading, days int, p Price, per int64) ([]Stored, bool) {
	parts := make([]Part, len(readings))
	sum := int64(0)
	for i, r := range readings {
		if r.Bytes < 0 || sum > math.MaxInt64-r.Bytes {
			return nil, false
		}
		sum += r.Bytes
		parts[i] = Part{r.Date, r.Bytes}
	}
	if days <= 0 || per <= 0 || per > math.MaxInt64/int64(days) {
		return nil, false
	}
	quantity, whole := Cost(sum, 1, int64(days))
	total, priced := Cost(sum, p, per*int64(days))
	if !whole || !priced {
		return nil, false
	}
	stored := make([]Stored, len(readings))
	quantities, amounts := Share(quantity, parts), Share(total, parts)
	for i, r := range readings {
		stored[i] = Stored{r.Date, int64(quantities[i]), amounts[i]}
	}
	return stored, true
}
