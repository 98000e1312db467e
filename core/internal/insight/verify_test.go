package insight_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"pgregory.net/rapid"
)

// TestFiguresFollowTheFiles makes random changes to a few tenants, with ends of
// the process in between that lose what was in memory, and compares every total
// with a sum over the files.
func TestFiguresFollowTheFiles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := newHouse(t)
		m := &mirror{house: h, figures: map[core.TenantID]map[core.Figure]int64{}, demo: map[core.TenantID]bool{}}
		rt.Repeat(map[string]func(*rapid.T){
			"create": m.create, "give": m.change, "give more": m.change, "demo": m.changeSides, "remove": m.remove,
			"reopen": func(t *rapid.T) {
				h.open(t)
				must(t, h.Declare(table))
			},
			"settle": func(t *rapid.T) { h.settle(t) },
			"":       func(*rapid.T) {},
		})
		h.closeEarlier(rt) // or a mark of theirs comes between the settling and the check
		h.settle(rt)
		equal(rt, "differences", strings.Join(h.differences(rt), "\n"), "")
		m.check(rt)
	})
}

// mirror is what the totals have to come to.
type mirror struct {
	*house
	figures map[core.TenantID]map[core.Figure]int64
	demo    map[core.TenantID]bool
}

func (m *mirror) create(t *rapid.T) {
	if len(m.figures) > 4 {
		return
	}
	demo := rapid.Bool().Draw(t, "demo")
	id := m.tenant(t, demo)
	m.figures[id], m.demo[id] = map[core.Figure]int64{}, demo
}

// one draws a tenant, unless there is none.
func (m *mirror) one(t *rapid.T) (core.TenantID, bool) {
	ids := slices.Sorted(maps.Keys(m.figures))
	if len(ids) == 0 {
		return "", false
	}
	return rapid.SampledFrom(ids).Draw(t, "tenant"), true
}

func (m *mirror) change(t *rapid.T) {
	id, ok := m.one(t)
	if !ok {
		return
	}
	f := core.Figure{Metric: sites}
	if rapid.Bool().Draw(t, "calls") {
		f = core.Figure{Metric: calls, Period: rapid.SampledFrom([]string{"", "2026", "2026-10", "2026-11", "2026-11-23"}).Draw(t, "period")}
	}
	value := rapid.Int64Range(-3, 3).Draw(t, "value")
	m.figures[id][f] = value
	f.Value = value
	m.give(t, id, f)
}

func (m *mirror) changeSides(t *rapid.T) {
	id, ok := m.one(t)
	if !ok {
		return
	}
	m.demo[id] = !m.demo[id]
	_, err := m.store.UpdateTenant(context.Background(), core.Tenant{ID: id, Demo: m.demo[id]})
	must(t, err)
}

func (m *mirror) remove(t *rapid.T) {
	id, ok := m.one(t)
	if !ok {
		return
	}
	must(t, m.store.Remove(context.Background(), id, "crt_1"))
	delete(m.figures, id)
	delete(m.demo, id)
}

func (m *mirror) check(t *rapid.T) {
	want, apart := map[core.Figure]int64{}, map[core.Figure]int64{}
	excluded := 0
	for id, figures := range m.figures {
		into := want
		if m.demo[id] {
			into = apart
			excluded++
		}
		for f, value := range figures {
			into[f] += value
		}
	}
	for _, f := range []core.Figure{
		{Metric: sites}, {Metric: calls}, {Metric: calls, Period: "2026"}, {Metric: calls, Period: "2026-10"}, {Metric: calls, Period: "2026-11"}, {Metric: calls, Period: "2026-11-23"},
	} {
		total := m.total(t, f.Metric, f.Period)
		equal(t, fmt.Sprintf("total of %+v", f), fmt.Sprint(total.Value, total.Demo, total.Excluded, total.Stale), fmt.Sprint(want[f], apart[f], excluded, 0))
	}
}

// TestVerifyNamesEveryDifference tampers with the control database, and Rebuild
// mends it.
func TestVerifyNamesEveryDifference(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	site := core.NewID(core.PrefixDevelopment, h.clock.now())
	one := h.tenant(t, false, core.Figure{Metric: sites, Value: 3}, core.Figure{Metric: sites, Development: site, Value: 2}, core.Figure{Metric: calls, Period: "2026-11", Value: 4})
	two := h.tenant(t, true, core.Figure{Metric: money, Period: "2026", Currency: "EUR", Value: 5})
	h.settle(t)
	equal(t, "differences", len(h.differences(t)), 0)

	const of = ` where tenant = (select number from figure_tenants where tenant_id = ?) and metric = (select number from figure_metrics where name = ?)`
	h.control(t, `delete from figures`+of+` and development <> ''`, one, sites)
	h.control(t, `update figures set value = 40`+of, one, calls)
	h.control(t, `insert into figures select number, (select number from figure_metrics where name = ?), '', 2025, '', 9 from figure_tenants where tenant_id = ?`, calls, two)
	h.control(t, `update figure_totals set value = 8 where metric = (select number from figure_metrics where name = ?)`, sites)
	h.control(t, `delete from figure_totals where metric = (select number from figure_metrics where name = ?)`, money)
	got := h.differences(t)
	slices.Sort(got)
	equal(t, "differences", strings.Join(got, "\n"), strings.Join([]string{
		"missing " + string(one) + " " + site + ": test.sites: stored 0, computed 2",
		"other " + string(one) + ": test.calls of 2026-11: stored 40, computed 4",
		"surplus " + string(two) + ": test.calls of 2025: stored 9, computed 0",
		"total total of demo tenants: test.money EUR of 2026: stored 0, computed 5",
		"total total: test.sites: stored 8, computed 3",
	}, "\n"))

	// Neither a refresh nor a settled tenant mends that; a rebuild does.
	must(t, h.Refresh(t.Context(), one))
	equal(t, "differences after a refresh", len(h.differences(t)), 5)
	var steps []string
	n, err := h.Rebuild(t.Context(), func(done, total int) { steps = append(steps, fmt.Sprint(done, "/", total)) })
	must(t, err)
	equal(t, "rebuilt", fmt.Sprint(n, steps), "2 [1/2 2/2]")
	equal(t, "differences after the rebuild", strings.Join(h.differences(t), "\n"), "")
	h.settle(t)
}

// TestVerifyComputesWhatHasChanged: a change that nobody had time to compute is
// no difference.
func TestVerifyComputesWhatHasChanged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.tenant(t, false, core.Figure{Metric: sites, Value: 1})
	h.settle(t)
	h.give(t, id, core.Figure{Metric: sites, Value: 2})
	h.open(t) // with the mark lost
	must(t, h.Declare(table))
	equal(t, "differences", strings.Join(h.differences(t), "\n"), "")
	equal(t, "sites", h.total(t, sites, "").Value, 2)

	// A tenant that can't be read is named.
	must(t, h.store.Update(t.Context(), id, func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `drop table given`)
		return err
	}))
	lines := h.differences(t)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "unread "+string(id)) {
		t.Errorf("got %q", lines)
	}
	if _, err := h.Rebuild(t.Context(), func(int, int) {}); core.CodeOf(err) != core.Internal {
		t.Errorf("a rebuild that can't read a tenant: %v", err)
	}
	equal(t, "sites that stay", h.total(t, sites, "").Value, 2)
}

// TestRebuildGoesOn: one that was cancelled is ended by the next, in another
// process, which computes no tenant again.
func TestRebuildGoesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for n := range 9 {
		h.tenant(t, false, core.Figure{Metric: sites, Value: int64(n + 1)})
	}
	h.settle(t)
	ctx, cancel := context.WithCancel(t.Context())
	n, err := h.Rebuild(ctx, func(done, _ int) {
		if done == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || n < 3 || n >= 9 {
		t.Fatalf("%d tenants, %v", n, err)
	}
	h.open(t)
	must(t, h.Declare(table))
	more, err := h.Rebuild(t.Context(), func(_, total int) { equal(t, "total", total, 9) })
	must(t, err)
	equal(t, "tenants of both", n+more, 9)
	again, err := h.Rebuild(t.Context(), func(int, int) {})
	must(t, err)
	equal(t, "tenants of a fresh one", again, 9)
	equal(t, "sites", h.total(t, sites, "").Value, 45)
	equal(t, "differences", strings.Join(h.differences(t), "\n"), "")
}
