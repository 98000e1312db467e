package host

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/keep"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/schema"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// workbench holds the runs of tools that are being applied.
type workbench struct {
	mu   sync.Mutex
	runs map[string]*applying
	all  sync.WaitGroup
}

// applying is a run at work.
type applying struct {
	cancel      context.CancelCauseFunc
	done, total int64
	written     time.Time
}

var (
	errCancelled = core.Errorf(core.Unavailable, "Cancelled by a person.")
	errStopping  = core.Errorf(core.Unavailable, "Stopped together with the console.")
)

// tool finds a plugin's tool and checks that whoever acts may use it.
func (h *Host) tool(ctx context.Context, id, tool string, tenant core.TenantID) (*plugin, sdk.ToolInfo, error) {
	p, o, err := h.door(id)
	if err != nil {
		return nil, sdk.ToolInfo{}, err
	}
	for _, t := range o.manifest.Tools {
		if t.ID == tool && (t.Scope == sdk.Platform) == (tenant == "") {
			return p, t, h.allow(ctx, t.Permission)
		}
	}
	return nil, sdk.ToolInfo{}, core.Errorf(core.NotFound, "%s has no such tool.", o.manifest.Name)
}

// PlanTool asks a tool what it would do, and keeps the answer as a run that
// ApplyTool applies. Returns invalid with the parameters that are wrong.
func (h *Host) PlanTool(ctx context.Context, id, tool string, tenant core.TenantID, params []byte) (ToolRun, error) {
	p, info, err := h.tool(ctx, id, tool, tenant)
	if err != nil {
		return ToolRun{}, err
	}
	if len(params) == 0 {
		params = []byte("{}")
	}
	if len(info.Schema) > 0 {
		if err := schema.Check(info.Schema, params); err != nil {
			return ToolRun{}, err
		}
	}
	plan, err := h.plan(ctx, p, info, tenant, params)
	if err != nil {
		return ToolRun{}, err
	}
	run := ToolRun{
		ID: core.NewID("tlr", h.Now()), Plugin: id, Tool: info, Tenant: tenant, Params: params, Plan: plan, State: core.Pending, By: core.ActorOf(ctx).ID,
	}
	err = keepRun(ctx, run, h.Keep.AddRun)
	if err == nil {
		err = h.recordTool(ctx, "tool.plan", run)
	}
	return run, err
}

func (h *Host) plan(ctx context.Context, p *plugin, info sdk.ToolInfo, tenant core.TenantID, params []byte) (plan sdk.Plan, err error) {
	r := request{door: wire.Door_DOOR_PLAN, id: info.ID, tenant: tenant, input: params, long: true}
	answer, err := h.invoke(ctx, p, r)
	if err != nil {
		return plan, err
	}
	if err = json.Unmarshal(answer.result, &plan); err == nil {
		err = inspect(reflect.ValueOf(plan.Samples), "samples", false)
	}
	if err == nil && (plan.Hash == "" || len(plan.Counts) > 50 || len(plan.Cost) > 500) {
		err = garbage("a plan without a hash or of more than 50 counts")
	}
	return plan, h.nonsense(p, r, err)
}

// ApplyTool begins to apply a plan in the background. Returns conflict for a
// run that isn't planned, and while the tool is at work for the same tenant.
func (h *Host) ApplyTool(ctx context.Context, run string) (ToolRun, error) {
	found, err := h.FindTool(ctx, run)
	if err != nil {
		return found, err
	}
	if found.State != core.Pending {
		return found, core.Errorf(core.Conflict, "This run is %s. Plan a new one.", found.State)
	}
	return h.apply(ctx, found, "tool.apply")
}

// ResumeTool plans a failed or cancelled run again, with the data as it is by
// now, and applies what is left.
func (h *Host) ResumeTool(ctx context.Context, run string) (ToolRun, error) {
	found, err := h.FindTool(ctx, run)
	if err != nil {
		return found, err
	}
	if found.State != core.Failed && found.State != core.Cancelled {
		return found, core.Errorf(core.Conflict, "This run is %s; only one that failed or was cancelled can go on.", found.State)
	}
	p, info, err := h.tool(ctx, found.Plugin, found.Tool.ID, found.Tenant)
	if err != nil {
		return found, err
	}
	if found.Plan, err = h.plan(ctx, p, info, found.Tenant, found.Params); err != nil {
		return found, err
	}
	return h.apply(ctx, found, "tool.resume")
}

// apply does the work in a goroutine of its own.
func (h *Host) apply(ctx context.Context, run ToolRun, action string) (ToolRun, error) {
	p, info, err := h.tool(ctx, run.Plugin, run.Tool.ID, run.Tenant)
	if err != nil {
		return run, err
	}
	run.Tool, run.State, run.Done, run.Total, run.Error, run.Summary = info, core.Running, 0, 0, "", ""
	err = keepRun(ctx, run, func(ctx context.Context, k keep.Run) error { return h.Keep.BeginRun(ctx, k, action) })
	if err != nil {
		return run, err
	}
	work, cancel := context.WithCancelCause(core.WithOrigin(core.WithActor(h.background, core.ActorOf(ctx)), core.OriginOf(ctx)))
	a := &applying{cancel: cancel, written: h.Clock.Now()}
	h.bench.mu.Lock()
	h.bench.runs[run.ID] = a
	h.bench.mu.Unlock()
	h.bench.all.Go(func() {
		defer cancel(nil)
		h.carryOut(work, p, run, a)
	})
	return run, nil
}

// progressEvery is how often the progress of a run is written down.
const progressEvery = time.Second

func (h *Host) carryOut(ctx context.Context, p *plugin, run ToolRun, a *applying) {
	r := request{
		door: wire.Door_DOOR_APPLY, id: run.Tool.ID, tenant: run.Tenant, input: run.Params, hash: run.Plan.Hash, writes: true, long: true,
		moved: func(done, total int64, _ string) {
			h.bench.mu.Lock()
			a.done, a.total = done, total
			write := h.Clock.Since(a.written) >= progressEvery
			if write {
				a.written = h.Clock.Now()
			}
			h.bench.mu.Unlock()
			if write {
				h.note("progress of tool", h.Keep.MoveRun(ctx, run.ID, done, total))
			}
		},
	}
	answer, err := h.invoke(ctx, p, r)
	if err == nil {
		run.Summary, err = lineFrom(answer.result)
		err = h.nonsense(p, r, err)
	}
	h.bench.mu.Lock()
	run.Done, run.Total = a.done, a.total
	h.bench.mu.Unlock()
	switch {
	case err == nil:
		run.State = core.Done
	case errors.Is(context.Cause(ctx), errCancelled):
		run.State, run.Error = core.Cancelled, errCancelled.Message
	default:
		run.State, run.Error = core.Failed, sentence(err)
	}
	h.note("end of tool", keepRun(context.WithoutCancel(ctx), run, h.Keep.EndRun))
	h.bench.mu.Lock()
	delete(h.bench.runs, run.ID)
	h.bench.mu.Unlock()
}

// recordTool writes to the log what a person did with a run.
func (h *Host) recordTool(ctx context.Context, action string, run ToolRun) error {
	return keepRun(ctx, run, func(ctx context.Context, k keep.Run) error { return h.Keep.RecordRun(ctx, action, k) })
}

// note logs what could not be written down.
func (h *Host) note(what string, err error) {
	if err != nil {
		h.Log.Error("write "+what, "error", err)
	}
}

// CancelTool ends a run that is being applied, or drops one that is planned.
// Returns conflict for one that has ended.
func (h *Host) CancelTool(ctx context.Context, run string) error {
	found, err := h.FindTool(ctx, run)
	if err != nil {
		return err
	}
	if _, _, err := h.tool(ctx, found.Plugin, found.Tool.ID, found.Tenant); err != nil && core.CodeOf(err) == core.Forbidden {
		return err
	}
	h.bench.mu.Lock()
	a := h.bench.runs[run]
	h.bench.mu.Unlock()
	switch {
	case a != nil && found.State == core.Running:
		if err := h.recordTool(ctx, "tool.cancel", found); err != nil {
			return err
		}
		a.cancel(errCancelled)
		return nil
	case found.State == core.Pending:
		if err := h.recordTool(ctx, "tool.cancel", found); err != nil {
			return err
		}
		found.State, found.Error = core.Cancelled, errCancelled.Message
		return keepRun(ctx, found, h.Keep.EndRun)
	}
	return core.Errorf(core.Conflict, "This run is %s already.", found.State)
}

// FindTool returns a run, or not_found.
func (h *Host) FindTool(ctx context.Context, run string) (ToolRun, error) {
	found, err := h.findRun(ctx, run)
	return h.fresh(found), err
}

// ToolRuns lists runs, latest first. Kind filters by plugin, Status by state,
// Tenant by tenant.
func (h *Host) ToolRuns(ctx context.Context, q core.Query) (core.List[ToolRun], error) {
	list, err := h.listRuns(ctx, q)
	for n, run := range list.Items {
		list.Items[n] = h.fresh(run)
	}
	return list, err
}

// fresh adds what is known of the tool, and of a run at work.
func (h *Host) fresh(run ToolRun) ToolRun {
	if p, err := h.find(run.Plugin); err == nil {
		if o, _ := p.offer(); o != nil {
			for _, t := range o.manifest.Tools {
				if t.ID == run.Tool.ID {
					run.Tool = t
				}
			}
		}
	}
	h.bench.mu.Lock()
	defer h.bench.mu.Unlock()
	if a := h.bench.runs[run.ID]; a != nil {
		run.Done, run.Total = a.done, a.total
		run.Run.Done, run.Run.Total = int(a.done), int(a.total)
	}
	return run
}
