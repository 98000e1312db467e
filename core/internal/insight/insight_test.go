package insight_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/insight"
	"github.com/openhouse-ai/console/tenants"
)

// fataler is a test or a check of a property.
type fataler interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// clock is moved by tests alone.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// prepared is a folder that a store has been opened in once: opening a copy
// takes a fraction of running all migrations again.
var prepared string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "insight")
	if err == nil {
		defer os.RemoveAll(dir)
		var s *tenants.Store
		if s, err = openStore(dir, time.Now); err == nil {
			err = s.Close()
		}
		prepared = dir
	}
	if err = errors.Join(err, flag.Set("rapid.checks", "20")); err != nil {
		panic(err)
	}
	m.Run()
}

func openStore(dir string, now func() time.Time) (*tenants.Store, error) {
	return tenants.Open(context.Background(), tenants.Options{
		Dir: dir, Now: now, Log: slog.New(slog.DiscardHandler),
		Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}, {Name: "uk", Label: "United Kingdom"}},
	})
}

// house is a store with roll-ups over it. Its tenants keep figures in a table
// of the tests' own, which a source reads: any figure can be made.
type house struct {
	*insight.Insight
	t       testing.TB
	dir     string
	store   *tenants.Store
	earlier []*tenants.Store // that were open before, and still are
	clock   *clock
	created atomic.Int64
}

const (
	sites = "test.sites" // a level
	calls = "test.calls" // happens in periods
	money = "test.money" // an amount
)

var testMetrics = []core.Metric{
	{Name: sites, Unit: "sites", Meaning: "Sites that there are.", Level: true},
	{Name: calls, Unit: "calls", Meaning: "Calls that were made."},
	{Name: money, Unit: "money", Meaning: "What they cost."},
}

func readTable(ctx context.Context, tx *tenants.Tx) ([]core.Figure, error) {
	rows, err := tx.Query(ctx, `select metric, development, period, currency, value from given`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var figures []core.Figure
	for rows.Next() {
		var f core.Figure
		if err := rows.Scan(&f.Metric, &f.Development, &f.Period, &f.Currency, &f.Value); err != nil {
			return nil, err
		}
		figures = append(figures, f)
	}
	return figures, rows.Err()
}

var table = insight.Source{Name: "test", Metrics: testMetrics, Read: readTable}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), clock: &clock{at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}}
	must(t, os.CopyFS(h.dir, os.DirFS(prepared)))
	h.open(t)
	must(t, h.Declare(table))
	return h
}

// open opens the store of the folder. One that was open goes on beside it, as
// another process would, until closeEarlier or the end of the test.
func (h *house) open(t fataler) {
	t.Helper()
	store, err := openStore(h.dir, h.clock.now)
	must(t, err)
	h.t.Cleanup(func() { must(h.t, store.Close()) })
	if h.store != nil {
		h.earlier = append(h.earlier, h.store)
	}
	h.store = store
	h.Insight = insight.New(insight.Options{Store: store, Now: h.clock.now, Log: slog.New(slog.DiscardHandler)})
}

// closeEarlier closes the stores that were open before. The marks that they
// still held come now.
func (h *house) closeEarlier(t fataler) {
	t.Helper()
	for _, store := range h.earlier {
		must(t, store.Close())
	}
	h.earlier = nil
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

func equal[T comparable](t fataler, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// tenant creates a tenant with the given figures.
func (h *house) tenant(t fataler, demo bool, figures ...core.Figure) core.TenantID {
	t.Helper()
	n := h.created.Add(1)
	id := core.NewTenantID(h.clock.now())
	must(t, h.store.Create(context.Background(), core.Tenant{
		ID: id, Name: fmt.Sprintf("Developer %d", n), Code: fmt.Sprintf("D%d", n), Region: []string{"eu-west", "uk"}[n%2], Status: core.TenantActive, Demo: demo}))
	must(t, h.store.Update(context.Background(), id, func(tx *tenants.Tx) error {
		_, err := tx.Exec(context.Background(), `create table given (metric text not null, development text not null, period text not null,
			currency text not null, value integer not null, primary key (metric, development, period, currency)) strict`)
		return err
	}))
	h.give(t, id, figures...)
	return id
}

// give sets figures of a tenant.
func (h *house) give(t fataler, id core.TenantID, figures ...core.Figure) {
	t.Helper()
	if len(figures) == 0 {
		return
	}
	must(t, h.store.Update(context.Background(), id, func(tx *tenants.Tx) error {
		for _, f := range figures {
			_, err := tx.Exec(context.Background(), `insert or replace into given values (?, ?, ?, ?, ?)`, f.Metric, f.Development, f.Period, f.Currency, f.Value)
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// settle computes everything that waits, as Run does.
func (h *house) settle(t fataler) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.Run(ctx)
	}()
	h.until(t, func() bool {
		changed, err := h.store.Changed(ctx)
		must(t, err)
		return len(changed) == 0
	})
	stop()
	<-ended
}

// until waits for a condition.
func (h *house) until(t fataler, met func() bool) {
	t.Helper()
	tick, limit := time.NewTicker(5*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !met() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("it never happened")
		}
	}
}

// differences are what Verify reports, one a line.
func (h *house) differences(t fataler) (lines []string) {
	t.Helper()
	_, err := h.Verify(context.Background(), func(d insight.Difference) { lines = append(lines, string(d.Kind)+" "+d.String()) })
	must(t, err)
	return lines
}

func (h *house) total(t fataler, metric, period string) insight.Total {
	t.Helper()
	totals, err := h.Totals(context.Background(), []string{metric}, period)
	must(t, err)
	return totals[metric]
}

func (h *house) control(t fataler, statement string, args ...any) {
	t.Helper()
	must(t, h.store.UpdateControl(context.Background(), func(tx *tenants.Tx) error {
		_, err := tx.Exec(context.Background(), statement, args...)
		return err
	}))
}
