package insight_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/insight"
	"pgregory.net/rapid"
)

// TestRankingIsASort compares rankings, page by page, with a plain sort of
// figures above, at and below nought.
func TestRankingIsASort(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rapid.Check(t, func(t *rapid.T) {
		values := map[core.TenantID]int64{}
		var real []core.TenantID
		for range rapid.IntRange(0, 7).Draw(t, "tenants") {
			value, demo := rapid.Int64Range(-2, 2).Draw(t, "value"), rapid.IntRange(0, 3).Draw(t, "demo") == 0
			id := h.tenant(t, demo, core.Figure{Metric: calls, Period: "2026-11", Value: value})
			values[id] = value
			if !demo {
				real = append(real, id)
			}
		}
		h.settle(t)
		size := rapid.IntRange(1, 4).Draw(t, "page")
		for _, worst := range []bool{false, true} {
			want := slices.Clone(real)
			slices.SortStableFunc(want, func(a, b core.TenantID) int {
				if worst {
					return cmp.Compare(values[a], values[b])
				}
				return cmp.Compare(values[b], values[a])
			})
			got := pages(t, size, func(q core.Query) (core.List[insight.Ranked], error) {
				return h.Ranking(context.Background(), calls, "2026-11", q, worst)
			})
			compare(t, got, want, values)
			all := pages(t, size, func(q core.Query) (core.List[insight.Ranked], error) {
				q.Desc = !worst
				return h.Sorted(context.Background(), calls, "2026-11", q)
			})
			equal(t, "tenants that are sorted", len(all), len(values))
		}
		for id := range values {
			must(t, h.store.Remove(context.Background(), id, "crt_1"))
		}
	})
}

// compare looks for the same tenants, the same figures in order, and each
// tenant's own.
func compare(t fataler, got []insight.Ranked, want []core.TenantID, values map[core.TenantID]int64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d tenants, want %d", len(got), len(want))
	}
	for n, r := range got {
		if r.Value != values[want[n]] || r.Value != values[r.ID] || !slices.Contains(want, r.ID) {
			t.Errorf("place %d: %s with %d, want a tenant with %d", n, r.ID, r.Value, values[want[n]])
		}
	}
}

func pages(t fataler, size int, fetch func(core.Query) (core.List[insight.Ranked], error)) (all []insight.Ranked) {
	t.Helper()
	q := core.Query{Limit: size}
	for {
		list, err := fetch(q)
		must(t, err)
		all = append(all, list.Items...)
		if q.After = list.Next; q.After == "" {
			equal(t, "total", list.Total, len(all))
			return all
		}
		equal(t, "entries on a page", len(list.Items), size)
	}
}

func TestRankingFilters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for n := range 6 {
		h.tenant(t, n == 0, core.Figure{Metric: sites, Value: int64(n)}, core.Figure{Metric: money, Currency: []string{"EUR", "GBP"}[n%2], Value: int64(-n)})
	}
	h.settle(t)
	for _, c := range []struct {
		metric string
		query  core.Query
		want   string
	}{
		{sites, core.Query{}, "D6:5 D5:4 D4:3 D3:2 D2:1"},
		{sites, core.Query{Text: "DEVELOPER", Limit: 2}, "D6:5 D5:4"},
		{sites, core.Query{Text: "nobody"}, ""},
		{sites, core.Query{Region: "uk"}, "D5:4 D3:2"},
		{sites, core.Query{Status: "suspended"}, ""},
		{money, core.Query{Kind: "GBP"}, "D5:0 D3:0 D2:-1 D4:-3 D6:-5"},
	} {
		list, err := h.Ranking(t.Context(), c.metric, "", c.query, false)
		must(t, err)
		got := ""
		for _, r := range list.Items {
			got += fmt.Sprintf(" %s:%d", r.Code, r.Value)
		}
		equal(t, fmt.Sprintf("%s %+v", c.metric, c.query), got, prefixed(c.want))
		equal(t, "total", list.Total == len(list.Items), list.Next == "")
	}
	first, err := h.Ranking(t.Context(), sites, "", core.Query{Limit: 2}, false)
	must(t, err)
	for name, fetch := range map[string]func() error{
		"another order": func() error {
			_, err := h.Ranking(t.Context(), sites, "", core.Query{After: first.Next}, true)
			return err
		},
		"another metric": func() error {
			_, err := h.Ranking(t.Context(), calls, "", core.Query{After: first.Next}, false)
			return err
		},
		"no cursor": func() error { _, err := h.Ranking(t.Context(), sites, "", core.Query{After: "x"}, false); return err },
		"a day":     func() error { _, err := h.Ranking(t.Context(), calls, "2026-11-23", core.Query{}, false); return err },
		"no metric": func() error { _, err := h.Ranking(t.Context(), "x", "", core.Query{}, false); return err },
	} {
		equal(t, name, core.CodeOf(fetch()), core.Invalid)
	}
}

func prefixed(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}
