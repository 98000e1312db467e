package usage

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
	"github.com/openhouse-ai/console/tenants"
)

// prefixHeld is the prefix of ids of events in quarantine.
const prefixHeld = "hld"

// HeldState says whether somebody has decided about an event in quarantine.
type HeldState string

// A released event was taken into the ledger, a dismissed one never will be.
const (
	HeldWaiting   HeldState = "held"
	HeldReleased  HeldState = "released"
	HeldDismissed HeldState = "dismissed"
)

// Held is an event in quarantine.
type Held struct {
	ID        string // of the quarantine
	Event     core.UsageEvent
	Reason    Hold
	State     HeldState
	Received  time.Time
	Decided   *time.Time
	DecidedBy string // id of the actor
}

// Quarantine returns one page of the events that a person decides about, the
// latest first. It filters by Status (held, released, dismissed), Kind (the
// type) and Text (the reason, whole).
func (l *Ledger) Quarantine(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[Held], error) {
	return view(ctx, l, tenant, q, listHeld)
}

// releaseBatch is how many events one transaction releases, and how many a
// person names at once.
const releaseBatch = 500

// Release takes events out of quarantine into the ledger, however late they
// came, and says what became of each: all, or none. Returns invalid with every
// one that the catalogue still doesn't allow, or that retention reaches within a
// week, and not_found and conflict for one that isn't held.
func (l *Ledger) Release(ctx context.Context, tenant core.TenantID, ids []string) (Receipt, error) {
	if len(ids) > releaseBatch {
		return Receipt{}, core.Errorf(core.Invalid, "At most %d events can be released at once.", releaseBatch)
	}
	var entries []entry
	err := l.options.Store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		var problems core.Problems
		entries = make([]entry, 0, len(ids))
		for _, id := range ids {
			h, err := findHeld(ctx, tx, id)
			if err != nil {
				return err
			}
			why, err := h.unfit(ctx, tx)
			if err != nil {
				return err
			}
			for _, f := range why {
				problems.Add(id+"."+f.Field, "", f.Reason)
			}
			if len(why) > 0 {
				continue
			}
			if err := h.release(ctx, tx); err != nil {
				return err
			}
			entries = append(entries, h.entry)
			if err := l.record(ctx, tx, "usage.release", id, h.event.Type); err != nil {
				return err
			}
		}
		return problems.Err()
	})
	if err != nil {
		return Receipt{}, err
	}
	return receiptOf(entries), nil
}

// ReleaseType releases every event of a type that is held. Those that the
// catalogue doesn't allow, and those that retention reaches within a week, stay
// and are in the receipt as quarantined. Returns invalid for a type that the
// catalogue doesn't know.
func (l *Ledger) ReleaseType(ctx context.Context, tenant core.TenantID, kind string) (Receipt, error) {
	var all Receipt
	if _, known := catalogue.Find(kind); !known {
		return all, unknownType("type", kind)
	}
	for after := ""; ; {
		entries, err := l.releaseSome(ctx, tenant, kind, after)
		if err != nil {
			return all, err
		}
		some := make([]entry, len(entries))
		for i, h := range entries {
			some[i], after = h.entry, h.id
		}
		all.add(receiptOf(some))
		if len(entries) < releaseBatch {
			return all, nil
		}
	}
}

// releaseSome releases a batch of a type's held events behind one of them.
func (l *Ledger) releaseSome(ctx context.Context, tenant core.TenantID, kind, after string) ([]*heldEntry, error) {
	var held []*heldEntry
	err := l.options.Store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		ids, err := heldOf(ctx, tx, kind, after, releaseBatch)
		if err != nil {
			return err
		}
		held = make([]*heldEntry, len(ids))
		released := 0
		for i, id := range ids {
			if held[i], err = findHeld(ctx, tx, id); err != nil {
				return err
			}
			why, err := held[i].unfit(ctx, tx)
			if err != nil {
				return err
			}
			if held[i].outcome, held[i].hold = Quarantined, held[i].reason; len(why) > 0 {
				continue
			}
			if err := held[i].release(ctx, tx); err != nil {
				return err
			}
			released++
		}
		if released == 0 {
			return nil
		}
		return l.record(ctx, tx, "usage.release", kind, fmt.Sprintf("%d of type %s", released, kind))
	})
	return held, err
}

// add puts another receipt behind this one.
func (r *Receipt) add(other Receipt) {
	r.Received += other.Received
	for _, o := range []Outcome{Accepted, Duplicate, Conflict, Invalid, Quarantined} {
		*r.of(o) += *other.of(o)
	}
	r.Results = append(r.Results, other.Results...)
}

// Dismiss decides that an event in quarantine is never taken. It stays in the
// list, and its identity is known. Returns not_found, or conflict if somebody
// has decided already.
func (l *Ledger) Dismiss(ctx context.Context, tenant core.TenantID, id string) error {
	return l.options.Store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		h, err := findHeld(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := decide(ctx, tx, id, HeldDismissed); err != nil {
			return err
		}
		return l.record(ctx, tx, "usage.dismiss", id, h.event.Type)
	})
}

func (l *Ledger) record(ctx context.Context, tx *tenants.Tx, action, id, what string) error {
	return l.options.Recorder.Record(ctx, tx, core.Entry{
		Action: action, Target: core.Target{Kind: "usage_event", ID: id}, Changes: []core.Change{{Field: "events", After: what}},
	})
}

// heldEntry is an event in quarantine that somebody decides about.
type heldEntry struct {
	entry
	id     string
	reason Hold
}

// unfit says why an event can't be released.
func (h *heldEntry) unfit(ctx context.Context, tx *tenants.Tx) ([]core.FieldError, error) {
	since, err := reach(ctx, tx)
	if err != nil {
		return nil, err
	}
	if h.event.Time.Before(since) {
		return []core.FieldError{{Field: "time", Reason: "is before " + since.Format(time.DateOnly) + ": what happened before was erased, or is within a week, so that nothing can be derived from it"}}, nil
	}
	verdict := catalogue.Judge(h.event.Type, []byte(h.body))
	switch {
	case len(verdict.Fields) > 0:
		return verdict.Fields, nil
	case verdict.Hold == catalogue.HoldUnknownType:
		return unknownType("type", h.event.Type).Fields, nil
	case verdict.Hold != "":
		return []core.FieldError{{Field: "data", Reason: "has tokens that don't add up"}}, nil
	}
	return nil, nil
}

func unknownType(field, kind string) *core.Error {
	return &core.Error{Code: core.Invalid, Message: fmt.Sprintf("The catalogue has no type %s.", kind),
		Fields: []core.FieldError{{Field: field, Value: kind, Reason: "is not in the catalogue"}}}
}

// release takes the event, and moves its receipt from quarantined to what
// became of it, under the day of its receipt.
func (h *heldEntry) release(ctx context.Context, tx *tenants.Tx) error {
	found, err := known(ctx, tx, &h.entry, h.id)
	if err != nil {
		return err
	}
	h.hold = HoldNone
	if found != nil {
		err = h.meet(ctx, tx, *found)
	} else {
		err = acceptOne(ctx, tx, &h.entry)
	}
	if err != nil {
		return err
	}
	if err := decide(ctx, tx, h.id, HeldReleased); err != nil {
		return err
	}
	counted := h.event.Type
	if h.reason == HoldUnknownType {
		counted = ""
	}
	if err := recount(ctx, tx, h.received, counted, Quarantined, h.event.Type, h.outcome); err != nil {
		return err
	}
	if h.outcome != Accepted {
		return nil
	}
	return touch(ctx, tx, []growth{{h.hour, 1}})
}

// recount moves one event of a receipt from an outcome to another.
func recount(ctx context.Context, tx *tenants.Tx, received int64, from string, was Outcome, to string, is Outcome) error {
	day, at := startOf(dayOf(received)), time.UnixMilli(received)
	before, after := Tally{Day: day, Type: from, Last: at}, Tally{Day: day, Type: to, Last: at}
	*before.of(was)--
	*after.of(is)++
	if err := addReceipt(ctx, tx, before); err != nil {
		return err
	}
	return addReceipt(ctx, tx, after)
}
