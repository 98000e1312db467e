package bus

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func insert(ctx context.Context, tx *tenants.Tx, e core.Event) error {
	_, err := tx.Exec(ctx, `
		insert into events (id, name, subject_kind, subject_id, body, at)
		values (?, ?, ?, ?, ?, ?)`,
		e.ID, e.Name, e.Subject.Kind, e.Subject.ID, string(e.Data), e.At.UnixMilli())
	return err
}

// filter returns the conditions of a query and their parameters.
func filter(q core.Query) (where string, args []any) {
	conditions := []string{"true"}
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	if q.Kind != "" {
		add("name = ?", q.Kind)
	}
	for _, subject := range []string{q.Development, q.Unit} {
		if subject != "" {
			add("subject_id = ?", subject)
		}
	}
	if !q.From.IsZero() {
		add("at >= ?", q.From.UnixMilli())
	}
	if !q.To.IsZero() {
		add("at < ?", q.To.UnixMilli())
	}
	for _, word := range strings.Fields(strings.ToLower(q.Text)) {
		add("instr(lower(name || ' ' || subject_kind || ' ' || subject_id || ' ' || body), ?) > 0", word)
	}
	return strings.Join(conditions, " and "), args
}

func list(ctx context.Context, tx *tenants.Tx, q core.Query) (page core.List[core.Event], err error) {
	where, args := filter(q)
	if err := tx.QueryRow(ctx, `select count(*) from events where `+where, args...).Scan(&page.Total); err != nil {
		return page, err
	}
	if q.After != "" {
		before, err := strconv.ParseInt(q.After, 10, 64)
		if err != nil {
			return page, core.Errorf(core.Invalid, "This page of the list does not exist.")
		}
		where, args = where+" and seq < ?", append(args, before)
	}
	rows, err := tx.Query(ctx, `
		select seq, id, name, subject_kind, subject_id, body, at from events
		where `+where+` order by seq desc limit ?`, append(args, q.PageSize()+1)...)
	if err != nil {
		return page, err
	}
	defer rows.Close()
	var last int64
	for rows.Next() {
		if len(page.Items) == q.PageSize() {
			page.Next = strconv.FormatInt(last, 10)
			break
		}
		var e core.Event
		var body string
		var at int64
		if err := rows.Scan(&last, &e.ID, &e.Name, &e.Subject.Kind, &e.Subject.ID, &body, &at); err != nil {
			return page, err
		}
		e.Data, e.At = json.RawMessage(body), time.UnixMilli(at).UTC()
		page.Items = append(page.Items, e)
	}
	return page, rows.Err()
}
