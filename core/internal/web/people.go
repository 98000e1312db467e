package web

import (
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/ui"
)

// roleName is a role as people read it.
var roleName = access.RoleName

// rolePurpose says in half a sentence what a role is for.
var rolePurpose = map[core.Role]string{
	core.Owner:           "Everything, and may make other owners.",
	core.Admin:           "Everything but making owners.",
	core.Finance:         "Reads tenants, settings and messages.",
	core.Sales:           "Onboards developers and changes their brand.",
	core.Support:         "Onboards, helps developers, and may act for their users.",
	core.Engineer:        "Jobs, metrics, keys to look at, undelivered messages.",
	core.Compliance:      "Reads everything that people did.",
	core.Auditor:         "Reads everything, changes nothing.",
	core.DeveloperAdmin:  "Everything in the developer's own portal.",
	core.DeveloperViewer: "Looks around in the developer's own portal.",
	core.Reporter:        "Reports usage events and reads nothing: for a portal or an exporter of traces.",
}

// roleOptions are the roles of people that the actor may choose from: of staff,
// or of a developer's staff. Only an owner makes an owner.
func (q *request) roleOptions(developer, owners bool) []ui.Option {
	var options []ui.Option
	for _, r := range core.Roles {
		if r.ForDeveloper() != developer || r == core.Owner && !owners || r == core.Reporter {
			continue
		}
		options = append(options, roleOption(r))
	}
	return options
}

func roleOption(r core.Role) ui.Option {
	return ui.Option{Value: string(r), Label: roleName(r), Hint: rolePurpose[r]}
}

// tenantOptions are tenants to choose from: the first ones by name, and the one
// that is chosen already.
func (q *request) tenantOptions(chosen string) ([]ui.Option, error) {
	list, err := q.site.Tenants.List(q.ctx, core.Query{Limit: core.MaxLimit})
	if err != nil {
		return nil, err
	}
	var options []ui.Option
	found := chosen == ""
	for _, t := range list.Items {
		found = found || string(t.ID) == chosen
		options = append(options, ui.Option{Value: string(t.ID), Label: t.Name})
	}
	if !found {
		options = append(options, ui.Option{Value: chosen, Label: q.tenantName(core.TenantID(chosen))})
	}
	return options, nil
}

// tenantName is a tenant as people call it, its id when it is gone.
func (q *request) tenantName(id core.TenantID) string {
	if id == "" {
		return "OpenHouse AI"
	}
	t, err := q.site.Tenants.Find(q.ctx, id)
	if err != nil {
		return string(id)
	}
	return t.Name
}

// tenantCell links to a tenant; the platform leads nowhere.
func (q *request) tenantCell(id core.TenantID) ui.Value {
	if id == "" {
		return ui.Text{Text: q.tenantName(id), Muted: true}
	}
	return ui.Link{Text: q.tenantName(id), Href: "/admin/tenants/" + string(id)}
}

// names remembers who is behind an id while a page is drawn.
type names struct {
	q     *request
	known map[string]string
}

func (q *request) names() names { return names{q, map[string]string{}} }

// of is the name behind an id; where there is none, the id.
func (n names) of(kind, id string) string {
	if name, ok := n.known[id]; ok {
		return name
	}
	name := id
	switch kind {
	case "staff", "developer", "user":
		if u, err := n.q.site.Users.Find(n.q.ctx, id); err == nil {
			name = u.Name
		}
	case "api_key", "key":
		if k, err := n.q.site.Keys.Find(n.q.ctx, id); err == nil {
			name = k.Name
		}
	case "run":
		if r, err := n.q.site.Onboarding.Find(n.q.ctx, id); err == nil {
			name = r.Name
		}
	case "system":
		name = core.System.Name
	case "tenant":
		name = n.q.tenantName(core.TenantID(id))
	}
	if name == "" {
		name = "Somebody not signed in"
	}
	n.known[id] = name
	return name
}

func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}

// reasonField asks why; the audit log keeps the answer.
func reasonField(hint string) ui.Field {
	return ui.Field{Kind: ui.TextArea, Name: "reason", Label: "Reason", Required: true, Rows: 3, MaxLength: 500, Hint: hint}
}
