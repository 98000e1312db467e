package tenants

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What a guest has open of one file at a time: readers, of which one stays
// open, and one writer. Those that nobody uses are closed after a while.
const (
	maxGuestReaders = 4
	guestIdle       = time.Minute
)

var (
	errGivenUp = errors.New("SQLite has given up the transaction: nothing of it is stored")
	errOutside = errors.New("a guest's statement runs inside a transaction alone")
)

// guestPool holds the connections of one guest, with one revision of its
// rights, to one file.
type guestPool struct {
	revision string
	ctx      context.Context // ends when the guest is dropped
	cancel   context.CancelCauseFunc
	readers  *sql.DB // opened on demand, and so is the writer
	writer   *sql.DB
	users    int  // guarded by the file's mu, and so is leaving
	leaving  bool // closed when nobody uses it
}

// useGuest returns a guest's pool and the part of it that was asked for. Rights
// of another revision leave at once; transactions that have them end undisturbed.
func (f *file) useGuest(g Guest, writing bool) (*guestPool, *sql.DB, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, nil, errClosed
	}
	p := f.guests[g.Name]
	if p != nil && p.revision != g.Revision {
		f.leaveGuest(g.Name, p)
		p = nil
	}
	if p == nil {
		p = &guestPool{revision: g.Revision}
		p.ctx, p.cancel = context.WithCancelCause(context.Background())
		f.guests[g.Name] = p
	}
	db, pragmas, most := &p.readers, readerPragmas, maxGuestReaders
	if writing {
		db, pragmas, most = &p.writer, writerPragmas, 1
	}
	if *db == nil {
		opened, err := openGuest(f.path(), pragmas, g.Authorize)
		if err != nil {
			return nil, nil, err
		}
		opened.SetMaxOpenConns(most)
		opened.SetMaxIdleConns(1)
		opened.SetConnMaxIdleTime(guestIdle)
		*db = opened
	}
	p.users++
	return p, *db, nil
}

func (f *file) releaseGuest(p *guestPool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p.users--
	p.close()
}

// leaveGuest takes a pool from the file; f.mu is held.
func (f *file) leaveGuest(name string, p *guestPool) {
	delete(f.guests, name)
	p.leaving = true
	p.close()
}

// leaveGuests closes what guests have open; f.mu is held. With a reason,
// running transactions end for it.
func (f *file) leaveGuests(why error) {
	for name, p := range f.guests {
		if why != nil {
			p.cancel(why)
		}
		f.leaveGuest(name, p)
	}
}

func (f *file) dropGuest(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.guests[name]; p != nil {
		p.cancel(errDropped)
		f.leaveGuest(name, p)
	}
}

func (p *guestPool) close() {
	if !p.leaving || p.users > 0 {
		return
	}
	for _, db := range []*sql.DB{p.readers, p.writer} {
		if db != nil {
			db.Close()
		}
	}
}

func openGuest(path string, pragmas []string, authorize sqlite.AuthorizerFn) (*sql.DB, error) {
	c, err := newConnector(path, "rw", pragmas, nil)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(guestConnector{c, authorize}), nil
}

// guestConnector opens connections with an authorizer.
type guestConnector struct {
	connector
	authorize sqlite.AuthorizerFn
}

// Connect implements driver.Connector.
func (g guestConnector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := g.connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	// The driver interrupts a statement until its first row and no later. Its
	// handle is needed to do so between two rows.
	handle := reflect.Indirect(reflect.ValueOf(inner)).FieldByName("db")
	if handle.Kind() != reflect.Uintptr {
		return nil, errors.Join(errors.New("the SQLite driver hides its handle"), inner.Close())
	}
	c := &guestConn{Conn: inner, handle: uintptr(handle.Uint())}
	inner.(sqlite.HookRegisterer).RegisterRollbackHook(func() { c.lost = true })
	err = inner.(sqlite.AuthorizerRegisterer).RegisterAuthorizer(
		func(action sqlite.AuthorizerActionCode, arg1, arg2, database, within string) sqlite.AuthorizerReturnCode {
			if c.trusted {
				return sqlite.AuthorizerOK
			}
			answer := g.authorize(action, arg1, arg2, database, within)
			if answer == sqlite.AuthorizerDeny && c.refusal == nil {
				c.refusal = &Refusal{action, arg1, arg2}
			}
			return answer
		})
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	return c, nil
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
