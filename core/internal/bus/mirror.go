package bus

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// outlook is what the control database says about a tenant and all subscribers.
type outlook struct {
	status        core.TenantStatus
	subscriptions []subscription
}

// tally is how much waits for a subscriber in a tenant.
type tally struct {
	pending, dead int
	oldest        int64 // UTC, ms; when the oldest pending event happened; 0 without one
}

// letter is a dead letter as the control database lists it.
type letter struct {
	letterKey
	name, state     string
	attempts        int
	at, first, last int64 // UTC, ms; of the event and of its attempts
}

// position is what one of the databases says of a tenant: how much waits for
// whom, and some or all of its letters.
type position struct {
	stored  map[string]tally // by subscriber, without those that nothing waits for
	letters map[letterKey]letter
	next    map[string]int64 // UTC, ms; when a retry falls due; in the tenant's file alone
}

var seed = maphash.MakeSeed()

// lock keeps the mirrors of one tenant apart: the one that reads last writes last.
func (b *Bus) lock(tenant core.TenantID) *sync.Mutex {
	return &b.mirroring[maphash.String(seed, string(tenant))%uint64(len(b.mirroring))]
}

// mirror tells the control database how much waits in a tenant's file, and what
// became of the letters that have moved; of all, if they were not compared yet.
// It returns when the tenant is to be looked at again; zero for never. Held
// subscribers are asked again after a while, however much is due to them.
func (b *Bus) mirror(ctx context.Context, tenant core.TenantID, subscriptions []subscription, held map[string]bool, moved []letterKey) (due time.Time, err error) {
	lock := b.lock(tenant)
	lock.Lock()
	defer lock.Unlock()
	b.mu.Lock()
	all := !b.agreed[tenant]
	b.mu.Unlock()
	defer func() {
		if err != nil {
			b.disagree(tenant)
		}
	}()
	var actual, listed position
	err = b.options.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		actual, err = readPosition(ctx, tx, subscriptions, all, moved)
		return err
	})
	if err != nil {
		return due, err
	}
	err = b.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		listed, err = readListed(ctx, tx, tenant, all, moved)
		return err
	})
	if err == nil && !(maps.Equal(actual.stored, listed.stored) && maps.Equal(actual.letters, listed.letters)) {
		err = b.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return publish(ctx, tx, tenant, actual, listed) })
	}
	if err != nil {
		return due, fmt.Errorf("count what waits: %w", err)
	}
	if all {
		b.mu.Lock()
		b.agreed[tenant] = true
		b.mu.Unlock()
	}
	return b.dueOf(actual, held), nil
}

// relist tells the control database of one letter that a person has moved.
func (b *Bus) relist(ctx context.Context, tenant core.TenantID, moved letterKey) error {
	known, err := b.outlook(ctx, tenant)
	if err != nil {
		return err
	}
	_, err = b.mirror(ctx, tenant, known.subscriptions, nil, []letterKey{moved})
	return err
}

// outlook returns not_found for a tenant that does not exist or is deleted.
func (b *Bus) outlook(ctx context.Context, tenant core.TenantID) (known outlook, err error) {
	err = b.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		known, err = readOutlook(ctx, tx, tenant)
		return err
	})
	return known, err
}

// disagree has the next mirror of a tenant compare all.
func (b *Bus) disagree(tenant core.TenantID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.agreed, tenant)
}

// dueOf returns when something is to be done in a tenant next.
func (b *Bus) dueOf(p position, held map[string]bool) (due time.Time) {
	for name, t := range p.stored {
		at := time.UnixMilli(p.next[name]).UTC()
		if held[name] {
			at = b.now().Add(patience)
		}
		if t.pending > 0 && at.UnixMilli() > 0 && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	return due
}
