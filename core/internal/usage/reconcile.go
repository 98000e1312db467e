package usage

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
	"github.com/openhouse-ai/console/tenants"
)

// Reconciliation is what Reconcile has done.
type Reconciliation struct {
	Rejected  int // events taken out of the ledger, since an earlier one has their identity
	Forgotten int // identities that are not recent any more
}

// Reconcile is the nightly check of a tenant's ledger. An identity that came
// under another time after it was forgotten is in the ledger twice: the event
// that was received first stays, the others become conflicts, or duplicates if
// they were reported alike.
func (l *Ledger) Reconcile(ctx context.Context, tenant core.TenantID) (Reconciliation, error) {
	var done Reconciliation
	// Reading all of the ledger doesn't hold up its writer.
	repeated, err := view(ctx, l, tenant, struct{}{}, repetitions)
	if err != nil {
		return done, fmt.Errorf("reconcile usage of %s: %w", tenant, err)
	}
	err = l.options.Store.Update(ctx, tenant, func(tx *tenants.Tx) (err error) {
		done = Reconciliation{}
		for _, r := range repeated {
			if err := keepFirst(ctx, tx, r); err != nil {
				return err
			}
			done.Rejected += len(r) - 1
		}
		done.Forgotten, err = forget(ctx, tx, tx.Now.Add(-recent))
		return err
	})
	if err != nil {
		return Reconciliation{}, fmt.Errorf("reconcile usage of %s: %w", tenant, err)
	}
	return done, nil
}

// keepFirst leaves the event that was received first in the ledger, and takes
// the others out.
func keepFirst(ctx context.Context, tx *tenants.Tx, repeated []repetition) error {
	first := repeated[0]
	for _, r := range repeated[1:] {
		outcome := Duplicate
		if r.payload != first.payload {
			outcome = Conflict
			if err := moveToConflicts(ctx, tx, r, first.hour); err != nil {
				return err
			}
		}
		if err := deleteEvent(ctx, tx, r); err != nil {
			return err
		}
		counted := r.kind
		if _, known := catalogue.Find(counted); !known {
			counted = ""
		}
		if err := recount(ctx, tx, r.received, counted, Accepted, counted, outcome); err != nil {
			return err
		}
		if err := touch(ctx, tx, []growth{{r.hour, -1}}); err != nil {
			return err
		}
	}
	return pointTo(ctx, tx, first)
}

// Clash is an event that came under an identity which another one had.
type Clash struct {
	Event    core.UsageEvent // as it came, and was not taken
	First    time.Time       // the hour of the event that stays; zero: it was erased
	Received time.Time       // when it came last
	Times    int             // how often it came
}

// Conflicts returns one page of them, the latest first. It filters by Kind (the
// type), Unit and Development.
func (l *Ledger) Conflicts(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[Clash], error) {
	return view(ctx, l, tenant, q, listConflicts)
}
