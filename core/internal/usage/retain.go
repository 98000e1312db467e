package usage

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// leastKept is how many days of events are kept at least: two months, of which
// the older one may be billed still.
const leastKept = 62

// retainBatch is how many events one transaction erases, so that nobody waits
// for long.
const retainBatch = 2000

// Retain erases the events from before the UTC day that was so many days ago,
// and the conflicts and the quarantined ones received before it, and returns
// how many events they were. 0 days keep everything. The identities stay
// known: the same event again is a duplicate for ever (billing.md H10). What
// was derived from the events stays, and Horizon says since when it can be
// computed again; usage_hours still tells how many there were, so that whoever
// came too late knows what is missing. A run that was interrupted is continued by the next one.
// Returns invalid for fewer than 62 days.
func (l *Ledger) Retain(ctx context.Context, tenant core.TenantID, days int) (int, error) {
	switch {
	case days == 0:
		return 0, nil
	case days < leastKept:
		return 0, core.Errorf(core.Invalid, "Usage events are kept for %d days at least.", leastKept)
	}
	before, err := view(ctx, l, tenant, days, lookAhead)
	if err != nil || before.IsZero() {
		return 0, err
	}
	erased, err := l.inBatches(ctx, tenant, func(tx *tenants.Tx) (int, error) {
		n, err := eraseEvents(ctx, tx, before, retainBatch)
		if err != nil || n == 0 {
			return 0, err
		}
		// The horizon is raised with the first events: nobody derives
		// anything from an hour that is half erased.
		return n, raiseHorizon(ctx, tx, before)
	})
	if err == nil {
		_, err = l.inBatches(ctx, tenant, func(tx *tenants.Tx) (int, error) { return eraseDecided(ctx, tx, before, retainBatch) })
	}
	if err != nil {
		return erased, fmt.Errorf("erase usage of %s before %s: %w", tenant, before.Format(time.DateOnly), err)
	}
	return erased, nil
}

// inBatches runs transactions that erase, until one does less than it may, and
// returns how much they have erased together.
func (l *Ledger) inBatches(ctx context.Context, tenant core.TenantID, erase func(tx *tenants.Tx) (int, error)) (int, error) {
	for all := 0; ; {
		n := 0
		err := l.options.Store.Update(ctx, tenant, func(tx *tenants.Tx) (err error) {
			n, err = erase(tx)
			return err
		})
		if err != nil {
			return all, err
		}
		if all += n; n < retainBatch {
			return all, nil
		}
	}
}

// notice is how long it takes at least from the moment at which an event is
// released until retention may erase it: by then it was billed.
const notice = 7 * 24 * time.Hour

// reach is the moment before which retention has erased events, or may do so
// within the notice.
func reach(ctx context.Context, tx *tenants.Tx) (time.Time, error) {
	since, err := horizon(ctx, tx)
	if err != nil {
		return since, err
	}
	settings, err := tenants.ReadSettings(ctx, tx)
	if core.CodeOf(err) == core.NotFound || err == nil && settings.UsageRetentionDays == 0 {
		return since, nil
	}
	if soon := startOf(dayOf(tx.Now.UnixMilli()) - int64(settings.UsageRetentionDays)).Add(notice); soon.After(since) {
		since = soon
	}
	return since, err
}

// lookAhead returns the moment to erase before: none if nothing is older.
func lookAhead(ctx context.Context, tx *tenants.Tx, days int) (time.Time, error) {
	before := startOf(dayOf(tx.Now.UnixMilli()) - int64(days))
	older, err := anyBefore(ctx, tx, before)
	if err != nil || !older {
		return time.Time{}, err
	}
	return before, nil
}
