package cost

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Storage is the mean of a month's days, by the price of each day (H22); a
// reading that comes late moves the whole month.
func TestStorageOfMonth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.book("/prices", map[string]any{"provider": "hosting", "sku": "storage", "usage": "byte_months", "per": 1_000_000_000, "price": "0.3", "from": "2026-11-01"})
	for day := range 10 {
		ago := float64(24 * (day + 1))
		w.Report(
			w.event("storage.measured", fmt.Sprint("morning", day), ago+5, 1, map[string]any{"store": "documents", "bytes": 2_000_000_000}),
			w.event("storage.measured", fmt.Sprint("evening", day), ago, 1, map[string]any{"store": "documents", "bytes": 4_000_000_000}),
			w.event("storage.measured", fmt.Sprint("vectors", day), ago, 1, map[string]any{"store": "vectors", "bytes": 6_000_000_000}),
		)
	}
	w.derive()
	const all = `select sum(quantity) || ' ' || sum(events) || ' ' || sum(amount) || ' ' || count(distinct date) from cost_days where category = 'storage' and kind = ?`
	if got := w.one(all, "estimate"); got != "3000000000 30 900000000000 10" { // ten days of thirty with 9 GB
		t.Errorf("the month's storage is %s", got)
	}
	w.must(w.sums())

	row := w.one(`select id from cost_price_rows where sku = 'storage'`)
	w.book("/prices/"+row+"/correction", map[string]any{"price": "0.1", "from": "2026-11-20"})
	if got := w.one(all, "correction"); got != "900000000 9 -180000000000 3" {
		t.Errorf("the correction of three days is %s", got)
	}
	w.Report(w.event("storage.measured", "late", 24*12, 2, map[string]any{"store": "media", "bytes": 30_000_000_001}))
	w.derive()
	if got := w.one(all, "estimate"); got != "4000000000 31 1200000000010 11" {
		t.Errorf("with a late reading the month's storage is %s", got)
	}
	w.must(w.sums())
	w.again()
}

// Hours whose events were erased keep their quantities: their prices can still
// be corrected, and a rebuild leaves the same.
func TestErased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const old = 24 * 70
	w.Report(
		w.call("old", old, "gpt-5", 1_000_000, 0, 0), w.call("new", 1, "gpt-5", 1_000_000, 0, 0), w.call("unpriced", old+1, "gpt-9", 5, 0, 0),
		w.event("map.loaded", "map", old, 1, map[string]any{"kind": "dynamic"}),
		w.event("storage.measured", "stored", old, 1, map[string]any{"store": "media", "bytes": 7_000_000}),
	)
	w.derive()
	before := w.derived()
	if n := w.Erase(62); n != 4 {
		t.Fatalf("%d events were erased, want 4", n)
	}
	w.derive()
	run, err := w.Plan("rebuild", nil)
	if err == nil {
		_, err = w.Apply(run)
	}
	w.must(err)
	if after := w.derived(); after != before {
		t.Errorf("without its events it is\n%s\nand was\n%s", after, before)
	}
	row := w.one(`select id from cost_price_rows where sku = 'gpt-5' and usage = 'input' and tier = 'standard'`)
	w.book("/prices/"+row+"/correction", map[string]any{"price": "1"})
	got := w.rows(`select kind, sum(amount), count(*) from cost_entries where sku = 'gpt-5' group by 1 order by 1`)
	if want := []string{"correction -500000000000 2", "estimate 2500000000000 2"}; !slices.Equal(got, want) {
		t.Errorf("corrected it is %s, want %s", strings.Join(got, ", "), strings.Join(want, ", "))
	}
	w.must(w.sums())
}

// Prices that begin and end within an hour hold for their part of it, also when
// its events were erased (P18).
func TestErasedWithinAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const old, minute = 24 * 70, 1.0 / 60
	at := func(minutes int) string {
		return derivedAt.Add(-old*time.Hour + time.Duration(minutes)*time.Minute).Format(time.RFC3339)
	}
	for _, m := range []float64{5, 15, 25, 45} {
		w.Report(w.call(fmt.Sprint("five", m), old-m*minute, "gpt-5", 1_000_000+int64(m), 0, 0), w.call(fmt.Sprint("nine", m), old-m*minute, "gpt-9", 1_000_000, 0, 0))
	}
	w.derive()
	w.book("/prices", map[string]any{"provider": "openai", "sku": "gpt-9", "usage": "input", "per": 1_000_000, "price": "9", "from": at(10), "to": at(20)})
	for i, price := range []string{"2", "3"} {
		row := w.one(`select id from cost_price_rows where sku = 'gpt-5' and usage = 'input' and tier = 'standard' order by corrects = '' desc, from_at desc limit 1 offset ?`, i)
		w.book("/prices/"+row+"/correction", map[string]any{"price": price, "from": at(20 * (i + 1))})
	}
	const amounts = `select sku, kind, quantity, amount from cost_entries order by 1, 2, 3`
	want := []string{
		"gpt-5 correction 1000045 1000045000000", "gpt-5 correction 2000070 1500052500000", "gpt-5 estimate 4000090 5000112500000",
		"gpt-9 estimate 1000000 9000000000000", "gpt-9 unpriced 3000000 <nil>",
	}
	if got := w.rows(amounts); !slices.Equal(got, want) {
		t.Errorf("the entries are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := w.Erase(62); n != 8 {
		t.Fatalf("%d events were erased, want 8", n)
	}
	run, err := w.Plan("rebuild", nil)
	if err == nil {
		_, err = w.Apply(run)
	}
	w.must(err)
	if got := w.rows(amounts); !slices.Equal(got, want) {
		t.Errorf("without their events the entries are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	row := w.one(`select id from cost_price_rows where sku = 'gpt-5' and price = '3'`)
	w.book("/prices/"+row+"/correction", map[string]any{"price": "4"})
	if got, want := w.one(`select sum(amount) from cost_entries where sku = 'gpt-5'`), fmt.Sprint(2_000_020*1_250_000+1_000_025*2_000_000+1_000_045*4_000_000); got != want {
		t.Errorf("corrected once more it costs %s, want %s", got, want)
	}
	w.must(w.sums())
}

// What was erased before it was derived is counted, and never priced (H20): the
// ledger still tells how many events there were.
func TestErasedTooEarly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const old = 24 * 70
	w.Report(w.call("a", old, "gpt-5", 10, 0, 0), w.call("b", old, "gpt-5", 10, 0, 0), w.call("c", old+1, "gpt-5", 10, 0, 0))
	w.derive()
	derived := w.rows(`select * from cost_entries`)
	w.Report(w.call("d", old+2, "gpt-5", 10, 0, 0), w.call("e", old+2.2, "gpt-5", 10, 0, 0), w.event("chat.sent", "f", old+2.2, 0, map[string]any{}), w.call("new", 1, "gpt-5", 10, 0, 0))
	if n := w.Erase(62); n != 6 {
		t.Fatalf("%d events were erased, want 6", n)
	}
	w.derive()
	for range 2 {
		got := w.rows(`select sku, kind, category, sum(events), sum(amount) from cost_entries where hour < ? group by 1, 2, 3 order by 1`, derivedAt.Add(-1000*time.Hour).UnixMilli()/hourMS)
		if want := []string{"erased unpriced other 3 <nil>", "gpt-5 estimate llm 3 37500000"}; !slices.Equal(got, want) {
			t.Errorf("what is left is %s, want %s", strings.Join(got, ", "), strings.Join(want, ", "))
		}
		w.must(w.sums())
		run, err := w.Plan("rebuild", nil)
		if err == nil {
			run, err = w.Apply(run)
		}
		if err != nil || run.Summary != "Rebuilt 5 hours with 1 events." {
			t.Errorf("the rebuild says %q (%v)", run.Summary, err)
		}
	}
	if still := w.rows(`select * from cost_entries where sku = 'gpt-5' and hour < ?`, derivedAt.Add(-1000*time.Hour).UnixMilli()/hourMS); !slices.Equal(still, derived) {
		t.Errorf("what was derived before is %s, and was %s", strings.Join(still, ", "), strings.Join(derived, ", "))
	}
	if n := w.one(`select unpriced from cost_unit_months where category = 'other'`); n != "3" {
		t.Errorf("the month counts %s events without a price", n)
	}
}

// A date belongs to the zone in force; another zone counts from the next local
// month on (H3).
func TestCalendar(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, c := w.Context(), w.Call()
	for _, step := range []struct {
		zone string
		now  time.Time
		want string
	}{
		{"Europe/Dublin", derivedAt, "0 Europe/Dublin"},
		{"Asia/Kolkata", derivedAt, "0 Europe/Dublin, 1796083200000 Asia/Kolkata"}, // 1 December in Dublin
		{"America/New_York", derivedAt.AddDate(0, 0, 1), "0 Europe/Dublin, 1796083200000 America/New_York"},
		{"Europe/Dublin", derivedAt.AddDate(0, 0, 2), "0 Europe/Dublin"},
		{"Asia/Kolkata", derivedAt.AddDate(0, 0, 3), "0 Europe/Dublin, 1796083200000 Asia/Kolkata"},
		{"Asia/Kolkata", derivedAt.AddDate(0, 1, 0), "0 Europe/Dublin, 1796083200000 Asia/Kolkata"},
	} {
		c.Zone, c.Now = step.zone, step.now
		if _, err := zones(ctx, c); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(w.rows(`select since, zone from cost_zones order by since`), ", "); got != step.want {
			t.Errorf("after %s the zones are %s, want %s", step.zone, got, step.want)
		}
	}
	days, err := zones(ctx, c)
	w.must(err)
	for at, want := range map[string]string{
		"2026-07-01T23:30:00Z": "2026-07-02", "2026-11-22T23:59:59Z": "2026-11-22", "2026-11-30T23:59:59Z": "2026-11-30",
		"2026-12-01T18:29:59Z": "2026-12-01", "2026-12-01T18:30:00Z": "2026-12-02",
	} {
		moment, err := time.Parse(time.RFC3339, at)
		w.must(err)
		if got := days.date(moment); got != want {
			t.Errorf("%s is on %s, want %s", at, got, want)
		}
	}
	if got := days.begin("2026-12-02").Format(time.RFC3339); got != "2026-12-01T18:30:00Z" {
		t.Errorf("2 December begins at %s", got)
	}
}
