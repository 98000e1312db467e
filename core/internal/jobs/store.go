package jobs

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// keep is the number of entries that the run log holds of each job.
const keep = 200

const selectRun = `select id, job, state, done, total, summary, error, started_by, started_at, ended_at from job_runs`

func scanRun(row interface{ Scan(...any) error }) (core.JobRun, error) {
	var run core.JobRun
	var started int64
	var ended sql.NullInt64
	err := row.Scan(&run.ID, &run.Job, &run.State, &run.Done, &run.Total, &run.Summary, &run.Error, &run.StartedBy, &started, &ended)
	run.StartedAt = time.UnixMilli(started).UTC()
	if ended.Valid {
		at := time.UnixMilli(ended.Int64).UTC()
		run.EndedAt = &at
	}
	return run, err
}

func insertRun(ctx context.Context, tx *tenants.Tx, run core.JobRun) error {
	_, err := tx.Exec(ctx, `
		insert into job_runs (id, job, state, started_by, started_at)
		values (?, ?, ?, ?, ?)`,
		run.ID, run.Job, run.State, run.StartedBy, run.StartedAt.UnixMilli())
	return err
}

func updateRun(ctx context.Context, tx *tenants.Tx, run core.JobRun) error {
	var ended any
	if run.EndedAt != nil {
		ended = run.EndedAt.UnixMilli()
	}
	_, err := tx.Exec(ctx, `
		update job_runs
		set state = ?, done = ?, total = ?, summary = ?, error = ?, ended_at = ?
		where id = ?`,
		run.State, run.Done, run.Total, run.Summary, run.Error, ended, run.ID)
	return err
}

// prune keeps the newest entries of the job that ended. Of scheduled runs that
// found nothing to do only the latest stays, so that a job of every minute
// doesn't push out what did happen.
func prune(ctx context.Context, tx *tenants.Tx, run core.JobRun) error {
	_, err := tx.Exec(ctx, `
		delete from job_runs
		where job = ? and id <> ? and state = 'done' and summary = '' and started_by = 'schedule'`,
		run.Job, run.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		delete from job_runs
		where job = ? and id <= (select id from job_runs where job = ? order by id desc limit 1 offset ?)`,
		run.Job, run.Job, keep)
	return err
}

func failInterrupted(ctx context.Context, tx *tenants.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `
		update job_runs
		set state = 'failed', error = 'Interrupted by a restart.', ended_at = ?
		where state = 'running'`, now.UnixMilli())
	return err
}

func findRun(ctx context.Context, tx *tenants.Tx, id string) (core.JobRun, error) {
	run, err := scanRun(tx.QueryRow(ctx, selectRun+` where id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return run, core.Errorf(core.NotFound, "There is no such run of a job.")
	}
	return run, err
}

// listRuns pages by id, which sorts by time.
func listRuns(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[core.JobRun], error) {
	var list core.List[core.JobRun]
	const match = ` where (? = '' or job = ?) and (? = '' or state = ?)`
	filter := []any{q.Kind, q.Kind, q.Status, q.Status}
	err := tx.QueryRow(ctx, `select count(*) from job_runs`+match, filter...).Scan(&list.Total)
	if err != nil {
		return list, err
	}
	size := q.PageSize()
	list.Items, err = queryRuns(ctx, tx, selectRun+match+` and (? = '' or id < ?) order by id desc limit ?`,
		append(filter, q.After, q.After, size+1)...)
	if err == nil && len(list.Items) > size {
		list.Items = list.Items[:size]
		list.Next = list.Items[size-1].ID
	}
	return list, err
}

// lastRuns returns the newest run of each job.
func lastRuns(ctx context.Context, tx *tenants.Tx) (map[string]core.JobRun, error) {
	runs, err := queryRuns(ctx, tx, selectRun+` where id in (select max(id) from job_runs group by job)`)
	last := make(map[string]core.JobRun, len(runs))
	for _, run := range runs {
		last[run.Job] = run
	}
	return last, err
}

func queryRuns(ctx context.Context, tx *tenants.Tx, query string, args ...any) ([]core.JobRun, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var runs []core.JobRun
	for rows.Next() {
		run, err := scanRun(rows)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, rows.Err()
}

func insertLines(ctx context.Context, tx *tenants.Tx, runID string, from int, lines []Line) error {
	for i, line := range lines {
		_, err := tx.Exec(ctx, `insert into job_run_lines (run_id, seq, at, text) values (?, ?, ?, ?)`,
			runID, from+i+1, line.At.UnixMilli(), line.Text)
		if err != nil {
			return err
		}
	}
	return nil
}

func listLines(ctx context.Context, tx *tenants.Tx, runID string) ([]Line, error) {
	rows, err := tx.Query(ctx, `select at, text from job_run_lines where run_id = ? order by seq`, runID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []Line
	for rows.Next() {
		var at int64
		var line Line
		if err := rows.Scan(&at, &line.Text); err != nil {
			return nil, err
		}
		line.At = time.UnixMilli(at).UTC()
		lines = append(lines, line)
	}
	return lines, rows.Err()
}
