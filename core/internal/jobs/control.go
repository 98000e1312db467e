package jobs

import (
	"context"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// RunNow begins a run and returns it without waiting for its end. It is
// audited as job.run. Returns not_found for an unknown job and conflict while
// the job is running.
func (r *Runner) RunNow(ctx context.Context, id string) (core.JobRun, error) {
	l, err := r.begin(ctx, id, core.ActorOf(ctx).Name, &core.Entry{
		Action: "job.run", Target: core.Target{Kind: "job", ID: id},
	})
	if err != nil {
		return core.JobRun{}, err
	}
	go r.execute(l)
	return l.snapshot(), nil
}

// Cancel asks a run to end; it is cancelled when its function has returned.
// It is audited as job.cancel. Returns not_found for an unknown run and
// conflict for one that has ended.
func (r *Runner) Cancel(ctx context.Context, runID string) error {
	l := r.find(runID)
	if l == nil {
		if _, err := r.FindRun(ctx, runID); err != nil {
			return err
		}
		return core.Errorf(core.Conflict, "The run has ended already.")
	}
	err := r.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		return r.options.Recorder.Record(ctx, tx, core.Entry{
			Action: "job.cancel", Target: core.Target{Kind: "job", ID: l.spec.ID},
			Changes: []core.Change{{Field: "run", Before: runID}},
		})
	})
	if err != nil {
		return fmt.Errorf("cancel job run %s: %w", runID, err)
	}
	l.cancel(errCancelled)
	return nil
}

// Watch returns a channel with the state of a run: what it is now, and then
// each change, the latest in place of those that were not read in time. It is
// closed after the last state, or when ctx ends. Returns not_found for an
// unknown run.
func (r *Runner) Watch(ctx context.Context, runID string) (<-chan core.JobRun, error) {
	if l := r.find(runID); l != nil {
		return l.watch(ctx), nil
	}
	run, err := r.FindRun(ctx, runID)
	if err != nil {
		return nil, err
	}
	ch := make(chan core.JobRun, 1)
	ch <- run
	close(ch)
	return ch, nil
}

// find returns the run when it goes on, or nil.
func (r *Runner) find(runID string) *live {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.active {
		if l.run.ID == runID {
			return l
		}
	}
	return nil
}
