package core

import "context"

// Role is what a user or a key may do; access keeps the table of rights.
type Role string

// Roles of OpenHouse AI's staff, then those of a developer's staff and portal.
const (
	Owner           Role = "owner"
	Admin           Role = "admin"
	Finance         Role = "finance"
	Sales           Role = "sales"
	Support         Role = "support"
	Engineer        Role = "engineer"
	Compliance      Role = "compliance"
	Auditor         Role = "auditor"
	DeveloperAdmin  Role = "developer_admin"
	DeveloperViewer Role = "developer_viewer"
	Reporter        Role = "reporter" // a portal's key, which reports usage; no person has it
)

// Roles lists every role, staff first.
var Roles = []Role{Owner, Admin, Finance, Sales, Support, Engineer, Compliance, Auditor, DeveloperAdmin, DeveloperViewer, Reporter}

// ForDeveloper reports whether the role belongs to a developer's staff or
// portal, who reach their own tenant and nothing else.
func (r Role) ForDeveloper() bool {
	return r == DeveloperAdmin || r == DeveloperViewer || r == Reporter
}

// Permission is a right that a route asks for; every route declares one.
type Permission string

// Actor is who acts: a person, a key, a job. Tenant is empty for the platform.
type Actor struct {
	Kind       string // staff, developer, homeowner, plugin, system, api_key
	ID         string
	Name       string
	Email      string
	Role       Role
	Tenant     TenantID
	OnBehalfOf string // during impersonation: the staff user who really acts
	Session    string // hash of the session id
	Reason     string // during impersonation: why
}

// System is the actor of jobs and commands.
var System = Actor{Kind: "system", ID: "system", Name: "OpenHouse Console"}

// Origin is where a request came from, as the audit log records it.
type Origin struct {
	Request   string // request id
	IPPrefix  string // /24 or /48, never a whole address
	UserAgent string // family alone
}

type contextKey int

const (
	actorKey contextKey = iota
	originKey
)

// WithActor returns a context in which a acts.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey, a)
}

// ActorOf returns who acts in the context: System when nobody was named.
func ActorOf(ctx context.Context) Actor {
	if a, ok := ctx.Value(actorKey).(Actor); ok {
		return a
	}
	return System
}

// WithOrigin returns a context that carries where a request came from.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey, o)
}

// OriginOf returns where the request came from; zero outside a request.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey).(Origin)
	return o
}
