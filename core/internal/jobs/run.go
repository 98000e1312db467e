package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Why the context of a run has ended; the sentence is the run's error.
var (
	errCancelled = core.Errorf(core.Unavailable, "Cancelled by a person.")
	errStopped   = core.Errorf(core.Unavailable, "Stopped together with the console.")
)

// Run is what a job's function is given: who it runs for, and a way to say how
// far it is. Progress and Logf write to the control database, so they must not
// be called inside a transaction on it.
type Run struct {
	ID     string        // of the entry in the run log
	Job    string        // id of the job
	Tenant core.TenantID // empty for a job of the platform
	live   *live
}

// Progress says how far the run is. In a job per tenant the runner itself
// counts the tenants, and a call does nothing.
func (r *Run) Progress(done, total int) {
	if r.Tenant == "" {
		r.live.progress(done, total)
	}
}

// Logf adds a line to the run's log. A run keeps its first 500 lines, each
// cut to 500 characters. A line must hold no personal data.
func (r *Run) Logf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if r.Tenant != "" {
		text = string(r.Tenant) + ": " + text
	}
	r.live.log(text)
}

// fire runs a job because its time has come. A run that still goes on from
// before makes it skip this one.
func (r *Runner) fire(id string) {
	defer r.noteEnded()
	ctx := context.Background()
	l, err := r.begin(ctx, id, "schedule", nil)
	if core.CodeOf(err) == core.Conflict {
		r.options.Log.Info("job skipped: "+err.Error(), "job", id)
		return
	}
	if err != nil {
		r.options.Log.Error("begin job", "job", id, "error", err)
		return
	}
	r.execute(l)
}

// begin reserves the job, so that no other run of it starts, and writes the
// entry in the run log together with its audit record.
func (r *Runner) begin(ctx context.Context, id, by string, entry *core.Entry) (*live, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	declared, ok := r.jobs[id]
	switch {
	case !ok:
		return nil, core.Errorf(core.NotFound, "There is no job %s.", id)
	case r.stopping:
		return nil, core.Errorf(core.Unavailable, "The console is being stopped.")
	case r.active[id] != nil:
		return nil, core.Errorf(core.Conflict, "The job %s is running already.", id)
	}
	now := r.now()
	l := newLive(r, declared.Spec, core.JobRun{
		ID: core.NewID(core.PrefixJobRun, now), Job: id, State: core.Running, StartedBy: by, StartedAt: now,
	})
	err := r.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		if err := insertRun(ctx, tx, l.run); err != nil || entry == nil {
			return err
		}
		return r.options.Recorder.Record(ctx, tx, *entry)
	})
	if err != nil {
		return nil, fmt.Errorf("begin job %s: %w", id, err)
	}
	r.active[id] = l
	r.running.Add(1)
	return l, nil
}

// execute calls the job's function and writes how it ended. It acts as the
// system: who asked for the run is in the audit record of its beginning.
func (r *Runner) execute(l *live) {
	defer r.running.Done()
	ctx := core.WithActor(l.ctx, core.System)
	var summary string
	var err error
	switch {
	case l.spec.Mark != nil:
		summary, err = r.eachChanged(ctx, l)
	case l.spec.Scope == PerTenant:
		summary, err = r.eachTenant(ctx, l)
	default:
		summary, err = call(ctx, l.spec, l.handle(""))
	}
	ended := l.end(summary, err)
	if ended.State == core.Failed {
		r.logFailure(l.handle(""), err)
	}
	if err := l.flush(context.WithoutCancel(ctx)); err != nil {
		r.options.Log.Error("write end of job run", "job", l.spec.ID, "run", ended.ID, "error", err)
	}
	r.mu.Lock()
	delete(r.active, l.spec.ID)
	r.mu.Unlock()
	l.close()
}

// logFailure writes a failure to the process's log, a panic with its stack;
// the run log has only the sentence.
func (r *Runner) logFailure(run *Run, err error) {
	attributes := []any{"job", run.Job, "run", run.ID, "error", err}
	if run.Tenant != "" {
		attributes = append(attributes, "tenant", run.Tenant)
	}
	if p, ok := errors.AsType[*panicked](err); ok {
		attributes = append(attributes, "stack", p.stack)
	}
	r.options.Log.Error("run job", attributes...)
}

// panicked is a panic of a job's function as an error.
type panicked struct {
	value any
	stack string
}

func (p *panicked) Error() string { return fmt.Sprintf("the job panicked: %v", p.value) }

// call turns a panic of the job's function into an error.
func call(ctx context.Context, spec Spec, run *Run) (summary string, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value: value, stack: string(debug.Stack())}
		}
	}()
	summary, err = spec.Run(ctx, run)
	return strings.TrimSpace(summary), err
}
