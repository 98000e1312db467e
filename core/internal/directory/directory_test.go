package directory_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
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

// shared is a store that most tests have their tenants in; its clock stands.
var shared struct {
	store   *tenants.Store
	clock   *clock
	tenants atomic.Int64
	err     error // that opening it made
}

// TestMain asks for fewer checks of a property than rapid's 100, unless the
// command line says otherwise: each of the model's is a tenant and dozens of
// transactions on disk.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "directory")
	if err == nil {
		defer os.RemoveAll(dir)
		shared.clock = newClock()
		shared.store, err = open(dir, shared.clock)
	}
	if err == nil {
		defer shared.store.Close()
	}
	shared.err = errors.Join(err, flag.Set("rapid.checks", "15"))
	m.Run()
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)} }

func open(dir string, clock *clock) (*tenants.Store, error) {
	return tenants.Open(context.Background(), tenants.Options{
		Dir: dir, Now: clock.Now, Log: slog.New(slog.DiscardHandler),
		Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}},
	})
}

// newHouse has two new tenants in the shared store.
func newHouse(t testing.TB) *house {
	t.Helper()
	ok(t, shared.err)
	return houseIn(t, shared.store, shared.clock)
}

// newHouseWithClock has a store of its own, whose clock may be moved.
func newHouseWithClock(t testing.TB) *house {
	t.Helper()
	clock := newClock()
	store, err := open(fresh.Dir(t), clock)
	ok(t, err)
	t.Cleanup(func() { ok(t, store.Close()) })
	return houseIn(t, store, clock)
}

func houseIn(t testing.TB, store *tenants.Store, clock *clock) *house {
	t.Helper()
	h := &house{store: store, clock: clock}
	h.Directory = directory.New(directory.Options{Store: store, Recorder: h, Emitter: h, Usage: h})
	h.tenant, h.other = h.addTenant(t), h.addTenant(t)
	return h
}

func (h *house) addTenant(t fataler) core.TenantID {
	t.Helper()
	id, n := core.NewTenantID(h.clock.Now()), shared.tenants.Add(1)
	ok(t, h.store.Create(context.Background(), core.Tenant{
		ID: id, Name: fmt.Sprintf("Builder %d", n), Code: fmt.Sprintf("T%d", n), Region: "eu-west"}))
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
