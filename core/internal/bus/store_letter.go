package bus

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// findLetter reads a letter of the transaction's tenant and returns the place
// of its event in the outbox.
func findLetter(ctx context.Context, tx *tenants.Tx, key letterKey, l *DeadLetter) (seq int64, err error) {
	var body string
	var at int64
	err = tx.QueryRow(ctx, `
		select e.seq, e.id, e.name, e.subject_kind, e.subject_id, e.body, e.at, d.state, d.attempts
		from events e join event_deliveries d on d.subscriber = ? and d.seq = e.seq
		where e.id = ? and d.died_at is not null`, key.subscriber, key.event).
		Scan(&seq, &l.Event.ID, &l.Event.Name, &l.Event.Subject.Kind, &l.Event.Subject.ID, &body, &at, &l.State, &l.Attempts)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errNoLetter
	}
	if err != nil {
		return 0, err
	}
	l.Event.Data, l.Event.At = json.RawMessage(body), time.UnixMilli(at).UTC()
	rows, err := tx.Query(ctx, `select at, error from event_attempts where subscriber = ? and seq = ? order by number`, key.subscriber, seq)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var a Attempt
		if err := rows.Scan(&at, &a.Error); err != nil {
			return 0, err
		}
		a.At = time.UnixMilli(at).UTC()
		l.Errors = append(l.Errors, a)
	}
	if n := len(l.Errors); n > 0 {
		l.FirstAt, l.LastAt, l.Error = l.Errors[0].At, l.Errors[n-1].At, l.Errors[n-1].Error
	}
	return seq, rows.Err()
}

// moveLetter brings a letter to another state and gives the turn of its subject
// to the event whose it now is.
func moveLetter(ctx context.Context, tx *tenants.Tx, subscriber string, seq int64, subject core.Target, state string) error {
	_, err := tx.Exec(ctx, `
		update event_deliveries set state = ?, round = 0, next_at = null
		where subscriber = ? and seq = ?`, state, subscriber, seq)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update event_deliveries set next_at = null
		where subscriber = ?1 and subject_kind = ?2 and subject_id = ?3 and state = 'waiting' and next_at is not null
		  and ?4 = 'waiting' and seq > ?5`, subscriber, subject.Kind, subject.ID, state, seq)
	if err != nil {
		return err
	}
	return promote(ctx, tx, subscriber, subject)
}

// letterSorts maps what a query sorts by to a column that is never null.
var letterSorts = map[string]string{
	"": "l.last_at", "last_at": "l.last_at", "first_at": "l.first_at", "attempts": "l.attempts", "state": "l.state",
	"name": "l.name", "subscriber": "l.subscriber", "tenant": "t.sort_name",
}

const letterID = `l.event_id || '.' || l.subscriber`

func letterFilter(q core.Query) (where string, args []any) {
	conditions := []string{"true"}
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	equals := []struct{ condition, value string }{
		{"l.tenant_id = ?", string(q.Tenant)},
		{"l.subscriber = ?", q.Kind},
		{"l.state = ?", q.Status},
	}
	for _, e := range equals {
		if e.value != "" {
			add(e.condition, e.value)
		}
	}
	if !q.From.IsZero() {
		add("l.last_at >= ?", q.From.UnixMilli())
	}
	if !q.To.IsZero() {
		add("l.last_at < ?", q.To.UnixMilli())
	}
	for _, word := range strings.Fields(strings.ToLower(q.Text)) {
		add("instr(l.event_id || ' ' || l.name || ' ' || lower(l.subscriber) || ' ' || t.search, ?) > 0", word)
	}
	return strings.Join(conditions, " and "), args
}

// listLetters returns the page behind the query's cursor. Without a Sort, what
// failed last comes first.
func listLetters(ctx context.Context, tx *tenants.Tx, q core.Query) (page core.List[DeadLetter], err error) {
	column, ok := letterSorts[q.Sort]
	if !ok {
		return page, core.Errorf(core.Invalid, "Dead letters can't be sorted by %q.", q.Sort)
	}
	direction, beyond := "asc", ">"
	if q.Desc || q.Sort == "" {
		direction, beyond = "desc", "<"
	}
	const from = ` from dead_letters l join tenants t on t.id = l.tenant_id where `
	where, args := letterFilter(q)
	if err := tx.QueryRow(ctx, `select count(*)`+from+where, args...).Scan(&page.Total); err != nil {
		return page, err
	}
	if q.After != "" {
		after, err := parseMark(q)
		if err != nil {
			return page, err
		}
		where, args = fmt.Sprintf("%s and (%s, %s) %s (?, ?)", where, column, letterID, beyond), append(args, after.Value, after.ID)
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select l.tenant_id, t.name, l.event_id, l.subscriber, l.name, l.event_at, l.state, l.attempts, l.first_at, l.last_at, %s
		%s %s order by %[1]s %[4]s, %[5]s %[4]s limit ?`, column, from, where, direction, letterID), append(args, q.PageSize()+1)...)
	if err != nil {
		return page, err
	}
	defer rows.Close()
	last := mark{Sort: q.Sort, Desc: q.Desc}
	for rows.Next() {
		if len(page.Items) == q.PageSize() {
			page.Next = last.String()
			break
		}
		l, err := scanLetter(rows, &last.Value)
		if err != nil {
			return page, err
		}
		last.ID = l.ID
		page.Items = append(page.Items, l)
	}
	return page, rows.Err()
}

func scanLetter(rows *sql.Rows, sorted *any) (l DeadLetter, err error) {
	var at, first, last int64
	err = rows.Scan(&l.Tenant, &l.TenantName, &l.Event.ID, &l.Subscriber, &l.Event.Name, &at, &l.State, &l.Attempts, &first, &last, sorted)
	l.ID = letterKey{l.Event.ID, l.Subscriber}.id()
	l.Event.At, l.FirstAt, l.LastAt = time.UnixMilli(at).UTC(), time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC()
	return l, err
}

// mark is the last letter of a page, and the order that it was the last in.
type mark struct {
	Sort  string `json:"s,omitempty"`
	Desc  bool   `json:"d,omitempty"`
	Value any    `json:"v"` // a string or a whole number
	ID    string `json:"i"`
}

func (m mark) String() string {
	text, _ := json.Marshal(m)
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseMark(q core.Query) (m mark, err error) {
	text, err := base64.RawURLEncoding.DecodeString(q.After)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil || m.Sort != q.Sort || m.Desc != q.Desc {
		return m, core.Errorf(core.Invalid, "This page can't be continued. Start again from the first one.")
	}
	return m, nil
}
