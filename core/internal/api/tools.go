package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
)

const toolRunsPath = adminPrefix + "/tool-runs"

type toolRun struct {
	ID        string     `json:"id"`
	Plugin    string     `json:"plugin" example:"example"`
	Tool      string     `json:"tool" example:"reopen"`
	TenantID  string     `json:"tenant_id,omitempty" doc:"Absent: the platform." example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	State     string     `json:"state" enum:"pending,running,done,failed,cancelled" doc:"Pending is a plan that was not applied yet."`
	Counts    []sdkCount `json:"counts" doc:"What the plan would change."`
	Cost      string     `json:"cost,omitempty"`
	Hash      string     `json:"hash" doc:"Of the plan."`
	Done      int64      `json:"done"`
	Total     int64      `json:"total"`
	Summary   string     `json:"summary,omitempty"`
	Error     string     `json:"error,omitempty"`
	By        string     `json:"by,omitempty"`
	StartedAt string     `json:"started_at,omitempty" format:"date-time"`
}

type sdkCount struct {
	Label string `json:"label"`
	Value int64  `json:"value"`
}

func shapeToolRun(r host.ToolRun) toolRun {
	out := toolRun{
		ID: r.ID, Plugin: r.Plugin, Tool: r.Tool.ID, TenantID: string(r.Tenant), State: string(r.State), Counts: []sdkCount{}, Cost: r.Plan.Cost, Hash: r.Plan.Hash,
		Done: r.Done, Total: r.Total, Summary: r.Summary, Error: r.Error, By: r.By, StartedAt: timeOf(&r.Run.StartedAt),
	}
	for _, c := range r.Plan.Counts {
		out.Counts = append(out.Counts, sdkCount(c))
	}
	return out
}

// mayUse checks the permission that a tool asks for.
func (a *api) mayUse(ctx context.Context, t sdk.ToolInfo) error {
	role := core.ActorOf(ctx).Role
	if t.Permission == core.SignedIn || a.Allows(role, t.Permission) {
		return nil
	}
	return core.Errorf(core.Forbidden, "The role %s doesn't allow this.", role)
}

// run returns a run for whoever may use its tool, or may read what jobs did.
func (a *api) run(ctx context.Context, id string, writes bool) (host.ToolRun, error) {
	r, err := a.Plugins.FindTool(ctx, id)
	if err != nil || !writes && a.Allows(core.ActorOf(ctx).Role, core.JobsRead) {
		return r, err
	}
	return r, a.mayUse(ctx, r.Tool)
}

func (a *api) tools() {
	add(a, operation{id: "plan-tool", method: http.MethodPost, path: adminPrefix + "/tools/{plugin}/{tool}/plan", permission: core.SignedIn, status: http.StatusCreated,
		summary: "Plan the use of a tool", about: "It changes nothing and says what would be changed. Each tool asks for a permission of its own."}, a.planTool)
	add(a, operation{id: "list-tool-runs", method: http.MethodGet, path: toolRunsPath, permission: core.JobsRead, summary: "List uses of tools, newest first"},
		func(ctx context.Context, in *struct {
			Paging
			Plugin   string `query:"plugin" doc:"The id of a plugin." example:"example"`
			State    string `query:"state" enum:"pending,running,done,failed,cancelled"`
			TenantID string `query:"tenant_id" doc:"Those for this tenant alone."`
		}) (*pageOutput[toolRun], error) {
			q := in.query()
			q.Kind, q.Status, q.Tenant = in.Plugin, in.State, core.TenantID(in.TenantID)
			list, err := a.Plugins.ToolRuns(ctx, q)
			return pageOf(list, shapeToolRun), err
		})
	add(a, operation{id: "find-tool-run", method: http.MethodGet, path: toolRunsPath + "/{id}", permission: core.SignedIn, summary: "Read a use of a tool",
		about: "For those who may use the tool, or may read jobs."},
		func(ctx context.Context, in *IDInput) (*struct{ Body toolRun }, error) {
			r, err := a.run(ctx, in.ID, false)
			return &struct{ Body toolRun }{shapeToolRun(r)}, err
		})
	for _, verb := range []struct {
		name, summary string
		do            func(ctx context.Context, id string) error
	}{
		{"apply", "Apply a plan", func(ctx context.Context, id string) error { _, err := a.Plugins.ApplyTool(ctx, id); return err }},
		{"resume", "Go on with a use of a tool that failed or was cancelled", func(ctx context.Context, id string) error { _, err := a.Plugins.ResumeTool(ctx, id); return err }},
		{"cancel", "Ask a use of a tool to end", func(ctx context.Context, id string) error { return a.Plugins.CancelTool(ctx, id) }},
	} {
		add(a, operation{id: verb.name + "-tool", method: http.MethodPost, path: toolRunsPath + "/{id}/" + verb.name, permission: core.SignedIn, summary: verb.summary, status: http.StatusAccepted,
			about: "For those who may use the tool."},
			func(ctx context.Context, in *IDInput) (*struct{ Body toolRun }, error) {
				if _, err := a.run(ctx, in.ID, true); err != nil {
					return nil, err
				}
				if err := verb.do(ctx, in.ID); err != nil {
					return nil, err
				}
				r, err := a.Plugins.FindTool(ctx, in.ID)
				return &struct{ Body toolRun }{shapeToolRun(r)}, err
			})
	}
}

// PlanInput names a tool and its parameters.
type PlanInput struct {
	Plugin string `path:"plugin" doc:"The plugin's id." example:"example"`
	Tool   string `path:"tool" doc:"The tool's id." example:"reopen"`
	Body   struct {
		TenantID string          `json:"tenant_id,omitempty" doc:"Whom it is used for; absent for a tool of the platform."`
		Params   json.RawMessage `json:"params,omitempty" doc:"As the tool's schema says."`
	}
}

func (a *api) planTool(ctx context.Context, in *PlanInput) (*created[toolRun], error) {
	s, err := a.Plugins.Find(in.Plugin)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(s.Manifest.Tools, func(t sdk.ToolInfo) bool { return t.ID == in.Tool })
	if i < 0 {
		return nil, core.Errorf(core.NotFound, "There is no such tool.")
	}
	if err := a.mayUse(ctx, s.Manifest.Tools[i]); err != nil {
		return nil, err
	}
	var tenant core.TenantID
	if s.Manifest.Tools[i].Scope != sdk.Platform {
		if tenant, err = core.ParseTenantID(in.Body.TenantID); err != nil {
			return nil, core.Problems{{Field: "tenant_id", Value: in.Body.TenantID, Reason: "is no tenant's id"}}.Err()
		}
	}
	params := []byte(in.Body.Params)
	if len(params) == 0 {
		params = []byte("{}")
	}
	r, err := a.Plugins.PlanTool(ctx, in.Plugin, in.Tool, tenant, params)
	return &created[toolRun]{Location: toolRunsPath + "/" + r.ID, Body: shapeToolRun(r)}, err
}
