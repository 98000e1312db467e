package directory

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// listing is a list's question, put together from fixed fragments: a
// condition that is not asked for is not in the statement, so that SQLite can
// choose the index of those that are.
type listing struct {
	columns string
	table   string            // with the alias that everything else uses
	id      string            // breaks ties; ids sort by creation
	join    string            // what the columns need; it neither adds nor drops rows
	lookup  string            // what the conditions need beyond the table
	sorts   map[string]string // sort key → expression that is never null; "" is the default
	where   []string
	args    []any
}

func (l *listing) and(condition string, args ...any) {
	l.where = append(l.where, condition)
	l.args = append(l.args, args...)
}

// maxWords is how many words of a search are looked at.
const maxWords = 12

// words asks for entries in whose search column each word of the text starts
// a word.
func (l *listing) words(column, text string) {
	words := strings.Fields(fold(text))
	for _, word := range words[:min(len(words), maxWords)] {
		l.and("instr("+column+", ?) > 0", " "+word)
	}
}

// searchText is what a search column holds: words, each behind a space.
func searchText(parts ...string) string { return " " + fold(strings.Join(parts, " ")) }

// rows is what the list is about: the table, and the conditions.
func (l *listing) rows() string {
	if len(l.where) == 0 {
		return l.table
	}
	return l.table + " " + l.lookup + " where " + strings.Join(l.where, " and ")
}

// page answers one page: the entries after the cursor, and how many match in
// all.
func page[T any](ctx context.Context, tx *tenants.Tx, q core.Query, l listing, scan func(scanner) (T, error)) (core.List[T], error) {
	var list core.List[T]
	sort, ok := l.sorts[q.Sort]
	if !ok {
		return list, sortError(q.Sort)
	}
	count := "select count(*) from " + l.rows()
	if err := tx.QueryRow(ctx, count, l.args...).Scan(&list.Total); err != nil {
		return list, err
	}
	if err := l.after(q, sort); err != nil {
		return list, err
	}
	rows, err := tx.Query(ctx, l.statement(q, sort), l.args...)
	if err != nil {
		return list, err
	}
	defer rows.Close()
	last := cursor{Sort: q.Sort, Desc: q.Desc}
	for rows.Next() {
		if len(list.Items) == q.PageSize() {
			list.Next = last.String()
			break
		}
		item, err := scan(row{rows, []any{&last.ID, &last.Value}})
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, item)
	}
	return list, rows.Err()
}

// statement picks the ids of the page first and then reads their rows, so that
// an order without an index sorts ids and not rows. It asks for one row more
// than the page holds, to know of a next one. The joins are cross joins, which
// SQLite leaves in their order.
func (l *listing) statement(q core.Query, sort string) string {
	direction := ""
	if q.Desc {
		direction = " desc"
	}
	return fmt.Sprintf(`
select %[1]s, picked.id, picked.sorted
from (select %[2]s as id, %[3]s as sorted from %[4]s order by %[3]s%[5]s, %[2]s%[5]s limit %[6]d) picked
cross join %[7]s on %[2]s = picked.id %[8]s
order by picked.sorted%[5]s, picked.id%[5]s`,
		l.columns, l.id, sort, l.rows(), direction, q.PageSize()+1, l.table, l.join)
}

func (l *listing) after(q core.Query, sort string) error {
	if q.After == "" {
		return nil
	}
	c, err := parseCursor(q.After)
	if err != nil || l.sorts[c.Sort] != sort || c.Desc != q.Desc {
		return &core.Error{Code: core.Invalid, Message: "This page of the list can't be found. Start again at the first one.",
			Fields: []core.FieldError{{Field: "after", Reason: "belongs to another list or order"}}}
	}
	operator := ">"
	if q.Desc {
		operator = "<"
	}
	l.and(fmt.Sprintf("(%s, %s) %s (?, ?)", sort, l.id, operator), c.Value, c.ID)
	return nil
}

func sortError(key string) error {
	var problems core.Problems
	problems.Add("sort", key, "is not a column that this list is sorted by")
	return problems.Err()
}

func statusError(status string) error {
	var problems core.Problems
	problems.Add("status", status, "is not a state that this list is filtered by")
	return problems.Err()
}

// scanner is a row that a noun is read from.
type scanner interface{ Scan(dest ...any) error }

// row is a row with more columns behind those of its noun.
type row struct {
	*sql.Rows
	more []any
}

func (r row) Scan(dest ...any) error { return r.Rows.Scan(append(dest, r.more...)...) }

// cursor is the last entry of a page.
type cursor struct {
	Sort  string `json:"s,omitempty"`
	Desc  bool   `json:"d,omitempty"`
	Value any    `json:"v"` // a string or an int64
	ID    string `json:"i"`
}

func (c cursor) String() string {
	text, _ := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseCursor(s string) (cursor, error) {
	var c cursor
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return c, err
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&c); err != nil {
		return c, err
	}
	switch value := c.Value.(type) {
	case string:
		return c, nil
	case json.Number:
		c.Value, err = value.Int64()
		return c, err
	}
	return c, fmt.Errorf("cursor holds %T", c.Value)
}
