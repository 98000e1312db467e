package tenants

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	"github.com/openhouse-ai/console/core"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

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

	mu     sync.Mutex // guards handle, against an interrupt of a closed connection
	handle uintptr
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
	if c.handle != 0 {
		sqlite3.Xsqlite3_interrupt(nil, c.handle)
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
	return rows, c.told(err)
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

func (t guestDriverTx) end(end func() error, lost error) error {
	c := t.conn
	defer func() { c.open, c.trusted = false, false }()
	if c.lost {
		return lost
	}
	c.trusted = true
	return end()
}
