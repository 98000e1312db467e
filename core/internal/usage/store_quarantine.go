package usage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// hold puts an entry into quarantine.
func hold(ctx context.Context, tx *tenants.Tx, e *entry) error {
	_, err := tx.Exec(ctx, `
insert into usage_quarantine (id, hash, payload_hash, source, event_id, type, development_id, unit_id, visitor, time, body, reason, state, received_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'held', ?)`,
		core.NewID(prefixHeld, tx.Now), e.hash[:], e.payload[:], e.event.Source, e.event.ID, e.event.Type, e.event.Development,
		e.event.Unit, e.event.Visitor, e.event.Time.UnixMilli(), e.body, e.hold, e.received)
	return err
}

const heldColumns = "source, event_id, type, development_id, unit_id, visitor, time, body"

// findHeld returns an event that nobody has decided about.
func findHeld(ctx context.Context, tx *tenants.Tx, id string) (*heldEntry, error) {
	h := &heldEntry{id: id}
	var hash, payload []byte
	var state HeldState
	var err error
	h.event, err = scanEvent(tx.QueryRow(ctx, "select "+heldColumns+", hash, payload_hash, reason, state, received_at from usage_quarantine where id = ?", id),
		&hash, &payload, &h.reason, &state, &h.received)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, core.Errorf(core.NotFound, "There is no event %s in quarantine.", id)
	}
	if err != nil {
		return nil, err
	}
	if state != HeldWaiting {
		return nil, core.Errorf(core.Conflict, "Somebody has decided about the event %s already: it is %s.", id, state)
	}
	h.hash, h.payload, h.body, h.kind, h.hour = [16]byte(hash), [16]byte(payload), string(h.event.Data), h.event.Type, hourOf(h.event.Time)
	return h, nil
}

func decide(ctx context.Context, tx *tenants.Tx, id string, state HeldState) error {
	_, err := tx.Exec(ctx, "update usage_quarantine set state = ?, decided_at = ?, decided_by = ? where id = ?",
		state, tx.Now.UnixMilli(), core.ActorOf(ctx).ID, id)
	return err
}

// heldOf returns the ids of held events of a type, behind one of them.
func heldOf(ctx context.Context, tx *tenants.Tx, kind, after string, most int) ([]string, error) {
	rows, err := tx.Query(ctx, "select id from usage_quarantine where state = 'held' and type = ? and id > ? order by id limit ?", kind, after, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func listHeld(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[Held], error) {
	return page(ctx, tx, q, listing[Held]{
		table: "usage_quarantine", timeless: true,
		columns: heldColumns + ", id, reason, state, decided_at, decided_by, received_at, hash, payload_hash",
		order:   "received_at desc, hash desc",
		filter: func(f *filter) {
			if q.Status != "" {
				f.and("state = ?", q.Status)
			}
			if q.Text != "" {
				f.and("reason = ?", q.Text)
			}
		},
		after: func(f *filter, last cursor) { f.and("(received_at, hash) < (?, ?)", last.time, last.hash) },
		scan:  scanHeld,
	})
}

func scanHeld(row scanner, last *cursor) (Held, error) {
	var h Held
	var decided *int64
	var err error
	h.Event, err = scanEvent(row, &h.ID, &h.Reason, &h.State, &decided, &h.DecidedBy, &last.time, &last.hash, &last.payload)
	h.Received = time.UnixMilli(last.time).UTC()
	if decided != nil {
		at := time.UnixMilli(*decided).UTC()
		h.Decided = &at
	}
	return h, err
}
