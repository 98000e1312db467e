package tenants

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"modernc.org/sqlite"
)

// Guest is somebody who may use a part of a file: a plugin. Its statements are
// prepared under an authorizer.
type Guest struct {
	Name      string              // the plugin's id
	Revision  string              // of its rights; another one gets other connections, and those of before are closed
	Authorize sqlite.AuthorizerFn // asked for each right that a statement of the guest needs; the default is its to deny
}

var (
	errDropped = core.Errorf(core.Unavailable, "The rights of this plugin have changed. Nothing was changed; try again.")
	errOver    = errors.New("the transaction is over")
)

// GuestTx is a transaction with a guest's rights. It is valid inside the
// function that received it and until the context of GuestView or GuestUpdate
// ends; afterwards everything answers an error. Now is one moment for all of
// it: UTC, in whole milliseconds.
type GuestTx struct {
	file    *file
	ctx     context.Context // ends with the caller's, the guest's connections and the transaction
	cancel  context.CancelCauseFunc
	conn    *guestConn
	tx      *sql.Tx
	console *Tx
	writing bool
	once    sync.Once
	ended   error
	release func(outcome) // gives back what the transaction holds

	Tenant core.TenantID // empty in the control database
	Now    time.Time
}

// GuestView runs fn with a connection that can't change anything, in one
// snapshot. Tenant "" is the control database. Returns what View does, and the
// context's error when that has ended first.
func (s *Store) GuestView(ctx context.Context, tenant core.TenantID, g Guest, fn func(*GuestTx) error) error {
	view := func(f *file) error { return f.guestView(ctx, g, fn) }
	if tenant == "" {
		return view(s.control)
	}
	return s.files.use(ctx, tenant, func(f *file, _ core.TenantStatus) error { return view(f) })
}

// GuestUpdate runs fn in a transaction of its own, while nobody else writes to
// the file; its changes are on disk when it returns nil. When ctx ends, the
// running statement is interrupted, everything is undone and others write
// again, even if fn has not returned. Returns what Update does.
func (s *Store) GuestUpdate(ctx context.Context, tenant core.TenantID, g Guest, fn func(*GuestTx) error) error {
	update := func(f *file) error { return f.guestUpdate(ctx, g, fn) }
	if tenant == "" {
		return update(s.control)
	}
	return s.change(ctx, tenant, update)
}

// DropGuest closes a guest's connections everywhere: its rights were revoked or
// it was removed. Its running transactions are undone.
func (s *Store) DropGuest(name string) {
	s.control.dropGuest(name)
	for _, f := range s.files.all() {
		f.dropGuest(name)
	}
}

func (f *file) guestView(ctx context.Context, g Guest, fn func(*GuestTx) error) error {
	t, err := f.beginGuest(ctx, g, false, func(outcome) {})
	if err != nil {
		return explain(err)
	}
	return t.run(f, fn)
}

func (f *file) guestUpdate(ctx context.Context, g Guest, fn func(*GuestTx) error) error {
	back, err := f.alone(ctx)
	if err != nil {
		return err
	}
	t, err := f.beginGuest(ctx, g, true, back)
	if err != nil {
		if resultOf(err) != 0 {
			back(doubtful) // a connection that can't begin may be broken
		} else {
			back(undone)
		}
		return explain(err)
	}
	return t.run(f, fn)
}

func (f *file) beginGuest(ctx context.Context, g Guest, writing bool, back func(outcome)) (_ *GuestTx, err error) {
	pool, db, err := f.useGuest(g, writing)
	if err != nil {
		return nil, err
	}
	t := &GuestTx{file: f, writing: writing, Tenant: f.tenant, Now: f.now()}
	t.ctx, t.cancel = context.WithCancelCause(ctx)
	unlink := context.AfterFunc(pool.ctx, func() { t.cancel(context.Cause(pool.ctx)) })
	conn, err := db.Conn(t.ctx)
	if err == nil {
		err = conn.Raw(func(c any) error { t.conn = c.(*guestConn); return nil })
	}
	if err == nil {
		// Not with the context: it would roll back by itself, and nobody
		// would know when.
		t.tx, err = conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{ReadOnly: !writing})
	}
	free := func() {
		if conn != nil {
			conn.Close()
		}
		unlink()
		f.releaseGuest(pool)
	}
	if err != nil {
		err = cmp.Or(context.Cause(t.ctx), err)
		t.cancel(errOver)
		free()
		return nil, err
	}
	t.console = &Tx{tx: t.tx, guest: t.ctx, Tenant: t.Tenant, Now: t.Now}
	if writing {
		t.console.shared = &shared{tx: t.tx, statements: map[string]*sql.Stmt{}}
	}
	t.release = func(o outcome) {
		free()
		back(o)
	}
	return t, nil
}

// run calls fn in the goroutine of the caller, and ends the transaction
// whichever way fn goes.
func (t *GuestTx) run(f *file, fn func(*GuestTx) error) error {
	unwatch := context.AfterFunc(t.ctx, func() { t.end(false) })
	end := func(keep bool) error {
		unwatch()
		defer t.cancel(errOver)
		return t.end(keep)
	}
	defer end(false)
	if err := fn(t); err != nil {
		explained := t.explain(err)
		return cmp.Or(end(false), explained)
	}
	if err := end(t.writing); err != nil {
		if commitOutcome(err) == undone || resultOf(err) == 0 {
			return explainGuest(err)
		}
		return f.uncommitted(err)
	}
	for _, then := range t.console.committed {
		then()
	}
	return nil
}

// end commits or rolls back, whoever comes first: fn, or the end of the
// context, which makes a statement that runs return. Returns why the
// transaction could not end as it was asked to.
func (t *GuestTx) end(keep bool) error {
	t.once.Do(func() {
		t.ended = context.Cause(t.ctx)
		if keep && t.ended == nil {
			t.ended = t.file.end(t.tx)
			t.release(commitOutcome(t.ended))
			return
		}
		if t.ended != nil {
			t.conn.interrupt()
		}
		t.tx.Rollback()
		t.release(undone)
	})
	return t.ended
}

// Trusted is the same transaction with the console's own rights: for an event
// or an audit record that commits with the guest's change. In a GuestView it
// only reads.
func (t *GuestTx) Trusted() *Tx { return t.console }

// Query returns the rows of one statement; the caller closes them. Returns
// forbidden for what the guest has no right to, invalid for a statement that is
// wrong.
func (t *GuestTx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, leave, err := t.enter(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := t.tx.QueryContext(ctx, query, args...)
	if err != nil {
		leave()
	}
	return rows, t.explain(err) // the context of the rows ends with the transaction
}

// Exec runs one statement. Returns errors like Query, and conflict for a broken
// unique constraint.
func (t *GuestTx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if !t.writing {
		return nil, errGuestReads
	}
	ctx, leave, err := t.enter(ctx, query)
	if err != nil {
		return nil, err
	}
	defer leave()
	result, err := t.tx.ExecContext(ctx, query, args...)
	return result, t.explain(err)
}

// Batch runs one statement with each row of arguments, prepared once, and
// returns how many rows of tables it has changed. It stops at the first error;
// what was done before stays in the transaction.
func (t *GuestTx) Batch(ctx context.Context, query string, rows [][]any) (affected int64, err error) {
	if !t.writing {
		return 0, errGuestReads
	}
	ctx, leave, err := t.enter(ctx, query)
	if err != nil {
		return 0, err
	}
	defer leave()
	statement, err := t.tx.PrepareContext(ctx, query)
	if err != nil {
		return 0, t.explain(err)
	}
	defer statement.Close()
	defer t.conn.watch(ctx)() // once for all rows: the driver does it for each
	within := context.WithoutCancel(ctx)
	for i, args := range rows {
		if err := ctx.Err(); err != nil {
			return affected, t.explain(err)
		}
		result, err := statement.ExecContext(within, args...)
		if err != nil {
			return affected, fmt.Errorf("row %d: %w", i+1, t.explain(err))
		}
		n, err := result.RowsAffected()
		if err != nil {
			return affected, err
		}
		affected += n
	}
	return affected, nil
}

// enter returns the context that a statement runs in: it ends with the
// caller's and with the transaction.
func (t *GuestTx) enter(ctx context.Context, query string) (_ context.Context, leave func(), err error) {
	if why := context.Cause(t.ctx); why != nil {
		return nil, nil, why
	}
	if err := oneStatement(query); err != nil {
		return nil, nil, err
	}
	if err := plainJoins(query); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	unlink := context.AfterFunc(t.ctx, cancel)
	return ctx, func() { unlink(); cancel() }, nil
}
