package sdk

import (
	"time"

	"github.com/openhouse-ai/console/core"
)

// Scene is who asks, about whom, when, and how the answer is read. The host
// sends it with every invocation.
type Scene struct {
	Tenant   core.TenantID `json:"tenant,omitempty"` // empty: a call of the platform
	Name     string        `json:"name,omitempty"`   // the tenant's
	Locale   string        `json:"locale,omitempty"`
	Zone     string        `json:"zone,omitempty"` // IANA: the tenant's days are days there
	Currency string        `json:"currency,omitempty"`
	Actor    core.Actor    `json:"actor"`
	Now      time.Time     `json:"now"`
	Request  string        `json:"request,omitempty"` // request id
	Base     string        `json:"base,omitempty"`    // of a page or an action: what addresses of the plugin's pages begin with
	Portal   bool          `json:"portal,omitempty"`  // shown to a developer's staff

	Params map[string]string   `json:"params,omitempty"` // of the path
	Query  map[string][]string `json:"query,omitempty"`
	Whole  bool                `json:"whole,omitempty"` // for a file: every row of every table, not one page
}

// Call is one call of the host: about one tenant or about the platform, valid
// until the function that received it returns.
type Call struct {
	Scene
	ID      string // for logs
	session *session
}
