// Package bus carries events: facts that have happened, written to the outbox
// of the tenant's file in the transaction of the change they tell of, and
// delivered to subscribers at least once.
//
// # Where a delivery stands
//
// All of it lies in the tenant's file. A subscriber's cursor is its place in
// the outbox: what it listens to up to there was acknowledged, or has a row in
// event_deliveries. Such an event waits for its next attempt, or behind an
// earlier event of its subject, or is a dead letter. Cursor and rows move in
// one transaction after the calls that they tell of, so that a crash repeats
// calls and forgets none.
//
// # What the control database knows
//
// Who subscribes and since when, how much waits in which tenant, and where the
// dead letters are: numbers and ids. It is written after the tenant's file, from
// what the file says by then. What a crash has left different is put right when
// the tenant is looked at for the first time in a process, or after a Sweep.
package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Recorder writes audit records in the transaction of the change.
type Recorder interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
}

// Options say where the outboxes are. Emit and List need the Store alone,
// deliveries all but Jitter and Log.
type Options struct {
	Store    *tenants.Store
	Recorder Recorder
	Now      func() time.Time
	Log      *slog.Logger
	Jitter   func() float64 // from 0 to below 1, spreads the back-off; nil: by chance
}

// Bus writes, lists and delivers events.
type Bus struct {
	options  Options
	schedule *schedule
	poke     chan struct{} // Run has a subscriber to wake

	mu          sync.Mutex
	subscribers map[string]Subscriber
	version     int // grows with each Subscribe
	waking      map[string]bool
	agreed      map[core.TenantID]bool // the control database agrees with the tenant's file

	mirroring [32]sync.Mutex // each is some tenants'
}

// New returns the bus over a store.
func New(options Options) *Bus {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Jitter == nil {
		options.Jitter = rand.Float64
	}
	return &Bus{
		options: options, schedule: newSchedule(), poke: make(chan struct{}, 1),
		subscribers: map[string]Subscriber{}, waking: map[string]bool{}, agreed: map[core.TenantID]bool{},
	}
}

// names is what an event may be called: noun.past for the core's own
// (unit.handed_over), plugin.noun.past for a plugin's (billing.invoice.issued).
var names = regexp.MustCompile(`^([a-z][a-z0-9]*\.)?[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$`)

// Emit writes an event to the outbox of the transaction's tenant; it is told
// when the transaction commits. Its id and moment are given here; no data means
// an empty object. Returns internal for a name outside the pattern, data that
// is not JSON, or a transaction without a tenant.
func (b *Bus) Emit(ctx context.Context, tx *tenants.Tx, e core.Event) error {
	if len(e.Data) == 0 {
		e.Data = json.RawMessage("{}")
	}
	switch {
	case !names.MatchString(e.Name):
		return fmt.Errorf("emit %q: an event is called noun.past or plugin.noun.past", e.Name)
	case tx.Tenant == "":
		return fmt.Errorf("emit %s: an event belongs to a tenant", e.Name)
	case !json.Valid(e.Data):
		return fmt.Errorf("emit %s: its data is not JSON", e.Name)
	}
	e.ID, e.At = core.NewID(core.PrefixEvent, tx.Now), tx.Now
	if err := insert(ctx, tx, e); err != nil {
		return fmt.Errorf("emit %s: %w", e.Name, err)
	}
	tenant := tx.Tenant
	tx.OnCommit(func() { b.schedule.wake(tenant) })
	return nil
}

// List returns a tenant's events, newest first. It heeds Text (words in the
// name, the subject or the data), Kind (the event's name), Unit and Development
// (the subject's id), From and To.
func (b *Bus) List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Event], error) {
	var page core.List[core.Event]
	err := b.options.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		page, err = list(ctx, tx, q)
		return err
	})
	if err != nil {
		return core.List[core.Event]{}, fmt.Errorf("list events: %w", err)
	}
	return page, nil
}
