package tenants

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// interruptEvery is how long a statement may go on that has missed an interrupt.
const interruptEvery = 10 * time.Millisecond

var (
	errGivenUp = core.Errorf(core.Unavailable, "The change could not be stored. Nothing was changed; try again.")
	errOutside = errors.New("a guest's statement runs inside a transaction alone")
)

// Refusal is what a statement of a guest wanted and its authorizer refused. It
// is in the chain of the forbidden error.
type Refusal struct {
	Action     sqlite.AuthorizerActionCode
	Arg1, Arg2 string // a table and its column, a function, …: as the authorizer saw them
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("refused: action %d on %q %q", r.Action, r.Arg1, r.Arg2)
}

// guestConn is a connection whose statements need the guest's rights, unless
// they are the console's own. database/sql makes one call at a time on a
// connection, so what one call sets no other sees.
type guestConn struct {
	driver.Conn
	trusted bool     // the call at hand is the console's
	open    bool     // in a transaction
	lost    bool     // SQLite has rolled it back by itself
	refusal *Refusal // the first one of the call at hand

	mu     sync.Mutex // guards what follows
	handle uintptr    // 0: closed
	ending bool       // a COMMIT or ROLLBACK is not to be interrupted
}

type trustedKey struct{}

// trust returns the context of statements of the console's own.
func trust(ctx context.Context) context.Context { return context.WithValue(ctx, trustedKey{}, true) }

// enter begins a call with the rights that its context says. Outside of a
// transaction, or in one that SQLite has rolled back, a statement would be
// stored by itself: it is refused.
func (c *guestConn) enter(ctx context.Context) (leave func(), err error) {
	switch {
	case c.open && c.lost:
		return nil, errGivenUp
	case !c.open:
		return nil, errOutside
	}
	c.trusted, c.refusal = ctx.Value(trustedKey{}) != nil, nil
	return func() { c.trusted = false }, nil
}

// told adds to the error of a call what its authorizer has refused.
func (c *guestConn) told(err error) error {
	if err == nil || c.refusal == nil {
		return err
	}
	return fmt.Errorf("%w: %w", c.refusal, err)
}

// interrupt ends the statements that run. It is called beside another call.
func (c *guestConn) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.handle != 0 && !c.ending {
		sqlite3.Xsqlite3_interrupt(nil, c.handle)
	}
}

// watch interrupts what runs once ctx has ended, until stop is called. It does
// so again and again, because SQLite forgets an interrupt that comes just
// before a statement begins.
func (c *guestConn) watch(ctx context.Context) (stop func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		defer close(ended)
		again := time.NewTicker(interruptEvery)
		defer again.Stop()
		for {
			c.interrupt()
			select {
			case <-again.C:
			case <-quit:
				return
			}
		}
	})
	return func() {
		close(quit)
		if !unwatch() {
			<-ended // then it can't hit another statement
		}
	}
}

// Close implements driver.Conn.
func (c *guestConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handle = 0
	return c.Conn.Close()
}

// ResetSession implements driver.SessionResetter.
func (c *guestConn) ResetSession(ctx context.Context) error {
	return c.Conn.(driver.SessionResetter).ResetSession(ctx)
}

// IsValid implements driver.Validator.
func (c *guestConn) IsValid() bool { return !c.open && c.Conn.(driver.Validator).IsValid() }

// BeginTx implements driver.ConnBeginTx.
func (c *guestConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	c.trusted = true
	defer func() { c.trusted = false }()
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	c.open, c.lost = true, false
	return guestDriverTx{c, tx}, nil
}

// ExecContext implements driver.ExecerContext.
func (c *guestConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	leave, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	result, err := c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
	return result, c.told(err)
}

// QueryContext implements driver.QueryerContext.
func (c *guestConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	leave, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	rows, err := c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
	if err == nil && c.trusted {
		rows = trustedRows{rows, c}
	}
	return rows, c.told(err)
}

// trustedRows are those of the console's own query. Some tables that SQLite
// computes prepare statements between two rows.
type trustedRows struct {
	driver.Rows
	conn *guestConn
}

// Next implements driver.Rows.
func (r trustedRows) Next(row []driver.Value) error {
	r.conn.trusted = true
	defer func() { r.conn.trusted = false }()
	return r.Rows.Next(row)
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *guestConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	leave, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	statement, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	return guestStmt{statement, c}, c.told(err)
}

// guestStmt is a prepared statement; SQLite may prepare it anew when it runs.
type guestStmt struct {
	driver.Stmt
	conn *guestConn
}

// ExecContext implements driver.StmtExecContext.
func (s guestStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	leave, err := s.conn.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	result, err := s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	return result, s.conn.told(err)
}

// guestDriverTx is the transaction of a guest's connection.
type guestDriverTx struct {
	conn *guestConn
	tx   driver.Tx
}

// Commit implements driver.Tx.
func (t guestDriverTx) Commit() error { return t.end(t.tx.Commit, errGivenUp) }

// Rollback implements driver.Tx.
func (t guestDriverTx) Rollback() error { return t.end(t.tx.Rollback, nil) }

// end leaves the connection open to nobody when it fails: the pool closes it.
// After a failed sync that SQLite has rolled back it stays, because it may be
// the file's last one: what is opened behind it would take the commit for stored.
func (t guestDriverTx) end(end func() error, lost error) error {
	c := t.conn
	if c.lost {
		c.open = false
		return lost
	}
	c.setEnding(true)
	c.trusted = true
	err := end()
	c.trusted = false
	c.setEnding(false)
	c.open = err != nil && (commitOutcome(err) != unconfirmed || !c.lost)
	return err
}

func (c *guestConn) setEnding(ending bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ending = ending
}
