package insight

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// store replaces a tenant's figures of the sources that answered, and notes
// the failure of the others. Only what differs is written: a scan touches
// eight rows of a thousand. When the file has changed, the sources that aren't
// declared in this process are behind from now on. A tenant that was deleted
// has no place any more.
func store(ctx context.Context, tx *tenants.Tx, tenant core.TenantID, results []result, changed bool) error {
	number, err := numberOf(ctx, tx, tenant)
	if err != nil || number == 0 {
		return err
	}
	stored, err := figuresOf(ctx, tx, number)
	if err != nil {
		return err
	}
	if changed {
		if err := leaveBehind(ctx, tx, number); err != nil {
			return err
		}
	}
	var added []entry
	for _, r := range results {
		if err := noteState(ctx, tx, number, r); err != nil {
			return err
		}
		if r.err != nil {
			continue
		}
		d := r.differences(stored)
		added = append(added, d.missing...)
		for _, e := range d.other {
			if err := updateFigure(ctx, tx, number, e); err != nil {
				return err
			}
		}
		for _, e := range d.surplus {
			if err := deleteFigure(ctx, tx, number, e); err != nil {
				return err
			}
		}
	}
	return insertFigures(ctx, tx, number, added)
}

// entry is a figure as it is stored.
type entry struct {
	key
	value int64
}

// differences are what separates the stored figures from the computed ones.
type differences struct{ missing, other, surplus []entry }

// differences compares what the source answered with what is stored of it.
func (r result) differences(stored map[key]int64) (d differences) {
	for k, value := range r.figures {
		switch was, ok := stored[k]; {
		case !ok:
			d.missing = append(d.missing, entry{k, value})
		case was != value:
			d.other = append(d.other, entry{k, value})
		}
	}
	for k, was := range stored {
		if _, ok := r.figures[k]; !ok && r.owned[k.metric] {
			d.surplus = append(d.surplus, entry{k, was})
		}
	}
	return d
}

// numberOf is the short number of a tenant; 0 for one that is deleted.
func numberOf(ctx context.Context, tx *tenants.Tx, tenant core.TenantID) (number int64, err error) {
	err = tx.QueryRow(ctx, `select number from figure_tenants where tenant_id = ?`, tenant).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return number, err
}

func figuresOf(ctx context.Context, tx *tenants.Tx, number int64) (map[key]int64, error) {
	rows, err := tx.Query(ctx, `select metric, development, period, currency, value from figures where tenant = ?`, number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	stored := map[key]int64{}
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.metric, &e.development, &e.period, &e.currency, &e.value); err != nil {
			return nil, err
		}
		stored[e.key] = e.value
	}
	return stored, rows.Err()
}

// batch is how many rows one statement inserts.
const batch = 50

func insertFigures(ctx context.Context, tx *tenants.Tx, number int64, entries []entry) error {
	const row = "(?, ?, ?, ?, ?, ?)"
	for len(entries) > 0 {
		n := min(len(entries), batch)
		args := make([]any, 0, 6*n)
		for _, e := range entries[:n] {
			args = append(args, number, e.metric, e.development, e.period, e.currency, e.value)
		}
		_, err := tx.Exec(ctx, `insert into figures (tenant, metric, development, period, currency, value) values `+
			strings.Repeat(row+", ", n-1)+row, args...)
		if err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

const figurePlace = ` where tenant = ? and metric = ? and development = ? and period = ? and currency = ?`

func updateFigure(ctx context.Context, tx *tenants.Tx, number int64, e entry) error {
	_, err := tx.Exec(ctx, `update figures set value = ?`+figurePlace, e.value, number, e.metric, e.development, e.period, e.currency)
	return err
}

func deleteFigure(ctx context.Context, tx *tenants.Tx, number int64, e entry) error {
	_, err := tx.Exec(ctx, `delete from figures`+figurePlace, number, e.metric, e.development, e.period, e.currency)
	return err
}

// leaveBehind notes that a tenant's file has moved on; noteState tells which
// sources have followed.
func leaveBehind(ctx context.Context, tx *tenants.Tx, number int64) error {
	_, err := tx.Exec(ctx, `
		insert into figure_states (tenant, source) select ?, number from figure_sources where true
		on conflict (tenant, source) do update set version = 0`, number)
	return err
}

// noteState notes that a source answered about a tenant, or why it didn't.
func noteState(ctx context.Context, tx *tenants.Tx, number int64, r result) error {
	if r.err == nil {
		_, err := tx.Exec(ctx, `
			insert into figure_states (tenant, source, version, computed_at) values (?1, ?2, ?3, ?4)
			on conflict (tenant, source) do update set version = ?3, computed_at = ?4, failures = 0, error = '', retry_at = null`,
			number, r.number, r.version, tx.Now.UnixMilli())
		return err
	}
	var failures int
	err := tx.QueryRow(ctx, `select failures from figure_states where tenant = ? and source = ?`, number, r.number).Scan(&failures)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	failures++
	_, err = tx.Exec(ctx, `
		insert into figure_states (tenant, source, failures, error, retry_at) values (?1, ?2, ?3, ?4, ?5)
		on conflict (tenant, source) do update set failures = ?3, error = ?4, retry_at = ?5`,
		number, r.number, failures, clip(r.err.Error()), tx.Now.Add(pause(failures)).UnixMilli())
	return err
}

// clip cuts the text of an error to what is shown.
func clip(s string) string {
	if runes := []rune(s); len(runes) > 300 {
		return string(runes[:299]) + "…"
	}
	return s
}

// pause is how long to wait after so many failures in a row: from a second,
// doubling, to half an hour.
func pause(failures int) time.Duration {
	return min(time.Second<<min(failures-1, 16), 30*time.Minute)
}
