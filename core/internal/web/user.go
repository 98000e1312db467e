package web

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// staffUser returns the user of the address /admin/users/:user.
func (q *request) staffUser() (core.User, error) { return q.site.Users.Find(q.ctx, q.Params("user")) }

func (q *request) userPage(u core.User) ui.Page {
	badge := userBadge(u)
	return ui.Page{
		Head: ui.Head{
			Title: u.Name, Lead: roleName(u.Role) + " · " + q.tenantName(u.Tenant), Monogram: ui.Monogram(u.Name), Status: &badge,
		},
		Crumbs: []ui.Link{{Text: "Users", Href: "/admin/users"}},
	}
}

// showUser is one person: what they may do, and what can be done about them.
func showUser(q *request) (ui.Page, error) {
	u, err := q.staffUser()
	if err != nil {
		return ui.Page{}, err
	}
	p := q.userPage(u)
	p.Head.Actions = q.userActions(u)
	factor := "Off"
	if u.TOTP {
		factor = "On"
	}
	p.Blocks = ui.Blocks{ui.Section{Title: "About", Blocks: ui.Blocks{ui.Details{Items: []ui.Detail{
		{Label: "E-mail", Value: ui.ID{Text: u.Email}},
		{Label: "Works for", Value: q.tenantCell(u.Tenant)},
		{Label: "Role", Value: ui.Text{Text: roleName(u.Role), Note: rolePurpose[u.Role]}},
		{Label: "Second factor", Value: ui.Text{Text: factor}},
		{Label: "Since", Value: ui.Time{At: u.CreatedAt}},
		{Label: "Last seen", Value: moment(u.LastSeenAt)},
		{Label: "Identifier", Value: ui.ID{Text: u.ID}},
	}}}}}
	if q.may(core.AuditRead) {
		done, err := q.site.Audit.List(q.ctx, "", core.Query{Actor: u.ID, Limit: 8})
		if err != nil {
			return p, err
		}
		p.Blocks = append(p.Blocks, ui.Section{
			Title: "What they did last", Blocks: q.timeline(done.Items, "Nothing yet in the platform's log."),
			Actions: []ui.Action{{Label: "Everything they did", Href: "/admin/audit?actor=" + escape(u.ID), Kind: ui.Quiet}},
		})
	}
	if zone, any := q.userZone(u); any {
		p.Blocks = append(p.Blocks, zone)
	}
	return p, nil
}

// userActions are for the head: what is usual.
func (q *request) userActions(u core.User) []ui.Action {
	var actions []ui.Action
	if u.Tenant != "" && u.Status == "active" && q.may(core.Impersonate) {
		actions = append(actions, ui.Action{Label: "Act for them", Href: userHref(u) + "/impersonate", Icon: ui.IconUser})
	}
	if !q.may(core.UsersWrite) {
		return actions
	}
	if u.Status == "invited" {
		actions = append(actions, ui.Action{Label: "Invite again", Href: userHref(u) + "/invite", Post: true, Icon: ui.IconMail,
			Confirm: "A new link goes to " + u.Email + "; the one before stops working."})
	}
	return append(actions, ui.Action{Label: "Change role", Href: userHref(u) + "/role", Icon: ui.IconShield})
}

// userZone is what takes something away from the person.
func (q *request) userZone(u core.User) (ui.Section, bool) {
	if !q.may(core.UsersWrite) || u.ID == q.actor.ID {
		return ui.Section{}, false
	}
	zone := ui.Section{Title: "Keep out", Lead: "Each of these is recorded with your name.", Danger: true, Actions: []ui.Action{
		{Label: "End all sessions", Href: userHref(u) + "/sign-out", Post: true, Icon: ui.IconSignOut, Confirm: u.Name + " is signed out in every browser."},
	}}
	if u.TOTP {
		zone.Actions = append(zone.Actions, ui.Action{Label: "Remove second factor", Href: userHref(u) + "/factor"})
	}
	if u.Status == "disabled" {
		zone.Actions = append(zone.Actions, ui.Action{Label: "Enable user", Href: userHref(u) + "/enable", Post: true, Icon: ui.IconCheck, Confirm: u.Name + " can sign in again."})
	} else {
		zone.Actions = append(zone.Actions, ui.Action{Label: "Disable user", Href: userHref(u) + "/disable", Kind: ui.Danger, Icon: ui.IconStop})
	}
	return zone, true
}

func inviteAgain(q *request) (string, string, error) {
	u, err := q.staffUser()
	if err == nil {
		_, err = q.site.Users.InviteAgain(q.ctx, u.ID)
	}
	return userHref(u), "A new invitation is on its way to " + u.Email + ".", err
}

func enableUser(q *request) (string, string, error) {
	u, err := q.staffUser()
	if err == nil {
		u.Status = "active"
		_, err = q.site.Users.Update(q.ctx, u, "")
	}
	return userHref(u), u.Name + " can sign in again.", err
}

func endUserSessions(q *request) (string, string, error) {
	u, err := q.staffUser()
	if err == nil {
		err = q.site.Sessions.SignOutEverywhere(q.ctx, u.ID)
	}
	return userHref(u), u.Name + " is signed out everywhere.", err
}

// userForm is a form about one user: its own page below theirs.
func userForm(title string, draw func(*request, core.User) ui.Form, do func(*request, core.User, values) (next, said string, err error)) form {
	return form{
		build: func(q *request) (ui.Page, ui.Form, error) {
			u, err := q.staffUser()
			if err != nil {
				return ui.Page{}, ui.Form{}, err
			}
			p := q.userPage(u)
			p.Title = title
			p.Crumbs = append(p.Crumbs, ui.Link{Text: u.Name, Href: userHref(u)})
			f := draw(q, u)
			f.Title, f.Action, f.Cancel = title, q.Path(), &ui.Link{Text: "Cancel", Href: userHref(u)}
			return p, f, nil
		},
		do: func(q *request, sent values) (string, string, error) {
			u, err := q.staffUser()
			if err != nil {
				return "", "", err
			}
			return do(q, u, sent)
		},
	}
}

var changeRole = userForm("Change role",
	func(q *request, u core.User) ui.Form {
		return ui.Form{
			Submit: "Change role", Consequence: u.Name + " is signed out and comes back with the new role.",
			Fields: []ui.Field{
				{Kind: ui.Radios, Name: "role", Label: "Role", Value: string(u.Role), Required: true, Options: q.roleOptions(u.Role.ForDeveloper(), q.actor.Role == core.Owner)},
				reasonField("Kept in the audit log."),
			},
		}
	},
	func(q *request, u core.User, sent values) (string, string, error) {
		u.Role = core.Role(sent.Get("role"))
		_, err := q.site.Users.Update(q.ctx, u, sent.Get("reason"))
		return userHref(u), u.Name + " is " + roleName(u.Role) + " now.", err
	})

var disableUser = userForm("Disable user",
	func(q *request, u core.User) ui.Form {
		return ui.Form{
			Submit: "Disable " + u.Name, Danger: true, Consequence: "Their sessions end, and they can't sign in until somebody enables them again. What they did stays.",
			Fields: []ui.Field{reasonField("Kept in the audit log.")},
		}
	},
	func(q *request, u core.User, sent values) (string, string, error) {
		return userHref(u), u.Name + " is disabled.", q.site.Users.Disable(q.ctx, u.ID, sent.Get("reason"))
	})

var removeUserFactor = userForm("Remove second factor",
	func(q *request, u core.User) ui.Form {
		return ui.Form{
			Submit: "Remove second factor", Danger: true, Consequence: "Their password alone lets them in until they set up another one. Their sessions end.",
			Fields: []ui.Field{reasonField("How you know that it is them who asks. Kept in the audit log.")},
		}
	},
	func(q *request, u core.User, sent values) (string, string, error) {
		return userHref(u), "The second factor is removed.", q.site.Factors.Remove(q.ctx, u.ID, sent.Get("reason"))
	})
