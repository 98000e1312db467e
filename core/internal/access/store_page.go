package access

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// scanner is one row: of sql.Row, sql.Rows or a page.
type scanner interface{ Scan(...any) error }

// moment reads a time column.
func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// maybe reads a time column that can be null.
func maybe(ms sql.NullInt64) *time.Time {
	if !ms.Valid {
		return nil
	}
	t := moment(ms.Int64)
	return &t
}

// nullable writes an optional text or time column.
func nullable(text string) sql.NullString { return sql.NullString{String: text, Valid: text != ""} }

// page is a list's query in parts. All but the arguments are fixed texts.
type page struct {
	columns, from, order, id string
	conditions               []string
	args                     []any
}

func (p *page) where(skip bool, condition string, args ...any) {
	if !skip {
		p.conditions, p.args = append(p.conditions, condition), append(p.args, args...)
	}
}

func (p *page) clause() string {
	if len(p.conditions) == 0 {
		return ""
	}
	return " where " + strings.Join(p.conditions, " and ")
}

// readPage counts what matches and reads the page that q asks for: one entry
// more than fits, which tells whether there is a next page.
func readPage[T any](ctx context.Context, tx *tenants.Tx, q core.Query, p page, scan func(scanner) (T, string, error)) (list core.List[T], err error) {
	if err := tx.QueryRow(ctx, "select count(*) from "+p.from+p.clause(), p.args...).Scan(&list.Total); err != nil {
		return list, err
	}
	direction, beyond := " asc", " > "
	if q.Desc {
		direction, beyond = " desc", " < "
	}
	if q.After != "" {
		after, err := parseCursor(q.After)
		if err != nil {
			return list, err
		}
		p.where(false, "("+p.order+", "+p.id+")"+beyond+"(?, ?)", after.key, after.id)
	}
	query := "select " + p.columns + ", " + p.order + " from " + p.from + p.clause() +
		" order by " + p.order + direction + ", " + p.id + direction + " limit ?"
	rows, err := tx.Query(ctx, query, append(p.args, q.PageSize()+1)...)
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
		item, id, err := scan(keyed{rows, &last.key})
		if err != nil {
			return list, err
		}
		list.Items, last.id = append(list.Items, item), id
	}
	return list, rows.Err()
}

// keyed scans the value that a list is sorted by after the noun's columns.
type keyed struct {
	rows *sql.Rows
	key  *any
}

func (k keyed) Scan(columns ...any) error { return k.rows.Scan(append(columns, k.key)...) }

// cursor is where a page ended: the value that it is sorted by, and the id.
type cursor struct {
	key any
	id  string
}

func (c cursor) String() string {
	text, _ := json.Marshal([]any{c.key, c.id}) // texts and numbers: can't fail
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseCursor(text string) (cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	var parts []any
	if err == nil {
		err = json.Unmarshal(raw, &parts)
	}
	if err == nil && len(parts) == 2 {
		id, isText := parts[1].(string)
		switch key := parts[0].(type) {
		case string, float64:
			if isText {
				return cursor{key, id}, nil
			}
		}
	}
	return cursor{}, core.Errorf(core.Invalid, "This cursor is not valid. Please start from the first page.")
}
