package usage

import (
	"context"
	"sync"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// maxTogether is how many events of several callers one transaction takes: a
// larger one comes from a single caller alone.
const maxTogether = 5000

// queues gather what callers report about one tenant while a transaction of
// its ledger runs: the next one takes all of it, with few statements for many
// callers, and one of them runs it.
type queues struct {
	mu   sync.Mutex
	busy map[core.TenantID]*queue
}

// queue is what waits for the transaction that runs.
type queue struct{ groups []*group }

// group is what one transaction takes.
type group struct {
	calls  []*call
	events int
}

// call is what one caller reports.
type call struct {
	entries []entry
	turn    chan *group // a group to run, or nil: the call is answered; room for one
	err     error
}

// take has entries admitted, and returns when they are on disk.
func (q *queues) take(ctx context.Context, store *tenants.Store, tenant core.TenantID, entries []entry) error {
	c := &call{entries: entries, turn: make(chan *group, 1)}
	g := q.enter(tenant, c)
	if g == nil { // a transaction runs, and ends soon
		g = <-c.turn
	}
	if g == nil {
		return c.err
	}
	defer q.leave(tenant) // also if something panics
	defer g.answer(c)
	g.run(ctx, store, tenant)
	return c.err
}

// enter returns the group that the caller runs, or nil if the call has to wait.
func (q *queues) enter(tenant core.TenantID, c *call) *group {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting, busy := q.busy[tenant]
	if !busy {
		if q.busy == nil {
			q.busy = map[core.TenantID]*queue{}
		}
		q.busy[tenant] = &queue{}
		return &group{[]*call{c}, len(c.entries)}
	}
	if n := len(waiting.groups); n > 0 && waiting.groups[n-1].events+len(c.entries) <= maxTogether {
		last := waiting.groups[n-1]
		last.calls, last.events = append(last.calls, c), last.events+len(c.entries)
		return nil
	}
	waiting.groups = append(waiting.groups, &group{[]*call{c}, len(c.entries)})
	return nil
}

// leave has the first caller of the next group run it.
func (q *queues) leave(tenant core.TenantID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := q.busy[tenant]
	if len(waiting.groups) == 0 {
		delete(q.busy, tenant)
		return
	}
	next := waiting.groups[0]
	waiting.groups = waiting.groups[1:]
	next.calls[0].turn <- next
}

// answer tells the others of a group that their calls are done.
func (g *group) answer(runner *call) {
	for _, c := range g.calls {
		if c != runner {
			c.turn <- nil
		}
	}
}

// run takes all calls in one transaction. If that fails for another reason than
// the disk, each has one of its own: what is wrong with one is not the others'.
func (g *group) run(ctx context.Context, store *tenants.Store, tenant core.TenantID) {
	for _, c := range g.calls {
		c.err = errUntold
	}
	if len(g.calls) > 1 {
		ctx = context.WithoutCancel(ctx) // it is not the runner's to end
	}
	err := admitAll(ctx, store, tenant, g.calls)
	for i, c := range g.calls {
		c.err = err
		if err != nil && len(g.calls) > 1 && core.CodeOf(err) != core.Unavailable {
			c.err = admitAll(ctx, store, tenant, g.calls[i:i+1])
		}
	}
}

// errUntold is what others are told when the caller that ran their transaction
// did not come to its end.
var errUntold = core.Errorf(core.Unavailable, "The events could not be taken together with others. Send them again.")

func admitAll(ctx context.Context, store *tenants.Store, tenant core.TenantID, calls []*call) error {
	return store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		var entries []*entry
		for _, c := range calls {
			for i := range c.entries {
				e := &c.entries[i]
				e.arrive(tx.Now)
				entries = append(entries, e)
			}
		}
		return admit(ctx, tx, entries)
	})
}
