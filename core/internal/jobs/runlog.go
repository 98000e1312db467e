package jobs

import (
	"context"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// List returns every declared job in the order of ids, with its next and its
// latest run.
func (r *Runner) List(ctx context.Context) ([]core.Job, error) {
	var last map[string]core.JobRun
	err := r.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		last, err = lastRuns(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	var jobs []core.Job
	for _, declared := range r.declared() {
		j := core.Job{ID: declared.ID, Summary: declared.Summary, Schedule: declared.Schedule}
		if declared.timetable != nil {
			next, _ := declared.timetable.upcoming()
			j.Next = &next
		}
		if run, ok := last[declared.ID]; ok {
			run = r.fresh(run)
			j.Last = &run
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// Runs returns a page of the run log, newest first. Kind filters by the job's
// id, Status by state.
func (r *Runner) Runs(ctx context.Context, q core.Query) (core.List[core.JobRun], error) {
	var list core.List[core.JobRun]
	err := r.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		list, err = listRuns(ctx, tx, q)
		return err
	})
	if err != nil {
		return list, fmt.Errorf("list job runs: %w", err)
	}
	for i, run := range list.Items {
		list.Items[i] = r.fresh(run)
	}
	return list, nil
}

// FindRun returns one entry of the run log, or not_found.
func (r *Runner) FindRun(ctx context.Context, id string) (run core.JobRun, err error) {
	err = r.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		run, err = findRun(ctx, tx, id)
		return err
	})
	return r.fresh(run), err
}

// Lines returns the log of one run, oldest first: at most 501 lines.
func (r *Runner) Lines(ctx context.Context, runID string) (lines []Line, err error) {
	err = r.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		lines, err = listLines(ctx, tx, runID)
		return err
	})
	return lines, err
}

// fresh returns the state in memory of a run that goes on, which is newer than
// the one in the database.
func (r *Runner) fresh(run core.JobRun) core.JobRun {
	if run.State == core.Running {
		if l := r.find(run.ID); l != nil {
			return l.snapshot()
		}
	}
	return run
}
