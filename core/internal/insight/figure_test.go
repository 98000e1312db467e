package insight_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/insight"
	"github.com/openhouse-ai/console/tenants"
)

func TestTotalsOfRealTenants(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	site := core.NewID(core.PrefixDevelopment, h.clock.now())
	one := h.tenant(t, false, core.Figure{Metric: sites, Value: 3}, core.Figure{Metric: sites, Development: site, Value: 1},
		core.Figure{Metric: calls, Period: "2026-11", Value: 5}, core.Figure{Metric: money, Period: "2026", Currency: "EUR", Value: 1250})
	two := h.tenant(t, false, core.Figure{Metric: sites, Value: 4}, core.Figure{Metric: money, Period: "2026", Currency: "GBP", Value: 99},
		core.Figure{Metric: money, Period: "2026", Currency: "EUR", Value: -250})
	demo := h.tenant(t, true, core.Figure{Metric: sites, Value: 100})
	h.settle(t)

	total := h.total(t, sites, "")
	equal(t, "sites", total.Value, 7)
	equal(t, "tenants with sites", total.Tenants, 2)
	equal(t, "excluded", total.Excluded, 1)
	equal(t, "what the demo has", total.Demo, 100)
	equal(t, "stale", total.Stale, 0)
	equal(t, "as of", total.AsOf, h.clock.now())
	equal(t, "calls", h.total(t, calls, "2026-11").Value, 5)
	equal(t, "calls of another month", h.total(t, calls, "2026-10").Value, 0)
	equal(t, "amounts", fmt.Sprint(h.total(t, money, "2026").Amounts), "map[EUR:1000 GBP:99]")

	// A tenant changes sides, with its figures.
	_, err := h.store.UpdateTenant(t.Context(), core.Tenant{ID: demo, Demo: false})
	must(t, err)
	_, err = h.store.UpdateTenant(t.Context(), core.Tenant{ID: two, Demo: true})
	must(t, err)
	total = h.total(t, sites, "")
	equal(t, "sites then", total.Value, 103)
	equal(t, "what the demo has then", total.Demo, 4)
	equal(t, "amounts then", fmt.Sprint(h.total(t, money, "2026").Amounts), "map[EUR:1250]")

	// A deleted one is gone with them.
	must(t, h.store.Remove(t.Context(), one, "crt_1"))
	equal(t, "sites without the deleted one", h.total(t, sites, "").Value, 100)
	state, err := h.State(t.Context())
	must(t, err)
	equal(t, "tenants", state.Tenants, 2)
	figures, _, err := h.Figures(t.Context(), one, nil, "")
	must(t, err)
	equal(t, "figures of the deleted one", len(figures), 0)
	equal(t, "differences", strings.Join(h.differences(t), "\n"), "")

	_, err = h.Totals(t.Context(), []string{"nothing"}, "")
	equal(t, "code of an unknown metric", core.CodeOf(err), core.Invalid)
	_, err = h.Totals(t.Context(), []string{sites}, "2026-13")
	equal(t, "code of a period that is none", core.CodeOf(err), core.Invalid)
}

func TestFiguresOfTenants(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	site := core.NewID(core.PrefixDevelopment, h.clock.now())
	one := h.tenant(t, false, core.Figure{Metric: calls, Value: 5}, core.Figure{Metric: calls, Development: site, Value: 2},
		core.Figure{Metric: calls, Period: "2026-02-27", Value: 1}, core.Figure{Metric: calls, Period: "2026-03-01", Value: 4})
	none := h.tenant(t, false)
	h.settle(t)
	late := h.tenant(t, false, core.Figure{Metric: calls, Value: 9})

	_, err := h.store.Changed(t.Context()) // stores the mark
	must(t, err)

	found, err := h.OfTenants(t.Context(), []string{calls, sites}, "", []core.TenantID{one, none, late})
	must(t, err)
	equal(t, "of a page", fmt.Sprint(found[one], found[none], found[late]), "map[test.calls:5 test.sites:0] map[test.calls:0 test.sites:0] map[]")
	figures, fresh, err := h.Figures(t.Context(), one, []string{calls}, "")
	must(t, err)
	equal(t, "of one", fmt.Sprint(figures), fmt.Sprint([]core.Figure{{Metric: calls, Value: 5}, {Metric: calls, Development: site, Value: 2}}))
	equal(t, "stale", fresh.Stale, 0)
	_, fresh, err = h.Figures(t.Context(), late, nil, "")
	must(t, err)
	equal(t, "stale before it is computed", fresh.Stale, 1)

	points, err := h.Series(t.Context(), calls, one, insight.Day, "2026-02-27", "2026-03-02")
	must(t, err)
	equal(t, "days", fmt.Sprint(points), "[{2026-02-27  1} {2026-02-28  0} {2026-03-01  4} {2026-03-02  0}]")
	points, err = h.Series(t.Context(), calls, "", insight.Day, "2026-03-01", "2026-03-01")
	must(t, err)
	equal(t, "a day of all", fmt.Sprint(points), "[{2026-03-01  4}]")
	for _, c := range [][2]string{{"2026-03", "2026-03-02"}, {"", ""}, {"1999-01-01", "2026-01-01"}, {"2026-02-30", "2026-03-01"}} {
		_, err = h.Series(t.Context(), calls, one, insight.Day, c[0], c[1])
		equal(t, "code of "+c[0], core.CodeOf(err), core.Invalid)
	}
}

func TestDeclareRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	read := func(context.Context, *tenants.Tx) ([]core.Figure, error) { return nil, nil }
	ask := func(context.Context, core.TenantID) ([]core.Figure, error) { return nil, nil }
	metric := func(name string) []core.Metric {
		return []core.Metric{{Name: name, Unit: "things", Meaning: "Things."}}
	}
	must(t, h.Declare(insight.Source{Name: "core.things", Metrics: metric("things.red"), Read: read}))
	for name, c := range map[string]struct {
		source insight.Source
		code   core.Code
	}{
		"no name":                 {insight.Source{Metrics: metric("a.b"), Read: read}, core.Invalid},
		"an underscore":           {insight.Source{Name: "a_b", Metrics: metric("a_b.c"), Read: read}, core.Invalid},
		"nothing to ask":          {insight.Source{Name: "a", Metrics: metric("a.b")}, core.Invalid},
		"both":                    {insight.Source{Name: "a", Metrics: metric("a.b"), Read: read, Ask: ask}, core.Invalid},
		"a foreign metric":        {insight.Source{Name: "a", Metrics: metric("b.c"), Ask: ask}, core.Invalid},
		"an id without its dot":   {insight.Source{Name: "a", Metrics: metric("ab"), Ask: ask}, core.Invalid},
		"no meaning":              {insight.Source{Name: "a", Metrics: []core.Metric{{Name: "a.b", Unit: "c"}}, Ask: ask}, core.Invalid},
		"twice":                   {insight.Source{Name: "a", Metrics: append(metric("a.b"), metric("a.b")...), Ask: ask}, core.Invalid},
		"a metric of another":     {insight.Source{Name: "core.others", Metrics: metric("things.red"), Read: read}, core.Conflict},
		"an id before the core's": {insight.Source{Name: "things", Metrics: metric("things.blue"), Ask: ask}, core.Conflict},
		"a plugin's before it":    {insight.Source{Name: "core.others", Metrics: metric("test.red"), Read: read}, core.Conflict},
	} {
		if err := h.Declare(c.source); core.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	equal(t, "sources", fmt.Sprint(h.Sources()), "[core.things test]")
}

// TestDeclaredOtherwise: every tenant is computed again, once.
func TestDeclaredOtherwise(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.tenant(t, false, core.Figure{Metric: sites, Value: 3}, core.Figure{Metric: calls, Value: 5})
	h.settle(t)
	must(t, h.Declare(table))
	changed, err := h.store.Changed(t.Context())
	must(t, err)
	equal(t, "to compute for the same metrics", len(changed), 0)

	fewer := insight.Source{Name: "test", Metrics: testMetrics[1:], Read: func(ctx context.Context, tx *tenants.Tx) ([]core.Figure, error) {
		figures, err := readTable(ctx, tx)
		return slices.DeleteFunc(figures, func(f core.Figure) bool { return f.Metric == sites }), err
	}}
	must(t, h.Declare(fewer))
	equal(t, "stale for other metrics", h.total(t, calls, "").Stale, 1)
	h.settle(t)
	equal(t, "of a metric that is gone", h.total(t, sites, "").Value, 0)
	equal(t, "of one that stays", h.total(t, calls, "").Value, 5)
	equal(t, "metrics", len(h.Metrics()), 2)

	// The next process declares the same, and nobody computes anything.
	h.open(t)
	must(t, h.Declare(fewer))
	changed, err = h.store.Changed(t.Context())
	must(t, err)
	equal(t, "to compute in the next process", len(changed), 0)
}

// TestCommitDuringComputation: the signature has moved, and the tenant is
// computed again.
func TestCommitDuringComputation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.tenant(t, false, core.Figure{Metric: sites, Value: 1})
	asked := 0
	must(t, h.Declare(insight.Source{Name: "slow", Metrics: []core.Metric{{Name: "slow.times", Unit: "times", Meaning: "Times."}},
		Ask: func(context.Context, core.TenantID) ([]core.Figure, error) {
			if asked++; asked == 1 {
				h.give(t, id, core.Figure{Metric: sites, Value: 2})
			}
			return []core.Figure{{Metric: "slow.times", Value: 1}}, nil
		}}))
	must(t, h.Refresh(t.Context(), id))
	equal(t, "as read before the commit", h.total(t, sites, "").Value, 1)
	changed, err := h.store.Changed(t.Context())
	must(t, err)
	equal(t, "still to compute", len(changed), 1)
	h.settle(t)
	equal(t, "after the commit", h.total(t, sites, "").Value, 2)
	equal(t, "times asked", asked, 2)
	must(t, h.Refresh(t.Context(), id))
	equal(t, "times asked while nothing changes", asked, 2)
}

func TestFailingSourceKeepsItsFigures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.tenant(t, false, core.Figure{Metric: sites, Value: 1})
	other := h.tenant(t, true)
	var answer int64
	var failure error
	metrics := []core.Metric{{Name: "plug.in", Unit: "things", Meaning: "Things."}}
	plug := insight.Source{Name: "plug", Metrics: metrics, Ask: func(context.Context, core.TenantID) ([]core.Figure, error) {
		return []core.Figure{{Metric: "plug.in", Value: answer}}, failure
	}}
	must(t, h.Declare(plug))
	answer = 7
	h.settle(t)
	first := h.clock.now()

	h.clock.advance(time.Hour)
	answer, failure = 8, errors.New("the table is gone")
	h.give(t, id, core.Figure{Metric: sites, Value: 2})
	h.settle(t)
	total := h.total(t, "plug.in", "")
	equal(t, "kept", total.Value, 7)
	equal(t, "stale", total.Stale, 1)
	equal(t, "as of", total.AsOf, first)
	equal(t, "of the source that answers", h.total(t, sites, "").Value, 2)
	equal(t, "its staleness", h.total(t, sites, "").Stale, 0)
	state, err := h.State(t.Context())
	must(t, err)
	equal(t, "state", fmt.Sprintf("%d %d %+v", state.Pending, state.Failed, state.Sources[0]),
		fmt.Sprintf("0 1 %+v", insight.SourceState{Name: "plug", Declared: true, Computed: 2, Failed: 1, Error: "the table is gone", Oldest: first}))

	// It is tried again when its time has come.
	failure = nil
	h.settle(t)
	equal(t, "before its time", h.total(t, "plug.in", "").Value, 7)
	h.clock.advance(time.Minute)
	h.give(t, other, core.Figure{Metric: sites, Value: 1}) // for settle to wait for
	h.settle(t)
	must(t, h.Refresh(t.Context(), id))
	total = h.total(t, "plug.in", "")
	equal(t, "tried again", total.Value, 8)
	equal(t, "stale then", total.Stale, 0)

	// Its plugin goes, and its figures stay.
	h.Withdraw("plug")
	total = h.total(t, "plug.in", "")
	equal(t, "withdrawn", fmt.Sprint(total.Value, total.Stale, len(h.Metrics())), "8 1 3")
	equal(t, "differences of what is declared", len(h.differences(t)), 0)

	// It is asked for what has changed without it, here or in another process.
	answer = 9
	h.give(t, id, core.Figure{Metric: sites, Value: 3})
	h.settle(t)
	must(t, h.Declare(plug))
	equal(t, "stale when it is back", h.total(t, "plug.in", "").Stale, 1)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.Run(ctx)
	}()
	h.until(t, func() bool {
		total := h.total(t, "plug.in", "")
		return total.Value == 9 && total.Stale == 0
	})
	stop()
	<-ended
}

func TestAnswersThatCantBeStored(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.tenant(t, false)
	for name, f := range map[string][]core.Figure{
		"unknown metric":     {{Metric: "plug.other", Value: 1}},
		"a period":           {{Metric: "plug.in", Period: "November", Value: 1}},
		"no development":     {{Metric: "plug.in", Development: "Harpur Lane", Value: 1}},
		"a currency":         {{Metric: "plug.in", Currency: "EUR", Value: 1}},
		"none of an amount":  {{Metric: "plug.paid", Value: 1}},
		"too much":           {{Metric: "plug.in", Value: 1 << 60}},
		"twice":              {{Metric: "plug.in", Value: 1}, {Metric: "plug.in", Value: 2}},
		"more than it could": make([]core.Figure, 100_001),
	} {
		must(t, h.Declare(insight.Source{Name: "plug",
			Metrics: []core.Metric{{Name: "plug.in", Unit: "things", Meaning: name}, {Name: "plug.paid", Unit: "money", Meaning: "Paid."}},
			Ask:     func(context.Context, core.TenantID) ([]core.Figure, error) { return f, nil }}))
		if err := h.Refresh(t.Context(), id); core.CodeOf(err) != core.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}
