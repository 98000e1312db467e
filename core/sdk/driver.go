package sdk

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// connector makes a call's database: statements travel to the host, which
// knows the tenant by the call's grant.
type connector struct{ session *session }

func (c connector) Connect(context.Context) (driver.Conn, error) {
	if err := c.session.alive(); err != nil {
		return nil, err
	}
	return &conn{session: c.session}, nil
}

func (connector) Driver() driver.Driver { return tunnel{} }

// tunnel is the driver's name: databases come from calls alone.
type tunnel struct{}

func (tunnel) Open(string) (driver.Conn, error) { return nil, errNoHost }

// conn is one connection: nothing but the id of the open transaction and the
// rows that are still coming.
type conn struct {
	session     *session
	transaction string
	reading     *rows
}

// aside is asked of the host in a transaction: passed as the only argument of
// an Exec, it comes to the connection that has the transaction.
type aside struct {
	session *session // whose transaction it has to be; nil: anybody's
	do      func(context.Context, *conn) error
}

// CheckNamedValue makes every argument one of the six types that travel.
func (c *conn) CheckNamedValue(nv *driver.NamedValue) error {
	if _, ok := nv.Value.(*aside); ok {
		return nil
	}
	if nv.Name != "" {
		return core.Errorf(core.Invalid, "The parameter %q has a name: write ? and pass values in their order.", nv.Name)
	}
	v, err := argument(nv.Value)
	nv.Value = v
	return err
}

// argument converts v like database/sql does, but for times.
func argument(v any) (driver.Value, error) {
	switch v := v.(type) {
	case nil, int64, string, float64, bool:
		return v, nil
	case int:
		return int64(v), nil
	case []byte:
		if v == nil {
			return nil, nil
		}
		return v, nil
	}
	converted, err := driver.DefaultParameterConverter.ConvertValue(v)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "A parameter can't be sent: %v.", err)
	}
	if _, ok := converted.(time.Time); ok {
		return nil, core.Errorf(core.Invalid, "A time can't be a parameter: times are stored as integers, t.UnixMilli().")
	}
	return converted, nil
}

// ExecContext runs a statement, or what is asked aside.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.settle(); err != nil {
		return nil, err
	}
	ctx, done, err := c.session.reach(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if len(args) == 1 {
		if a, ok := args[0].Value.(*aside); ok {
			if a.session != nil && a.session != c.session {
				return nil, errForeign
			}
			return driver.RowsAffected(0), wire.FromStatus(a.do(ctx, c))
		}
	}
	packed, err := pack(args)
	if err != nil {
		return nil, err
	}
	out, err := c.session.host.Exec(ctx, &wire.Statement{Transaction: c.transaction, Sql: query, Args: packed})
	if err != nil {
		return nil, wire.FromStatus(err)
	}
	return outcome{out}, nil
}

// outcome is a driver.Result.
type outcome struct{ *wire.Outcome }

func (o outcome) LastInsertId() (int64, error) { return o.GetLastId(), nil }
func (o outcome) RowsAffected() (int64, error) { return o.GetAffected(), nil }

func pack(args []driver.NamedValue) (packed []byte, err error) {
	for _, arg := range args {
		if packed, err = wire.Append(packed, arg.Value); err != nil {
			return nil, core.Errorf(core.Invalid, "A parameter can't be sent: %v.", err)
		}
	}
	return packed, nil
}

// BeginTx opens a transaction: one that reads, or the tenant's only writer.
func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if options.Isolation != 0 && options.Isolation != serializable {
		return nil, core.Errorf(core.Invalid, "Transactions are serializable; there is no weaker isolation.")
	}
	ctx, done, err := c.session.reach(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	t, err := c.session.host.Begin(ctx, &wire.BeginRequest{ReadOnly: options.ReadOnly})
	if err != nil {
		return nil, wire.FromStatus(err)
	}
	c.transaction = t.GetId()
	return transaction{c}, nil
}

const serializable = 6 // sql.LevelSerializable

// Begin is BeginTx for database/sql of old.
func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(c.session.ctx, driver.TxOptions{}) }

// transaction is a driver.Tx.
type transaction struct{ *conn }

// Commit returns when the change is on disk.
func (t transaction) Commit() error {
	if err := t.settle(); err != nil {
		return errors.Join(err, t.Rollback())
	}
	ctx, done, err := t.session.reach(t.session.ctx)
	if err != nil {
		return err
	}
	defer done()
	return t.finish(ctx, true)
}

// Rollback undoes the transaction. The host does so by itself when the call
// ends.
func (t transaction) Rollback() error {
	if t.reading != nil {
		_ = t.reading.Close() // nobody needs the rest
	}
	if t.session.alive() != nil {
		return nil
	}
	ctx, cancel := t.session.lastWords()
	defer cancel()
	return t.finish(ctx, false)
}

func (t transaction) finish(ctx context.Context, commit bool) error {
	_, err := t.session.host.End(ctx, &wire.EndRequest{Transaction: t.conn.transaction, Commit: commit})
	t.conn.transaction = ""
	return wire.FromStatus(err)
}

// Close gives the connection up.
func (c *conn) Close() error {
	if c.reading != nil {
		_ = c.reading.Close() // nobody needs the rest
	}
	if c.transaction != "" {
		return transaction{c}.Rollback()
	}
	return nil
}

// Prepare keeps the text: the host prepares what it runs.
func (c *conn) Prepare(query string) (driver.Stmt, error) { return statement{c, query}, nil }

// statement is a driver.Stmt.
type statement struct {
	conn *conn
	text string
}

func (s statement) Close() error  { return nil }
func (s statement) NumInput() int { return -1 } // SQLite counts them

func (s statement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.text, args)
}

func (s statement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.text, args)
}

// Exec and Query are for database/sql of old, which no longer calls them.
func (s statement) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }

// Query is for database/sql of old.
func (s statement) Query([]driver.Value) (driver.Rows, error) { return nil, driver.ErrSkip }
