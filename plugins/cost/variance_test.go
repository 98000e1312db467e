package cost

import (
	"database/sql"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
	"github.com/openhouse-ai/console/plugins/cost/rate"
	"github.com/openhouse-ai/console/ui"
	"pgregory.net/rapid"
)

func day(date string) time.Time {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	return at.Add(10 * time.Hour)
}

// P11: the parts of what was charged come to the whole, whatever it is shared
// out by and in whatever order that comes.
func TestSpread(t *testing.T) {
	t.Parallel()
	dates, skus := []string{"2026-10-01", "2026-10-02"}, []string{"", "gpt-5.4", "dynamic-maps"}
	rapid.Check(t, func(t *rapid.T) {
		var charged []dayPart
		want, quantities := map[string]*big.Int{}, int64(0)
		for range rapid.IntRange(0, 6).Draw(t, "charges") {
			amount := rate.Amount(rapid.Int64Range(-1e15, 1e15).Draw(t, "amount"))
			c := dayPart{Date: rapid.SampledFrom(dates).Draw(t, "date"), Category: rapid.SampledFrom([]string{"llm", "other"}).Draw(t, "category"),
				Provider: rapid.SampledFrom([]string{"openai", "google"}).Draw(t, "provider"), SKU: rapid.SampledFrom(skus).Draw(t, "sku"), Usage: "input",
				Quantity: rapid.Int64Range(0, 1e12).Draw(t, "quantity"), Amount: &amount}
			charged = append(charged, c)
			key := c.Date + c.Provider + c.SKU
			if want[key] == nil {
				want[key] = new(big.Int)
			}
			want[key].Add(want[key], big.NewInt(int64(amount)))
			quantities += c.Quantity
		}
		var parts []usePart
		for range rapid.IntRange(0, 12).Draw(t, "parts") {
			parts = append(parts, usePart{Period: rapid.SampledFrom([]string{"2026-10-01", "2026-10-02", "2026-10"}).Draw(t, "period"),
				Provider: rapid.SampledFrom([]string{"openai", "google"}).Draw(t, "provider"), SKU: rapid.SampledFrom(skus).Draw(t, "sku"), Usage: rapid.SampledFrom([]string{"input", "output"}).Draw(t, "usage"),
				Development: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "development"), Category: rapid.SampledFrom([]string{"llm", "rag"}).Draw(t, "category"),
				Amount: rapid.Int64Range(-5, 1e12).Draw(t, "amount")})
		}
		rows := spread(charged, parts)
		for _, r := range rows {
			key := r.Date + r.Provider + r.SKU
			want[key].Sub(want[key], big.NewInt(int64(*r.Amount)))
			quantities -= r.Quantity
		}
		for key, left := range want {
			if left.Sign() != 0 {
				t.Fatalf("%s of %s are lost", left, key)
			}
		}
		if quantities != 0 {
			t.Fatalf("a quantity of %d is lost", quantities)
		}
		again := map[dayPart]rate.Amount{}
		for _, r := range rows {
			amount := *r.Amount
			r.Amount = nil
			again[r] = amount
		}
		for _, r := range spread(charged, rapid.Permutation(parts).Draw(t, "order")) {
			amount := *r.Amount
			r.Amount = nil
			if had, known := again[r]; !known || had != amount {
				t.Fatalf("in another order %+v gets %d, not %d", r, amount, had)
			}
		}
		if len(again) != len(rows) {
			t.Fatal("a row comes twice")
		}
	})
}

// Of a developer with very many lines the sums by day and SKU are told.
func TestCondensed(t *testing.T) {
	t.Parallel()
	a, b := told("2026-11-01", "gpt-5.4", "input", 5, 7), told("2026-11-01", "gpt-5.4", "input", 6, 8)
	b.Project, b.Charged = "proj_b", "0.25"
	unknown := told("2026-11-01", "gpt-5.4", "output", 1, 1)
	unknown.Quantity = nil
	got := condensed([]actual{a, b, told("2026-11-02", "gpt-5.4", "input", 1, 1), unknown, told("2026-11-01", "gpt-5.4", "output", 9, 9)})
	if len(got) != 3 || *got[0].Quantity != 11 || *got[0].Amount != 15 || got[0].Charged != "1.25" || got[0].Project != "" || got[1].Date != "2026-11-02" || got[2].Quantity != nil || *got[2].Amount != 10 {
		t.Errorf("condensed to %+v", got)
	}
}

// estimate writes what the derivation would have.
func estimate(t *testing.T, c *sdktest.Console, rows ...[]any) {
	t.Helper()
	for _, r := range rows {
		if _, err := c.DB().ExecContext(t.Context(), `
			insert into cost_days (date, development_id, category, provider, sku, usage, kind, quantity, events, amount) values (?, ?, ?, ?, ?, ?, 'estimate', ?, 1, ?)`, r...); err != nil {
			t.Fatal(err)
		}
	}
}

// charge tells a developer of a month of a bill, as its job takes it over.
func charges(t *testing.T, c *sdktest.Console, key string, list ...actual) {
	t.Helper()
	value, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	call := c.Call()
	err = sdk.Update(t.Context(), call, func(tx *sql.Tx) error {
		dates, err := takeActuals(t.Context(), tx, sdk.Publication{Key: key, Value: value})
		if err != nil {
			return err
		}
		return spreadActuals(t.Context(), tx, dates)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func told(date, sku, usage string, quantity int64, amount rate.Amount) actual {
	return actual{Date: date, Project: "proj_a", Line: sku + usage, SKU: sku, Usage: usage, Category: "llm", Quantity: &quantity, Amount: &amount, Currency: "USD", Charged: "1"}
}

// What was charged is shared out to developments by their estimates, and a bill
// that changes takes the place of the one before.
func TestActualsAreSharedOut(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin(), sdktest.At(day("2026-11-20")))
	estimate(t, c,
		[]any{"2026-11-01", "dvt_a", "llm", "openai", "gpt-5.4", "input", 100, int64(2 * rate.USD)},
		[]any{"2026-11-01", "dvt_b", "llm", "openai", "gpt-5.4", "input", 50, int64(1 * rate.USD)},
		[]any{"2026-11-01", "", "rag", "openai", "text-embedding-3-small", "input", 10, int64(rate.USD)},
		[]any{"2026-11-03", "dvt_a", "maps", "google", "dynamic-maps", "requests", 10, int64(rate.USD)},
		[]any{"2026-11-19", "dvt_b", "maps", "google", "dynamic-maps", "requests", 30, int64(3 * rate.USD)})
	charges(t, c, "actuals/openai/2026-11", told("2026-11-01", "gpt-5.4", "input", 301, 10), told("2026-11-01", "text-embedding-3-small", "input", 9, 4), told("2026-11-02", "gpt-5.4", "input", 1, 7))
	charges(t, c, "actuals/google/2026-11", told("2026-11-01", "dynamic-maps", "requests", 40, 400))
	want := `2026-11-01||rag|openai|text-embedding-3-small|input|9|4
2026-11-01|dvt_a|llm|openai|gpt-5.4|input|201|7
2026-11-01|dvt_a|maps|google|dynamic-maps|requests|10|100
2026-11-01|dvt_b|llm|openai|gpt-5.4|input|100|3
2026-11-01|dvt_b|maps|google|dynamic-maps|requests|30|300
2026-11-02||llm|openai|gpt-5.4|input|1|7
`
	if got := actualDays(t, c); got != want {
		t.Errorf("shared out as\n%swant\n%s", got, want)
	}
	charges(t, c, "actuals/openai/2026-11", told("2026-11-01", "gpt-5.4", "input", 3, 3))
	charges(t, c, "actuals/google/2026-11")
	want = "2026-11-01|dvt_a|llm|openai|gpt-5.4|input|2|2\n2026-11-01|dvt_b|llm|openai|gpt-5.4|input|1|1\n"
	if got := actualDays(t, c); got != want {
		t.Errorf("after the bill has changed\n%swant\n%s", got, want)
	}
}

func actualDays(t *testing.T, c *sdktest.Console) string {
	t.Helper()
	rows, err := c.DB().QueryContext(t.Context(), `
		select date || '|' || development_id || '|' || category || '|' || provider || '|' || sku || '|' || usage || '|' || quantity || '|' || amount
		from cost_days where kind = 'actual' order by date, development_id, category`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var text strings.Builder
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		text.WriteString(row + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// tables are those of a page, by their ids.
func tables(page ui.Page) map[string]ui.Table {
	all := map[string]ui.Table{}
	for _, b := range page.Blocks {
		if table, ok := b.(ui.Table); ok {
			all[table.ID] = table
		}
	}
	return all
}

// P14 on the page: in every row what comes from quantity and from price is the
// difference, and rows come to the totals, which are the same in each table.
func TestVariancePage(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin(), sdktest.At(day("2026-11-20")))
	estimate(t, c,
		[]any{"2026-11-01", "dvt_a", "llm", "openai", "gpt-5.4", "input", 100_000, int64(250 * rate.USD / 1000)},
		[]any{"2026-11-01", "dvt_b", "llm", "openai", "gpt-5.4", "output", 7_000, int64(105 * rate.USD / 1000)},
		[]any{"2026-11-15", "dvt_a", "llm", "openai", "gpt-6-luna", "input", 900_000, int64(9 * rate.USD / 100)},
		[]any{"2026-11-16", "dvt_a", "llm", "openai", "gpt-6-luna", "input", 900_000, int64(9 * rate.USD / 100)}, // no bill yet
		[]any{"2026-11-15", "dvt_a", "maps", "google", "dynamic-maps", "requests", 900, int64(6 * rate.USD)})     // the same
	charges(t, c, "actuals/openai/2026-11",
		told("2026-11-01", "gpt-5.4", "input", 103_333, 260*rate.USD/1000), told("2026-11-01", "gpt-5.4", "output", 7_001, 180*rate.USD/1000), told("2026-11-15", "gpt-6-luna", "input", 900_000, 9*rate.USD/100))
	if err := c.OnPlatform().SetSettings(map[string]any{"variance_floor": 0}); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"", "?by=month", "?development=dvt_a", "?category=llm", "?period=12m"} {
		page, err := c.Page("/variance" + query)
		if err != nil {
			t.Fatal(err)
		}
		all := tables(page)
		if len(all) != 3 {
			t.Fatalf("%s has %d tables", query, len(all))
		}
		var totals [6]int64
		for id, table := range all {
			var sums [6]int64
			for _, row := range table.Rows {
				figures := figuresOf(t, row.Cells)
				for i, f := range figures {
					sums[i] += f
				}
				if figures[1]-figures[0] != figures[2] || figures[4]+figures[5] != figures[2] {
					t.Errorf("%s%s: the row %v doesn't reconcile", id, query, figures)
				}
			}
			got := figuresOf(t, table.Totals)
			for _, i := range []int{0, 1, 2, 4, 5} {
				if got[i] != sums[i] {
					t.Errorf("%s%s: the rows come to %v, the total is %v", id, query, sums, got)
				}
			}
			if totals != [6]int64{} && totals != got {
				t.Errorf("%s%s has the totals %v, another table %v", id, query, got, totals)
			}
			totals = got
		}
	}
	page, err := c.Page("/variance")
	if err != nil {
		t.Fatal(err)
	}
	if waiting := stat(page, "Not billed yet"); waiting != (ui.Money{Minor: 609, Currency: "USD"}) {
		t.Errorf("not billed yet is %v", waiting)
	}
	text := shows(t, c, "/variance")
	if strings.Count(text, "not final") != 1 {
		t.Error("the day that may still change isn't marked")
	}
	if !strings.Contains(text, "gpt-5.4, November 2026: estimated 0.36 USD, charged 0.44 USD") {
		t.Errorf("the breach isn't shown: %s", text)
	}
}

// stat is a key figure of a page.
func stat(page ui.Page, label string) ui.Value {
	for _, b := range page.Blocks {
		stats, _ := b.(ui.Stats)
		for _, s := range stats.Items {
			if s.Label == label {
				return s.Value
			}
		}
	}
	return nil
}

// figuresOf are the numbers of a row: estimated, charged, difference, percent, by
// quantity, by price.
func figuresOf(t *testing.T, cells ui.Values) (n [6]int64) {
	t.Helper()
	for i := range n {
		if number, ok := cells[i+1].(ui.Number); ok {
			n[i] = number.Value
		}
	}
	return n
}

// A breach is told of once for each SKU and month, of days that are final, and
// from the floor on.
func TestBreachIsToldOnce(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin(), sdktest.At(day("2026-11-05")))
	estimate(t, c, []any{"2026-11-01", "dvt_a", "llm", "openai", "gpt-5.4", "input", 100, int64(100 * rate.USD)}, []any{"2026-11-01", "dvt_a", "llm", "openai", "gpt-6-luna", "input", 100, int64(rate.USD)},
		[]any{"2026-10-03", "dvt_a", "maps", "google", "dynamic-maps", "requests", 900, int64(6 * rate.USD)})
	charges(t, c, "actuals/openai/2026-11", told("2026-11-01", "gpt-5.4", "input", 100, 130*rate.USD), told("2026-11-01", "gpt-6-luna", "input", 100, 59*rate.USD/10))
	charges(t, c, "actuals/google/2026-10", told("2026-10-01", "dynamic-maps", "requests", 9, 6*rate.USD/100))
	job(t, c, "check-variance", "")
	if events := c.Events(); len(events) != 0 {
		t.Fatalf("of days that may still change %+v is told", events)
	}
	for range 2 {
		c.Advance(5 * 24 * time.Hour)
		if _, err := c.Job("check-variance"); err != nil {
			t.Fatal(err)
		}
	}
	events := c.Events()
	if len(events) != 2 || events[0].Name != "cost.variance.breached" || events[0].Subject.ID != string(c.Tenant) {
		t.Fatalf("the events are %+v", events)
	}
	var data map[string]string
	if err := json.Unmarshal(events[1].Data, &data); err != nil || data["sku"] != "gpt-5.4" || data["month"] != "2026-11" || data["charged"] != "130.000000" || data["rate"] != "30.000000" {
		t.Errorf("the event says %v (%v)", data, err)
	}
	if text := shows(t, c, "/variance"); strings.Contains(text, "gpt-6-luna, November") || !strings.Contains(text, "by 5.00 USD or more") {
		t.Errorf("the page doesn't keep to the floor: %s", text)
	}
	if err := c.OnPlatform().SetSettings(map[string]any{"variance_floor": 4}); err != nil {
		t.Fatal(err)
	}
	if said, err := c.Job("check-variance"); err != nil || said != "SKUs in breach: 1" || len(c.Events()) != 3 {
		t.Errorf("with a lower floor the job says %q (%v), and there are %d events", said, err, len(c.Events()))
	}
}
