package cost

import (
	"fmt"
	"testing"
)

// Figures of days, months, years and of all time come to the same, for the
// whole developer and for each development, whatever is rounded.
func TestFigures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 40 {
		e := w.call(fmt.Sprint("call", i), float64(i*17), "gpt-6-luna", int64(1001+i), int64(i), 3)
		if i%3 == 0 {
			e.Development, e.Unit = "", ""
		}
		w.Report(e)
	}
	w.Report(
		w.event("storage.measured", "before", 50, 0, map[string]any{"store": "media", "bytes": 9}),
		w.event("storage.measured", "now", 5, 0, map[string]any{"store": "media", "bytes": 5}),
		w.event("storage.measured", "now too", 4, 0, map[string]any{"store": "media", "bytes": 8}),
		w.call("unpriced", 1, "gpt-9", 1, 0, 1),
	)
	w.derive()
	figures, err := w.RollUp()
	w.must(err)
	type place struct{ metric, development string }
	sums, all := map[place]map[int]int64{}, map[place]int64{}
	for _, f := range figures {
		at := place{f.Metric, f.Development}
		if sums[at] == nil {
			sums[at] = map[int]int64{}
		}
		sums[at][len(f.Period)] += f.Value
		if f.Period == "" {
			all[at] = f.Value
		}
	}
	site := w.site.Development.ID
	for at, by := range sums {
		if at.metric == "cost.storage.bytes" {
			continue
		}
		if by[4] != all[at] || by[7] != all[at] || by[10] != all[at] {
			t.Errorf("%s of %q is %d, but %d in years, %d in months and %d in days", at.metric, at.development, all[at], by[4], by[7], by[10])
		}
	}
	for at, want := range map[place]int64{
		{"cost.calls", ""}: 41, {"cost.calls", site}: 27, {"cost.unpriced", ""}: 5, {"cost.storage.bytes", ""}: 6, {"cost.storage.bytes", site}: 6,
		{"cost.actual", ""}: 0, {"cost.maps", ""}: 0,
	} {
		if got := all[at]; got != want {
			t.Errorf("%s of %q is %d, want %d", at.metric, at.development, got, want)
		}
	}
	// Each date and development is rounded once: 26 dates at most, and two places.
	var exact int64
	_, err = fmt.Sscan(w.one(`select sum(amount) from cost_days`), &exact)
	w.must(err)
	if off := all[place{"cost.total", ""}]*1_000_000 - exact; off < -30_000_000 || off > 30_000_000 || exact == 0 || all[place{"cost.total", ""}] != all[place{"cost.llm", ""}] {
		t.Errorf("the total is %d, exactly %d", all[place{"cost.total", ""}], exact)
	}
}

// A store that isn't measured any more is gone: nothing is stored in it.
func TestStorageLevel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Report(
		w.event("storage.measured", "gone", 24*35, 0, map[string]any{"store": "archive", "bytes": 700}),
		w.event("storage.measured", "kept", 24*34, 0, map[string]any{"store": "vectors", "bytes": 100}),
		w.event("storage.measured", "now", 1, 1, map[string]any{"store": "media", "bytes": 8}),
	)
	w.derive()
	figures, err := w.RollUp()
	w.must(err)
	levels := map[string]int64{}
	for _, f := range figures {
		if f.Metric == "cost.storage.bytes" {
			levels[f.Development] = f.Value
		}
	}
	if levels[""] != 108 || levels[w.site.Development.ID] != 108 {
		t.Errorf("what is stored is %v, want 108", levels)
	}
}
