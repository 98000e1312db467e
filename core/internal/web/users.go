package web

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

var userTones = map[string]ui.Tone{"active": ui.Good, "invited": ui.Info, "disabled": ui.Warn}

func userBadge(u core.User) ui.Badge {
	return ui.Badge{Text: roleName(core.Role(u.Status)), Tone: userTones[u.Status]}
}

// listUsers is everybody who signs in, staff and developers' staff.
func listUsers(q *request) error {
	tenants, err := q.tenantOptions(q.query.Get("tenant"))
	if err != nil {
		return err
	}
	p := ui.Page{Head: ui.Head{Title: "Users", Lead: "Staff of OpenHouse AI, and the people of each developer."}}
	if q.may(core.UsersWrite) {
		p.Head.Actions = []ui.Action{
			{Label: "Invite a developer's staff", Href: "/admin/users/invite?for=developer", Icon: ui.IconTenant},
			{Label: "Invite staff", Href: "/admin/users/invite", Icon: ui.IconPlus, Kind: ui.Primary},
		}
	}
	return listing[core.User]{
		title:  "Users",
		fetch:  func(query core.Query) (core.List[core.User], error) { return q.site.Users.List(q.ctx, query) },
		href:   userHref,
		search: "Name or e-mail",
		filters: []ui.Filter{
			{Name: "kind", Label: "Side", Value: q.query.Get("kind"), Options: []ui.Option{{Value: "staff", Label: "OpenHouse AI"}, {Value: "developer", Label: "Developers"}}},
			{Name: "tenant", Label: "Tenant", Value: q.query.Get("tenant"), Options: tenants},
			{Name: "status", Label: "Status", Value: q.query.Get("status"), Options: []ui.Option{
				{Value: "active", Label: "Active"}, {Value: "invited", Label: "Invited"}, {Value: "disabled", Label: "Disabled"}}},
		},
		none:    ui.Empty{Title: "No users yet.", Reason: "Whoever is invited appears here.", Icon: ui.IconUsers},
		columns: q.userColumns(),
	}.show(q, p)
}

func userHref(u core.User) string { return "/admin/users/" + u.ID }

func (q *request) userColumns() []column[core.User] {
	return []column[core.User]{
		{title: "Name", sort: "name", width: 28, cell: func(u core.User) ui.Value {
			return ui.Link{Text: u.Name, Href: userHref(u), Monogram: ui.Monogram(u.Name)}
		}},
		{title: "E-mail", sort: "email", priority: 1, width: 34, cell: func(u core.User) ui.Value { return ui.Text{Text: u.Email, Muted: true} }},
		{title: "Role", sort: "role", priority: 1, cell: func(u core.User) ui.Value { return ui.Text{Text: roleName(u.Role)} }},
		{title: "Of", priority: 2, width: 24, cell: func(u core.User) ui.Value { return q.tenantCell(u.Tenant) }},
		{title: "Second factor", priority: 2, cell: func(u core.User) ui.Value { return factorBadge(u) }},
		{title: "Status", sort: "status", cell: func(u core.User) ui.Value { return userBadge(u) }},
		{title: "Last seen", sort: "seen", numeric: true, priority: 1, kind: report.Date, cell: func(u core.User) ui.Value { return moment(u.LastSeenAt) }},
	}
}

// inviteUser asks for name, address and role; for a developer's staff also for
// the tenant.
var inviteUser = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		developer := q.query.Get("for") == "developer"
		f := ui.Form{
			Action: "/admin/users/invite", Submit: "Send invitation", Cancel: &ui.Link{Text: "Cancel", Href: "/admin/users"}, Guard: true,
			Consequence: "A mail with a link goes to them. It holds for seven days.",
			Fields: []ui.Field{
				{Name: "name", Label: "Name", Required: true, Half: true, Autofocus: true, MaxLength: 120},
				{Kind: ui.EmailField, Name: "email", Label: "E-mail", Required: true, Half: true},
			},
		}
		lead := "They work for OpenHouse AI and see the console."
		if developer {
			tenants, err := q.tenantOptions(q.query.Get("tenant"))
			if err != nil {
				return ui.Page{}, f, err
			}
			lead = "They work for a developer and see its portal, nothing else."
			f.Action += "?for=developer"
			f.Fields = append(f.Fields, ui.Field{
				Kind: ui.Select, Name: "tenant", Label: "Developer", Required: true, Options: tenants,
				Value: q.query.Get("tenant"), Placeholder: "Choose a developer",
			})
		}
		f.Fields = append(f.Fields, ui.Field{
			Kind: ui.Radios, Name: "role", Label: "Role", Required: true, Options: q.roleOptions(developer, q.actor.Role == core.Owner),
		})
		return ui.Page{
			Head:   ui.Head{Title: "Invite somebody", Lead: lead},
			Crumbs: []ui.Link{{Text: "Users", Href: "/admin/users"}},
			Tabs: []ui.Tab{
				{Label: "Staff of OpenHouse AI", Href: "/admin/users/invite", Current: !developer},
				{Label: "A developer's staff", Href: "/admin/users/invite?for=developer", Current: developer},
			},
		}, f, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		u := core.User{Name: sent.Get("name"), Email: sent.Get("email"), Role: core.Role(sent.Get("role")), Tenant: core.TenantID(sent.Get("tenant"))}
		u, _, err := q.site.Users.Invite(q.ctx, u) // the link goes by mail alone
		return userHref(u), "The invitation is on its way to " + u.Email + ".", err
	},
}
