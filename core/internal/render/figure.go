package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// Size of a sparkline's drawing, in px.
const sparkWidth, sparkHeight = 80, 28

// Spark returns the points of a sparkline in a box of 80 by 28.
func (s *scene) Spark(values []int64) string {
	if len(values) < 2 {
		return ""
	}
	low, high := slices.Min(values), slices.Max(values)
	span := max(high-low, 1)
	points := make([]string, len(values))
	for i, v := range values {
		x := i * (sparkWidth - 4) * 10 / (len(values) - 1)
		y := (high - v) * (sparkHeight - 4) * 10 / span
		points[i] = fmt.Sprintf("%d.%d,%d.%d", x/10+2, x%10, y/10+2, y%10)
	}
	return strings.Join(points, " ")
}

// heatRow is a day of a heatmap, heatCell one of its hours.
type heatRow struct {
	Day   string
	Cells []heatCell
}

type heatCell struct {
	Level int // 0 to 6
	Count int64
	Title string // "Tue 20:00 · 54 sign-ins"
}

var days = [7]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// Heat turns counts into levels: 0 for nothing, then six equal shares of the
// busiest hour.
func (s *scene) Heat(h ui.Heatmap) []heatRow {
	peak, _, _ := busiest(h)
	rows := make([]heatRow, len(days))
	for d, day := range days {
		rows[d].Day = day
		for hour, n := range h.Cells[d] {
			level := 0
			if n > 0 {
				level = int((n*6 + peak - 1) / peak)
			}
			rows[d].Cells = append(rows[d].Cells, heatCell{level, n, s.hour(day, hour, n, h.Noun)})
		}
	}
	return rows
}

func (s *scene) hour(day string, hour int, n int64, noun string) string {
	return fmt.Sprintf("%s %02d:00 · %s %s", day, hour, s.format.Number(n, 0), noun)
}

// Peak names the busiest hour of a heatmap, or is empty when there is none.
func (s *scene) Peak(h ui.Heatmap) string {
	peak, day, hour := busiest(h)
	if peak == 0 {
		return ""
	}
	return fmt.Sprintf("%s %02d:00", days[day], hour)
}

func busiest(h ui.Heatmap) (peak int64, day, hour int) {
	for d := range h.Cells {
		for i, n := range h.Cells[d] {
			if n > peak {
				peak, day, hour = n, d, i
			}
		}
	}
	return peak, day, hour
}

// chartData is what charts.js reads. Scale is the number of decimals that
// the integers carry; the browser divides, for drawing alone.
type chartData struct {
	Bars   bool          `json:"bars"`
	Labels []string      `json:"labels"`
	Series []chartSeries `json:"series"`
	Scale  int           `json:"scale"`
	Prefix string        `json:"prefix"`
	Suffix string        `json:"suffix"`
	Locale string        `json:"locale"`
}

type chartSeries struct {
	Name       string  `json:"name"`
	Values     []int64 `json:"values"`
	Comparison bool    `json:"comparison"`
}

// ChartData is the data of a chart for its script.
func (s *scene) ChartData(c ui.Chart) chartData {
	data := chartData{
		Bars: c.Kind == ui.Bars, Labels: c.Labels, Suffix: c.Unit.Suffix,
		Scale: c.Unit.Decimals, Locale: s.Shell.Locale,
	}
	if c.Unit.Currency != "" {
		data.Scale = core.Exponent(c.Unit.Currency)
		sign := strings.SplitN(s.format.symbol(c.Unit.Currency, "\x00"), "\x00", 2)
		data.Prefix, data.Suffix = sign[0], sign[1]
	}
	for _, one := range c.Series {
		data.Series = append(data.Series, chartSeries(one))
	}
	return data
}

// Point writes one value of a chart for its text alternative.
func (s *scene) Point(u ui.Unit, values []int64, i int) string {
	if i >= len(values) {
		return "–"
	}
	if u.Currency != "" {
		return s.format.Money(core.Money{Minor: values[i], Currency: u.Currency})
	}
	return s.format.Number(values[i], u.Decimals) + u.Suffix
}
