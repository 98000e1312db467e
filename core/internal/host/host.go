package host

import (
	"context"
	"encoding/json"
	"io"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// Host runs the plugins of one console.
type Host struct{}

var errAbsent = core.Errorf(core.NotFound, "There is no such plugin.")

// Plugins lists every plugin of plugins.yaml in the order of their ids.
func (h *Host) Plugins() []Status { return nil }

// Find returns one plugin, or not_found.
func (h *Host) Find(id string) (Status, error) { return Status{}, errAbsent }

// Logs are the last lines of a plugin's log, oldest first.
func (h *Host) Logs(id string) []Line { return nil }

// Outside lists the recorded calls of a plugin to others, latest first.
func (h *Host) Outside(ctx context.Context, id string, q core.Query) (core.List[OutsideCall], error) {
	return core.List[OutsideCall]{}, errAbsent
}

// Tenants lists how a plugin stands in each tenant. Status filters: off, broken.
func (h *Host) Tenants(ctx context.Context, id string, q core.Query) (core.List[TenantState], error) {
	return core.List[TenantState]{}, errAbsent
}

// Restart ends a plugin's process and starts it again; it also frees one from
// quarantine.
func (h *Host) Restart(ctx context.Context, id string) error { return errAbsent }

// Enable switches a plugin on that Disable has switched off.
func (h *Host) Enable(ctx context.Context, id, reason string) error { return errAbsent }

// Disable switches a plugin off until Enable, also beyond a restart.
func (h *Host) Disable(ctx context.Context, id, reason string) error { return errAbsent }

// Approve grants what the version of the checksum asks for, and starts it.
// Returns conflict when another version waits by now.
func (h *Host) Approve(ctx context.Context, id, sha256 string) error { return errAbsent }

// Refuse drops the version that waits for approval.
func (h *Host) Refuse(ctx context.Context, id, reason string) error { return errAbsent }

// Switch turns a plugin off or on for one tenant.
func (h *Host) Switch(ctx context.Context, id string, tenant core.TenantID, off bool, reason string) error {
	return errAbsent
}

// Reload reads plugins.yaml again and applies what has changed. It returns a
// sentence for each change. An invalid file changes nothing.
func (h *Host) Reload(ctx context.Context) (changed []string, err error) { return nil, nil }

// Places are the pages of all plugins that have a place in a navigation.
func (h *Host) Places(scope sdk.Scope, portal bool) []Place { return nil }

// Page asks a plugin for one of its pages.
func (h *Host) Page(ctx context.Context, v Visit) (ui.Page, error) { return ui.Page{}, errAbsent }

// Act submits a form or a button of a plugin's page.
func (h *Host) Act(ctx context.Context, v Visit) (sdk.Done, error) { return sdk.Done{}, errAbsent }

// Route answers a request under a mount.
func (h *Host) Route(ctx context.Context, r RouteRequest) (RouteReply, error) {
	return RouteReply{}, errAbsent
}

// Owns reports whether a path of the API belongs to a plugin.
func (h *Host) Owns(path string) bool { return false }

// Document is what plugins add to the OpenAPI document: whole paths, and
// component schemas by name. The generation grows with each change.
func (h *Host) Document() (paths, schemas map[string]json.RawMessage, generation int64) {
	return nil, nil, 0
}

// Settings returns the schema of a plugin's settings and the values as people
// may see them. An empty tenant means those of the installation.
func (h *Host) Settings(ctx context.Context, id string, tenant core.TenantID) (schema sdk.Schema, masked []byte, version int64, err error) {
	return nil, nil, 0, errAbsent
}

// SaveSettings checks and stores a plugin's settings. Secrets left empty keep
// their value. Returns invalid with the fields, and conflict for an old version.
func (h *Host) SaveSettings(ctx context.Context, id string, tenant core.TenantID, values []byte, version int64) error {
	return errAbsent
}

// PlanTool asks a tool what it would do, and keeps the answer as a run that
// ApplyTool applies.
func (h *Host) PlanTool(ctx context.Context, id, tool string, tenant core.TenantID, params []byte) (ToolRun, error) {
	return ToolRun{}, errAbsent
}

// ApplyTool begins to apply a plan in the background.
func (h *Host) ApplyTool(ctx context.Context, run string) (ToolRun, error) {
	return ToolRun{}, errAbsent
}

// CancelTool ends a run that is being applied, or drops one that is planned.
func (h *Host) CancelTool(ctx context.Context, run string) error { return errAbsent }

// ResumeTool plans a failed or cancelled run again and applies what is left.
func (h *Host) ResumeTool(ctx context.Context, run string) (ToolRun, error) {
	return ToolRun{}, errAbsent
}

// FindTool returns a run, or not_found.
func (h *Host) FindTool(ctx context.Context, run string) (ToolRun, error) {
	return ToolRun{}, errAbsent
}

// ToolRuns lists runs, latest first. Kind filters by plugin, Status by state.
func (h *Host) ToolRuns(ctx context.Context, q core.Query) (core.List[ToolRun], error) {
	return core.List[ToolRun]{}, errAbsent
}

// PurgeTenant tells every plugin that a tenant is about to be deleted.
func (h *Host) PurgeTenant(ctx context.Context, tenant core.TenantID) error { return nil }

// ExportTenant writes the files that plugins add to a tenant's export.
func (h *Host) ExportTenant(ctx context.Context, tenant core.TenantID, create func(plugin, name string) (io.WriteCloser, error)) error {
	return nil
}
