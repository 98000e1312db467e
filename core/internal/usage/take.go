package usage

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// What the ledger makes of times (billing.md H11, and how the detector keeps
// time). An event of the future counts when it arrives. One that comes more
// than 35 days after its own time is too late.
const (
	ahead  = 2 * time.Minute
	recent = 35 * 24 * time.Hour // and so long is an identity remembered apart from its event
)

// Take takes reports into a tenant's ledger, all in one transaction, and says
// what became of each: they are on disk when it returns. Callers who come at
// the same time share transactions. An event without a
// time has the time of its arrival. Returns unavailable, and takes nothing, if
// the disk is full or fails.
func (l *Ledger) Take(ctx context.Context, tenant core.TenantID, reports []Report) (Receipt, error) {
	entries := make([]entry, len(reports))
	var p plain
	for i, r := range reports {
		entries[i] = entryOf(&p, r.Event)
		if len(r.Fields) > 0 {
			entries[i].fields = r.Fields // the decoder knows how the sender calls them
		}
		entries[i].asked = r.Hold
	}
	if len(entries) == 0 {
		return receiptOf(nil), nil
	}
	if err := l.queues.take(ctx, l.options.Store, tenant, entries); err != nil {
		return Receipt{}, fmt.Errorf("take %d usage events: %w", len(reports), err)
	}
	return receiptOf(entries), nil
}

// arrive gives an event the time that counts, and holds it if it is late.
func (e *entry) arrive(now time.Time) {
	e.hold = e.asked
	switch at := e.reported; {
	case len(e.fields) > 0:
	case at.IsZero(), at.UnixMilli() > now.Add(ahead).UnixMilli():
		e.at(now)
	case at.UnixMilli() < now.Add(-recent).UnixMilli() && e.hold == HoldNone:
		e.hold = HoldTooLate
	}
}

// Accept is AcceptEach for a caller who doesn't ask what became of each event.
func (l *Ledger) Accept(ctx context.Context, tx *tenants.Tx, events []core.UsageEvent) error {
	_, err := l.AcceptEach(ctx, tx, events)
	return err
}

// AcceptEach takes events of the console's own into the ledger of the
// transaction's tenant and returns the outcome of each. They are taken at
// their time, whenever it is. Returns invalid, and takes none, if one is
// malformed; a duplicate or a conflict is an outcome and no error.
func (l *Ledger) AcceptEach(ctx context.Context, tx *tenants.Tx, events []core.UsageEvent) ([]Outcome, error) {
	var problems core.Problems
	var p plain
	entries := make([]entry, len(events))
	for i, event := range events {
		e := entryOf(&p, event)
		if event.Time.IsZero() {
			e.wrong("time", "is missing")
		}
		for _, f := range e.fields {
			problems.Add("events["+strconv.Itoa(i)+"]."+f.Field, "", f.Reason)
		}
		entries[i] = e
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	pointers := make([]*entry, len(entries))
	for i := range entries {
		pointers[i] = &entries[i]
	}
	if err := admit(ctx, tx, pointers); err != nil {
		return nil, fmt.Errorf("accept %d usage events: %w", len(events), err)
	}
	outcomes := make([]Outcome, len(entries))
	for i, e := range entries {
		outcomes[i] = e.outcome
	}
	return outcomes, nil
}

// admit decides on every entry, keeps it where it belongs, and counts it.
func admit(ctx context.Context, tx *tenants.Tx, entries []*entry) error {
	var unseen, special []*entry // the ones that are new, by all that this batch says; the others
	seen := make(map[[16]byte]bool, len(entries))
	for _, e := range entries {
		e.received = tx.Now.UnixMilli()
		switch {
		case len(e.fields) > 0:
			e.outcome, e.hold = Invalid, HoldNone
			continue
		case e.hold != HoldNone || seen[e.hash]:
			special = append(special, e)
		default:
			unseen = append(unseen, e)
		}
		seen[e.hash] = true
	}
	// Rows in the order of their table find their place beside the one before.
	slices.SortFunc(unseen, func(a, b *entry) int { return cmp.Or(cmp.Compare(a.hour, b.hour), bytes.Compare(a.hash[:], b.hash[:])) })
	for len(unseen) > 0 {
		n := portion(len(unseen))
		if err := acceptMany(ctx, tx, unseen[:n]); err != nil {
			return err
		}
		unseen = unseen[n:]
	}
	for _, e := range special { // in the order in which they came
		if err := settle(ctx, tx, e); err != nil {
			return err
		}
	}
	return keepBooks(ctx, tx, entries)
}

// portions are how many rows one statement takes: few sizes, so that their
// statements stay prepared, and none so large that preparing it takes much
// memory.
var portions = [...]int{20, 5, 1}

func portion(n int) int {
	for _, size := range portions {
		if n >= size {
			return size
		}
	}
	return 0
}

// acceptMany takes entries of different identities at once, if nothing is known
// of them, and one by one otherwise.
func acceptMany(ctx context.Context, tx *tenants.Tx, entries []*entry) error {
	claimed, err := claim(ctx, tx, entries)
	if err != nil {
		return err
	}
	if claimed < len(entries) {
		fresh := make([]*entry, 0, len(entries))
		for _, e := range entries {
			found, err := known(ctx, tx, e, "")
			if err != nil {
				return err
			}
			if found != nil {
				err = e.meet(ctx, tx, *found)
			} else {
				fresh = append(fresh, e)
				err = remember(ctx, tx, e)
			}
			if err != nil {
				return err
			}
		}
		return insertEach(ctx, tx, fresh)
	}
	inserted, err := insert(ctx, tx, entries)
	if err != nil {
		return err
	}
	for _, e := range entries {
		e.outcome = Accepted
		if inserted == len(entries) {
			continue
		}
		// Its identity was forgotten, its hour has it.
		if err := e.compare(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// settle decides on one entry that needs a look at what is there.
func settle(ctx context.Context, tx *tenants.Tx, e *entry) error {
	found, err := known(ctx, tx, e, "")
	switch {
	case err != nil:
		return err
	case found != nil:
		return e.meet(ctx, tx, *found)
	case e.hold != HoldNone:
		e.outcome = Quarantined
		return hold(ctx, tx, e)
	}
	return acceptOne(ctx, tx, e)
}

// acceptOne takes an entry whose identity is not known.
func acceptOne(ctx context.Context, tx *tenants.Tx, e *entry) error {
	if err := remember(ctx, tx, e); err != nil {
		return err
	}
	return insertEach(ctx, tx, []*entry{e})
}

func insertEach(ctx context.Context, tx *tenants.Tx, entries []*entry) error {
	for i, e := range entries {
		e.outcome = Accepted
		if _, err := insert(ctx, tx, entries[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// first is the event that has an identity.
type first struct {
	hour    int64 // 0: it was erased
	payload [16]byte
}

// meet decides on an entry whose identity is taken.
func (e *entry) meet(ctx context.Context, tx *tenants.Tx, f first) error {
	e.hold = HoldNone
	if f.payload == e.payload {
		e.outcome = Duplicate
		return nil
	}
	e.outcome = Conflict
	return insertConflict(ctx, tx, e, f.hour)
}

func receiptOf(entries []entry) Receipt {
	r := Receipt{Received: len(entries), Results: make([]Result, len(entries))}
	for i, e := range entries {
		r.Results[i] = Result{Source: e.event.Source, ID: e.event.ID, Outcome: e.outcome, Hold: e.hold, Fields: e.fields}
		*r.of(e.outcome)++
	}
	return r
}

// of is the number that counts an outcome.
func (r *Receipt) of(o Outcome) *int {
	switch o {
	case Accepted:
		return &r.Accepted
	case Duplicate:
		return &r.Duplicate
	case Conflict:
		return &r.Conflict
	case Invalid:
		return &r.Invalid
	}
	return &r.Quarantined
}
