package insight

import (
	"context"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"golang.org/x/sync/errgroup"
)

// How Run takes its time.
const (
	workers = 4
	// gather is how long changes gather before the next ones are computed. While
	// they don't cease it doubles, up to mostGather: what is written all the time
	// is computed twice a second, and shown within one.
	gather     = 100 * time.Millisecond
	mostGather = 4 * gather
	// glance is how often Run looks for what nobody wakes it for: retries, and
	// changes that another process has made.
	glance = 30 * time.Second
	// A tenant whose computation takes longer than heavy rests ten times as
	// long, so that it leaves time for the others.
	heavy    = 20 * time.Millisecond
	restFor  = 10
	maxRests = time.Minute
)

// Run keeps the roll-ups fresh until ctx ends: it scans for changes once, then
// computes each tenant soon after its commits.
func (i *Insight) Run(ctx context.Context) {
	changed := i.options.Store.Watch(ctx)
	if _, err := i.options.Store.ScanChanged(ctx); err != nil && ctx.Err() == nil {
		i.options.Log.ErrorContext(ctx, "scan for changed tenants", "error", err)
	}
	pause := gather
	for ctx.Err() == nil {
		again := i.pass(ctx)
		wait(ctx, pause, nil, nil)
		if len(changed) > 0 {
			pause = min(2*pause, mostGather)
		} else {
			pause = gather
		}
		wait(ctx, again, changed, i.wake)
	}
}

// wait returns after d, or when one of the channels receives.
func wait(ctx context.Context, d time.Duration, one, other <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-one:
	case <-other:
	case <-timer.C:
	}
}

// pass computes every tenant that waits for it, and returns when to look again
// if nobody wakes Run before.
func (i *Insight) pass(ctx context.Context) time.Duration {
	waiting, err := i.options.Store.Changed(ctx)
	var again []core.TenantID
	soonest := glance
	if err == nil {
		again, soonest, err = i.retries(ctx)
	}
	if err != nil {
		if ctx.Err() == nil {
			i.options.Log.ErrorContext(ctx, "list tenants to compute", "error", err)
		}
		return time.Second
	}
	ready, rested := i.rested(append(waiting, again...))
	i.each(ctx, ready, func(id core.TenantID) {
		if err := i.tend(ctx, id); err != nil && ctx.Err() == nil && core.CodeOf(err) != core.NotFound {
			i.options.Log.WarnContext(ctx, "compute figures", "tenant", id, "error", err)
		}
	})
	return min(soonest, rested)
}

// rested leaves out the tenants that rest, and returns when the first of them
// has rested.
func (i *Insight) rested(waiting []core.TenantID) (ready []core.TenantID, soonest time.Duration) {
	now, seen := i.now(), map[core.TenantID]bool{}
	soonest = glance
	i.mu.RLock()
	defer i.mu.RUnlock()
	for _, id := range waiting {
		if seen[id] {
			continue
		}
		seen[id] = true
		if left := i.rests[id].until.Sub(now); left > 0 {
			soonest = min(soonest, left)
			continue
		}
		ready = append(ready, id)
	}
	return ready, soonest
}

// tend refreshes a tenant and decides how long it rests.
func (i *Insight) tend(ctx context.Context, id core.TenantID) error {
	started := i.now()
	settled, err := i.refresh(ctx, id)
	ended := i.now()
	i.mu.Lock()
	defer i.mu.Unlock()
	r := i.rests[id]
	took := ended.Sub(started)
	switch {
	case !settled && core.CodeOf(err) != core.NotFound && ctx.Err() == nil:
		r.failures++
		r.until = ended.Add(pause(r.failures))
	case took > heavy:
		r = rest{until: ended.Add(min(restFor*took, maxRests))}
	default:
		delete(i.rests, id)
		return err
	}
	i.rests[id] = r
	return err
}

// each calls fn for every tenant, a few at a time, until ctx ends.
func (i *Insight) each(ctx context.Context, ids []core.TenantID, fn func(core.TenantID)) {
	var group errgroup.Group
	group.SetLimit(workers)
	for _, id := range ids {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			fn(id)
			return nil
		})
	}
	_ = group.Wait() // nobody answers an error
}

// counter counts from several goroutines and tells each step.
type counter struct {
	mu   sync.Mutex
	done int
	tell func(done int)
}

func (c *counter) step() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	c.tell(c.done)
}
