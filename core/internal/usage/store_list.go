package usage

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// filter holds the conditions that a query asks for, and no others, so that
// SQLite can choose their index.
type filter struct {
	where []string
	args  []any
}

func filterOf(q core.Query) filter {
	var f filter
	if q.Kind != "" {
		f.and("type = ?", q.Kind)
	}
	if q.Unit != "" {
		f.and("unit_id = ?", q.Unit)
	}
	if q.Development != "" {
		f.and("development_id = ?", q.Development)
	}
	if !q.From.IsZero() {
		f.and("hour >= ? and time >= ?", hourOf(q.From), q.From.UnixMilli())
	}
	if !q.To.IsZero() {
		f.and("hour <= ? and time < ?", hourOf(q.To), q.To.UnixMilli())
	}
	return f
}

func (f *filter) and(condition string, args ...any) {
	f.where = append(f.where, condition)
	f.args = append(f.args, args...)
}

func (f *filter) condition() string {
	if len(f.where) == 0 {
		return ""
	}
	return " where " + strings.Join(f.where, " and ")
}

func countEvents(ctx context.Context, tx *tenants.Tx, q core.Query) ([]Count, error) {
	f := filterOf(q)
	rows, err := tx.Query(ctx, "select type, count(*), max(time) from usage_events"+f.condition()+" group by type order by type", f.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var counts []Count
	for rows.Next() {
		var c Count
		var last int64
		if err := rows.Scan(&c.Type, &c.Events, &last); err != nil {
			return nil, err
		}
		c.Last = time.UnixMilli(last).UTC()
		counts = append(counts, c)
	}
	return counts, rows.Err()
}

// listEvents orders by hour first, though the moment alone would say the same:
// the key has the hours in order, so that only the hours of the page are sorted.
func listEvents(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[core.UsageEvent], error) {
	order := "hour desc, time desc, hash desc"
	if q.Kind != "" || q.Unit != "" {
		order = "time desc, hour desc, hash desc" // as their indexes are
	}
	return page(ctx, tx, q, listing[core.UsageEvent]{
		table:   "usage_events",
		columns: "source, id, type, development_id, unit_id, visitor, time, body, time, hash, payload_hash",
		order:   order,
		after: func(f *filter, last cursor) {
			f.and("hour <= ? and (time, hash) < (?, ?)", hourOf(time.UnixMilli(last.time)), last.time, last.hash)
		},
		scan: func(row scanner, last *cursor) (core.UsageEvent, error) {
			return scanEvent(row, &last.time, &last.hash, &last.payload)
		},
	})
}

// listing is a list, newest first.
type listing[T any] struct {
	table, columns, order string
	timeless              bool                         // From and To don't count
	filter                func(f *filter)              // asks for more than every list may; may be nil
	after                 func(f *filter, last cursor) // asks for the entries behind the cursor
	scan                  func(row scanner, last *cursor) (T, error)
}

type scanner interface{ Scan(dest ...any) error }

// page asks for one entry more than the page holds, to know of a next one.
func page[T any](ctx context.Context, tx *tenants.Tx, q core.Query, l listing[T]) (core.List[T], error) {
	var list core.List[T]
	if l.timeless {
		q.From, q.To = time.Time{}, time.Time{}
	}
	f := filterOf(q)
	if l.filter != nil {
		l.filter(&f)
	}
	if err := tx.QueryRow(ctx, "select count(*) from "+l.table+f.condition(), f.args...).Scan(&list.Total); err != nil {
		return list, err
	}
	if q.After != "" {
		last, err := parseCursor(q.After)
		if err != nil {
			return list, err
		}
		l.after(&f, last)
	}
	rows, err := tx.Query(ctx, "select "+l.columns+" from "+l.table+f.condition()+" order by "+l.order+" limit ?",
		append(f.args, q.PageSize()+1)...)
	if err != nil {
		return list, err
	}
	defer rows.Close()
	var last cursor
	for rows.Next() {
		if len(list.Items) == q.PageSize() {
			list.Next = last.String()
			break
		}
		item, err := l.scan(rows, &last)
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, item)
	}
	return list, rows.Err()
}

// scanEvent reads an event's columns, and then more.
func scanEvent(row scanner, more ...any) (core.UsageEvent, error) {
	var e core.UsageEvent
	var at int64
	var body string
	err := row.Scan(append([]any{&e.Source, &e.ID, &e.Type, &e.Development, &e.Unit, &e.Visitor, &at, &body}, more...)...)
	if body != "" {
		e.Data = json.RawMessage(body)
	}
	e.Time = time.UnixMilli(at).UTC()
	return e, err
}

// cursor is the last entry of a page.
type cursor struct {
	time          int64
	hash, payload []byte
}

func (c cursor) String() string {
	b := slices.Concat(c.hash, c.payload)
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(b, uint64(c.time)))
}

func parseCursor(s string) (cursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != 40 {
		return cursor{}, &core.Error{Code: core.Invalid, Message: "This page of the list can't be found. Start again at the first one.",
			Fields: []core.FieldError{{Field: "after", Reason: "belongs to another list"}}}
	}
	return cursor{int64(binary.BigEndian.Uint64(b[32:])), b[:16], b[16:32]}, nil
}
