package tenants

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"github.com/openhouse-ai/console/core"
)

var errReading = errors.New("a View can't change anything")

// Tx is a transaction on the control database or on one tenant's file. It is
// valid inside the function that received it. Now is one moment for all of it:
// UTC, in whole milliseconds.
type Tx struct {
	tx        *sql.Tx
	shared    *shared         // nil in a View
	lost      *atomic.Bool    // the transaction can't be used any more; nil in a View
	why       error           // told of a lost transaction
	failed    error           // why SQLite gave up the transaction
	guest     context.Context // of a guest's transaction, which this is with the console's rights; nil: another one
	committed []func()

	Tenant core.TenantID // empty in the control database
	Now    time.Time
}

// OnCommit has fn called when the transaction is on disk, by the goroutine
// that called Update and before Update returns. In a View it is never called.
func (t *Tx) OnCommit(fn func()) { t.committed = append(t.committed, fn) }

// Exec runs a statement with parameters. A broken unique constraint comes back
// as a conflict, a full disk or a read-only file as unavailable.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if t.shared == nil {
		return nil, errReading
	}
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	result, err := t.shared.exec(ctx, query, args...)
	return result, t.leave(err)
}

// Query returns the rows of a query; the caller closes them.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := t.tx.QueryContext(ctx, query, args...)
	return rows, t.leave(err)
}

// QueryRow returns the first row; its Scan answers sql.ErrNoRows without one.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	ctx, err := t.enter(ctx)
	if err != nil {
		// A row can't be made from an error, but from a context that is over.
		over, cancel := context.WithCancel(ctx)
		cancel()
		return t.tx.QueryRowContext(over, query, args...)
	}
	row := t.tx.QueryRowContext(ctx, query, args...)
	t.leave(row.Err())
	return row
}

// enter returns the context that a statement runs in. A change is not
// interrupted while it runs, because SQLite would roll back the transaction
// that it shares with others; between two statements it is.
func (t *Tx) enter(ctx context.Context) (context.Context, error) {
	if err := ctx.Err(); err != nil {
		return ctx, err
	}
	if t.lost != nil && t.lost.Load() {
		return ctx, t.why
	}
	if t.guest != nil {
		if why := context.Cause(t.guest); why != nil {
			return ctx, why
		}
		ctx = trust(ctx)
	}
	if t.shared == nil {
		return ctx, nil
	}
	return context.WithoutCancel(ctx), nil
}

// leave explains the error of a statement, and keeps the one that made SQLite
// give up the transaction.
func (t *Tx) leave(err error) error {
	err = explain(err)
	if err != nil && t.failed == nil && t.lost != nil && t.lost.Load() {
		t.failed = err
	}
	return err
}
