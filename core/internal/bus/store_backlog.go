package bus

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// findSubscription returns an empty one for a subscriber that is not known.
func findSubscription(ctx context.Context, tx *tenants.Tx, name string) (subscription, error) {
	known, err := readSubscriptions(ctx, tx)
	for _, s := range known {
		if s.name == name {
			return s, err
		}
	}
	return subscription{name: name}, err
}

func readSubscriptions(ctx context.Context, tx *tenants.Tx) ([]subscription, error) {
	rows, err := tx.Query(ctx, `select name, events from event_subscribers order by name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []subscription
	for rows.Next() {
		var s subscription
		var events []byte
		if err := rows.Scan(&s.name, &events); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(events, &s.events); err != nil {
			return nil, fmt.Errorf("read subscriber %s: %w", s.name, err)
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

func storeSubscription(ctx context.Context, tx *tenants.Tx, s subscription) error {
	events, err := json.Marshal(s.events)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into event_subscribers (name, events) values (?, ?)
		on conflict (name) do update set events = excluded.events where events <> excluded.events`, s.name, string(events))
	return err
}

// readOutlook returns not_found for a tenant that does not exist or is deleted.
func readOutlook(ctx context.Context, tx *tenants.Tx, tenant core.TenantID) (known outlook, err error) {
	err = tx.QueryRow(ctx, `select status from tenants where id = ? and status <> 'deleted'`, tenant).Scan(&known.status)
	if errors.Is(err, sql.ErrNoRows) {
		return known, core.Errorf(core.NotFound, "There is no such tenant.")
	}
	if err == nil {
		known.subscriptions, err = readSubscriptions(ctx, tx)
	}
	return known, err
}

// listWaiting returns the tenants in which something waits for a subscriber,
// or for any with an empty name.
func listWaiting(ctx context.Context, tx *tenants.Tx, subscriber string) ([]core.TenantID, error) {
	rows, err := tx.Query(ctx, `
		select distinct tenant_id from event_backlogs where pending > 0 and (?1 = '' or subscriber = ?1) order by tenant_id`, subscriber)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []core.TenantID
	for rows.Next() {
		var id core.TenantID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, rows.Err()
}

// readPosition reads a tenant's file.
func readPosition(ctx context.Context, tx *tenants.Tx, subscriptions []subscription, all bool, moved []letterKey) (position, error) {
	p := position{stored: map[string]tally{}, next: map[string]int64{}}
	for _, s := range subscriptions {
		t, next, err := readTally(ctx, tx, s)
		if err != nil {
			return p, err
		}
		if t != (tally{}) {
			p.stored[s.name], p.next[s.name] = t, next
		}
	}
	var err error
	p.letters, err = readLetters(ctx, tx, all, moved, `
		select e.id, d.subscriber, e.name, d.state, d.attempts, e.at,
		  (select min(at) from event_attempts a where a.subscriber = d.subscriber and a.seq = d.seq),
		  (select max(at) from event_attempts a where a.subscriber = d.subscriber and a.seq = d.seq)
		from event_deliveries d join events e on e.seq = d.seq
		where d.died_at is not null`, ` and e.id = ? and d.subscriber = ?`)
	return p, err
}

// readTally counts what waits for a subscriber in a tenant's file, and says
// when a retry falls due; 0 for never.
func readTally(ctx context.Context, tx *tenants.Tx, s subscription) (t tally, next int64, err error) {
	var cursor, head, first int64
	err = tx.QueryRow(ctx, `
		select coalesce((select seq from event_cursors where subscriber = ?1), 0), coalesce((select max(seq) from events), 0),
		  count(*), coalesce(min(seq), 0),
		  (select count(*) from event_deliveries indexed by event_deliveries_dead
		    where subscriber = ?1 and state = 'dead' and died_at is not null),
		  coalesce((select min(next_at) from event_deliveries where subscriber = ?1 and next_at is not null), 0)
		from event_deliveries where subscriber = ?1 and state = 'waiting'`, s.name).
		Scan(&cursor, &head, &t.pending, &first, &t.dead, &next)
	if err == nil && cursor < head {
		var fresh int
		var beyond sql.Null[int64]
		query, args := s.beyond(cursor, -1)
		err = tx.QueryRow(ctx, `select count(*), min(seq) from (`+query+`)`, args...).Scan(&fresh, &beyond)
		if t.pending += fresh; first == 0 || beyond.Valid && beyond.V < first {
			first = beyond.V
		}
	}
	if err == nil && first != 0 {
		err = tx.QueryRow(ctx, `select at from events where seq = ?`, first).Scan(&t.oldest)
	}
	return t, next, err
}

// readListed reads what the control database has of a tenant.
func readListed(ctx context.Context, tx *tenants.Tx, tenant core.TenantID, all bool, moved []letterKey) (position, error) {
	p := position{stored: map[string]tally{}}
	rows, err := tx.Query(ctx, `select subscriber, pending, dead, coalesce(oldest, 0) from event_backlogs where tenant_id = ?`, tenant)
	if err != nil {
		return p, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var t tally
		if err := rows.Scan(&name, &t.pending, &t.dead, &t.oldest); err != nil {
			return p, err
		}
		p.stored[name] = t
	}
	if err := rows.Err(); err != nil {
		return p, err
	}
	p.letters, err = readLetters(ctx, tx, all, moved, `
		select event_id, subscriber, name, state, attempts, event_at, first_at, last_at
		from dead_letters where tenant_id = ?`, ` and event_id = ? and subscriber = ?`, tenant)
	return p, err
}

// readLetters reads all letters of a query, or those alone that have moved,
// each by the condition.
func readLetters(ctx context.Context, tx *tenants.Tx, all bool, moved []letterKey, query, condition string, args ...any) (map[letterKey]letter, error) {
	letters := map[letterKey]letter{}
	read := func(query string, args ...any) error {
		rows, err := tx.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l letter
			if err := rows.Scan(&l.event, &l.subscriber, &l.name, &l.state, &l.attempts, &l.at, &l.first, &l.last); err != nil {
				return err
			}
			letters[l.letterKey] = l
		}
		return rows.Err()
	}
	if all {
		return letters, read(query, args...)
	}
	for _, key := range moved {
		if err := read(query+condition, append(slices.Clip(args), key.event, key.subscriber)...); err != nil {
			return nil, err
		}
	}
	return letters, nil
}

// publish brings what the control database lists of a tenant to what its file
// says; a tenant that was deleted meanwhile gets no rows any more.
func publish(ctx context.Context, tx *tenants.Tx, tenant core.TenantID, actual, listed position) error {
	for name := range listed.stored {
		if _, waits := actual.stored[name]; !waits {
			if _, err := tx.Exec(ctx, `delete from event_backlogs where subscriber = ? and tenant_id = ?`, name, tenant); err != nil {
				return err
			}
		}
	}
	for name, t := range actual.stored {
		_, err := tx.Exec(ctx, `
			insert into event_backlogs (subscriber, tenant_id, pending, dead, oldest)
			select ?, id, ?, ?, nullif(?, 0) from tenants where id = ? and status <> 'deleted'
			on conflict (subscriber, tenant_id) do update set pending = excluded.pending, dead = excluded.dead, oldest = excluded.oldest`,
			name, t.pending, t.dead, t.oldest, tenant)
		if err != nil {
			return err
		}
	}
	for key := range listed.letters {
		if _, found := actual.letters[key]; !found {
			_, err := tx.Exec(ctx, `delete from dead_letters where tenant_id = ? and event_id = ? and subscriber = ?`, tenant, key.event, key.subscriber)
			if err != nil {
				return err
			}
		}
	}
	for key, l := range actual.letters {
		if l == listed.letters[key] {
			continue
		}
		_, err := tx.Exec(ctx, `
			insert into dead_letters (tenant_id, event_id, subscriber, name, event_at, state, attempts, first_at, last_at)
			select id, ?, ?, ?, ?, ?, ?, ?, ? from tenants where id = ? and status <> 'deleted'
			on conflict (tenant_id, event_id, subscriber) do update
			set state = excluded.state, attempts = excluded.attempts, first_at = excluded.first_at, last_at = excluded.last_at`,
			l.event, l.subscriber, l.name, l.at, l.state, l.attempts, l.first, l.last, tenant)
		if err != nil {
			return err
		}
	}
	return nil
}

// sumBacklog adds up all tenants.
func sumBacklog(ctx context.Context, tx *tenants.Tx, subscriber string) (all Backlog, err error) {
	var oldest sql.Null[int64]
	err = tx.QueryRow(ctx, `
		select coalesce(sum(pending), 0), coalesce(sum(dead), 0), min(oldest) from event_backlogs where subscriber = ?`, subscriber).
		Scan(&all.Pending, &all.Dead, &oldest)
	if oldest.Valid {
		all.Oldest = time.UnixMilli(oldest.V).UTC()
	}
	return all, err
}
