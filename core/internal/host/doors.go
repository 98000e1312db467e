package host

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// Visit is a request for a plugin's page or action. The web has named the
// tenant and the actor; the host checks the permission that the plugin has
// declared for the page or action.
type Visit struct {
	Plugin string
	Path   string // of a page, below the plugin's address: "/", "/notes/3"
	Action string // of an action: its id
	Tenant core.Tenant
	Scope  sdk.Scope
	Base   string // what addresses of this plugin's pages begin with, in this place
	Portal bool
	Query  map[string][]string
	Values map[string][]string // of a form
	Whole  bool                // for a file: every row
}

// RouteRequest is a request for a plugin's route.
type RouteRequest struct {
	Method, Path, Query string // Path is whole: /api/plugins/example/notes
	Header              map[string]string
	Body                []byte
	Tenant              core.TenantID // of a tenant's route
	Staff               bool          // came under /api/admin
}

// RouteReply is how a route answers. Body is at most 64 MiB.
type RouteReply struct {
	Status int
	Header map[string]string
	Body   []byte
}

// Place is a page of a plugin in a navigation.
type Place struct {
	Plugin string
	Page   sdk.PageInfo
	Ready  bool
}

// ToolRun is one use of a tool, from its plan to its end.
type ToolRun struct {
	ID          string
	Plugin      string
	Tool        sdk.ToolInfo
	Tenant      core.TenantID // empty: the platform
	Params      []byte        // JSON
	Plan        sdk.Plan
	State       core.WorkState
	Done, Total int64
	Summary     string
	Error       string
	By          string
	Run         core.JobRun
}
