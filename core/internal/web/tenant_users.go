package web

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

var staffStatuses = []ui.Option{{Value: "invited", Label: "Invited"}, {Value: "active", Label: "Active"}, {Value: "disabled", Label: "Disabled"}}

var staffTones = map[string]ui.Tone{"invited": ui.Info, "active": ui.Good, "disabled": ui.Warn}

// developerRoles are what a developer's staff can be.
var developerRoles = []ui.Option{
	{Value: string(core.DeveloperAdmin), Label: "Admin", Hint: "Changes units, homeowners, settings and branding, and invites others."},
	{Value: string(core.DeveloperViewer), Label: "Viewer", Hint: "Sees developments, units, homeowners and settings, and changes nothing."},
}

func developerRole(r core.Role) string {
	for _, o := range developerRoles {
		if o.Value == string(r) {
			return o.Label
		}
	}
	return roleName(r)
}

// listTenantUsers is the developer's own staff.
func listTenantUsers(q *request) error {
	p := q.tab("/users", "Users", "Who of "+q.tenant.Name+" can sign in to the portal.")
	invite := ui.Action{Label: "Invite user", Href: q.base + "/users/invite", Icon: ui.IconPlus, Kind: ui.Primary}
	l := listing[core.User]{
		title: "Users",
		fetch: func(query core.Query) (core.List[core.User], error) {
			query.Tenant, query.Kind = q.tenant.ID, "developer"
			return q.site.Users.List(q.ctx, query)
		},
		href:    func(u core.User) string { return q.base + "/users/" + u.ID },
		search:  "Name or e-mail",
		filters: []ui.Filter{{Name: "status", Label: "State", Value: q.query.Get("status"), Options: staffStatuses}},
		none:    ui.Empty{Title: "Nobody can sign in yet.", Reason: "Invite somebody of " + q.tenant.Name + ": they choose their password from a link in an e-mail.", Icon: ui.IconUsers},
		columns: []column[core.User]{
			{title: "User", sort: "name", width: 30, cell: func(u core.User) ui.Value {
				return ui.Link{Text: u.Name, Href: q.base + "/users/" + u.ID, Monogram: ui.Monogram(u.Name), Note: u.Email}
			}},
			{title: "Role", sort: "role", cell: func(u core.User) ui.Value { return ui.Text{Text: developerRole(u.Role)} }},
			{title: "State", sort: "status", cell: func(u core.User) ui.Value {
				return ui.Badge{Text: capital(u.Status), Tone: staffTones[u.Status]}
			}},
			{title: "Second factor", priority: 2, cell: func(u core.User) ui.Value { return factorBadge(u) }},
			{title: "Last seen", sort: "seen", numeric: true, priority: 1, kind: report.Date, cell: func(u core.User) ui.Value { return moment(u.LastSeenAt) }},
		},
	}
	if q.changes(core.UsersWrite) {
		l.actions, l.none.Action = []ui.Action{invite}, &invite
	}
	return l.show(q, p)
}

func factorBadge(u core.User) ui.Badge {
	if u.TOTP {
		return ui.Badge{Text: "On", Tone: ui.Good}
	}
	return ui.Badge{Text: "Off"}
}

// inviteTenantUser mails an invitation to somebody of the developer's staff.
var inviteTenantUser = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		p := q.leaf("/users", "Invite user")
		return p, ui.Form{
			Action: q.base + "/users/invite", Submit: "Send invitation", Cancel: &ui.Link{Text: "Cancel", Href: q.base + "/users"}, Guard: true,
			Lead: "They get an e-mail with a link that holds for seven days, and choose a password themselves.",
			Fields: []ui.Field{
				{Name: "name", Label: "Name", Required: true, Autofocus: true, MaxLength: 120},
				{Kind: ui.EmailField, Name: "email", Label: "E-mail", Required: true, MaxLength: 254},
				{Kind: ui.Radios, Name: "role", Label: "Role", Value: string(core.DeveloperViewer), Options: developerRoles, Required: true},
			},
		}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		role := core.Role(sent.Get("role"))
		if !role.ForDeveloper() {
			return "", "", core.Problems{{Field: "role", Value: string(role), Reason: "is none of admin, viewer"}}.Err()
		}
		u, _, err := q.site.Users.Invite(q.ctx, core.User{Name: sent.Get("name"), Email: sent.Get("email"), Role: role, Tenant: q.tenant.ID})
		return q.base + "/users", "The invitation to " + u.Email + " is on its way.", err
	},
}

// tenantUser is the one that the address names, of this tenant alone.
func (q *request) tenantUser() (core.User, error) {
	u, err := q.site.Users.Find(q.ctx, q.Params("user"))
	if err == nil && u.Tenant != q.tenant.ID {
		return core.User{}, core.Errorf(core.NotFound, "There is no such user.")
	}
	return u, err
}

// showTenantUser is one of the developer's staff.
func showTenantUser(q *request) (ui.Page, error) {
	u, err := q.tenantUser()
	if err != nil {
		return ui.Page{}, err
	}
	address := q.base + "/users/" + u.ID
	p := q.leaf("/users", u.Name)
	p.Head.Monogram, p.Head.Lead = ui.Monogram(u.Name), u.Email
	p.Head.Status = &ui.Badge{Text: capital(u.Status), Tone: staffTones[u.Status]}
	if q.changes(core.UsersWrite) && u.ID != q.actor.ID {
		switch u.Status {
		case "invited":
			p.Head.Actions = []ui.Action{
				{Label: "Withdraw…", Href: address + "/disable", Kind: ui.Quiet},
				{Label: "Send invitation again", Href: address + "/invite-again", Post: true, Icon: ui.IconMail},
			}
		case "active":
			p.Head.Actions = []ui.Action{{Label: "Disable…", Href: address + "/disable", Kind: ui.Danger}}
		case "disabled":
			p.Head.Actions = []ui.Action{{Label: "Enable", Href: address + "/enable", Post: true, Kind: ui.Primary}}
		}
	}
	p.Blocks = append(p.Blocks, ui.Section{Title: "About this user", Blocks: ui.Blocks{ui.Details{Items: []ui.Detail{
		{Label: "Role", Value: ui.Text{Text: developerRole(u.Role)}},
		{Label: "Second factor", Value: factorBadge(u)},
		{Label: "Last seen", Value: moment(u.LastSeenAt)},
		{Label: "Invited", Value: ui.Time{At: u.CreatedAt}},
		{Label: "Id", Value: ui.ID{Text: u.ID}},
	}}}})
	return p, nil
}

// disableTenantUser ends a user's sessions and refuses new ones.
var disableTenantUser = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		u, err := q.tenantUser()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		address := q.base + "/users/" + u.ID
		return q.leaf("/users", "Disable "+u.Name, ui.Link{Text: u.Name, Href: address}), ui.Form{
			Action: address + "/disable", Submit: "Disable user", Danger: true, Cancel: &ui.Link{Text: "Cancel", Href: address},
			Consequence: u.Name + " is signed out everywhere at once and can't sign in again until somebody enables them. What they did stays in the audit log.",
			Fields:      []ui.Field{{Name: "reason", Label: "Reason", MaxLength: 300, Hint: "Kept in the audit log."}},
		}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		u, err := q.tenantUser()
		if err == nil {
			err = q.site.Users.Disable(q.ctx, u.ID, sent.Get("reason"))
		}
		return q.base + "/users/" + u.ID, u.Name + " can no longer sign in.", err
	},
}

func enableTenantUser(q *request) (next, said string, err error) {
	u, err := q.tenantUser()
	if err == nil {
		u.Status = "active"
		_, err = q.site.Users.Update(q.ctx, u, "")
	}
	return q.base + "/users/" + u.ID, u.Name + " can sign in again.", err
}

func inviteTenantUserAgain(q *request) (next, said string, err error) {
	u, err := q.tenantUser()
	if err == nil {
		_, err = q.site.Users.InviteAgain(q.ctx, u.ID)
	}
	return q.base + "/users/" + u.ID, "A new invitation is on its way. The one before no longer holds.", err
}
