package bus

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// DeadLetter is an event that a subscriber did not take, however often it was
// tried. It stops nothing any more: its subject has gone on without it.
type DeadLetter struct {
	ID         string // the event's id, a dot and the subscriber's name
	Tenant     core.TenantID
	TenantName string
	Subscriber string
	Event      core.Event // in lists without Subject and Data, which stay in the tenant's file
	Attempts   int        // in all
	Error      string     // of the last attempt; empty in lists
	Errors     []Attempt  // every one, oldest first; empty in lists
	FirstAt    time.Time  // of the first attempt
	LastAt     time.Time  // of the last one
	State      string     // dead, dropped; waiting: queued again
}

// Attempt is a call that failed.
type Attempt struct {
	At    time.Time
	Error string // up to 2,000 bytes
}

// Backlog is what waits for a subscriber in all tenants.
type Backlog struct {
	Pending int       // events that it has not acknowledged, without the dead letters
	Dead    int       // letters that nobody has queued again or dropped
	Oldest  time.Time // when the oldest pending event happened; zero without one
}

// parseLetter returns not_found for what is no letter's id.
func parseLetter(id string) (letterKey, error) {
	event, subscriber, _ := strings.Cut(id, ".")
	if !core.ValidID(core.PrefixEvent, event) || subscriber == "" {
		return letterKey{}, errNoLetter
	}
	return letterKey{event, subscriber}, nil
}

func (k letterKey) id() string { return k.event + "." + k.subscriber }

var errNoLetter = core.Errorf(core.NotFound, "There is no such dead letter.")

// Backlog returns how much waits for a subscriber, as the control database
// counts it: after each look at a tenant.
func (b *Bus) Backlog(ctx context.Context, subscriber string) (all Backlog, err error) {
	err = b.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		all, err = sumBacklog(ctx, tx, subscriber)
		return err
	})
	if err != nil {
		return Backlog{}, fmt.Errorf("count what waits for %s: %w", subscriber, err)
	}
	return all, nil
}

// DeadLetters lists letters across tenants, those that died last first. It
// heeds Tenant, Kind (the subscriber), Status (the letter's state), Text (words
// in the tenant, the subscriber, or the event's name and id), From and To (of
// the last attempt) and Sort: tenant, subscriber, name, state, attempts, first_at
// or last_at. Returns invalid for another one or a cursor of another list.
func (b *Bus) DeadLetters(ctx context.Context, q core.Query) (page core.List[DeadLetter], err error) {
	err = b.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		page, err = listLetters(ctx, tx, q)
		return err
	})
	if err != nil {
		return core.List[DeadLetter]{}, fmt.Errorf("list dead letters: %w", err)
	}
	return page, nil
}

// FindDeadLetter returns a letter of a tenant with the event's data and every
// attempt's error. Returns not_found when there is none.
func (b *Bus) FindDeadLetter(ctx context.Context, tenant core.TenantID, id string) (DeadLetter, error) {
	key, err := parseLetter(id)
	if err != nil {
		return DeadLetter{}, err
	}
	owner, err := b.options.Store.Find(ctx, tenant)
	if err != nil {
		return DeadLetter{}, err
	}
	l := DeadLetter{ID: id, Tenant: tenant, TenantName: owner.Name, Subscriber: key.subscriber}
	err = b.options.Store.View(ctx, tenant, func(tx *tenants.Tx) error {
		_, err := findLetter(ctx, tx, key, &l)
		return err
	})
	if err != nil {
		return DeadLetter{}, fmt.Errorf("find dead letter: %w", err)
	}
	return l, nil
}

// RetryDead queues a letter again, for as many attempts as a new event has;
// meanwhile later events of its subject wait, and after it they are tried at
// once. It is audited as event.retry.
// Returns not_found for an unknown letter, conflict for one that waits already,
// forbidden for a suspended tenant's.
func (b *Bus) RetryDead(ctx context.Context, tenant core.TenantID, id string) error {
	return b.change(ctx, tenant, id, core.Entry{Action: "event.retry"}, waiting)
}

// DropDead gives a letter up, also one that waits to be tried again. It is kept
// as dropped and can still be queued again. It is audited as event.drop. Returns
// invalid without a reason, conflict for one that is dropped already, and else
// errors like RetryDead.
func (b *Bus) DropDead(ctx context.Context, tenant core.TenantID, id, reason string) error {
	if strings.TrimSpace(reason) == "" {
		var problems core.Problems
		problems.Add("reason", reason, "is missing")
		return problems.Err()
	}
	return b.change(ctx, tenant, id, core.Entry{Action: "event.drop", Reason: reason}, dropped)
}

// change brings a letter to another state, with its record.
func (b *Bus) change(ctx context.Context, tenant core.TenantID, id string, entry core.Entry, state string) error {
	key, err := parseLetter(id)
	if err != nil {
		return err
	}
	err = b.options.Store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		var l DeadLetter
		seq, err := findLetter(ctx, tx, key, &l)
		if err != nil {
			return err
		}
		if l.State == state {
			return core.Errorf(core.Conflict, "The event is %s already.", state)
		}
		if err := moveLetter(ctx, tx, key.subscriber, seq, l.Event.Subject, state); err != nil {
			return err
		}
		entry.Target = core.Target{Kind: "event", ID: id}
		entry.Changes = []core.Change{{Field: "state", Before: l.State, After: state}}
		tx.OnCommit(func() { b.schedule.wake(tenant) })
		return b.options.Recorder.Record(ctx, tx, entry)
	})
	if err != nil {
		return fmt.Errorf("change dead letter: %w", err)
	}
	// The change is made: the control database is told in any case.
	ctx = context.WithoutCancel(ctx)
	if err := b.relist(ctx, tenant, key); err != nil {
		b.options.Log.Warn("list dead letter", "tenant", tenant, "letter", id, "error", err)
	}
	return nil
}
