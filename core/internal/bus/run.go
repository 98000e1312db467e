package bus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const (
	workers = 4
	// slice is how long a worker stays with a tenant that has more to deliver
	// while others wait, not counting the call that it ends with. It bounds
	// what a crash repeats, too.
	slice = 250 * time.Millisecond
	// tick is how often the clock is compared with what falls due.
	tick = 250 * time.Millisecond
	// patience is how long a tenant waits whose file can't be changed, or one
	// with a subscriber that takes nothing now, unless something wakes it.
	patience = 10 * time.Minute
)

func (b *Bus) now() time.Time { return b.options.Now().UTC() }

// Run delivers until ctx ends: what was left from before, what Emit commits,
// and retries as they fall due. It returns when the last call has ended.
func (b *Bus) Run(ctx context.Context) {
	var pool sync.WaitGroup
	defer pool.Wait()
	for range workers {
		pool.Go(func() { b.work(ctx) })
	}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	swept := false
	for {
		if !swept {
			swept = b.logged(ctx, "look for events that were left", b.Sweep(ctx, nil))
		}
		b.wakeAll(ctx)
		select {
		case <-ctx.Done():
			return
		case <-b.poke:
		case <-ticker.C:
			b.schedule.wakeDue(b.now())
		}
	}
}

// logged reports whether all went well, and says so if not.
func (b *Bus) logged(ctx context.Context, doing string, err error) bool {
	if err != nil && ctx.Err() == nil {
		b.options.Log.Error(doing, "error", err)
	}
	return err == nil
}

// wakeAll queues the tenants in which something waits for a subscriber that is
// to be woken, and those that are looked at now: what they find may not be
// counted yet.
func (b *Bus) wakeAll(ctx context.Context) {
	b.mu.Lock()
	waking := b.waking
	b.waking = map[string]bool{}
	b.mu.Unlock()
	for name := range waking {
		b.schedule.wakeBusy()
		if !b.logged(ctx, "wake subscriber "+name, b.wakeBacklog(ctx, name)) {
			b.mu.Lock()
			b.waking[name] = true // at the next tick
			b.mu.Unlock()
		}
	}
}

// wakeBacklog queues the tenants in which something waits for a subscriber, or
// for any with an empty name.
func (b *Bus) wakeBacklog(ctx context.Context, name string) error {
	var left []core.TenantID
	err := b.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		left, err = listWaiting(ctx, tx, name)
		return err
	})
	for _, tenant := range left {
		b.schedule.wake(tenant)
	}
	return err
}

// Sweep has Run look at the tenants that have changed and at those with a
// stored backlog, and compare what the control database knows of them with
// their files. It is for after a crash, and now and then; it returns at once.
func (b *Bus) Sweep(ctx context.Context, changed []core.TenantID) error {
	b.mu.Lock()
	clear(b.agreed)
	b.mu.Unlock()
	for _, tenant := range changed {
		b.schedule.wake(tenant)
	}
	if err := b.wakeBacklog(ctx, ""); err != nil {
		return fmt.Errorf("sweep events: %w", err)
	}
	return nil
}

// work looks at one tenant after the other until ctx ends.
func (b *Bus) work(ctx context.Context) {
	for {
		tenant, ok := b.schedule.take(ctx)
		if !ok {
			return
		}
		limited, cancel := context.WithTimeout(ctx, slice)
		found, err := b.visit(ctx, limited, tenant)
		cancel()
		if err != nil {
			found = b.postpone(ctx, tenant, err)
		}
		b.schedule.release(tenant, found.more, found.due)
	}
}

// postpone says when a tenant is looked at again that could not be served.
func (b *Bus) postpone(ctx context.Context, tenant core.TenantID, err error) prospect {
	if core.CodeOf(err) == core.NotFound {
		b.disagree(tenant)
		return prospect{}
	}
	if ctx.Err() == nil {
		b.options.Log.Warn("events postponed", "tenant", tenant, "error", err)
	}
	return prospect{due: b.now().Add(patience)}
}

// Deliver delivers all that is due in one tenant now. What subscribers answer
// is no error of it; not_found says that there is no such tenant. Nobody calls
// it from a Handle: it waits for the tenant to be left alone.
func (b *Bus) Deliver(ctx context.Context, tenant core.TenantID) error {
	if err := b.schedule.claim(ctx, tenant); err != nil {
		return err
	}
	for {
		found, err := b.visit(ctx, ctx, tenant)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			found = b.postpone(ctx, tenant, err)
			b.schedule.release(tenant, false, found.due)
			return fmt.Errorf("deliver events: %w", err)
		}
		if !found.more && !b.schedule.happened(tenant) {
			b.schedule.release(tenant, false, found.due)
			return nil
		}
	}
}
