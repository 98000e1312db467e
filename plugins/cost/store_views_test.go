package cost

import (
	"slices"
	"testing"

	"github.com/openhouse-ai/console/core/sdk/sdktest"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// shelve gives the console's tenant a price of a SKU, as the platform would.
func shelve(t *testing.T, c *sdktest.Console, provider, sku string) {
	t.Helper()
	_, err := c.DB().ExecContext(t.Context(), `
		insert into cost_price_rows (id, provider, sku, usage, tier, band, above, per, price, from_at, corrects, source, checked_on)
		values ('prc_' || ?2, ?1, ?2, 'requests', 'standard', '', 0, 1, '1', 0, '', '', '')`, provider, sku)
	if err != nil {
		t.Fatal(err)
	}
}

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
	shelve(t, c, "openai", "sku/p")
	spend(t, c, []any{"2026-11-02", "", "bandwidth", "hosting", "egress", "bytes", "pooled", 5, 3, nil}) // which nobody has a price of
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
	if lines, err := selectLines(t.Context(), call, asked{"2026-11-02", "2026-12-01", "", ""}, byPeriodOfDay); err != nil || len(lines) != 1 || lines[0].Unpriced != 3 || lines[0].Pending != 0 {
		t.Errorf("what can't be rated is %+v (%v)", lines, err)
	}
	if one, err := selectLines(t.Context(), call, asked{"2026-11-01", "2026-11-02", "", ""}, byPeriodOfDay); err != nil || len(one) != 1 || one[0].Estimate != rate.Amount(14) {
		t.Errorf("of a day there is %+v (%v)", one, err)
	}
}
