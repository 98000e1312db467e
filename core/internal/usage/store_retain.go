package usage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/openhouse-ai/console/tenants"
)

func horizon(ctx context.Context, tx *tenants.Tx) (time.Time, error) {
	var before int64
	err := tx.QueryRow(ctx, "select before from usage_horizon").Scan(&before)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return time.UnixMilli(before).UTC(), err
}

func anyBefore(ctx context.Context, tx *tenants.Tx, before time.Time) (older bool, err error) {
	err = tx.QueryRow(ctx, `
select exists (select 1 from usage_events where hour < ?1) or exists (select 1 from usage_conflicts where received_at < ?2)
  or exists (select 1 from usage_quarantine where received_at < ?2)`, hourOf(before), before.UnixMilli()).Scan(&older)
	return older, err
}

func raiseHorizon(ctx context.Context, tx *tenants.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `
insert into usage_horizon (only, before) values (1, ?) on conflict (only) do update set before = max(before, excluded.before)`, before.UnixMilli())
	return err
}

// eraseEvents erases the oldest events from before a moment, and remembers
// their identities and how many scans they were.
func eraseEvents(ctx context.Context, tx *tenants.Tx, before time.Time, most int) (int, error) {
	hour, hash := hourOf(before), []byte{}
	err := tx.QueryRow(ctx, "select hour, hash from usage_events where hour < ? order by hour, hash limit 1 offset ?", hour, most).Scan(&hour, &hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
insert into usage_remembered (hash, payload_hash) select hash, payload_hash from usage_events where (hour, hash) < (?, ?)
on conflict (hash) do nothing`, hour, hash)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
insert into usage_erased_scans (quarter, development_id, events)
select time / ?4, development_id, count(*) from usage_events where (hour, hash) < (?1, ?2) and type = ?3 group by 1, 2
on conflict (quarter, development_id) do update set events = events + excluded.events`, hour, hash, scanned, quarter.Milliseconds())
	if err != nil {
		return 0, err
	}
	return changed(tx.Exec(ctx, "delete from usage_events where (hour, hash) < (?, ?)", hour, hash))
}

// eraseDecided erases the oldest conflicts and events in quarantine, which
// people have looked at or could have, and remembers the identities of the
// latter. It returns how many of one kind, or of the other, they were.
func eraseDecided(ctx context.Context, tx *tenants.Tx, before time.Time, most int) (int, error) {
	clashes, err := changed(tx.Exec(ctx, `
delete from usage_conflicts where (hash, payload_hash) in
  (select hash, payload_hash from usage_conflicts where received_at < ? limit ?)`, before.UnixMilli(), most))
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
insert into usage_remembered (hash, payload_hash) select hash, payload_hash from usage_quarantine
where id in (select id from usage_quarantine where received_at < ? order by id limit ?)
on conflict (hash) do nothing`, before.UnixMilli(), most)
	if err != nil {
		return 0, err
	}
	held, err := changed(tx.Exec(ctx, `
delete from usage_quarantine where id in (select id from usage_quarantine where received_at < ? order by id limit ?)`, before.UnixMilli(), most))
	return max(clashes, held), err
}
