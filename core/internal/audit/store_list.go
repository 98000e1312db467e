package audit

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// entry is one stored link: the hashed bytes, their hash, and the personal
// values that still stand beside them.
type entry struct {
	seq    int64
	record []byte // nil where an export left it out
	hash   hash
	values []value
}

// filter returns the conditions of a query and their parameters. Every word of
// the text must occur in some value of the record, whatever its field; reading
// the JSON is left to records whose text has the word at all.
func filter(q core.Query) (where string, args []any) {
	conditions := []string{"true"}
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	equals := []struct{ condition, value string }{
		{"actor_id = ?", q.Actor},
		{"action = ?", q.Kind},
		{"outcome = ?", q.Status},
		{"target_id = ?", q.Development},
		{"target_id = ?", q.Unit},
	}
	for _, e := range equals {
		if e.value != "" {
			add(e.condition, e.value)
		}
	}
	if !q.From.IsZero() {
		add("at >= ?", q.From.UnixMilli())
	}
	if !q.To.IsZero() {
		add("at < ?", q.To.UnixMilli())
	}
	for _, word := range strings.Fields(q.Text) {
		quoted, _ := canonical(word) // as the record's JSON holds it
		add(`record like ? escape '\'`, pattern(string(quoted[1:len(quoted)-1])))
		add(`exists (select 1 from json_tree(record) where atom like ? escape '\')`, pattern(word))
	}
	return strings.Join(conditions, " and "), args
}

// pattern returns a like pattern, escaped by backslash, that finds text anywhere.
func pattern(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}

// list returns one page of a chain, newest first.
func list(ctx context.Context, tx *tenants.Tx, q core.Query) (page core.List[core.Record], err error) {
	where, args := filter(q)
	if err := tx.QueryRow(ctx, `select count(*) from audit_records where `+where, args...).Scan(&page.Total); err != nil {
		return page, err
	}
	if q.After != "" {
		before, err := strconv.ParseInt(q.After, 10, 64)
		if err != nil {
			return page, core.Errorf(core.Invalid, "This page of the list does not exist.")
		}
		where, args = where+" and seq < ?", append(args, before)
	}
	entries, err := readEntries(ctx, tx, `
		select seq, record, hash from audit_records
		where `+where+` order by seq desc limit ?`, append(args, q.PageSize()+1)...)
	if err != nil {
		return page, err
	}
	if len(entries) > q.PageSize() {
		entries = entries[:q.PageSize()]
		page.Next = strconv.FormatInt(entries[len(entries)-1].seq, 10)
	}
	for i := range entries {
		if entries[i].values, err = readValues(ctx, tx, entries[i].seq, entries[i].seq); err != nil {
			return page, err
		}
		r, err := entries[i].read()
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, r)
	}
	return page, nil
}

func readEntries(ctx context.Context, tx *tenants.Tx, query string, args ...any) ([]entry, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []entry
	for rows.Next() {
		var e entry
		var link sql.RawBytes
		if err := rows.Scan(&e.seq, &e.record, &link); err != nil {
			return nil, err
		}
		copy(e.hash[:], link)
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// readValues returns the personal values beside the records first to last.
func readValues(ctx context.Context, tx *tenants.Tx, first, last int64) ([]value, error) {
	rows, err := tx.Query(ctx, `
		select seq, change, side, salt, value from audit_values
		where seq between ? and ? order by seq, change, side`, first, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var values []value
	for rows.Next() {
		var v value
		if err := rows.Scan(&v.seq, &v.Change, &v.Side, &v.Salt, &v.Value); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, rows.Err()
}

// readMatching returns links after a place in the chain, up to ends unless that
// is 0. Records that the query leaves out come without their contents, except
// erasures, which explain values that are missing.
func readMatching(ctx context.Context, tx *tenants.Tx, q core.Query, after, ends int64) ([]entry, error) {
	where, args := filter(q)
	entries, err := readEntries(ctx, tx, `
		select seq, case when (`+where+`) or action = ? then record end, hash from audit_records
		where seq > ? and (seq <= ? or ? = 0) order by seq limit ?`, append(args, erase, after, ends, ends, pieceSize)...)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	if err := attachValues(ctx, tx, entries); err != nil {
		return nil, err
	}
	for i := range entries {
		if entries[i].record == nil {
			entries[i].values = nil
		}
	}
	return entries, nil
}
