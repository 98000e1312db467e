package bus_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

var start = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

// clock is a moment that a test moves while the store reads it.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time      { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) set(t time.Time)     { c.ms.Store(t.UnixMilli()) }
func (c *clock) add(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// records is the audit log of a test.
type records struct {
	mu      sync.Mutex
	entries []core.Entry
}

func (r *records) Record(_ context.Context, _ *tenants.Tx, e core.Entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = append(r.entries, e)
	return nil
}

// outbox is a bus over real files, with one tenant at first.
type outbox struct {
	t      testing.TB
	bus    *bus.Bus
	store  *tenants.Store
	tenant core.TenantID
	audit  records
	clock  clock
}

func newOutbox(t testing.TB) *outbox {
	o := openOutbox(t, fresh.Dir(t))
	o.tenant = o.addTenant("HARP")
	return o
}

func openOutbox(t testing.TB, dir string) *outbox {
	o := &outbox{t: t}
	o.clock.set(start)
	var err error
	o.store, err = tenants.Open(t.Context(), tenants.Options{
		Dir:     dir,
		Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}},
		Now:     o.clock.now,
		Log:     slog.New(slog.DiscardHandler),
	})
	o.must(err)
	t.Cleanup(func() { o.must(o.store.Close()) })
	o.restart()
	return o
}

// restart forgets all that the bus holds in memory.
func (o *outbox) restart() {
	o.bus = bus.New(bus.Options{Store: o.store, Recorder: &o.audit, Now: o.clock.now})
}

func (o *outbox) addTenant(code string) core.TenantID {
	o.t.Helper()
	id := core.NewTenantID(o.clock.now())
	o.must(o.store.Create(o.t.Context(), core.Tenant{ID: id, Name: code + " Homes", Code: code, Region: "eu-west"}))
	return id
}

func (o *outbox) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *outbox) emit(events ...core.Event) error { return o.emitIn(o.tenant, events...) }

func (o *outbox) emitIn(tenant core.TenantID, events ...core.Event) error {
	return o.store.Update(o.t.Context(), tenant, func(tx *tenants.Tx) error {
		for _, e := range events {
			if err := o.bus.Emit(o.t.Context(), tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *outbox) deliver() {
	o.t.Helper()
	o.must(o.bus.Deliver(o.t.Context(), o.tenant))
}

// run delivers in the background until the test ends.
func (o *outbox) run() {
	ctx, cancel := context.WithCancel(o.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		o.bus.Run(ctx)
	}()
	o.t.Cleanup(func() {
		cancel()
		<-ended
	})
}

func (o *outbox) backlog(subscriber string) bus.Backlog {
	o.t.Helper()
	found, err := o.bus.Backlog(o.t.Context(), subscriber)
	o.must(err)
	return found
}

func (o *outbox) letters(q core.Query) []bus.DeadLetter {
	o.t.Helper()
	page, err := o.bus.DeadLetters(o.t.Context(), q)
	o.must(err)
	return page.Items
}

// ear is a subscriber that notes what it was told, as "tenant name subject".
type ear struct {
	mu     sync.Mutex
	told   []string
	answer func(tenant core.TenantID, e core.Event) error // nil: takes everything
	heard  chan string                                    // gets each note; nil: nobody listens
}

func (r *ear) handle(_ context.Context, tenant core.TenantID, e core.Event) error {
	note := e.Name + " " + e.Subject.ID
	r.mu.Lock()
	r.told = append(r.told, note)
	answer := r.answer
	r.mu.Unlock()
	if r.heard != nil {
		r.heard <- note
	}
	if answer != nil {
		return answer(tenant, e)
	}
	return nil
}

// answers makes the ear answer from now on; a nil error takes the event.
func (r *ear) answers(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = func(core.TenantID, core.Event) error { return err }
}

// take returns what the ear was told since it was asked last.
func (r *ear) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	told := r.told
	r.told = nil
	return told
}

func (o *outbox) subscribe(name string, events ...string) *ear {
	o.t.Helper()
	r := &ear{}
	o.listen(name, r, events...)
	return r
}

func (o *outbox) listen(name string, r *ear, events ...string) {
	o.t.Helper()
	o.must(o.bus.Subscribe(o.t.Context(), bus.Subscriber{Name: name, Events: events, Handle: r.handle}))
}

func (o *outbox) want(what string, got []string, want ...string) {
	o.t.Helper()
	if !slices.Equal(got, want) {
		o.t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// die makes the next event of the subscriber a dead letter and returns it.
func (o *outbox) die(subscriber string, e core.Event) bus.DeadLetter {
	o.t.Helper()
	o.must(o.emit(e))
	for range 12 {
		o.deliver()
		o.clock.add(2 * time.Hour)
	}
	for _, l := range o.letters(core.Query{Kind: subscriber, Tenant: o.tenant}) {
		if l.Event.Name == e.Name && l.State == "dead" {
			return l
		}
	}
	o.t.Fatalf("%s did not die", e.Name)
	return bus.DeadLetter{}
}

func event(name, subject string) core.Event {
	return core.Event{Name: name, Subject: core.Target{Kind: "unit", ID: subject}}
}

func numbered(n int, name, subject string) core.Event {
	e := event(name, subject)
	e.Data = fmt.Appendf(nil, `{"n":%d}`, n)
	return e
}
