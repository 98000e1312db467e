package onboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// execution is one run at work.
type execution struct {
	*Pipeline
	run     core.Run
	request core.Provision
	step    string
	shown   time.Time // when progress was last written
}

// errWaiting ends a step that needs somebody else before it is complete; the
// run goes on, and is done with the step still waiting.
var errWaiting = errors.New("waiting")

func (p *Pipeline) execute(ctx context.Context, id string) error {
	e := &execution{Pipeline: p}
	if err := e.load(ctx, id); err != nil || e.run.State != core.Running {
		return err
	}
	for _, s := range steps {
		if state := stepOf(e.run, s.name).State; state == core.Done || state == core.Waiting {
			continue
		}
		if err := e.perform(ctx, s); err != nil {
			return err
		}
	}
	return e.complete(ctx)
}

// load marks the run as running, unless it has ended, and reads its request. A
// run whose request was swept meanwhile fails.
func (e *execution) load(ctx context.Context, id string) error {
	var request string
	err := e.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		if e.run, err = findRun(ctx, tx, id); err != nil || e.run.State != core.Pending && e.run.State != core.Running {
			return err
		}
		e.run.State = core.Running
		if request, err = requestOf(ctx, tx, id); err != nil {
			return err
		}
		return setRunState(ctx, tx, id, core.Running)
	})
	if err != nil || request == "" {
		return err
	}
	_, content, err := e.Store.Staged(ctx, request)
	if core.CodeOf(err) == core.NotFound {
		e.step = firstOpen(e.run)
		gone := core.Errorf(core.NotFound, "The request of this onboarding was dropped after %d days.", int(StagedLife.Hours()/24))
		return errors.Join(fmt.Errorf("load run %s: %w", id, gone), e.fail(ctx, gone))
	}
	if err != nil {
		return fmt.Errorf("load run %s: %w", id, err)
	}
	defer content.Close()
	return json.NewDecoder(content).Decode(&e.request)
}

// firstOpen is the step that a run comes to next, its last when none is left.
func firstOpen(run core.Run) (name string) {
	for _, s := range run.Steps {
		if name = s.Name; s.State != core.Done && s.State != core.Waiting {
			break
		}
	}
	return name
}

// perform does one step and writes how it ended. Returns an error when the
// step failed: the run is then failed and can be resumed.
func (e *execution) perform(ctx context.Context, s step) error {
	e.step, e.shown = s.name, time.Time{}
	if err := e.update(ctx, func(tx *tenants.Tx) error { return beginStep(ctx, tx, e.run.ID, s.name) }); err != nil {
		return err
	}
	e.reached(s.name + ".begun")
	var result any
	err := guarded(func() (err error) {
		result, err = s.do(e, ctx)
		return err
	})
	if ctx.Err() != nil {
		return ctx.Err() // the process stops: the next one does this step again
	}
	if err != nil && !errors.Is(err, errWaiting) {
		return errors.Join(fmt.Errorf("step %s of %s: %w", s.name, e.run.ID, err), e.fail(ctx, err))
	}
	state := core.Done
	if errors.Is(err, errWaiting) {
		state = core.Waiting
	}
	body, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("step %s of %s: %w", s.name, e.run.ID, err)
	}
	e.reached(s.name + ".done")
	return e.update(ctx, func(tx *tenants.Tx) error {
		if err := endStep(ctx, tx, e.run.ID, s.name, state, body, nil); err != nil {
			return err
		}
		e.run, err = findRun(ctx, tx, e.run.ID)
		return err
	})
}

// fail writes why a step failed, in words that name no inner detail.
func (e *execution) fail(ctx context.Context, cause error) error {
	shown, ok := errors.AsType[*core.Error](cause)
	if !ok {
		shown = core.Errorf(core.Internal, "Something went wrong on our side. Resume the onboarding; if it fails again, the log names the cause (%s).", e.run.ID)
	}
	return e.update(ctx, func(tx *tenants.Tx) error {
		if err := endStep(ctx, tx, e.run.ID, e.step, core.Failed, nil, shown); err != nil {
			return err
		}
		if err := setRunState(ctx, tx, e.run.ID, core.Failed); err != nil {
			return err
		}
		return e.Recorder.Record(ctx, tx, core.Entry{Action: "run.fail", Target: core.Target{Kind: "run", ID: e.run.ID}, Outcome: "failed", Code: core.CodeOf(cause)})
	})
}

// guarded makes an error of a panic: a run that is begun again at every start
// must not end every process.
func guarded(fn func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return fn()
}

// complete opens the tenant for business and drops what was staged for the run.
func (e *execution) complete(ctx context.Context) error {
	tenant, err := e.Store.Find(ctx, e.run.TenantID)
	if err != nil {
		return fmt.Errorf("complete run %s: %w", e.run.ID, err)
	}
	if tenant.Status == core.TenantProvisioning {
		tenant.Status, tenant.Version = core.TenantActive, 0
		if _, err := e.Store.UpdateTenant(ctx, tenant); err != nil {
			return fmt.Errorf("complete run %s: %w", e.run.ID, err)
		}
	}
	err = e.update(ctx, func(tx *tenants.Tx) error {
		if err := setRunState(ctx, tx, e.run.ID, core.Done); err != nil {
			return err
		}
		return e.Recorder.Record(ctx, tx, core.Entry{Action: "run.complete", Target: core.Target{Kind: "run", ID: e.run.ID}})
	})
	if err != nil {
		return err
	}
	e.release(ctx, e.run.ID)
	return nil
}

// once runs fn in the tenant's file unless this step has committed there
// before; its result commits with what it did.
func (e *execution) once(ctx context.Context, fn func(tx *tenants.Tx) (any, error)) (json.RawMessage, error) {
	var result json.RawMessage
	err := e.Store.Update(ctx, e.run.TenantID, func(tx *tenants.Tx) (err error) {
		if result, err = effectOf(ctx, tx, e.run.ID, e.step); err != nil || result != nil {
			return err
		}
		value, err := fn(tx)
		if err != nil {
			return err
		}
		if result, err = json.Marshal(value); err != nil {
			return err
		}
		return insertEffect(ctx, tx, e.run.ID, e.step, result)
	})
	return result, err
}

// update changes the run's rows and tells who watches it.
func (e *execution) update(ctx context.Context, fn func(tx *tenants.Tx) error) error {
	err := e.Store.UpdateControl(ctx, fn)
	e.changed(e.run.ID)
	return err
}

// progress shows how far the step is, about twice a second.
func (e *execution) progress(ctx context.Context) func(done, total int) {
	return func(done, total int) {
		if now := e.Now(); done == total || now.Sub(e.shown) >= 500*time.Millisecond {
			e.shown = now
			if err := e.update(ctx, func(tx *tenants.Tx) error { return setStepProgress(ctx, tx, e.run.ID, e.step, done, total) }); err != nil {
				e.Log.WarnContext(ctx, "write progress", "run", e.run.ID, "error", err)
			}
		}
	}
}
