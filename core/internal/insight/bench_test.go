package insight_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/insight"
	"github.com/openhouse-ai/console/tenants"
)

// The figures of roll-ups with 1,000 and with 10,000 tenants on disk, each a
// file with a dozen figures in three grains. Each is set beside something that
// was done in the same run, because machines differ: ratios can be trusted.

const (
	benchSites = "test.sites"
	thisMonth  = "2026-11"
)

// estate is a folder with so many tenants, all of them computed.
type estate struct {
	*insight.Insight
	store *tenants.Store
	dir   string
	ids   []core.TenantID
}

func newEstate(b *testing.B, n int) *estate {
	b.Helper()
	e := &estate{dir: b.TempDir()}
	must(b, os.CopyFS(e.dir, os.DirFS(prepared)))
	e.open(b)
	b.Cleanup(func() { must(b, e.store.Close()) })
	for i := range n {
		id := core.NewTenantID(time.Now())
		e.ids = append(e.ids, id)
		must(b, e.store.Create(context.Background(), core.Tenant{
			ID: id, Name: fmt.Sprintf("Developer %05d", i), Code: fmt.Sprintf("D%05d", i), Region: "eu-west", Status: core.TenantActive}))
	}
	e.each(b, e.ids, func(i int, tx *tenants.Tx) error {
		_, err := tx.Exec(context.Background(), `create table given (metric text not null, development text not null, period text not null,
			currency text not null, value integer not null, primary key (metric, development, period, currency)) strict`)
		if err != nil {
			return err
		}
		for _, f := range sample(i) {
			if _, err := tx.Exec(context.Background(), `insert into given values (?, ?, ?, ?, ?)`, f.Metric, f.Development, f.Period, f.Currency, f.Value); err != nil {
				return err
			}
		}
		return nil
	})
	return e
}

// sample are the figures of one tenant.
func sample(i int) []core.Figure {
	figures := []core.Figure{{Metric: benchSites, Value: int64(i%50 + 1)}}
	for _, period := range []string{"", "2026", thisMonth, "2026-10", "2026-11-22", "2026-11-23"} {
		figures = append(figures, core.Figure{Metric: calls, Period: period, Value: int64(i*7919%1000 + 1)})
	}
	for _, period := range []string{"", "2026", thisMonth, "2026-10"} {
		figures = append(figures, core.Figure{Metric: money, Period: period, Currency: "EUR", Value: int64(i*104729%100000 + 1)})
	}
	return figures
}

// open opens the store as a process does that starts.
func (e *estate) open(b *testing.B) {
	b.Helper()
	store, err := openStore(e.dir, time.Now)
	must(b, err)
	e.store = store
	e.Insight = insight.New(insight.Options{Store: store, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	must(b, e.Declare(table))
}

func (e *estate) each(b *testing.B, ids []core.TenantID, change func(int, *tenants.Tx) error) {
	b.Helper()
	for i, id := range ids {
		must(b, e.store.Update(context.Background(), id, func(tx *tenants.Tx) error { return change(i, tx) }))
	}
}

// page is what a page about all tenants shows.
func (e *estate) page(b *testing.B) {
	b.Helper()
	_, err := e.Totals(context.Background(), []string{benchSites, calls, money}, thisMonth)
	must(b, err)
	for _, worst := range []bool{false, true} {
		list, err := e.Ranking(context.Background(), calls, thisMonth, core.Query{Limit: 50}, worst)
		must(b, err)
		if len(list.Items) != 50 || list.Items[0].Value == 0 {
			b.Fatalf("%d tenants, the first with %d", len(list.Items), list.Items[0].Value)
		}
	}
}

// took is the middle of some runs, in milliseconds.
func took(rounds int, fn func(int)) float64 {
	times := make([]time.Duration, 0, rounds)
	for n := range rounds {
		started := time.Now()
		fn(n)
		times = append(times, time.Since(started))
	}
	slices.Sort(times)
	return float64(times[rounds/2].Microseconds()) / 1000
}

func BenchmarkRollups(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := newEstate(b, n)
			for b.Loop() {
				e.measure(b, n)
			}
		})
	}
}

func (e *estate) measure(b *testing.B, n int) {
	ctx := context.Background()
	one := func(fn func()) float64 { return took(1, func(int) { fn() }) }
	report := func(value float64, unit string) { b.ReportMetric(value, unit) }

	rebuild := one(func() {
		done, err := e.Rebuild(ctx, func(int, int) {})
		must(b, err)
		equal(b, "tenants", done, n)
	})
	report(rebuild, "ms/rebuild")

	// One row of the control database, and a commit to it, are what a page and a
	// refresh can't do without.
	row := took(200, func(int) {
		must(b, e.store.ViewControl(ctx, func(tx *tenants.Tx) error {
			var count int
			return tx.QueryRow(ctx, `select count(*) from figure_sources`).Scan(&count)
		}))
	})
	commit := took(200, func(i int) {
		must(b, e.store.UpdateControl(ctx, func(tx *tenants.Tx) error {
			_, err := tx.Exec(ctx, `update figure_sources set version = version where number = 1`)
			return err
		}))
	})
	page := took(100, func(int) { e.page(b) })
	report(page, "ms/page")
	report(page/row, "rows/page")

	// Warm: its file is open. The reading of a tenant is part of both.
	id := e.ids[n/2]
	change := func(i int, tx *tenants.Tx) error {
		_, err := tx.Exec(ctx, `update given set value = value + 1 where metric = ?`, calls)
		return err
	}
	var refreshes []float64
	for range 50 {
		e.each(b, []core.TenantID{id}, change)
		refreshes = append(refreshes, one(func() { must(b, e.Refresh(ctx, id)) }))
	}
	slices.Sort(refreshes)
	report(refreshes[25], "ms/refresh")
	report(refreshes[25]/commit, "commits/refresh")
	e.untilShown(b, id, change)

	verify := one(func() {
		checked, err := e.Verify(ctx, func(d insight.Difference) { b.Errorf("%s", d) })
		must(b, err)
		equal(b, "checked", checked, n)
	})
	report(verify, "ms/verify")
	report(verify/rebuild, "verify/rebuild")

	must(b, e.store.Close())
	empty := b.TempDir()
	must(b, os.CopyFS(empty, os.DirFS(prepared)))
	bare := one(func() {
		s, err := openStore(empty, time.Now)
		must(b, err)
		must(b, s.Close())
	})
	start := one(func() {
		e.open(b)
		found, err := e.store.ScanChanged(ctx)
		must(b, err)
		state, err := e.State(ctx)
		must(b, err)
		equal(b, "found and pending", fmt.Sprint(len(found), state.Pending, state.Tenants), fmt.Sprint(0, 0, n))
	})
	report(start, "ms/start")
	report(start/bare, "empty-stores/start")
	info, err := os.Stat(filepath.Join(e.dir, "control.db"))
	must(b, err)
	report(float64(info.Size())/(1<<20), "MiB/control")
}

// untilShown measures from before a commit until the totals of a page show it,
// with Run at work.
func (e *estate) untilShown(b *testing.B, id core.TenantID, change func(int, *tenants.Tx) error) {
	b.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.Run(ctx)
	}()
	total := func() int64 {
		totals, err := e.Totals(ctx, []string{calls}, thisMonth)
		must(b, err)
		return totals[calls].Value
	}
	var times []float64
	for range 20 {
		before, started := total(), time.Now()
		e.each(b, []core.TenantID{id}, change)
		for total() == before {
			if time.Since(started) > time.Minute {
				b.Fatal("the change was never shown")
			}
		}
		times = append(times, float64(time.Since(started).Microseconds())/1000)
	}
	stop()
	<-ended
	slices.Sort(times)
	b.ReportMetric(times[len(times)/2], "ms/change-to-page")
	b.ReportMetric(times[len(times)-1], "ms/change-to-page-worst")
}
