package usage

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/openhouse-ai/console/tenants"
)

// claim writes the identities of which nothing is known and returns how many
// they were.
func claim(ctx context.Context, tx *tenants.Tx, entries []*entry) (int, error) {
	args := make([]any, 0, 2*len(entries)+1)
	args = append(args, tx.Now.UnixMilli())
	for _, e := range entries {
		args = append(args, e.hash[:], e.hour)
	}
	return changed(tx.Exec(ctx, claims[len(entries)], args...))
}

// insert writes the events whose identity their hour does not have and returns
// how many they were.
func insert(ctx context.Context, tx *tenants.Tx, entries []*entry) (int, error) {
	args := make([]any, 0, 12*len(entries))
	for _, e := range entries {
		args = append(args, e.hour, e.hash[:], e.event.Source, e.event.ID, e.event.Type, e.event.Development, e.event.Unit,
			e.event.Visitor, e.event.Time.UnixMilli(), e.received, e.body, e.payload[:])
	}
	return changed(tx.Exec(ctx, inserts[len(entries)], args...))
}

// The statements of each portion. They fail without undoing their own first
// rows, which is the transaction's to do: otherwise SQLite would copy every page
// before they change it.
var claims, inserts = func() (claims, inserts map[int]string) {
	claims, inserts = map[int]string{}, map[int]string{}
	for _, n := range portions {
		claims[n] = `
insert or fail into usage_identities (hash, hour, received_at)
select n.column1, n.column2, ? from (values ` + rows("(?, ?)", n) + `) n
where not exists (select 1 from usage_quarantine q where q.hash = n.column1)
  and not exists (select 1 from usage_remembered r where r.hash = n.column1)
on conflict (hash) do nothing`
		inserts[n] = `
insert or fail into usage_events (hour, hash, source, id, type, development_id, unit_id, visitor, time, received_at, body, payload_hash)
values ` + rows("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", n) + ` on conflict (hour, hash) do nothing`
	}
	return claims, inserts
}()

func rows(row string, n int) string { return strings.Repeat(row+", ", n-1) + row }

func changed(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// remember writes an identity of which nothing is known.
func remember(ctx context.Context, tx *tenants.Tx, e *entry) error {
	_, err := tx.Exec(ctx, `
insert into usage_identities (hash, hour, received_at) values (?, ?, ?)
on conflict (hash) do update set hour = excluded.hour, received_at = excluded.received_at`,
		e.hash[:], e.hour, tx.Now.UnixMilli())
	return err
}

// known finds the event that has the entry's identity: in quarantine, in the
// memory of retention, among the recent ones, or in the entry's own hour. It is
// nil without one. The quarantined one called except doesn't count.
func known(ctx context.Context, tx *tenants.Tx, e *entry, except string) (*first, error) {
	var hour int64
	var payload []byte
	err := tx.QueryRow(ctx, `
select time / 3600000, payload_hash from usage_quarantine where hash = ?1 and id <> ?3
union all
select 0, payload_hash from usage_remembered where hash = ?1
union all
select e.hour, e.payload_hash from usage_identities i join usage_events e on e.hour = i.hour and e.hash = i.hash where i.hash = ?1
union all
select hour, payload_hash from usage_events where hour = ?2 and hash = ?1
limit 1`, e.hash[:], e.hour, except).Scan(&hour, &payload)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &first{hour, [16]byte(payload)}, nil
}

// compare decides on an entry that was to be inserted with others, while some
// of them had an event in their hour already: it was received before.
func (e *entry) compare(ctx context.Context, tx *tenants.Tx) error {
	var received int64
	var payload []byte
	err := tx.QueryRow(ctx, `select received_at, payload_hash from usage_events where hour = ? and hash = ?`,
		e.hour, e.hash[:]).Scan(&received, &payload)
	if err != nil || received == e.received {
		return err
	}
	return e.meet(ctx, tx, first{e.hour, [16]byte(payload)})
}
