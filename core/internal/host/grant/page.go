package grant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
	"modernc.org/sqlite"
)

// maxRow is how long one row may be, packed: it travels in one message, beside
// the names of its columns.
const maxRow = wire.MaxMessage - 64<<10

// read runs a query and sends its result page by page. The first page names the
// columns; it is sent even when there are no rows. A page is the receiver's
// until send returns.
func (p *pass) read(ctx context.Context, tx *tenants.GuestTx, m *meter, query string, args []any, send func(*wire.Rows) error) error {
	if err := m.start(); err != nil {
		return err
	}
	metering := true
	defer func() {
		if metering {
			m.stop()
		}
	}()
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	result, err := newResult(rows, p.limits)
	if err != nil {
		return err
	}
	for more := true; more; {
		if more, err = result.fill(rows); err != nil {
			return err
		}
		m.stop()
		metering = false
		if err := send(&result.page); err != nil {
			return err
		}
		if !more {
			break
		}
		if err := m.start(); err != nil {
			return err
		}
		metering = true
		result.page.Columns, result.page.Types = nil, nil
	}
	return rows.Close()
}

// result packs the rows of a query into pages.
type result struct {
	limits Limits
	rows   int
	bytes  int64
	page   wire.Rows
	values []any // of one row
	into   []any // pointers to them
}

func newResult(rows *sql.Rows, limits Limits) (*result, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	r := &result{limits: limits, values: make([]any, len(types)), into: make([]any, len(types))}
	for i, t := range types {
		r.page.Columns = append(r.page.Columns, t.Name())
		r.page.Types = append(r.page.Types, t.DatabaseTypeName())
		r.into[i] = &r.values[i]
	}
	return r, nil
}

// fill makes the next page and says whether another one follows.
func (r *result) fill(rows *sql.Rows) (more bool, err error) {
	packed := r.page.Rows[:0]
	r.page.Count = 0
	for r.page.Count < wire.PageRows && len(packed) < wire.PageBytes {
		if !rows.Next() {
			r.page.Rows = packed
			return false, rows.Err()
		}
		if err := rows.Scan(r.into...); err != nil {
			return false, err
		}
		before := len(packed)
		if packed, err = wire.Append(packed, r.values...); err != nil {
			return false, fmt.Errorf("pack row: %w", err)
		}
		if err := r.count(len(packed) - before); err != nil {
			return false, err
		}
	}
	r.page.Rows = packed
	return true, nil
}

// count counts a row against the limits of a result.
func (r *result) count(size int) error {
	r.rows++
	r.page.Count++
	r.bytes += int64(size)
	switch {
	case size > maxRow:
		return core.Errorf(core.Invalid, "A row of the result has more than %d MB.", maxRow/1_000_000)
	case r.rows > r.limits.Rows:
		return core.Errorf(core.Invalid, "The result has more than %s rows.", thousands(r.limits.Rows))
	case r.bytes > r.limits.Bytes:
		return core.Errorf(core.Invalid, "The result has more than %s bytes.", thousands(int(r.limits.Bytes)))
	}
	return nil
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// changes says whether a query was refused in a snapshot because it wants to
// change something.
func changes(err error) bool {
	refusal, ok := errors.AsType[*tenants.Refusal](err)
	return ok && (refusal.Action == sqlite.AuthInsert || refusal.Action == sqlite.AuthUpdate || refusal.Action == sqlite.AuthDelete)
}
