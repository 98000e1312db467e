package notify

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// batch is how many index rows Deliver reads at a time.
const batch = 100

// entry is a queued index row as Deliver read it.
type entry struct {
	Tenant  core.TenantID
	ID      string
	Version int64
}

// announceIndex makes the index row queued; a new version tells Deliver that
// what it has read before is out of date.
func announceIndex(ctx context.Context, tx *tenants.Tx, m core.Message) error {
	_, err := tx.Exec(ctx, `
		insert into message_index (tenant_id, id, template, state, next_at, created_at, updated_at)
		values (?, ?, ?, 'queued', ?, ?, ?)
		on conflict (tenant_id, id) do update
		set state = 'queued', attempts = 0, next_at = excluded.next_at, updated_at = excluded.updated_at, version = version + 1`,
		m.Tenant, m.ID, m.Template, millis(m.NextAt), m.At.UnixMilli(), tx.Now.UnixMilli())
	return err
}

func dueEntries(ctx context.Context, tx *tenants.Tx) ([]entry, error) {
	rows, err := tx.Query(ctx, `
		select tenant_id, id, version from message_index
		where state = 'queued' and next_at <= ?
		order by next_at limit ?`, tx.Now.UnixMilli(), batch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var due []entry
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.Tenant, &e.ID, &e.Version); err != nil {
			return nil, err
		}
		due = append(due, e)
	}
	return due, rows.Err()
}

// mirrorEntry copies how far the message is, unless it was announced again.
func mirrorEntry(ctx context.Context, tx *tenants.Tx, e entry, m core.Message) error {
	_, err := tx.Exec(ctx, `
		update message_index
		set state = ?, attempts = ?, next_at = ?, updated_at = ?
		where tenant_id = ? and id = ? and version = ?`,
		m.State, m.Attempts, millis(m.NextAt), tx.Now.UnixMilli(), e.Tenant, e.ID, e.Version)
	return err
}

// postponeEntry looks at the message later, unless it was announced again.
func postponeEntry(ctx context.Context, tx *tenants.Tx, e entry, until time.Time) error {
	_, err := tx.Exec(ctx, `
		update message_index set next_at = ?, updated_at = ?
		where tenant_id = ? and id = ? and version = ?`,
		until.UnixMilli(), tx.Now.UnixMilli(), e.Tenant, e.ID, e.Version)
	return err
}

// dropEntry removes the row of a message that never came to be, unless it was
// announced again.
func dropEntry(ctx context.Context, tx *tenants.Tx, e entry) error {
	_, err := tx.Exec(ctx, `delete from message_index where tenant_id = ? and id = ? and version = ?`, e.Tenant, e.ID, e.Version)
	return err
}

// listEntries pages by time and id; the cursor holds both.
func listEntries(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[core.Message], error) {
	var list core.List[core.Message]
	const match = ` from message_index where (? = '' or tenant_id = ?) and (? = '' or state = ?) and (? = '' or template = ?)`
	filter := []any{q.Tenant, q.Tenant, q.Status, q.Status, q.Kind, q.Kind}
	if err := tx.QueryRow(ctx, `select count(*)`+match, filter...).Scan(&list.Total); err != nil {
		return list, err
	}
	at, id, err := parseCursor(q.After)
	if err != nil {
		return list, err
	}
	size := q.PageSize()
	rows, err := tx.Query(ctx, `select tenant_id, id, template, state, attempts, next_at, created_at`+match+`
		and (? = '' or (created_at, id) < (?, ?))
		order by created_at desc, id desc limit ?`, append(filter, id, at, id, size+1)...)
	if err != nil {
		return list, err
	}
	defer rows.Close()
	for rows.Next() {
		var m core.Message
		var next sql.NullInt64
		var created int64
		if err := rows.Scan(&m.Tenant, &m.ID, &m.Template, &m.State, &m.Attempts, &next, &created); err != nil {
			return list, err
		}
		m.NextAt, m.At = moment(next), time.UnixMilli(created).UTC()
		list.Items = append(list.Items, m)
	}
	if len(list.Items) > size {
		list.Items = list.Items[:size]
		last := list.Items[size-1]
		list.Next = strconv.FormatInt(last.At.UnixMilli(), 10) + "." + last.ID
	}
	return list, rows.Err()
}

func parseCursor(cursor string) (at int64, id string, err error) {
	if cursor == "" {
		return 0, "", nil
	}
	before, id, _ := strings.Cut(cursor, ".")
	at, err = strconv.ParseInt(before, 10, 64)
	if err != nil || id == "" {
		return 0, "", core.Errorf(core.Invalid, "The place to go on from can't be read.")
	}
	return at, id, nil
}
