package bus

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// readWork returns what a subscriber is to be told next: what waited and is
// due, with what waits behind it, or else the next events of the outbox.
func readWork(ctx context.Context, tx *tenants.Tx, s subscription) (w work, err error) {
	var due bool
	err = tx.QueryRow(ctx, `
		select coalesce((select seq from event_cursors where subscriber = ?1), 0), coalesce((select max(seq) from events), 0),
		  exists (select 1 from event_deliveries where subscriber = ?1 and next_at <= ?2)`,
		s.name, tx.Now.UnixMilli()).Scan(&w.cursor, &w.head, &due)
	switch {
	case err != nil:
	case due:
		w.deliveries, err = readDue(ctx, tx, s.name)
	case w.cursor < w.head:
		w.deliveries, err = readFresh(ctx, tx, s, w.cursor)
	}
	return w, err
}

// readDue starts from the first of each subject: it alone has a next_at. Left to
// choose, SQLite looks through all that waits for each of them.
func readDue(ctx context.Context, tx *tenants.Tx, subscriber string) ([]delivery, error) {
	return readDeliveries(ctx, tx, `
		select e.seq, e.id, e.name, e.subject_kind, e.subject_id, e.body, e.at, w.round, false, false, w.letter
		from (
		  select d.seq, d.round, d.died_at is not null as letter
		  from event_deliveries f cross join event_deliveries d indexed by event_deliveries_waiting
		    on d.subscriber = f.subscriber and d.subject_kind = f.subject_kind and d.subject_id = f.subject_id and d.state = 'waiting'
		  where f.subscriber = ? and f.next_at <= ?
		  order by d.seq limit ?
		) w cross join events e on e.seq = w.seq order by w.seq`, subscriber, tx.Now.UnixMilli(), batch)
}

func readFresh(ctx context.Context, tx *tenants.Tx, s subscription, cursor int64) ([]delivery, error) {
	beyond, args := s.beyond(cursor, batch)
	return readDeliveries(ctx, tx, `
		select e.seq, e.id, e.name, e.subject_kind, e.subject_id, e.body, e.at, 0, true, exists (
		  select 1 from event_deliveries d
		  where d.subscriber = ? and d.subject_kind = e.subject_kind and d.subject_id = e.subject_id and d.state = 'waiting'
		), false
		from (select seq from (`+beyond+`) order by seq limit ?) n
		cross join events e on e.seq = n.seq order by n.seq`, append(append([]any{s.name}, args...), batch)...)
}

func readDeliveries(ctx context.Context, tx *tenants.Tx, query string, args ...any) ([]delivery, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var deliveries []delivery
	for rows.Next() {
		var d delivery
		var body string
		var at int64
		err := rows.Scan(&d.seq, &d.event.ID, &d.event.Name, &d.event.Subject.Kind, &d.event.Subject.ID, &body, &at,
			&d.round, &d.fresh, &d.behind, &d.letter)
		if err != nil {
			return nil, err
		}
		d.event.Data, d.event.At = json.RawMessage(body), time.UnixMilli(at).UTC()
		deliveries = append(deliveries, d)
	}
	return deliveries, rows.Err()
}

// beyond returns a query for the events behind a cursor that the subscription
// is for, up to limit for each name, and its parameters. Each name has a branch
// of its own, which finds its events by their index and reads no others.
func (s subscription) beyond(cursor int64, limit int) (query string, args []any) {
	branches := []string{`select 0 as seq, 0 as at where false`}
	for _, name := range s.names() {
		branch := `select seq, at from events where seq > ? and at >= ?`
		args = append(args, cursor, s.events[name])
		if name != everything {
			branch += ` and name = ?`
			args = append(args, name)
		}
		branches = append(branches, `select * from (`+branch+` order by seq limit ?)`)
		args = append(args, limit)
	}
	return strings.Join(branches, ` union `), args
}

// settle notes what became of deliveries. A letter that a person has dropped
// meanwhile stays dropped.
func settle(ctx context.Context, tx *tenants.Tx, subscriber string, outcomes []outcome) error {
	moved := map[core.Target]bool{}
	for _, o := range outcomes {
		var err error
		switch {
		case o.state == "" && o.fresh:
			continue
		case o.state == "":
			_, err = tx.Exec(ctx, `delete from event_deliveries where subscriber = ? and seq = ? and state = 'waiting'`, subscriber, o.seq)
		default:
			err = settleFailed(ctx, tx, subscriber, o)
		}
		if err != nil {
			return err
		}
		moved[o.event.Subject] = true
	}
	for subject := range moved {
		if err := promote(ctx, tx, subscriber, subject); err != nil {
			return err
		}
	}
	return nil
}

// settleFailed notes a failed attempt, or that a fresh event waits behind others.
func settleFailed(ctx context.Context, tx *tenants.Tx, subscriber string, o outcome) error {
	if o.fresh {
		_, err := tx.Exec(ctx, `
			insert into event_deliveries (subscriber, seq, subject_kind, subject_id, state) values (?, ?, ?, ?, 'waiting')
			on conflict do nothing`, subscriber, o.seq, o.event.Subject.Kind, o.event.Subject.ID)
		if err != nil {
			return err
		}
	}
	if o.sentence == "" {
		return nil
	}
	var died, next any
	if o.state == dead {
		died = o.at.UnixMilli()
	} else {
		next = o.next.UnixMilli()
	}
	result, err := tx.Exec(ctx, `
		update event_deliveries as d set state = ?, attempts = attempts + 1, round = ?, died_at = coalesce(?, died_at),
		  next_at = case when not exists (
		    select 1 from event_deliveries e
		    where e.subscriber = d.subscriber and e.subject_kind = d.subject_kind and e.subject_id = d.subject_id
		      and e.state = 'waiting' and e.seq < d.seq) then ? end
		where subscriber = ? and seq = ? and state = 'waiting'`, o.state, o.round, died, next, subscriber, o.seq)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); n == 0 || err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into event_attempts (subscriber, seq, number, at, error)
		select subscriber, seq, attempts, ?, ? from event_deliveries where subscriber = ? and seq = ?`,
		o.at.UnixMilli(), o.sentence, subscriber, o.seq)
	return err
}

// promote gives the first waiting event of a subject its turn.
func promote(ctx context.Context, tx *tenants.Tx, subscriber string, subject core.Target) error {
	_, err := tx.Exec(ctx, `
		update event_deliveries set next_at = ?1
		where subscriber = ?2 and next_at is null and seq = (
		  select min(seq) from event_deliveries
		  where subscriber = ?2 and subject_kind = ?3 and subject_id = ?4 and state = 'waiting')`,
		tx.Now.UnixMilli(), subscriber, subject.Kind, subject.ID)
	return err
}

// moveCursor never moves it back.
func moveCursor(ctx context.Context, tx *tenants.Tx, subscriber string, seq int64) error {
	_, err := tx.Exec(ctx, `
		insert into event_cursors (subscriber, seq) values (?, ?)
		on conflict (subscriber) do update set seq = excluded.seq where excluded.seq > seq`, subscriber, seq)
	return err
}
