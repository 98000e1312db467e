package directory_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/tenants"
)

// house is a directory on a real store with two tenants, and what it has told.
type house struct {
	*directory.Directory
	store         *tenants.Store
	tenant, other core.TenantID
	clock         *clock
	entries       []core.Entry // as committed or not: a test looks at those of verbs that succeed
	actors        []core.Actor // who made each entry
	events        []core.Event
	usage         []core.UsageEvent
}

func (h *house) Record(ctx context.Context, _ *tenants.Tx, e core.Entry) error {
	h.entries = append(h.entries, e)
	h.actors = append(h.actors, core.ActorOf(ctx))
	return nil
}

func (h *house) Emit(_ context.Context, _ *tenants.Tx, e core.Event) error {
	h.events = append(h.events, e)
	return nil
}

func (h *house) Accept(_ context.Context, _ *tenants.Tx, events []core.UsageEvent) error {
	h.usage = append(h.usage, events...)
	return nil
}

// clock is moved by tests alone.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{clock: &clock{now: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)}}
	store, err := tenants.Open(context.Background(), tenants.Options{
		Dir: t.TempDir(), Now: h.clock.Now, Log: slog.New(slog.DiscardHandler),
		Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}},
	})
	ok(t, err)
	t.Cleanup(func() { ok(t, store.Close()) })
	h.store = store
	h.Directory = directory.New(directory.Options{Store: store, Recorder: h, Emitter: h, Usage: h})
	h.tenant, h.other = h.addTenant(t, "HARP"), h.addTenant(t, "WEST")
	return h
}

func (h *house) addTenant(t fataler, code string) core.TenantID {
	t.Helper()
	id := core.NewTenantID(h.clock.Now())
	ok(t, h.store.Create(context.Background(), core.Tenant{ID: id, Name: "Builder " + code, Code: code, Region: "eu-west"}))
	return id
}

func (h *house) development(t fataler, name string) core.Development {
	t.Helper()
	d, err := h.Developments.Create(context.Background(), h.tenant, core.Development{Name: name, Address: "Leixlip, Co. Kildare"})
	ok(t, err)
	return d
}

func (h *house) unit(t fataler, development core.Development, label string) core.Unit {
	t.Helper()
	u, err := h.Units.Create(context.Background(), h.tenant, core.Unit{DevelopmentID: development.ID, Label: label, Address: label + ", Leixlip"})
	ok(t, err)
	return u
}

func (h *house) homeowner(t fataler, unit core.Unit, email string) core.Homeowner {
	t.Helper()
	o, err := h.Homeowners.Create(context.Background(), h.tenant, core.Homeowner{UnitID: unit.ID, Name: "Aoife Byrne", Email: email})
	ok(t, err)
	return o
}

// update runs fn in a transaction of the house's tenant.
func (h *house) update(t fataler, fn func(*tenants.Tx) error) {
	t.Helper()
	ok(t, h.store.Update(context.Background(), h.tenant, fn))
}

// told returns the actions and events since the last call, in order.
func (h *house) told() (actions, events []string) {
	for _, e := range h.entries {
		actions = append(actions, e.Action)
	}
	for _, e := range h.events {
		events = append(events, e.Name)
	}
	h.entries, h.actors, h.events = nil, nil, nil
	return actions, events
}

// expectTold checks what was told since the last call of told.
func (h *house) expectTold(t fataler, action, event string) {
	t.Helper()
	actions, events := h.told()
	if !slices.Equal(actions, words(action)) || !slices.Equal(events, words(event)) {
		t.Fatalf("told %q and %q, want %q and %q", actions, events, action, event)
	}
}

func words(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// fataler is a test, a benchmark or a property.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func ok(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// expectCode checks the code of an error, and the fields that it names.
func expectCode(t fataler, err error, code core.Code, fields ...string) {
	t.Helper()
	if core.CodeOf(err) != code {
		t.Fatalf("error is %q (%v), want %q", core.CodeOf(err), err, code)
	}
	if e, isCore := errors.AsType[*core.Error](err); isCore && fields != nil {
		var names []string
		for _, f := range e.Fields {
			names = append(names, f.Field)
		}
		if !slices.Equal(names, fields) {
			t.Fatalf("wrong fields are %q, want %q", names, fields)
		}
	}
}

func equal[T comparable](t fataler, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

// labels renders a page of units for comparison.
func labels(list core.List[core.Unit]) string {
	var names []string
	for _, u := range list.Items {
		names = append(names, u.Label)
	}
	return fmt.Sprintf("%s of %d", names, list.Total)
}
