package rate

import (
	"math/big"
	"slices"
)

// Use is a quantity and what it cost.
type Use struct {
	Quantity int64
	Amount   Amount
}

// Difference is how far what was charged is from what was estimated. Volume is
// what comes from another quantity, Rate what comes from another price; both
// add up to Total (H23, P14).
type Difference struct {
	Total, Volume, Rate Amount
}

// Variance splits the difference between an actual use and its estimate. Nothing
// estimated: all of it is volume.
func Variance(estimated, actual Use) Difference {
	d := Difference{Total: actual.Amount - estimated.Amount}
	d.Volume = d.Total
	if estimated.Quantity != 0 {
		more := new(big.Int).Sub(big.NewInt(actual.Quantity), big.NewInt(estimated.Quantity))
		part := new(big.Rat).SetFrac(more.Mul(more, big.NewInt(int64(estimated.Amount))), big.NewInt(estimated.Quantity))
		if volume, fits := amount(part); fits {
			d.Volume = volume
		}
	}
	d.Rate = d.Total - d.Volume
	return d
}

// Band says how bad a variance is.
type Band string

// The bands, by absolute percent of the estimate (H23).
const (
	OK     Band = "ok"     // up to 5
	Watch  Band = "watch"  // up to 10
	Warn   Band = "warn"   // up to 20
	Breach Band = "breach" // above, and charged although nothing was estimated
)

// BandOf is the band of what was charged against its estimate. A difference
// below the floor is watched at most, however many percent it is.
func BandOf(estimate, actual, floor Amount) Band {
	difference := new(big.Int).Sub(big.NewInt(int64(actual)), big.NewInt(int64(estimate)))
	difference.Abs(difference)
	hundredfold := new(big.Int).Mul(difference, big.NewInt(100))
	band := Breach
	for i, percent := range []int64{5, 10, 20} {
		limit := product(percent, int64(estimate))
		if hundredfold.Cmp(limit.Abs(limit)) <= 0 {
			band = []Band{OK, Watch, Warn}[i]
			break
		}
	}
	if (band == Warn || band == Breach) && difference.Cmp(big.NewInt(int64(floor))) < 0 {
		return Watch
	}
	return band
}

// Month is what is known of a month's use while it lasts, in local days.
type Month struct {
	Fixed    Amount   // what doesn't depend on use
	Days     []Amount // the complete days, oldest first
	Today    Amount   // so far
	Left     int      // days to the end of the month, today included
	Before   Amount   // last month's use
	BeforeIn int      // days of last month that have been counted; 0: unknown
	Past     []Miss   // the last months' projections
}

// Miss is what a month was projected to come to, and what it came to.
type Miss struct{ Projected, Actual Amount }

// Projection is what a month will come to.
type Projection struct {
	Amount    Amount
	Low, High Amount // equal to Amount while no projection has been held against its month
	Days      int    // complete days that were looked at; 0: last month's mean
}

// Project says what the month will come to (H27): what is fixed, the complete
// days, and the mean of the last seven of them (or fewer) for each day left.
// Without a complete day, last month's mean is taken; without that it is false.
// It is never less than what has been used already. The range is the largest
// error of the last three months.
func Project(m Month) (Projection, bool) {
	last := m.Days[max(0, len(m.Days)-7):]
	rest := new(big.Rat)
	switch {
	case len(last) > 0:
		rest.SetFrac(sum(last), big.NewInt(int64(len(last))))
	case m.BeforeIn > 0:
		rest.SetFrac(big.NewInt(int64(m.Before)), big.NewInt(int64(m.BeforeIn)))
	default:
		return Projection{}, false
	}
	used := sum(m.Days)
	used.Add(used, big.NewInt(int64(m.Fixed)))
	rest.Mul(rest, new(big.Rat).SetInt64(int64(m.Left)))
	rest.Add(rest, new(big.Rat).SetInt(used))
	all, fits := amount(rest)
	used.Add(used, big.NewInt(int64(m.Today)))
	if !fits || !used.IsInt64() {
		return Projection{}, false
	}
	p := Projection{Amount: max(all, Amount(used.Int64())), Days: len(last)}
	p.Low, p.High = p.spread(m.Past)
	return p, true
}

func sum(amounts []Amount) *big.Int {
	n := new(big.Int)
	for _, a := range amounts {
		n.Add(n, big.NewInt(int64(a)))
	}
	return n
}

// spread is the projection less and more its largest error of three months.
func (p Projection) spread(past []Miss) (low, high Amount) {
	worst := new(big.Rat)
	for _, m := range past[max(0, len(past)-3):] {
		if m.Projected > 0 {
			off := new(big.Rat).SetFrac64(int64(m.Actual-m.Projected), int64(m.Projected))
			if off.Abs(off).Cmp(worst) > 0 {
				worst = off
			}
		}
	}
	by, fits := amount(worst.Mul(worst, new(big.Rat).SetInt64(abs(int64(p.Amount)))))
	if !fits {
		return p.Amount, p.Amount
	}
	return max(p.Amount-by, min(p.Amount, 0)), p.Amount + by
}

// Limits of what is unusual (H28).
const (
	unusualFrom = 3.5
	enough      = 5 // days, or homes, to compare with
)

// Unusual is the modified z-score of the latest amount among those before it,
// and whether it stands out: 3.5 or more, and at least the floor. With fewer
// than five to compare with, the floor alone decides, and 0 is none (H28).
func Unusual(history []Amount, latest, floor Amount) (z float64, unusual bool) {
	if len(history) < enough {
		return 0, floor > 0 && latest >= floor
	}
	middle := median(history)
	deviations := make([]float64, len(history))
	mean := 0.0
	for i, a := range history {
		deviations[i] = max(float64(a)-middle, middle-float64(a))
		mean += deviations[i] / float64(len(history))
	}
	above := float64(latest) - middle
	switch mad := median(deviations); {
	case mad > 0:
		z = 0.6745 * above / mad
	case mean > 0:
		z = above / (1.253314 * mean)
	case above > 0: // all days were alike until now
		return unusualFrom, latest >= floor
	}
	return z, z >= unusualFrom && latest >= floor
}

func median[N Amount | float64](list []N) float64 {
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	return float64(sorted[(n-1)/2])/2 + float64(sorted[n/2])/2
}
