package tenants

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
)

// maxStatements is the number of statements that a connection keeps prepared:
// a few hundred kilobytes.
const maxStatements = 40

// preparingConn is a connection that keeps the statements prepared which it
// ran last, across transactions: parsing one costs more than running it.
// SQLite prepares a statement anew by itself when the schema has changed.
// database/sql makes one call at a time on a connection.
type preparingConn struct {
	driver.Conn
	kept   map[string]*list.Element // of *preparedStmt; without those whose rows are being read
	recent *list.List               // most recently used first
}

type preparedStmt struct {
	driver.Stmt
	query string
}

func newPreparingConn(conn driver.Conn) *preparingConn {
	return &preparingConn{Conn: conn, kept: map[string]*list.Element{}, recent: list.New()}
}

// take returns a statement that nobody else uses until it is given back.
func (c *preparingConn) take(ctx context.Context, query string) (*preparedStmt, error) {
	if at, found := c.kept[query]; found {
		delete(c.kept, query)
		return c.recent.Remove(at).(*preparedStmt), nil
	}
	statement, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &preparedStmt{statement, query}, nil
}

// giveBack keeps a statement for its next use. The same one comes twice if it
// was run while its rows were read.
func (c *preparingConn) giveBack(s *preparedStmt) error {
	if _, twice := c.kept[s.query]; twice {
		return s.Close()
	}
	c.kept[s.query] = c.recent.PushFront(s)
	if c.recent.Len() <= maxStatements {
		return nil
	}
	oldest := c.recent.Remove(c.recent.Back()).(*preparedStmt)
	delete(c.kept, oldest.query)
	return oldest.Close()
}

// ExecContext implements driver.ExecerContext. A statement that has failed is
// not kept.
func (c *preparingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	if err != nil {
		s.Close() // the error of the statement says it all
		return nil, err
	}
	return result, c.giveBack(s)
}

// QueryContext implements driver.QueryerContext.
func (c *preparingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		s.Close()
		return nil, err
	}
	return preparedRows{rows, c, s}, nil
}

// preparedRows are those of a prepared statement, which is free again when they
// are closed.
type preparedRows struct {
	driver.Rows
	conn      *preparingConn
	statement *preparedStmt
}

// Close implements driver.Rows.
func (r preparedRows) Close() error {
	if err := r.Rows.Close(); err != nil {
		return errors.Join(err, r.statement.Close())
	}
	return r.conn.giveBack(r.statement)
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *preparingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
}

// BeginTx implements driver.ConnBeginTx.
func (c *preparingConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, options)
}

// ResetSession implements driver.SessionResetter.
func (c *preparingConn) ResetSession(ctx context.Context) error {
	return c.Conn.(driver.SessionResetter).ResetSession(ctx)
}

// IsValid implements driver.Validator.
func (c *preparingConn) IsValid() bool { return c.Conn.(driver.Validator).IsValid() }

// Close implements driver.Conn.
func (c *preparingConn) Close() error {
	var errs []error
	for at := c.recent.Front(); at != nil; at = at.Next() {
		errs = append(errs, at.Value.(*preparedStmt).Close())
	}
	clear(c.kept)
	c.recent.Init()
	return errors.Join(append(errs, c.Conn.Close())...)
}
