package host

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/keep"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
)

// record writes to the platform's log what a person did with a plugin, or with
// all of them.
func (h *Host) record(ctx context.Context, action, id, reason string) error {
	target := core.Target{Kind: "plugin", ID: id}
	if id == "" {
		target = core.Target{Kind: "plugins", ID: "plugins.yaml"}
	}
	return h.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		return h.Audit.Record(ctx, tx, core.Entry{Action: action, Target: target, Reason: reason})
	})
}

// approved is what was granted to a plugin on its page.
func (h *Host) approved(ctx context.Context, id string) (sdk.Grants, error) {
	a, _, err := h.Keep.Approval(ctx, id)
	return a.Grants, err
}

// approve adds what a version asks for to what was granted before.
func (h *Host) approve(ctx context.Context, id string, p Proposal) error {
	before, err := h.approved(ctx, id)
	if err != nil {
		return err
	}
	return h.Keep.Approve(ctx, id, p.SHA256, union(before, p.Manifest.Needs), p.Changes)
}

// offReason says why a plugin is switched off; empty: it isn't.
func (h *Host) offReason(ctx context.Context, id string, e Entry) (string, error) {
	if e.Off {
		return "plugins.yaml says that it is not enabled.", nil
	}
	reasons, err := h.Keep.Disabled(ctx)
	if why, off := reasons[id]; off {
		return "It was switched off: " + why, err
	}
	return "", err
}

// versions are those of a plugin's tables, by tenant; without those that failed.
func (h *Host) versions(ctx context.Context, id string) (map[core.TenantID]int64, error) {
	states, err := h.Keep.Standing(ctx, id)
	versions := map[core.TenantID]int64{}
	for tenant, s := range states {
		if s.Error == "" {
			versions[tenant] = s.Version
		}
	}
	return versions, err
}

// countTenants counts those that a plugin is off for, and those whose
// migration failed.
func (h *Host) countTenants(ctx context.Context, id string) (off, broken int, err error) {
	for status, n := range map[string]*int{"off": &off, "broken": &broken} {
		page, err := h.Keep.TenantStates(ctx, id, core.Query{Status: status, Limit: 1})
		if err != nil {
			return 0, 0, err
		}
		*n = page.Total
	}
	return off, broken, nil
}

// Tenants lists how a plugin stands in each tenant, by name. Status filters:
// off, broken.
func (h *Host) Tenants(ctx context.Context, id string, q core.Query) (list core.List[TenantState], err error) {
	if _, err := h.find(id); err != nil {
		return list, err
	}
	kept, err := h.Keep.TenantStates(ctx, id, q)
	list.Next, list.Total = kept.Next, kept.Total
	for _, s := range kept.Items {
		list.Items = append(list.Items, TenantState{Tenant: s.Tenant, Name: s.Name, Off: s.Off, Reason: s.Reason, Version: s.Version, Error: s.Error})
	}
	return list, err
}

func (h *Host) keepCrash(ctx context.Context, id string, c Crash) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return h.Keep.AddCrash(ctx, id, body)
}

func (h *Host) crashes(ctx context.Context, id string) ([]Crash, error) {
	dossiers, err := h.Keep.Crashes(ctx, id)
	crashes := make([]Crash, len(dossiers))
	for n, body := range dossiers {
		if err := json.Unmarshal(body, &crashes[n]); err != nil {
			return nil, fmt.Errorf("read dossier: %w", err)
		}
	}
	return crashes, err
}

// outside is a call to others on its way to the records.
type outside struct {
	plugin string
	call   keep.OutsideCall
}

// noteOutside takes the record of a call to others; it is written a moment
// later, so that the plugin doesn't wait.
func (h *Host) noteOutside(plugin string, tenant core.TenantID, c *wire.OutsideCall) {
	o := outside{plugin, keep.OutsideCall{
		At: h.Now(), Tenant: tenant, Method: cut(c.GetMethod(), 20), Host: cut(c.GetHost(), 260), Path: cut(c.GetPath(), 500),
		Status: int(c.GetStatus()), Took: micro(c.GetMicroseconds()), Sent: c.GetSent(), Received: c.GetReceived(),
		Error: cut(c.GetError(), 500), Attempt: int(c.GetAttempt()),
	}}
	select {
	case h.outside <- o:
	case <-h.background.Done():
	}
}

// writeOutside writes the records of calls to others, those that wait at once.
func (h *Host) writeOutside() {
	for {
		byPlugin := map[string][]keep.OutsideCall{}
		select {
		case o := <-h.outside:
			byPlugin[o.plugin] = append(byPlugin[o.plugin], o.call)
		case <-h.background.Done():
			return
		}
		for more := true; more; {
			select {
			case o := <-h.outside:
				byPlugin[o.plugin] = append(byPlugin[o.plugin], o.call)
			default:
				more = false
			}
		}
		for plugin, calls := range byPlugin {
			h.note("outside calls", h.Keep.AddCalls(context.WithoutCancel(h.background), plugin, calls...))
		}
	}
}

// Outside lists the recorded calls of a plugin to others, latest first. Tenant,
// Status (failed), Text and the time pick some.
func (h *Host) Outside(ctx context.Context, id string, q core.Query) (list core.List[OutsideCall], err error) {
	if _, err := h.find(id); err != nil {
		return list, err
	}
	kept, err := h.Keep.Calls(ctx, id, q)
	list.Next, list.Total = kept.Next, kept.Total
	for _, c := range kept.Items {
		list.Items = append(list.Items, OutsideCall{At: c.At, Tenant: c.Tenant, Method: c.Method, Host: c.Host, Path: c.Path, Status: c.Status, Took: c.Took, Error: c.Error})
	}
	return list, err
}

// kept is a run as it is kept.
func (r ToolRun) kept() (keep.Run, error) {
	plan, err := json.Marshal(r.Plan)
	return keep.Run{
		ID: r.ID, Plugin: r.Plugin, Tool: r.Tool.ID, Tenant: r.Tenant, State: r.State, Hash: r.Plan.Hash, Done: r.Done, Total: r.Total, By: r.By,
		Params: r.Params, Plan: plan, Summary: r.Summary, Error: r.Error,
	}, err
}

// toolRun is a run as the doors see it.
func toolRun(k keep.Run) (ToolRun, error) {
	r := ToolRun{
		ID: k.ID, Plugin: k.Plugin, Tool: sdk.ToolInfo{ID: k.Tool, Title: k.Tool}, Tenant: k.Tenant, Params: k.Params, State: k.State,
		Done: k.Done, Total: k.Total, Summary: k.Summary, Error: k.Error, By: k.By,
		Run: core.JobRun{
			ID: k.ID, Job: k.Plugin + "." + k.Tool, State: k.State, Done: int(k.Done), Total: int(k.Total), Summary: k.Summary, Error: k.Error,
			StartedBy: k.By, StartedAt: k.CreatedAt,
		},
	}
	if !k.StartedAt.IsZero() {
		r.Run.StartedAt = k.StartedAt
	}
	if !k.EndedAt.IsZero() {
		r.Run.EndedAt = &k.EndedAt
	}
	if len(k.Plan) == 0 {
		r.Plan.Hash = k.Hash
		return r, nil
	}
	return r, json.Unmarshal(k.Plan, &r.Plan)
}

func (h *Host) findRun(ctx context.Context, id string) (ToolRun, error) {
	k, err := h.Keep.FindRun(ctx, id)
	if err != nil {
		return ToolRun{}, err
	}
	return toolRun(k)
}

func (h *Host) listRuns(ctx context.Context, q core.Query) (list core.List[ToolRun], err error) {
	kept, err := h.Keep.Runs(ctx, q)
	list.Next, list.Total = kept.Next, kept.Total
	for _, k := range kept.Items {
		r, err := toolRun(k)
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, r)
	}
	return list, err
}

// keepRun writes a run down by one of keep's functions.
func keepRun(ctx context.Context, r ToolRun, write func(context.Context, keep.Run) error) error {
	kept, err := r.kept()
	if err != nil {
		return err
	}
	return write(ctx, kept)
}
