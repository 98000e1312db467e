package grant

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
	"google.golang.org/grpc"
)

// counter is where the process of one plugin is served.
type counter struct {
	wire.UnimplementedHostServer
	desk   *Desk
	plugin string
	told   told
}

// toldPerMinute is how many lines a minute one plugin can bring into the
// console's log.
const toldPerMinute = 100

// told counts the lines of the current minute.
type told struct {
	mu     sync.Mutex
	minute int64
	lines  int
}

// log writes a line about the plugin, unless it has brought too many.
func (c *counter) log(ctx context.Context, level slog.Level, text string, args ...any) {
	minute := c.desk.options.Now().Unix() / 60
	c.told.mu.Lock()
	if c.told.minute != minute {
		c.told.minute, c.told.lines = minute, 0
	}
	c.told.lines++
	lines := c.told.lines
	c.told.mu.Unlock()
	switch {
	case lines <= toldPerMinute:
		c.desk.options.Log.Log(ctx, level, text, append([]any{"plugin", c.plugin}, args...)...)
	case lines == toldPerMinute+1:
		c.desk.options.Log.WarnContext(ctx, "a plugin brings too many lines into the log: the rest of this minute is left out", "plugin", c.plugin)
	}
}

// serve runs fn with the grant that the request presents. A panic is an error
// of that request alone.
func (c *counter) serve(ctx context.Context, method string, fn func(context.Context, *pass) error) (err error) {
	p, why, err := c.desk.present(ctx, c.plugin)
	if err != nil {
		c.log(ctx, slog.LevelWarn, "refused a plugin", "method", method, "why", why)
		return wire.ToStatus(err)
	}
	ctx, leave := p.join(ctx)
	defer leave()
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v\n%s", reason, debug.Stack())
		}
		if err != nil {
			err = c.explain(ctx, p, method, err)
		}
	}()
	return fn(ctx, p)
}

// answer is serve for a request with one reply.
func answer[T any](ctx context.Context, c *counter, method string, fn func(context.Context, *pass) (*T, error)) (reply *T, err error) {
	err = c.serve(ctx, method, func(ctx context.Context, p *pass) (err error) {
		reply, err = fn(ctx, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return reply, nil
}

// Query implements wire.HostServer.
func (c *counter) Query(s *wire.Statement, stream grpc.ServerStreamingServer[wire.Rows]) error {
	return c.serve(stream.Context(), "Query", func(ctx context.Context, p *pass) error {
		args, err := unpack(s.Args)
		if err != nil {
			return err
		}
		if s.Transaction != "" {
			return p.within(s.Transaction, func(t *transaction) error {
				return p.read(ctx, t.tx, t.meter(), s.Sql, args, stream.Send)
			})
		}
		err = p.view(ctx, func(tx *tenants.GuestTx, m *meter) error {
			return p.read(ctx, tx, m, s.Sql, args, stream.Send)
		})
		if !p.Writes || !changes(err) {
			return err
		}
		// It returns rows of what it changes: they are sent when they are stored.
		var pages []*wire.Rows
		err = p.update(ctx, func(tx *tenants.GuestTx, m *meter) error {
			return p.read(ctx, tx, m, s.Sql, args, func(page *wire.Rows) error {
				pages = append(pages, &wire.Rows{Columns: page.Columns, Types: page.Types, Rows: append([]byte(nil), page.Rows...), Count: page.Count})
				return nil
			})
		})
		for i := 0; err == nil && i < len(pages); i++ {
			err = stream.Send(pages[i])
		}
		return err
	})
}

// Exec implements wire.HostServer.
func (c *counter) Exec(ctx context.Context, s *wire.Statement) (*wire.Outcome, error) {
	return answer(ctx, c, "Exec", func(ctx context.Context, p *pass) (*wire.Outcome, error) {
		args, err := unpack(s.Args)
		if err != nil {
			return nil, err
		}
		return p.change(ctx, s.Transaction, func(tx *tenants.GuestTx) (*wire.Outcome, error) {
			result, err := tx.Exec(ctx, s.Sql, args...)
			if err != nil {
				return nil, err
			}
			affected, err := result.RowsAffected()
			last, failed := result.LastInsertId()
			return &wire.Outcome{Affected: affected, LastId: last}, errors.Join(err, failed)
		})
	})
}

// Batch implements wire.HostServer.
func (c *counter) Batch(ctx context.Context, b *wire.BatchRequest) (*wire.Outcome, error) {
	return answer(ctx, c, "Batch", func(ctx context.Context, p *pass) (*wire.Outcome, error) {
		rows, err := unpackRows(b.Rows, int(b.Count))
		if err != nil {
			return nil, err
		}
		return p.change(ctx, b.Transaction, func(tx *tenants.GuestTx) (*wire.Outcome, error) {
			affected, err := tx.Batch(ctx, b.Sql, rows)
			return &wire.Outcome{Affected: affected}, err
		})
	})
}

// change runs a statement in the named transaction, or in one of its own.
func (p *pass) change(ctx context.Context, id string, fn func(*tenants.GuestTx) (*wire.Outcome, error)) (outcome *wire.Outcome, err error) {
	metered := func(tx *tenants.GuestTx, m *meter) (err error) {
		if err := m.start(); err != nil {
			return err
		}
		defer m.stop()
		outcome, err = fn(tx)
		return err
	}
	if id != "" {
		err = p.within(id, func(t *transaction) error {
			if !t.writes {
				return errReadOnly
			}
			return metered(t.tx, t.meter())
		})
		return outcome, err
	}
	return outcome, p.update(ctx, metered)
}

// Begin implements wire.HostServer.
func (c *counter) Begin(ctx context.Context, b *wire.BeginRequest) (*wire.Transaction, error) {
	return answer(ctx, c, "Begin", func(ctx context.Context, p *pass) (*wire.Transaction, error) {
		id, err := p.begin(ctx, !b.ReadOnly)
		return &wire.Transaction{Id: id}, err
	})
}

// End implements wire.HostServer.
func (c *counter) End(ctx context.Context, e *wire.EndRequest) (*wire.EndReply, error) {
	return answer(ctx, c, "End", func(_ context.Context, p *pass) (*wire.EndReply, error) {
		return &wire.EndReply{}, p.finish(e.Transaction, e.Commit)
	})
}

// unpack reads the parameters of a statement.
func unpack(packed []byte) ([]any, error) {
	values, err := wire.Unpack(packed)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "The parameters can't be read: they are damaged.")
	}
	return values, nil
}

// unpackRows reads the parameters of a batch, which has as many for each row.
func unpackRows(packed []byte, count int) ([][]any, error) {
	values, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	if count <= 0 || len(values) == 0 || len(values)%count != 0 {
		return nil, core.Errorf(core.Invalid, "A batch has as many parameters for each of its rows, and at least one row.")
	}
	each := len(values) / count
	rows := make([][]any, count)
	for i := range rows {
		rows[i] = values[i*each : (i+1)*each : (i+1)*each]
	}
	return rows, nil
}
