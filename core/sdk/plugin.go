// Package sdk is what a plugin of OpenHouse Console is written with: a value
// that says what the plugin does, and Serve in its main.
//
//	func main() { sdk.Serve(notes.Plugin()) }
//
// Everything enters a plugin as a function of a context and a Call. The call
// is about one tenant, or about the platform, and reaches nothing else; it ends
// when the function returns. docs/plugin-author.md is the guide.
package sdk

import (
	"context"
	"io/fs"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// Plugin is what a plugin is and does. An ability that it lacks is a field
// left empty.
type Plugin struct {
	ID      string // one lower-case word: tables, addresses and events begin with it
	Name    string // Site notes
	Version string // semantic: 1.4.0
	Summary string // one sentence

	// Needs is what the plugin asks for beyond its own tables. An administrator
	// grants it, by plugins.yaml or on the plugin's page.
	Needs Grants

	// Migrations are goose files (00001_notes.sql) of the plugin's tables in
	// every tenant's file; Platform are those in the control database. Names of
	// tables and indexes begin with the id and an underscore.
	Migrations, Platform fs.FS

	Pages   []Page
	Actions []Action
	Routes  []Route
	Events  []Subscription
	Jobs    []Job
	Tools   []Tool

	// Metrics are kept as roll-ups; RollUp computes their figures of the call's
	// tenant: of every development and period that has one, always all of them.
	Metrics []core.Metric
	RollUp  func(context.Context, Call) ([]core.Figure, error)

	// Settings are each tenant's, PlatformSettings the installation's.
	Settings, PlatformSettings *Settings

	// Records are what the plugin writes to the audit log: the verb behind its
	// id (note.create) and how it reads between actor and target ("added note to").
	Records map[string]string

	// Health says why the plugin can't work, or nil; it answers within 2 s.
	Health func(context.Context) error
	// Purge undoes what the plugin has done for the call's tenant elsewhere; its
	// tables are dropped by the host afterwards.
	Purge func(context.Context, Call) error
	// Export adds files to the export of the call's tenant, beside its tables.
	Export func(context.Context, Call, *Files) error
}

// Grants are rights beyond the plugin's own tables.
type Grants struct {
	// Read names columns of core tables in a tenant's file: units: [id, label].
	Read map[string][]string `json:"read,omitempty" yaml:"read"`
	// ReadPlatform names columns of tables in the control database, for calls
	// without a tenant.
	ReadPlatform map[string][]string `json:"read_platform,omitempty" yaml:"read_platform"`
	// Egress are the hosts and ports that HTTPClient may reach:
	// api.hubapi.com:443, *.blob.example:443.
	Egress []string `json:"egress,omitempty" yaml:"egress"`
	// Env are variables of the console's environment that the process may see.
	Env []string `json:"env,omitempty" yaml:"env"`
}

// Scope says whom a door is about.
type Scope string

// A door is about one tenant, or about the whole platform.
const (
	Tenant   Scope = "tenant"
	Platform Scope = "platform"
)

// Page is a page under /admin/<id> and, for a tenant's, under /portal/<id>.
type Page struct {
	ID         string
	Path       string // "/", "/notes/{note}"; parameters are read with Call.Param
	Title      string // in the navigation and in the tab
	Scope      Scope
	Nav        bool // has a place in the navigation, or among the tenant's tabs
	Hidden     bool // not in the portal
	Permission core.Permission
	Show       func(context.Context, Call) (ui.Page, error)
}

// Done is what an action has come to. An error of code invalid with fields
// shows the form again, with the reasons beside the fields.
type Done struct {
	Next string `json:"next,omitempty"` // path of one of the plugin's pages; empty: where the form was
	Said string `json:"said,omitempty"` // shown once: "Note added."
}

// Action is what a form or a button does. NewAction makes one.
type Action struct {
	ID         string
	Scope      Scope
	Permission core.Permission
	schema     Schema
	wrong      error // why its struct has no schema
	do         func(context.Context, Call, []byte) (Done, error)
}

// Subscription is an event that the plugin listens to. Handle acknowledges it
// by returning nil. The same event may come again: keep its id.
type Subscription struct {
	Event  string // unit.handed_over
	Handle func(context.Context, Call, core.Event) error
}

// Job is work on a schedule. Run returns one line that says what was done, or
// nothing. Running it twice leaves the same data as running it once.
type Job struct {
	ID       string // remind
	Summary  string // one human sentence
	Schedule string // cron with five fields, in UTC
	Scope    Scope
	// Changed runs a tenant's job only for tenants that have something new since
	// it last ended well for them: their file has changed, something was
	// published for them or for all, the platform's settings were saved, or
	// another binary of the plugin serves. What the job itself writes counts: the
	// next time it finds nothing to do. It has to ask what is new, and not the clock.
	Changed bool
	Run     func(context.Context, Call) (string, error)
}

// Tool is a repair or a bulk change that an operator runs: first a plan, which
// changes nothing, then its application. NewTool makes one.
type Tool struct {
	ID, Title, Summary string
	Scope              Scope
	Permission         core.Permission
	schema             Schema
	wrong              error // why its struct has no schema
	plan               func(context.Context, Call, []byte) (Plan, error)
	apply              func(context.Context, Call, []byte, Plan) (string, error)
}

// Plan is what a tool would do: what is read again and compared before it is
// applied.
type Plan struct {
	Counts  []Count  `json:"counts,omitempty"`
	Samples ui.Table `json:"samples"`
	Cost    string   `json:"cost,omitempty"` // in words: "about 0.40 USD"
	Hash    string   `json:"hash"`           // made by the SDK from the rest
}

// Count is one number of a plan.
type Count struct {
	Label string `json:"label"`
	Value int64  `json:"value"`
}
