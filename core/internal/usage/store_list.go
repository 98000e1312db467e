package usage

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
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
	var list core.List[core.UsageEvent]
	f := filterOf(q)
	if err := tx.QueryRow(ctx, "select count(*) from usage_events"+f.condition(), f.args...).Scan(&list.Total); err != nil {
		return list, err
	}
	if q.After != "" {
		c, err := parseCursor(q.After)
		if err != nil {
			return list, err
		}
		f.and("hour <= ? and (time, hash) < (?, ?)", hourOf(time.UnixMilli(c.time)), c.time, c.hash[:])
	}
	order := "hour desc, time desc, hash desc"
	if q.Kind != "" || q.Unit != "" {
		order = "time desc, hour desc, hash desc" // as their indexes are
	}
	rows, err := tx.Query(ctx, "select source, id, type, development_id, unit_id, visitor, time, body, hash from usage_events"+
		f.condition()+" order by "+order+" limit ?", append(f.args, q.PageSize()+1)...)
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
		var e core.UsageEvent
		if e, last, err = scanEvent(rows); err != nil {
			return list, err
		}
		list.Items = append(list.Items, e)
	}
	return list, rows.Err()
}

func scanEvent(row interface{ Scan(...any) error }) (core.UsageEvent, cursor, error) {
	var e core.UsageEvent
	var c cursor
	var body string
	var hash []byte
	err := row.Scan(&e.Source, &e.ID, &e.Type, &e.Development, &e.Unit, &e.Visitor, &c.time, &body, &hash)
	if err != nil {
		return e, c, err
	}
	if body != "" {
		e.Data = json.RawMessage(body)
	}
	e.Time, c.hash = time.UnixMilli(c.time).UTC(), [16]byte(hash)
	return e, c, nil
}

// cursor is the last event of a page.
type cursor struct {
	time int64
	hash [16]byte
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(c.hash[:], uint64(c.time)))
}

func parseCursor(s string) (cursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != 24 {
		return cursor{}, &core.Error{Code: core.Invalid, Message: "This page of the list can't be found. Start again at the first one.",
			Fields: []core.FieldError{{Field: "after", Reason: "belongs to another list"}}}
	}
	return cursor{int64(binary.BigEndian.Uint64(b[16:])), [16]byte(b[:16])}, nil
}
