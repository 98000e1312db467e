package usage

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// recent is how long an identity is remembered apart from its event: the
// longest that a late event is billed after its own time.
const recent = 35 * 24 * time.Hour

// Reconciliation is what Reconcile has done.
type Reconciliation struct {
	Rejected  int // events taken out of the ledger, since an earlier one has their identity
	Forgotten int // identities that are not recent any more
}

// Reconcile is the nightly check of a tenant's ledger. An identity that came
// under another time after it was forgotten is in the ledger twice: the event
// that was received first stays, the others become conflicts.
func (l *Ledger) Reconcile(ctx context.Context, tenant core.TenantID) (Reconciliation, error) {
	var done Reconciliation
	var repeated []repetition
	store := l.options.Store
	err := store.View(ctx, tenant, func(tx *tenants.Tx) (err error) { // reads all of the ledger, without holding up its writer
		repeated, err = repetitions(ctx, tx)
		return err
	})
	if err != nil {
		return done, fmt.Errorf("reconcile usage of %s: %w", tenant, err)
	}
	err = store.Update(ctx, tenant, func(tx *tenants.Tx) (err error) {
		for _, r := range repeated {
			if err := keepFirst(ctx, tx, r); err != nil {
				return err
			}
			done.Rejected += len(r.hours) - 1
		}
		done.Forgotten, err = forget(ctx, tx, tx.Now.Add(-recent))
		return err
	})
	if err != nil {
		return Reconciliation{}, fmt.Errorf("reconcile usage of %s: %w", tenant, err)
	}
	return done, nil
}

// Conflict is a payload that came under an identity which another one had.
type Conflict struct {
	Event    core.UsageEvent // as it came, and was rejected
	First    time.Time       // the hour of the event that stays
	Received time.Time       // when it came last
	Times    int             // how often it came
}

// Conflicts returns one page of them, the latest first. It filters by Kind (the
// type), Unit and Development.
func (l *Ledger) Conflicts(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[Conflict], error) {
	var list core.List[Conflict]
	q.From, q.To = time.Time{}, time.Time{}
	err := l.options.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		list, err = listConflicts(ctx, tx, q)
		return err
	})
	return list, err
}
