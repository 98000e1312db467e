package sdk

import (
	"time"

	"github.com/openhouse-ai/console/core"
)

// Sum adds up the figures of the same metric, development, period and
// currency; their order stays.
func Sum(figures []core.Figure) []core.Figure {
	type key struct{ metric, development, period, currency string }
	places := map[key]int{}
	var sums []core.Figure
	for _, f := range figures {
		k := key{f.Metric, f.Development, f.Period, f.Currency}
		if place, known := places[k]; known {
			sums[place].Value += f.Value
			continue
		}
		places[k] = len(sums)
		sums = append(sums, f)
	}
	return sums
}

// Happened are the figures of something that happened once, at a moment: of
// its day, month, year and of all time, in its development and in the whole
// tenant. The days are the tenant's.
func Happened(c Call, metric, development string, at time.Time, value int64) []core.Figure {
	local := at.In(c.Location())
	var figures []core.Figure
	for _, period := range []string{"", local.Format("2006"), local.Format("2006-01"), local.Format(time.DateOnly)} {
		figures = append(figures, core.Figure{Metric: metric, Period: period, Value: value})
		if development != "" {
			figures = append(figures, core.Figure{Metric: metric, Development: development, Period: period, Value: value})
		}
	}
	return figures
}
