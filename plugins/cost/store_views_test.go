package cost

import (
	"slices"
	"testing"

	"github.com/openhouse-ai/console/core/sdk/sdktest"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// What a line adds up of each kind, by whatever it is asked.
func TestLines(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin())
	db, call := c.DB(), c.Call()
	for _, date := range []string{"2026-10-30", "2026-10-31", "2026-11-01"} {
		for i, kind := range []string{"estimate", "correction", "allocation", "actual", "unpriced", "pooled"} {
			var amount any = 1 << i
			if kind == "unpriced" || kind == "pooled" {
				amount = nil
			}
			for _, usage := range []string{"input", "output"} {
				_, err := db.ExecContext(t.Context(), `insert into cost_days values (?, 'dvt_a', 'llm', 'openai', ?, ?, ?, ?, ?, ?)`, date, "sku/"+kind[:1], usage, kind, 100<<i, 1000<<i, amount)
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	all := line{Estimate: 3 * 2 * 7, Actual: 3 * 2 * 8, Billed: true, Quantity: 3 * 2 * 4900, Events: 3 * 2 * 49000, Unpriced: 3 * 2 * 16000, Pending: 3 * 2 * 32000}
	for by, want := range map[string]int{byDayInFull: 3 * 5 * 2, byMonthInFull: 2 * 5 * 2, byDay: 3, byMonth: 2, byDevelopment: 1, byPeriodOfDay: 3} {
		lines, err := selectLines(t.Context(), call, asked{"2026-10-01", "2026-12-01", "dvt_a", "llm"}, by)
		if err != nil {
			t.Fatal(err)
		}
		var sum line
		var periods []string
		for _, l := range lines {
			sum.add(l)
			periods = append(periods, l.Period)
		}
		if len(lines) != want || sum != all || !slices.IsSorted(periods) {
			t.Errorf("by %s there are %d lines of %v, which come to %+v; want %d of %+v", by, len(lines), periods, sum, want, all)
		}
	}
	if lines, err := selectLines(t.Context(), call, asked{"2026-10-01", "2026-12-01", "", "maps"}, byMonth); err != nil || len(lines) != 0 {
		t.Errorf("of another category there are %+v (%v)", lines, err)
	}
	if one, err := selectLines(t.Context(), call, asked{"2026-11-01", "2026-11-02", "", ""}, byPeriodOfDay); err != nil || len(one) != 1 || one[0].Estimate != rate.Amount(14) {
		t.Errorf("of a day there is %+v (%v)", one, err)
	}
}
