// Package usage is the ledger of usage events: what portals and landing pages
// report, each identified for ever by its source and id.
package usage

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Outcome says what the ledger did with an event.
type Outcome string

// An event is accepted once. The same one again is a duplicate and has no
// effect; another payload under its identity is in conflict: it is kept for a
// person to look at, and the first one stays (billing.md H10). One that is
// malformed is invalid; one that a person has to decide about is quarantined.
const (
	Accepted    Outcome = "accepted"
	Duplicate   Outcome = "duplicate"
	Conflict    Outcome = "conflict"
	Invalid     Outcome = "invalid"
	Quarantined Outcome = "quarantined"
)

// Recorder writes audit records in the transaction of the change.
type Recorder interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
}

// Options say where the ledgers are.
type Options struct {
	Store    *tenants.Store
	Recorder Recorder // of what people decide about quarantined events
}

// Ledger takes and lists usage events, a ledger in each tenant's file.
type Ledger struct {
	options Options
	queues  queues
}

// New returns the ledger over a store.
func New(options Options) *Ledger { return &Ledger{options: options} }

// List returns one page, newest first. It filters by Kind (the type), Unit,
// Development, From and To.
func (l *Ledger) List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.UsageEvent], error) {
	return view(ctx, l, tenant, q, listEvents)
}

// Count is how many events of a type there are, and when the last one was.
type Count struct {
	Type   string
	Events int
	Last   time.Time
}

// Counts counts the events that the query matches, per type in the order of
// their names. It filters like List.
func (l *Ledger) Counts(ctx context.Context, tenant core.TenantID, q core.Query) ([]Count, error) {
	return view(ctx, l, tenant, q, countEvents)
}

// Horizon is since when the ledger is whole: retention has erased what happened
// before, and what was derived from it can't be computed again. It is zero
// while nothing was erased.
func (l *Ledger) Horizon(ctx context.Context, tenant core.TenantID) (time.Time, error) {
	return view(ctx, l, tenant, struct{}{}, func(ctx context.Context, tx *tenants.Tx, _ struct{}) (time.Time, error) {
		return horizon(ctx, tx)
	})
}

// view reads from a tenant's ledger.
func view[Q, T any](ctx context.Context, l *Ledger, tenant core.TenantID, q Q, read func(context.Context, *tenants.Tx, Q) (T, error)) (T, error) {
	var found T
	err := l.options.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		found, err = read(ctx, tx, q)
		return err
	})
	return found, err
}
