package cost

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"pgregory.net/rapid"
)

// Each check of this package opens files: a few of them say enough.
func init() {
	if err := flag.Set("rapid.checks", "10"); err != nil {
		panic(err)
	}
}

// What each type of event comes to: quantities are split by what has a price,
// what has none is counted, and what was refused costs nothing.
func TestDerive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bare := w.call("bare", 3, "gpt-5-nano", 10, 0, 0)
	bare.Development, bare.Unit = "somewhere", "dvt_0123456789abcdefghijklmnop"
	broken := w.call("broken", 30, "gpt-5", 10, 20, 0) // more cached than there are
	w.Report(
		w.call("split", 1, "gpt-5-mini", 1_000_000, 400_000, 100_000),
		w.call("snapshot", 1.2, "gpt-5-mini-2025-08-07", 10, 0, 0),
		w.call("unknown", 25, "gpt-9", 1000, 0, 10),
		w.call("long", 48, "gpt-6-luna", 272_001, 1, 1),
		w.call("not long", 49, "gpt-6-luna", 272_000, 0, 0),
		bare, broken,
		w.event("llm.called", "tier", 50, 1, map[string]any{"provider": "openai", "model": "gpt-6-luna", "prompt_tokens": 1000, "completion_tokens": 0, "service_tier": "batch"}),
		w.event("llm.called", "regional", 50, 1, map[string]any{"provider": "openai", "model": "gpt-6-luna", "prompt_tokens": 7, "completion_tokens": 0, "regional": true}),
		w.event("llm.called", "refused", 2, 1, map[string]any{"provider": "openai", "model": "gpt-5", "prompt_tokens": 0, "completion_tokens": 0, "status": "429"}),
		w.event("embedding.created", "vector", 51, 1, map[string]any{"provider": "openai", "model": "text-embedding-3-small", "tokens": 1000}),
		w.event("rag.indexed", "index", 51, 1, map[string]any{"provider": "openai", "model": "text-embedding-3-small", "tokens": 500, "chunks": 3}),
		w.event("map.loaded", "map", 2, 1, map[string]any{"kind": "dynamic", "count": 3}),
		w.event("geocode.requested", "denied", 2, 1, map[string]any{"status": "REQUEST_DENIED"}),
		w.event("geocode.requested", "nothing", 2, 1, map[string]any{"status": "ZERO_RESULTS"}),
		w.event("place.requested", "place", 2, 1, map[string]any{"kind": "nearby_pro", "status": "OK"}),
		w.event("bandwidth.measured", "in", 2, 1, map[string]any{"direction": "in", "bytes": 77}),
		w.event("bandwidth.measured", "out", 2, 1, map[string]any{"direction": "out", "bytes": 88}),
		w.event("chat.sent", "chat", 2, 1, map[string]any{}),
	)
	w.derive()
	got := w.rows(`select sku, usage, tier, band, kind, category, quantity, events, amount, unit_id = ?, unit_id = ? from cost_entries order by date desc, 1, 2, 3`,
		w.site.Units[0].ID, w.site.Units[1].ID)
	want := []string{
		"dynamic-maps requests standard  pooled maps 3 1 <nil> 0 1",
		"egress bytes standard  unpriced bandwidth 88 1 <nil> 0 1",
		"geocoding requests standard  pooled geocoding 1 1 <nil> 0 1",
		"gpt-5-mini cached standard  estimate llm 400000 1 10000000000 1 0",
		"gpt-5-mini input standard  estimate llm 10 1 2500000 1 0",
		"gpt-5-mini input standard  estimate llm 600000 1 150000000000 1 0",
		"gpt-5-mini output standard  estimate llm 100000 1 200000000000 1 0",
		"gpt-5-nano input standard  estimate llm 10 1 500000 0 0",
		"nearby-search-pro requests standard  pooled maps 1 1 <nil> 0 1",
		"gpt-9 input standard  unpriced llm 1000 1 <nil> 1 0",
		"gpt-9 output standard  unpriced llm 10 1 <nil> 1 0",
		"unreadable requests standard  unpriced llm 0 1 <nil> 1 0",
		"gpt-6-luna cached standard long estimate llm 1 1 20000 1 0",
		"gpt-6-luna input batch  estimate llm 1000 1 50000000 0 1",
		"gpt-6-luna input standard  estimate llm 272000 1 27200000000 1 0",
		"gpt-6-luna input standard long estimate llm 272000 1 54400000000 1 0",
		"gpt-6-luna input standard_regional  estimate llm 7 1 770000 0 1",
		"gpt-6-luna output standard long estimate llm 1 1 750000 1 0",
		"text-embedding-3-small input standard  estimate embeddings 1000 1 20000000 0 1",
		"text-embedding-3-small input standard  estimate rag 500 1 10000000 0 1",
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the entries are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	w.must(w.sums())
	if line := w.job(w.Console, "derive"); line != "" {
		t.Errorf("there was something left: %s", line)
	}
}

// draw is an event that may cost something, up to six weeks ago.
func (w world) draw(t *rapid.T, id string) core.UsageEvent {
	hours := float64(rapid.IntRange(0, 42*96).Draw(t, "quarters")) / 4
	unit := rapid.IntRange(0, 2).Draw(t, "unit")
	n := rapid.Int64Range(0, 400_000).Draw(t, "quantity")
	model := rapid.SampledFrom([]string{"gpt-5", "gpt-6-luna", "gpt-5.6-sol", "gpt-9", "gpt-6.1-sol"}).Draw(t, "model")
	switch rapid.IntRange(0, 5).Draw(t, "type") {
	case 0:
		return w.event("map.loaded", id, hours, unit, map[string]any{"kind": rapid.SampledFrom([]string{"dynamic", "tiles"}).Draw(t, "kind"), "count": n + 1})
	case 1:
		return w.event("storage.measured", id, hours, unit, map[string]any{"store": rapid.SampledFrom([]string{"documents", "vectors"}).Draw(t, "store"), "bytes": n})
	case 2:
		return w.event("embedding.created", id, hours, unit, map[string]any{"provider": "openai", "model": "text-embedding-3-small", "tokens": n})
	}
	return w.event("llm.called", id, hours, unit, map[string]any{
		"provider": "openai", "model": model, "prompt_tokens": n, "cached_tokens": n / 3, "cache_write_tokens": n / 7, "completion_tokens": n / 2,
	})
}

// counted is how many things with a price an event has used, and how much.
func counted(e core.UsageEvent) (uses, quantity int64) {
	var data struct {
		Count      int64 `json:"count"`
		Tokens     int64 `json:"tokens"`
		Prompt     int64 `json:"prompt_tokens"`
		Cached     int64 `json:"cached_tokens"`
		Write      int64 `json:"cache_write_tokens"`
		Completion int64 `json:"completion_tokens"`
	}
	_ = json.Unmarshal(e.Data, &data) // it is the test's own
	for _, n := range []int64{data.Count, data.Tokens, data.Prompt - data.Cached - data.Write, data.Cached, data.Write, data.Completion} {
		if n > 0 {
			uses, quantity = uses+1, quantity+n
		}
	}
	return uses, quantity
}

// P3, P13, P17, P18: events may come in any order and again, and costs may be
// derived at any time in between; what is derived in the end is what is derived
// once, from the beginning, and what a rebuild comes to. Each thing that an
// event has used is in one entry, priced, pooled or without a price.
func TestDerivedInAnyOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all []core.UsageEvent
	var uses, quantity, readings int64
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			switch {
			case rapid.IntRange(0, 3).Draw(r, "step") == 0:
				w.job(w.Console, "derive")
			case len(all) > 0 && rapid.IntRange(0, 4).Draw(r, "again") == 0:
				w.Report(rapid.SampledFrom(all).Draw(r, "event"))
			default:
				var some []core.UsageEvent
				for range rapid.IntRange(1, 8).Draw(r, "events") {
					e := w.draw(r, fmt.Sprint("e", len(all)))
					all, some = append(all, e), append(some, e)
					n, sum := counted(e)
					uses, quantity = uses+n, quantity+sum
					if strings.HasSuffix(e.Type, "storage.measured") {
						readings++
					}
				}
				w.Report(some...)
			}
		}
		w.derive()
		if err := w.sums(); err != nil {
			r.Fatal(err)
		}
		derived := w.derived()
		const usesOf = `select coalesce(sum(events), 0) || ' ' || coalesce(sum(quantity), 0) from cost_entries where kind <> 'correction' and usage <> 'byte_months'`
		if got, want := w.one(usesOf), fmt.Sprint(uses, " ", quantity); got != want {
			r.Fatalf("%s uses and quantities are in entries, want %s", got, want)
		}
		if got, want := w.one(`select coalesce(sum(readings), 0) from cost_readings`), fmt.Sprint(readings); got != want {
			r.Fatalf("%s readings are kept, want %s", got, want)
		}
		w.drop()
		w.derive()
		if once := w.derived(); once != derived {
			r.Fatalf("derived once it is\n%s\nderived bit by bit it was\n%s", once, derived)
		}
	})
	derived := w.derived()
	_, err := w.db.Exec("update cost_days set amount = amount + 1 where kind = 'estimate'")
	w.must(err)
	run, err := w.Plan("rebuild", nil)
	if err == nil {
		run, err = w.Apply(run)
	}
	w.must(err)
	if rebuilt := w.derived(); rebuilt != derived {
		t.Errorf("%s It is\n%s\nand was\n%s", run.Summary, rebuilt, derived)
	}
}

// book asks a route of the price book, and derives what it publishes.
func (w world) book(path string, body map[string]any) {
	w.t.Helper()
	body["source"] = "a test"
	answer := w.OnPlatform().Route("POST", path, body)
	if answer.Status/100 != 2 {
		w.t.Fatalf("%s answers %d: %v %s", path, answer.Status, answer.Err, answer.Body)
	}
	w.derive()
}

// P8 and P22: a price changes nothing before its date; a correction takes back
// exactly what was wrong, and nothing is left of what was corrected to 0.
func TestPricesOverTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, hours := range []float64{1, 24.5, 24*3 + 0.25, 24 * 3, 24*3 - 0.25, 24 * 20} {
		w.Report(w.call(fmt.Sprint("call", i), hours, "gpt-5", 333_333, 111_111, 77_777))
	}
	w.derive()
	const before = `select * from cost_entries where hour < ? order by 1, 2, 3, 4, 5, 6, 7, 8`
	turn := derivedAt.Add(-72 * time.Hour)
	earlier := w.rows(before, turn.UnixMilli()/hourMS)

	w.book("/prices", map[string]any{"provider": "openai", "sku": "gpt-5", "usage": "input", "per": 1_000_000, "price": "2.75", "from": turn.Format(time.RFC3339)})
	if now := w.rows(before, turn.UnixMilli()/hourMS); !slices.Equal(now, earlier) || len(now) == 0 {
		t.Errorf("a price has changed what was before it:\n%s\nit was\n%s", strings.Join(now, "\n"), strings.Join(earlier, "\n"))
	}
	const inputs = `select sum(amount) from cost_entries where sku = 'gpt-5' and usage = 'input' and hour >= ?`
	if got, want := w.one(inputs, turn.UnixMilli()/hourMS), fmt.Sprint(4*222_222*2_750_000); got != want {
		t.Errorf("from then on it costs %s, want %s", got, want)
	}
	w.must(w.sums())

	row := w.one(`select id from cost_price_rows where sku = 'gpt-5' and usage = 'input' and price = '2.75'`)
	w.book("/prices/"+row+"/correction", map[string]any{"price": "2.333333333333", "from": turn.Add(10 * time.Minute).Format(time.RFC3339)})
	// Of the hour in which the correction begins, one call is before it.
	right := int64(222_222 * 2_750_000)
	for range 3 {
		right += 518_518_000_000 // 222,222 × 2.333333333333 for a million, half to even
	}
	if got, want := w.one(inputs, turn.UnixMilli()/hourMS), fmt.Sprint(right); got != want {
		t.Errorf("corrected it costs %s, want %s", got, want)
	}
	if n := w.one(`select count(*) from cost_entries where kind = 'correction'`); n != "3" {
		t.Errorf("there are %s corrections, want 3", n)
	}
	corrected := w.one(`select id from cost_price_rows where corrects = ?`, row)
	w.book("/prices/"+corrected+"/correction", map[string]any{"price": "0"})
	if got, want := w.one(inputs, turn.UnixMilli()/hourMS), fmt.Sprint(222_222*2_750_000); got != want {
		t.Errorf("corrected to nothing it costs %s, want %s", got, want)
	}
	w.must(w.sums())
	w.again()
}
