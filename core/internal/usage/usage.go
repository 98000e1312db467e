// Package usage is the ledger of usage events: what portals and landing pages
// report, each identified for ever by its source and id.
package usage

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Outcome says what the ledger did with an event.
type Outcome string

// An event is accepted once. The same one again is a duplicate and has no
// effect; another payload under its identity is rejected: it is kept among the
// conflicts for a person to look at, and the first one stays.
const (
	Accepted  Outcome = "accepted"
	Duplicate Outcome = "duplicate"
	Rejected  Outcome = "rejected"
)

// Options say where the ledgers are.
type Options struct {
	Store *tenants.Store
}

// Ledger takes and lists usage events, a ledger in each tenant's file.
type Ledger struct{ options Options }

// New returns the ledger over a store.
func New(options Options) *Ledger { return &Ledger{options} }

// Accept is AcceptEach for a caller who doesn't ask what became of each event.
func (l *Ledger) Accept(ctx context.Context, tx *tenants.Tx, events []core.UsageEvent) error {
	_, err := l.AcceptEach(ctx, tx, events)
	return err
}

// AcceptEach takes events into the ledger of the transaction's tenant and
// returns the outcome of each. The moment of an event counts in whole
// milliseconds. Returns invalid, and takes none, if one is malformed; a
// duplicate or a rejected event is an outcome and no error.
func (l *Ledger) AcceptEach(ctx context.Context, tx *tenants.Tx, events []core.UsageEvent) ([]Outcome, error) {
	entries, err := entriesOf(events)
	if err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, 0, len(entries))
	for len(entries) > 0 {
		n := min(len(entries), batch)
		done, err := accept(ctx, tx, entries[:n])
		if err != nil {
			return nil, fmt.Errorf("accept %d usage events: %w", len(events), err)
		}
		outcomes, entries = append(outcomes, done...), entries[n:]
	}
	return outcomes, nil
}

// accept takes one batch. The recent identities tell at once which events are
// new; the few others are compared one by one.
func accept(ctx context.Context, tx *tenants.Tx, entries []entry) ([]Outcome, error) {
	fresh, err := claim(ctx, tx, entries)
	if err != nil {
		return nil, err
	}
	var first []entry
	outcomes := make([]Outcome, len(entries))
	for i, e := range entries {
		if fresh[e.hash] {
			delete(fresh, e.hash) // a second one in this batch is not new
			first, outcomes[i] = append(first, e), Accepted
		}
	}
	inserted, err := insert(ctx, tx, first)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		if outcomes[i] == Accepted && inserted[e.hash] {
			continue
		}
		if outcomes[i], err = settle(ctx, tx, e); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// settle decides on an event whose identity is taken.
func settle(ctx context.Context, tx *tenants.Tx, e entry) (Outcome, error) {
	hour, payload, err := firstOf(ctx, tx, e)
	if err != nil {
		return "", err
	}
	if payload == nil || *payload == e.payload {
		return Duplicate, nil
	}
	return Rejected, insertConflict(ctx, tx, e, hour)
}

// List returns one page, newest first. It filters by Kind (the type), Unit,
// Development, From and To.
func (l *Ledger) List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.UsageEvent], error) {
	var list core.List[core.UsageEvent]
	err := l.options.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		list, err = listEvents(ctx, tx, q)
		return err
	})
	return list, err
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
	var counts []Count
	err := l.options.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		counts, err = countEvents(ctx, tx, q)
		return err
	})
	return counts, err
}
