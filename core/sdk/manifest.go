package sdk

import (
	"encoding/json"

	"github.com/openhouse-ai/console/core"
)

// Manifest is what a plugin says of itself (Describe). The host keeps it by
// the checksum of the binary, shows it and compares it with the one before.
type Manifest struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Summary string `json:"summary"`
	SDK     int    `json:"sdk"` // wire.ProtocolVersion that it was built with

	Needs    Grants            `json:"needs"`
	Schema   []Migration       `json:"schema,omitempty"`   // of tenants' files
	Platform []Migration       `json:"platform,omitempty"` // of the control database
	Pages    []PageInfo        `json:"pages,omitempty"`
	Actions  []ActionInfo      `json:"actions,omitempty"`
	Routes   []RouteInfo       `json:"routes,omitempty"`
	OpenAPI  json.RawMessage   `json:"openapi,omitempty"` // paths and components of the routes
	Events   []string          `json:"events,omitempty"`
	Jobs     []JobInfo         `json:"jobs,omitempty"`
	Tools    []ToolInfo        `json:"tools,omitempty"`
	Metrics  []core.Metric     `json:"metrics,omitempty"`
	Records  map[string]string `json:"records,omitempty"`

	Settings         Schema `json:"settings,omitempty"`
	PlatformSettings Schema `json:"platform_settings,omitempty"`

	Purges  bool `json:"purges,omitempty"`
	Exports bool `json:"exports,omitempty"`
}

// Schema is a JSON Schema. Its properties carry "x-order", so that a form
// shows them as the struct declares them; a secret is "writeOnly".
type Schema = json.RawMessage

// Migration is one goose file.
type Migration struct {
	Name string `json:"name"` // 00001_notes.sql
	SQL  string `json:"sql"`
}

// PageInfo is a Page without its function.
type PageInfo struct {
	ID         string          `json:"id"`
	Path       string          `json:"path"`
	Title      string          `json:"title"`
	Scope      Scope           `json:"scope"`
	Nav        bool            `json:"nav,omitempty"`
	Hidden     bool            `json:"hidden,omitempty"`
	Permission core.Permission `json:"permission"`
}

// ActionInfo is an Action without its function.
type ActionInfo struct {
	ID         string          `json:"id"`
	Scope      Scope           `json:"scope"`
	Permission core.Permission `json:"permission"`
	Schema     Schema          `json:"schema,omitempty"`
}

// RouteInfo is a Route without its function.
type RouteInfo struct {
	Method     string          `json:"method"`
	Path       string          `json:"path"` // below the mount: /notes/{note}
	Scope      Scope           `json:"scope"`
	Both       bool            `json:"both,omitempty"` // a tenant's, and the platform's at the same path
	Permission core.Permission `json:"permission"`
	Summary    string          `json:"summary"`
}

// JobInfo is a Job without its function.
type JobInfo struct {
	ID       string `json:"id"`
	Summary  string `json:"summary"`
	Schedule string `json:"schedule"`
	Scope    Scope  `json:"scope"`
	Changed  bool   `json:"changed,omitempty"`
}

// ToolInfo is a Tool without its functions.
type ToolInfo struct {
	ID         string          `json:"id"`
	Title      string          `json:"title"`
	Summary    string          `json:"summary"`
	Scope      Scope           `json:"scope"`
	Permission core.Permission `json:"permission"`
	Schema     Schema          `json:"schema,omitempty"`
}
