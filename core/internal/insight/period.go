package insight

import (
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
)

// Grain is the length of a period.
type Grain string

// The grains. A total is of all time; a level's is now.
const (
	Day   Grain = "day"
	Month Grain = "month"
	Year  Grain = "year"
	All   Grain = "total"
)

// layouts are how periods are written.
var layouts = map[Grain]string{Day: time.DateOnly, Month: "2006-01", Year: "2006"}

// PeriodOf is the period of the grain that a moment is in, in the moment's own
// zone: 2026-11-23, 2026-11, 2026, or empty.
func PeriodOf(g Grain, at time.Time) string {
	if g == All {
		return ""
	}
	return at.Format(layouts[g])
}

// grainOf is the grain that a period is written in.
func grainOf(period string) Grain {
	switch len(period) {
	case len("2006-01-02"):
		return Day
	case len("2006-01"):
		return Month
	case len("2006"):
		return Year
	}
	return All
}

// encode is a period as it is stored: 20261123, 202611, 2026, or 0. Returns
// invalid for a text that is no period.
func encode(period string) (int64, error) {
	if period == "" {
		return 0, nil
	}
	if layout, ok := layouts[grainOf(period)]; ok {
		if _, err := time.Parse(layout, period); err == nil {
			return strconv.ParseInt(strings.ReplaceAll(period, "-", ""), 10, 64)
		}
	}
	return 0, core.Problems{{Field: "period", Value: period, Reason: "is not 2026-11-23, 2026-11, 2026 or empty"}}.Err()
}

// dayPeriods is where the stored periods of days begin.
const dayPeriods = 1_000_000

// decode is a stored period as it is written.
func decode(period int64) string {
	s := strconv.FormatInt(period, 10)
	switch len(s) {
	case len("20061231"):
		return s[:4] + "-" + s[4:6] + "-" + s[6:]
	case len("200612"):
		return s[:4] + "-" + s[4:]
	case len("2006"):
		return s
	}
	return ""
}

// next is the period after one of a grain; both are written.
func next(g Grain, period string) string {
	at, err := time.Parse(layouts[g], period)
	if err != nil {
		return ""
	}
	switch g {
	case Day:
		at = at.AddDate(0, 0, 1)
	case Month:
		at = at.AddDate(0, 1, 0)
	default:
		at = at.AddDate(1, 0, 0)
	}
	return at.Format(layouts[g])
}
