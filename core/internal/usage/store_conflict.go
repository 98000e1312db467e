package usage

import (
	"bytes"
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func insertConflict(ctx context.Context, tx *tenants.Tx, e entry, firstHour int64) error {
	_, err := tx.Exec(ctx, `
insert into usage_conflicts (hash, payload_hash, source, id, type, development_id, unit_id, visitor, time, body, first_hour, received_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (hash, payload_hash) do update set times = times + 1, received_at = excluded.received_at`,
		e.hash[:], e.payload[:], e.event.Source, e.event.ID, e.event.Type, e.event.Development, e.event.Unit, e.event.Visitor,
		e.event.Time.UnixMilli(), e.body, firstHour, tx.Now.UnixMilli())
	return err
}

// repetition is an identity that the ledger holds under several hours, in the
// order of receipt.
type repetition struct {
	hash  []byte
	hours []int64
}

func repetitions(ctx context.Context, tx *tenants.Tx) ([]repetition, error) {
	rows, err := tx.Query(ctx, `
select hash, hour from usage_events
where hash in (select hash from usage_events group by hash having count(*) > 1)
order by hash, received_at, hour`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []repetition
	for rows.Next() {
		var hash []byte
		var hour int64
		if err := rows.Scan(&hash, &hour); err != nil {
			return nil, err
		}
		if n := len(found); n > 0 && bytes.Equal(found[n-1].hash, hash) {
			found[n-1].hours = append(found[n-1].hours, hour)
			continue
		}
		found = append(found, repetition{hash, []int64{hour}})
	}
	return found, rows.Err()
}

// keepFirst leaves the event that was received first in the ledger, and moves
// the others to the conflicts.
func keepFirst(ctx context.Context, tx *tenants.Tx, r repetition) error {
	first := r.hours[0]
	for _, hour := range r.hours[1:] {
		_, err := tx.Exec(ctx, `
insert into usage_conflicts (hash, payload_hash, source, id, type, development_id, unit_id, visitor, time, body, first_hour, received_at)
select hash, payload_hash, source, id, type, development_id, unit_id, visitor, time, body, ?, received_at
from usage_events where hour = ? and hash = ?
on conflict (hash, payload_hash) do update set times = times + 1`, first, hour, r.hash)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from usage_events where hour = ? and hash = ?", hour, r.hash); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, "update usage_identities set hour = ? where hash = ?", first, r.hash)
	return err
}

// forget removes the identities received before a moment.
func forget(ctx context.Context, tx *tenants.Tx, before time.Time) (int, error) {
	result, err := tx.Exec(ctx, "delete from usage_identities where received_at < ?", before.UnixMilli())
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

func listConflicts(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[Conflict], error) {
	return page(ctx, tx, q, listing[Conflict]{
		table: "usage_conflicts",
		columns: "source, id, type, development_id, unit_id, visitor, time, body, first_hour, times, " +
			"received_at, hash, payload_hash",
		order: "received_at desc, hash desc, payload_hash desc",
		after: func(f *filter, last cursor) {
			f.and("(received_at, hash, payload_hash) < (?, ?, ?)", last.time, last.hash, last.payload)
		},
		scan: scanConflict,
	})
}

func scanConflict(row scanner, last *cursor) (Conflict, error) {
	var c Conflict
	var first int64
	var err error
	c.Event, err = scanEvent(row, &first, &c.Times, &last.time, &last.hash, &last.payload)
	c.First = time.UnixMilli(first * time.Hour.Milliseconds()).UTC()
	c.Received = time.UnixMilli(last.time).UTC()
	return c, err
}
