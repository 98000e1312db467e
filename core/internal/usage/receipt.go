package usage

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
)

// Tally is what became of the events of one type that were received on one day.
type Tally struct {
	Day  time.Time // its beginning, in UTC
	Type string    // of the catalogue; empty: unknown, or unreadable

	Accepted, Duplicate, Conflict, Invalid, Quarantined int

	Last time.Time // when the last one came
}

// Received is how many events came: the sum of all that became of them (P17).
func (t Tally) Received() int {
	return t.Accepted + t.Duplicate + t.Conflict + t.Invalid + t.Quarantined
}

// Sum adds tallies up, under the type and the day of none.
func Sum(tallies []Tally) Tally {
	var sum Tally
	for _, t := range tallies {
		for _, o := range []Outcome{Accepted, Duplicate, Conflict, Invalid, Quarantined} {
			*sum.of(o) += *t.of(o)
		}
		if t.Last.After(sum.Last) {
			sum.Last = t.Last
		}
	}
	return sum
}

// of is the number that counts an outcome.
func (t *Tally) of(o Outcome) *int {
	switch o {
	case Accepted:
		return &t.Accepted
	case Duplicate:
		return &t.Duplicate
	case Conflict:
		return &t.Conflict
	case Invalid:
		return &t.Invalid
	}
	return &t.Quarantined
}

func (t *Tally) day() int64 { return dayOf(t.Day.UnixMilli()) }

func startOf(day int64) time.Time { return time.UnixMilli(day * 24 * time.Hour.Milliseconds()).UTC() }

// Receipts returns what was received in the last days, today included, by day
// and type: the latest day first, and the types in the order of their names.
func (l *Ledger) Receipts(ctx context.Context, tenant core.TenantID, days int) ([]Tally, error) {
	return view(ctx, l, tenant, days, listReceipts)
}

// Refusal is an event that could not be taken, as far as it could be read.
type Refusal struct {
	Received         time.Time
	Source, ID, Type string
	Fields           []core.FieldError // what is wrong with it
}

// Refusals returns the latest events that could not be taken, 200 at most, the
// latest first.
func (l *Ledger) Refusals(ctx context.Context, tenant core.TenantID) ([]Refusal, error) {
	return view(ctx, l, tenant, struct{}{}, listRefusals)
}
