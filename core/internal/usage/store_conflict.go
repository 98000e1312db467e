package usage

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func insertConflict(ctx context.Context, tx *tenants.Tx, e *entry, firstHour int64) error {
	_, err := tx.Exec(ctx, `
insert into usage_conflicts (hash, payload_hash, source, id, type, development_id, unit_id, visitor, time, body, first_hour, received_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (hash, payload_hash) do update set times = times + 1, received_at = excluded.received_at`,
		e.hash[:], e.payload[:], e.event.Source, e.event.ID, e.event.Type, e.event.Development, e.event.Unit, e.event.Visitor,
		e.event.Time.UnixMilli(), e.body, firstHour, e.received)
	return err
}

// repetition is an event of the ledger whose identity another one has too.
type repetition struct {
	hash, payload  [16]byte
	hour, received int64
	kind           string
}

// repetitions returns them together for each identity, in the order of receipt.
func repetitions(ctx context.Context, tx *tenants.Tx, _ struct{}) ([][]repetition, error) {
	rows, err := tx.Query(ctx, `
select hash, payload_hash, hour, received_at, type from usage_events
where hash in (select hash from usage_events group by hash having count(*) > 1)
order by hash, received_at, hour`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found [][]repetition
	for rows.Next() {
		var r repetition
		var hash, payload []byte
		if err := rows.Scan(&hash, &payload, &r.hour, &r.received, &r.kind); err != nil {
			return nil, err
		}
		r.hash, r.payload = [16]byte(hash), [16]byte(payload)
		if n := len(found); n > 0 && found[n-1][0].hash == r.hash {
			found[n-1] = append(found[n-1], r)
			continue
		}
		found = append(found, []repetition{r})
	}
	return found, rows.Err()
}

func moveToConflicts(ctx context.Context, tx *tenants.Tx, r repetition, first int64) error {
	_, err := tx.Exec(ctx, `
insert into usage_conflicts (hash, payload_hash, source, id, type, development_id, unit_id, visitor, time, body, first_hour, received_at)
select hash, payload_hash, source, id, type, development_id, unit_id, visitor, time, body, ?, received_at
from usage_events where hour = ? and hash = ?
on conflict (hash, payload_hash) do update set times = times + 1`, first, r.hour, r.hash[:])
	return err
}

func deleteEvent(ctx context.Context, tx *tenants.Tx, r repetition) error {
	_, err := tx.Exec(ctx, "delete from usage_events where hour = ? and hash = ?", r.hour, r.hash[:])
	return err
}

// pointTo has the identity, if it is remembered, lead to the event.
func pointTo(ctx context.Context, tx *tenants.Tx, r repetition) error {
	_, err := tx.Exec(ctx, "update usage_identities set hour = ? where hash = ?", r.hour, r.hash[:])
	return err
}

// forget removes the identities received before a moment.
func forget(ctx context.Context, tx *tenants.Tx, before time.Time) (int, error) {
	return changed(tx.Exec(ctx, "delete from usage_identities where received_at < ?", before.UnixMilli()))
}

func listConflicts(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[Clash], error) {
	return page(ctx, tx, q, listing[Clash]{
		table: "usage_conflicts", timeless: true,
		columns: "source, id, type, development_id, unit_id, visitor, time, body, first_hour, times, " +
			"received_at, hash, payload_hash",
		order: "received_at desc, hash desc, payload_hash desc",
		after: func(f *filter, last cursor) {
			f.and("(received_at, hash, payload_hash) < (?, ?, ?)", last.time, last.hash, last.payload)
		},
		scan: scanConflict,
	})
}

func scanConflict(row scanner, last *cursor) (Clash, error) {
	var c Clash
	var first int64
	var err error
	c.Event, err = scanEvent(row, &first, &c.Times, &last.time, &last.hash, &last.payload)
	if first != 0 {
		c.First = time.UnixMilli(first * time.Hour.Milliseconds()).UTC()
	}
	c.Received = time.UnixMilli(last.time).UTC()
	return c, err
}
