package grant

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// maxTransactions is how many transactions one call may have open at a time.
const maxTransactions = 4

var (
	errEnded    = core.Errorf(core.Unavailable, "The call that this belongs to has ended.")
	errReadOnly = core.Errorf(core.Forbidden, "This call can't change anything.")
	errBusy     = core.Errorf(core.Conflict, "A transaction that changes something is open in this call: use it, or end it first.")
	errTooMany  = core.Errorf(core.Conflict, "More than %d transactions are open in this call.", maxTransactions)
	errUnknown  = core.Errorf(core.Invalid, "There is no such transaction, or not any more.")
)

// pass is a grant that is open.
type pass struct {
	Grant
	desk            *Desk
	limits          Limits
	origin          core.Origin
	reading, writer tenants.Guest
	spent           atomic.Int64 // nanoseconds in the database

	ctx    context.Context // ends with the grant
	cancel context.CancelCauseFunc
	work   sync.WaitGroup // what may change something

	mu           sync.Mutex // guards what follows
	closed       bool
	transactions map[string]*transaction
	last         int // number of the last transaction
}

func (d *Desk) newPass(ctx context.Context, g Grant) *pass {
	p := &pass{Grant: g, desk: d, limits: g.Rights.Limits.orDefault(), origin: core.OriginOf(ctx), transactions: map[string]*transaction{}}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	platform, exists := g.Tenant == "", d.tables(g.Tenant)
	p.reading = tenants.Guest{Name: g.Rights.Plugin, Revision: g.Rights.Revision, Authorize: Authorize(g.Rights, platform, false, exists)}
	p.writer = tenants.Guest{Name: g.Rights.Plugin, Revision: g.Rights.Revision, Authorize: Authorize(g.Rights, platform, true, exists)}
	return p
}

func (p *pass) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel(errEnded)
}

// join returns the context of one request, in which the grant's actor acts. It
// ends with the request and with the grant.
func (p *pass) join(ctx context.Context) (_ context.Context, leave func()) {
	ctx, cancel := context.WithCancelCause(core.WithOrigin(core.WithActor(ctx, p.Actor), p.origin))
	unlink := context.AfterFunc(p.ctx, func() { cancel(context.Cause(p.ctx)) })
	return ctx, func() {
		unlink()
		cancel(nil)
	}
}

// enter counts something that may change the file, so that the grant isn't
// closed before it has ended.
func (p *pass) enter() (leave func(), err error) {
	if !p.Writes {
		return nil, errReadOnly
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errEnded
	}
	if p.writing() {
		return nil, errBusy
	}
	p.work.Add(1)
	return p.work.Done, nil
}

// writing says whether a transaction that writes is open; p.mu is held.
func (p *pass) writing() bool {
	for _, t := range p.transactions {
		if t.writes && !t.ended() {
			return true
		}
	}
	return false
}

// view runs fn in a snapshot of its own.
func (p *pass) view(ctx context.Context, fn func(*tenants.GuestTx, *meter) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	return p.desk.options.Store.GuestView(ctx, p.Tenant, p.reading, func(tx *tenants.GuestTx) error {
		return fn(tx, p.meter(cancel))
	})
}

// update runs fn in a transaction of its own.
func (p *pass) update(ctx context.Context, fn func(*tenants.GuestTx, *meter) error) error {
	leave, err := p.enter()
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	return p.desk.options.Store.GuestUpdate(ctx, p.Tenant, p.writer, func(tx *tenants.GuestTx) error {
		return fn(tx, p.meter(cancel))
	})
}

// trusted runs fn with the console's own rights: in a transaction of the
// plugin, or in one of its own.
func (p *pass) trusted(ctx context.Context, id string, fn func(*tenants.Tx) error) error {
	if id != "" {
		return p.within(id, func(t *transaction) error { return t.trust(fn) })
	}
	leave, err := p.enter()
	if err != nil {
		return err
	}
	defer leave()
	if p.Tenant == "" {
		return p.desk.options.Store.UpdateControl(ctx, fn)
	}
	return p.desk.options.Store.Update(ctx, p.Tenant, fn)
}

// look reads with the console's own rights.
func (p *pass) look(ctx context.Context, fn func(*tenants.Tx) error) error {
	if p.Tenant == "" {
		return p.desk.options.Store.ViewControl(ctx, fn)
	}
	return p.desk.options.Store.View(ctx, p.Tenant, fn)
}

// meter takes the time that statements spend in the database, and ends what
// runs when the call has none left.
type meter struct {
	pass   *pass
	cancel context.CancelCauseFunc
	timer  *time.Timer
	since  time.Time
}

func (p *pass) meter(cancel context.CancelCauseFunc) *meter { return &meter{pass: p, cancel: cancel} }

func (m *meter) start() error {
	left := m.pass.limits.Database - time.Duration(m.pass.spent.Load())
	if left <= 0 {
		return m.pass.overtime()
	}
	m.since = m.pass.desk.options.Now()
	m.timer = time.AfterFunc(left, func() { m.cancel(m.pass.overtime()) })
	return nil
}

func (m *meter) stop() {
	if m.timer.Stop() {
		m.pass.spent.Add(int64(m.pass.desk.options.Now().Sub(m.since)))
	} else {
		m.pass.spent.Store(int64(m.pass.limits.Database))
	}
}

func (p *pass) overtime() error {
	return core.Errorf(core.Unavailable, "The statements of this call took more than %s.", seconds(p.limits.Database))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%g s", d.Seconds()) }
