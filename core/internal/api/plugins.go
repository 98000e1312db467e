package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
)

const pluginsPath = adminPrefix + "/plugins"

// Plugins are the processes that extend the console: how they stand, and the
// doors that lead to them.
type Plugins interface {
	Plugins() []host.Status
	Find(id string) (host.Status, error)
	Tenants(ctx context.Context, id string, q core.Query) (core.List[host.TenantState], error)
	Restart(ctx context.Context, id string) error
	Enable(ctx context.Context, id, reason string) error
	Disable(ctx context.Context, id, reason string) error
	Approve(ctx context.Context, id, sha256 string) error
	Refuse(ctx context.Context, id, reason string) error
	Switch(ctx context.Context, id string, tenant core.TenantID, off bool, reason string) error
	Reload(ctx context.Context) (changed []string, err error)

	Owns(path string) bool
	Route(ctx context.Context, r host.RouteRequest) (host.RouteReply, error)
	Document() (paths, schemas map[string]json.RawMessage, generation int64)

	Settings(ctx context.Context, id string, tenant core.TenantID) (schema sdk.Schema, masked []byte, version int64, err error)
	SaveSettings(ctx context.Context, id string, tenant core.TenantID, values []byte, version int64) error

	PlanTool(ctx context.Context, id, tool string, tenant core.TenantID, params []byte) (host.ToolRun, error)
	ApplyTool(ctx context.Context, run string) (host.ToolRun, error)
	ResumeTool(ctx context.Context, run string) (host.ToolRun, error)
	CancelTool(ctx context.Context, run string) error
	FindTool(ctx context.Context, run string) (host.ToolRun, error)
	ToolRuns(ctx context.Context, q core.Query) (core.List[host.ToolRun], error)
}

type plugin struct {
	ID           string          `json:"id" example:"example"`
	Name         string          `json:"name" example:"Site notes"`
	Version      string          `json:"version" example:"1.4.0"`
	Summary      string          `json:"summary"`
	Bundled      bool            `json:"bundled" doc:"A part of the console's own binary."`
	SHA256       string          `json:"sha256,omitempty" doc:"Of its binary."`
	State        string          `json:"state" enum:"verified,held,starting,ready,degraded,backing_off,quarantined,draining,stopped"`
	Why          string          `json:"why,omitempty" doc:"Why it isn't ready."`
	Since        string          `json:"since,omitempty" format:"date-time"`
	StartedAt    string          `json:"started_at,omitempty" format:"date-time"`
	MemoryBytes  int64           `json:"memory_bytes"`
	Calls        int64           `json:"calls" doc:"Of the last hour."`
	CallsFailed  int64           `json:"calls_failed" doc:"Of the last hour."`
	P95          int64           `json:"p95_ms" doc:"Of the last hour's calls, in milliseconds."`
	Pending      int             `json:"events_pending"`
	Dead         int             `json:"dead_letters"`
	OffFor       int             `json:"tenants_off" doc:"Tenants that it is switched off for."`
	Broken       int             `json:"tenants_failed" doc:"Tenants whose migration failed: there it is off."`
	Mounts       []string        `json:"mounts" doc:"What addresses of its routes begin with."`
	Sandbox      string          `json:"sandbox,omitempty"`
	Granted      sdk.Grants      `json:"granted" doc:"What it may do beyond its own tables."`
	Proposal     *pluginProposal `json:"proposal,omitempty" doc:"A version that waits for approval."`
	LastCrashAt  string          `json:"last_crash_at,omitempty" format:"date-time"`
	HasSettings  bool            `json:"has_settings" doc:"Each tenant's, at plugin-settings."`
	HasPlatform  bool            `json:"has_platform_settings"`
	RoutesNumber int             `json:"routes"`
	PagesNumber  int             `json:"pages"`
}

type pluginProposal struct {
	Version string         `json:"version"`
	SHA256  string         `json:"sha256" doc:"What an approval has to name."`
	At      time.Time      `json:"at"`
	Changes []fieldChanged `json:"changes" doc:"What it asks for beyond what was granted."`
}

type fieldChanged struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func shapePlugin(s host.Status) plugin {
	out := plugin{
		ID: s.ID, Name: s.Manifest.Name, Version: s.Manifest.Version, Summary: s.Manifest.Summary, Bundled: s.Bundled, SHA256: s.SHA256,
		State: string(s.State), Why: s.Why, Since: timeOf(&s.Since), StartedAt: timeOf(&s.StartedAt), MemoryBytes: s.Memory,
		Calls: s.Calls.Total, CallsFailed: s.Calls.Failed, P95: s.Calls.P95.Milliseconds(), Pending: s.Pending, Dead: s.Dead, OffFor: s.OffFor, Broken: s.Broken,
		Mounts: append([]string{}, s.Mounts...), Sandbox: s.Sandbox, Granted: s.Granted, HasSettings: len(s.Manifest.Settings) > 0,
		HasPlatform: len(s.Manifest.PlatformSettings) > 0, RoutesNumber: len(s.Manifest.Routes), PagesNumber: len(s.Manifest.Pages),
	}
	if len(s.Crashes) > 0 {
		out.LastCrashAt = timeOf(&s.Crashes[0].At)
	}
	if p := s.Proposal; p != nil {
		out.Proposal = &pluginProposal{Version: p.Manifest.Version, SHA256: p.SHA256, At: p.At, Changes: []fieldChanged{}}
		for _, c := range p.Changes {
			out.Proposal.Changes = append(out.Proposal.Changes, fieldChanged{c.Field, c.Before, c.After})
		}
	}
	return out
}

// PluginInput names a plugin.
type PluginInput struct {
	ID string `path:"id" doc:"The plugin's id." example:"example"`
}

// Because is why something is done.
type Because struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"Kept in the audit log." example:"Its figures are wrong since yesterday"`
}

// ReasonInput names a plugin and says why something is done with it.
type ReasonInput struct {
	PluginInput
	Body Because
}

// afterwards answers with how the plugin stands now.
func (a *api) afterwards(id string, err error) (*struct{ Body plugin }, error) {
	if err != nil {
		return nil, err
	}
	s, err := a.Plugins.Find(id)
	return &struct{ Body plugin }{shapePlugin(s)}, err
}

func (a *api) plugins() {
	add(a, operation{id: "list-plugins", method: http.MethodGet, path: pluginsPath, permission: core.PluginsRead, summary: "List plugins and how they are doing"},
		func(context.Context, *struct{}) (*pageOutput[plugin], error) {
			all := a.Plugins.Plugins()
			return pageOf(core.List[host.Status]{Items: all, Total: len(all)}, shapePlugin), nil
		})
	add(a, operation{id: "reload-plugins", method: http.MethodPost, path: pluginsPath + "/reload", permission: core.PluginsWrite, summary: "Read plugins.yaml again",
		about: "Plugins that are new, gone or changed are started, stopped or upgraded. A file with a mistake changes nothing."},
		func(ctx context.Context, _ *struct{}) (*struct {
			Body struct {
				Changed []string `json:"changed" doc:"What has changed, one line each."`
			}
		}, error) {
			changed, err := a.Plugins.Reload(ctx)
			out := &struct {
				Body struct {
					Changed []string `json:"changed" doc:"What has changed, one line each."`
				}
			}{}
			out.Body.Changed = append([]string{}, changed...)
			return out, err
		})
	add(a, operation{id: "find-plugin", method: http.MethodGet, path: pluginsPath + "/{id}", permission: core.PluginsRead, summary: "Read how a plugin is doing"},
		func(_ context.Context, in *PluginInput) (*struct{ Body plugin }, error) {
			return a.afterwards(in.ID, nil)
		})
	add(a, operation{id: "restart-plugin", method: http.MethodPost, path: pluginsPath + "/{id}/restart", permission: core.PluginsWrite, summary: "Start a plugin anew", status: http.StatusAccepted,
		about: "Also one that is quarantined."},
		func(ctx context.Context, in *PluginInput) (*struct{ Body plugin }, error) {
			return a.afterwards(in.ID, a.Plugins.Restart(ctx, in.ID))
		})
	add(a, operation{id: "approve-plugin", method: http.MethodPost, path: pluginsPath + "/{id}/approve", permission: core.PluginsWrite, summary: "Grant what a waiting version asks for", status: http.StatusAccepted},
		func(ctx context.Context, in *struct {
			PluginInput
			Body struct {
				SHA256 string `json:"sha256" minLength:"64" maxLength:"64" doc:"Of the version whose proposal was read."`
			}
		}) (*struct{ Body plugin }, error) {
			return a.afterwards(in.ID, a.Plugins.Approve(ctx, in.ID, in.Body.SHA256))
		})
	for _, verb := range []struct {
		name, summary string
		do            func(ctx context.Context, id, reason string) error
	}{
		{"enable", "Switch a plugin on", func(ctx context.Context, id, reason string) error { return a.Plugins.Enable(ctx, id, reason) }},
		{"disable", "Switch a plugin off for every tenant", func(ctx context.Context, id, reason string) error { return a.Plugins.Disable(ctx, id, reason) }},
		{"refuse", "Refuse what a waiting version asks for", func(ctx context.Context, id, reason string) error { return a.Plugins.Refuse(ctx, id, reason) }},
	} {
		add(a, operation{id: verb.name + "-plugin", method: http.MethodPost, path: pluginsPath + "/{id}/" + verb.name, permission: core.PluginsWrite, summary: verb.summary, status: http.StatusAccepted},
			func(ctx context.Context, in *ReasonInput) (*struct{ Body plugin }, error) {
				return a.afterwards(in.ID, verb.do(ctx, in.ID, in.Body.Reason))
			})
	}
	a.pluginTenants()
}

type pluginTenant struct {
	TenantID string `json:"tenant_id" example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Name     string `json:"name"`
	Off      bool   `json:"off"`
	Reason   string `json:"reason,omitempty" doc:"Why it is off."`
	Version  int64  `json:"version" doc:"Of the plugin's tables in the tenant's file; 0: none yet."`
	Error    string `json:"error,omitempty" doc:"Why its migration failed."`
}

func shapePluginTenant(t host.TenantState) pluginTenant {
	return pluginTenant{TenantID: string(t.Tenant), Name: t.Name, Off: t.Off, Reason: t.Reason, Version: t.Version, Error: t.Error}
}

// pluginTenants are the switches of a plugin, tenant by tenant.
func (a *api) pluginTenants() {
	const path = pluginsPath + "/{id}/tenants"
	add(a, operation{id: "list-plugin-tenants", method: http.MethodGet, path: path, permission: core.PluginsRead, summary: "List tenants with how a plugin stands there"},
		func(ctx context.Context, in *struct {
			PluginInput
			Sorting
			State string `query:"state" enum:"on,off,broken"`
		}) (*pageOutput[pluginTenant], error) {
			q := in.query()
			q.Status = in.State
			list, err := a.Plugins.Tenants(ctx, in.ID, q)
			return pageOf(list, shapePluginTenant), err
		})
	add(a, operation{id: "switch-plugin", method: http.MethodPut, path: path + "/{tenant_id}", permission: core.PluginsWrite, summary: "Switch a plugin on or off for one tenant"},
		func(ctx context.Context, in *struct {
			PluginInput
			TenantID string `path:"tenant_id" doc:"The tenant's id."`
			Body     struct {
				Off bool `json:"off"`
				Because
			}
		}) (*struct{ Body pluginTenant }, error) {
			if _, err := a.Plugins.Find(in.ID); err != nil {
				return nil, err
			}
			id, err := core.ParseTenantID(in.TenantID)
			if err == nil {
				_, err = a.Tenants.Find(ctx, id)
			}
			if err == nil {
				err = a.Plugins.Switch(ctx, in.ID, id, in.Body.Off, in.Body.Reason)
			}
			if err != nil {
				return nil, err
			}
			list, err := a.Plugins.Tenants(ctx, in.ID, core.Query{Tenant: id, Limit: 1})
			if err != nil || len(list.Items) == 0 {
				return nil, err
			}
			return &struct{ Body pluginTenant }{shapePluginTenant(list.Items[0])}, nil
		})
}
