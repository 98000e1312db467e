package example

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// insertNote writes a note, once for each event. Returns invalid when there is
// no such unit.
func insertNote(ctx context.Context, tx *sql.Tx, n *note, event string) error {
	err := tx.QueryRowContext(ctx, `select label, development_id from units where id = ?`, n.Unit).Scan(&n.Label, &n.Development)
	if errors.Is(err, sql.ErrNoRows) {
		return &core.Error{Code: core.Invalid, Message: "Some values need correcting.", Fields: []core.FieldError{{Field: "unit", Value: n.Unit, Reason: "is not one of the units"}}}
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into example_notes (id, unit_id, body, author, event_id, created_at)
		values (?, ?, ?, ?, nullif(?, ''), ?) on conflict (event_id) do nothing`,
		n.ID, n.Unit, n.Body, n.Author, event, n.CreatedAt.UnixMilli())
	return err
}

// closeNotes closes the open notes that the condition names, and counts them.
func closeNotes(ctx context.Context, tx *sql.Tx, now time.Time, condition string, arg any) (int64, error) {
	result, err := tx.ExecContext(ctx, `update example_notes set closed_at = ? where closed_at is null and `+condition, now.UnixMilli(), arg)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// markOverdue marks an open note, once.
func markOverdue(ctx context.Context, tx *sql.Tx, now time.Time, id string) error {
	_, err := tx.ExecContext(ctx, `update example_notes set overdue_at = ? where id = ?`, now.UnixMilli(), id)
	return err
}

const selectNote = `
	select n.id, n.unit_id, u.label, u.development_id, n.body, n.author, n.created_at, n.closed_at, n.overdue_at
	from example_notes n join units u on u.id = n.unit_id `

// selectNotes returns so many of the notes, latest first unless sorted.
func selectNotes(ctx context.Context, c sdk.Call, q core.Query, limit int) (list core.List[note], err error) {
	const where = `
		where instr(lower(n.body || ' ' || u.label), lower(?1)) > 0
		and (?2 = '' or (?2 = 'closed') = (n.closed_at is not null))`
	err = c.DB().QueryRowContext(ctx, `select count(*) from example_notes n join units u on u.id = n.unit_id`+where, q.Text, q.Status).Scan(&list.Total)
	if err != nil {
		return list, err
	}
	order := ` order by n.created_at`
	if q.Sort == "unit" {
		order = ` order by u.label collate nocase`
	}
	if q.Desc || q.Sort == "" {
		order += ` desc`
	}
	from, _ := strconv.Atoi(q.After) // a cursor that is none is the first page
	list.Items, err = scanNotes(c.DB().QueryContext(ctx, selectNote+where+order+`, n.id limit ?3 offset ?4`, q.Text, q.Status, limit, from))
	if next := from + len(list.Items); next < list.Total {
		list.Next = strconv.Itoa(next)
	}
	return list, err
}

// findNote returns not_found when there is no such note.
func findNote(ctx context.Context, c sdk.Call, id string) (note, error) {
	found, err := scanNotes(c.DB().QueryContext(ctx, selectNote+`where n.id = ?`, id))
	if err == nil && len(found) == 0 {
		err = core.Errorf(core.NotFound, "There is no such note.")
	}
	if err != nil {
		return note{}, err
	}
	return found[0], nil
}

// selectAll returns every note.
func selectAll(ctx context.Context, c sdk.Call) ([]note, error) {
	return scanNotes(c.DB().QueryContext(ctx, selectNote+`order by n.id`))
}

// selectOpenBefore returns the open notes from before a moment, oldest first.
func selectOpenBefore(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, before time.Time) ([]note, error) {
	return scanNotes(db.QueryContext(ctx, selectNote+`where n.closed_at is null and n.created_at < ? order by n.created_at, n.id`, before.UnixMilli()))
}

// selectUnits returns the units that a note can be on: ids and names.
func selectUnits(ctx context.Context, c sdk.Call) (units [][2]string, err error) {
	rows, err := c.DB().QueryContext(ctx, `
		select u.id, u.label || ', ' || d.name from units u join developments d on d.id = u.development_id
		order by d.name collate nocase, u.label collate nocase limit 2000`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var unit [2]string
		if err := rows.Scan(&unit[0], &unit[1]); err != nil {
			return nil, err
		}
		units = append(units, unit)
	}
	return units, rows.Err()
}

func scanNotes(rows *sql.Rows, err error) ([]note, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var notes []note
	for rows.Next() {
		var n note
		var created int64
		var closed, overdue sql.NullInt64
		if err := rows.Scan(&n.ID, &n.Unit, &n.Label, &n.Development, &n.Body, &n.Author, &created, &closed, &overdue); err != nil {
			return nil, err
		}
		n.CreatedAt, n.ClosedAt, n.OverdueAt = time.UnixMilli(created).UTC(), moment(closed), moment(overdue)
		notes = append(notes, n)
	}
	return notes, rows.Err()
}

func moment(at sql.NullInt64) *time.Time {
	if !at.Valid {
		return nil
	}
	t := time.UnixMilli(at.Int64).UTC()
	return &t
}
