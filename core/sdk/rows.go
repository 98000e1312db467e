package sdk

import (
	"context"
	"database/sql/driver"
	"io"

	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
)

// rows are a result that comes page by page, while it is read.
type rows struct {
	conn    *conn
	stream  grpc.ServerStreamingClient[wire.Rows]
	cancel  context.CancelFunc
	columns []string
	types   []string

	page   []byte       // what is left of the page at hand
	left   int          // rows in it
	queued []*wire.Rows // pages that came before they were asked for
	ended  error        // io.EOF, or why no more will come; nil while they may
}

// QueryContext runs a query. Its rows are fetched while they are read; closing
// them early stops the host.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.settle(); err != nil {
		return nil, err
	}
	packed, err := pack(args)
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := c.session.reach(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := c.session.host.Query(ctx, &wire.Statement{Transaction: c.transaction, Sql: query, Args: packed})
	if err != nil {
		cancel()
		return nil, wire.FromStatus(err)
	}
	r := &rows{conn: c, stream: stream, cancel: cancel}
	if err := r.turn(); err != nil && err != io.EOF {
		cancel()
		return nil, err
	}
	if r.ended == nil {
		c.reading = r
	}
	return r, nil
}

// settle fetches the rest of what is still read on the connection, so that
// the host's transaction is free for the next statement.
func (c *conn) settle() error {
	r := c.reading
	if r == nil {
		return c.session.alive()
	}
	for r.ended == nil {
		page, err := r.stream.Recv()
		if err != nil {
			r.finish(err)
			break
		}
		r.queued = append(r.queued, page)
	}
	return c.session.alive()
}

// turn opens the next page.
func (r *rows) turn() error {
	var page *wire.Rows
	switch {
	case len(r.queued) > 0:
		page, r.queued = r.queued[0], r.queued[1:]
	case r.ended != nil:
		return r.ended
	default:
		var err error
		if page, err = r.stream.Recv(); err != nil {
			return r.finish(err)
		}
	}
	if r.columns == nil {
		r.columns, r.types = page.GetColumns(), page.GetTypes()
	}
	r.page, r.left = page.GetRows(), int(page.GetCount())
	return nil
}

func (r *rows) finish(err error) error {
	r.ended = wire.FromStatus(err)
	r.cancel()
	if r.conn.reading == r {
		r.conn.reading = nil
	}
	return r.ended
}

// Columns are the names.
func (r *rows) Columns() []string { return r.columns }

// ColumnTypeDatabaseTypeName is the type that the column was declared with.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	if i < len(r.types) {
		return r.types[i]
	}
	return ""
}

// Next unpacks one row. Integers stay integers, whatever the column is called.
func (r *rows) Next(dest []driver.Value) error {
	for r.left == 0 {
		if err := r.turn(); err != nil {
			return err
		}
	}
	r.left--
	for i := range dest {
		v, rest, err := wire.Next(r.page)
		if err != nil {
			return err
		}
		dest[i], r.page = v, rest
	}
	return nil
}

// Close stops the host, if rows are still coming.
func (r *rows) Close() error {
	if r.ended == nil {
		_ = r.finish(io.EOF) // nobody needs the rest
	}
	r.left, r.queued = 0, nil
	return nil
}
