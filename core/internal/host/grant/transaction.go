package grant

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// errUndone is what a transaction returns that the plugin has rolled back.
var errUndone = errors.New("rolled back")

// transaction is one that a plugin has begun. Its statements run in the
// goroutines of the requests; one of its own waits for the end.
type transaction struct {
	pass   *pass
	writes bool
	tx     *tenants.GuestTx
	begun  chan struct{} // closed when tx is there
	end    chan bool     // keep the changes?
	done   chan struct{} // closed when err is there
	err    error

	ctx    context.Context // ends with the grant, the lease and the transaction
	cancel context.CancelCauseFunc

	statements sync.RWMutex // held for reading by each statement: the end waits for them
	trusting   sync.Mutex   // the console's own statements come one at a time
	over       bool         // guarded by statements
}

// begin begins a transaction and returns its name in this grant.
func (p *pass) begin(ctx context.Context, writes bool) (string, error) {
	id, t, err := p.reserve(writes)
	if err != nil {
		return "", err
	}
	go t.run()
	select {
	case <-t.begun:
		return id, nil
	case <-t.done:
	case <-ctx.Done():
		t.cancel(context.Cause(ctx))
		<-t.done
	}
	p.forget(id)
	return "", t.err
}

func (p *pass) reserve(writes bool) (string, *transaction, error) {
	if writes && !p.Writes {
		return "", nil, errReadOnly
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	open := 0
	for _, t := range p.transactions {
		if !t.ended() {
			open++
		}
	}
	switch {
	case p.closed:
		return "", nil, errEnded
	case writes && p.writing():
		return "", nil, errBusy
	case open >= maxTransactions:
		return "", nil, errTooMany
	}
	t := &transaction{pass: p, writes: writes, begun: make(chan struct{}), end: make(chan bool), done: make(chan struct{})}
	t.ctx, t.cancel = context.WithCancelCause(core.WithOrigin(core.WithActor(p.ctx, p.Actor), p.origin))
	p.last++
	id := strconv.Itoa(p.last)
	p.transactions[id] = t
	p.work.Add(1)
	return id, t, nil
}

func (p *pass) forget(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.transactions, id)
}

// find returns a transaction that has begun; its name can be guessed before.
func (p *pass) find(id string) (*transaction, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.transactions[id]
	if t == nil {
		return nil, errUnknown
	}
	select {
	case <-t.begun:
		return t, nil
	default:
		return nil, errUnknown
	}
}

// within runs one statement in a transaction.
func (p *pass) within(id string, fn func(*transaction) error) error {
	t, err := p.find(id)
	if err != nil {
		return err
	}
	t.statements.RLock()
	defer t.statements.RUnlock()
	switch {
	case t.over:
		return errUnknown
	case t.ctx.Err() != nil:
		return context.Cause(t.ctx)
	}
	err = fn(t)
	if err != nil && t.ctx.Err() != nil {
		return context.Cause(t.ctx) // it says more than a statement that was interrupted
	}
	return err
}

// finish ends a transaction and returns when its changes are on disk, or undone.
func (p *pass) finish(id string, keep bool) error {
	t, err := p.find(id)
	if err != nil {
		return err
	}
	defer p.forget(id)
	t.statements.Lock()
	over := t.over
	t.over = true
	t.statements.Unlock()
	if over {
		return errUnknown
	}
	select {
	case t.end <- keep:
		<-t.done
	case <-t.done:
	}
	if errors.Is(t.err, errUndone) {
		return nil
	}
	return t.err
}

func (t *transaction) ended() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// run holds the transaction open until somebody ends it.
func (t *transaction) run() {
	p := t.pass
	defer p.work.Done()
	defer t.cancel(errUnknown)
	defer close(t.done)
	hold := func(tx *tenants.GuestTx) error {
		t.tx = tx
		lease := time.AfterFunc(p.desk.options.Lease, func() {
			t.cancel(core.Errorf(core.Unavailable, "The transaction was open for more than %s.", seconds(p.desk.options.Lease)))
		})
		defer lease.Stop()
		close(t.begun)
		select {
		case keep := <-t.end:
			if keep {
				return nil
			}
			return errUndone
		case <-t.ctx.Done():
			return context.Cause(t.ctx)
		}
	}
	if t.writes {
		t.err = p.desk.options.Store.GuestUpdate(t.ctx, p.Tenant, p.writer, hold)
	} else {
		t.err = p.desk.options.Store.GuestView(t.ctx, p.Tenant, p.reading, hold)
	}
}

// meter is the pass's; overtime undoes the transaction.
func (t *transaction) meter() *meter { return t.pass.meter(t.cancel) }

// trust runs fn with the console's own rights. When it breaks half way, the
// transaction can't be kept.
func (t *transaction) trust(fn func(*tenants.Tx) error) error {
	if !t.writes {
		return errReadOnly
	}
	t.trusting.Lock()
	defer t.trusting.Unlock()
	err := fn(t.tx.Trusted())
	if core.CodeOf(err) == core.Internal {
		t.cancel(err)
	}
	return err
}
