package web

import (
	"net/http"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/ui"
)

// me returns the user who acts. A key is nobody's profile.
func (q *request) me() (core.User, error) {
	if q.actor.Session == "" {
		return core.User{}, core.Errorf(core.Forbidden, "Only a person has a profile.")
	}
	return q.site.Users.Find(q.ctx, q.actor.ID)
}

// profilePage is the frame of both pages about oneself.
func (q *request) profilePage(u core.User) ui.Page {
	return ui.Page{
		Head: ui.Head{Title: u.Name, Lead: roleName(u.Role) + " · " + u.Email, Monogram: ui.Monogram(u.Name)},
		Tabs: []ui.Tab{
			{Label: "Profile", Href: "/profile", Current: q.Path() == "/profile"},
			{Label: "Security", Href: "/profile/security", Current: strings.HasPrefix(q.Path(), "/profile/")},
		},
	}
}

// profile is the person's own name; role and address are given by others.
var profile = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		u, err := q.me()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		return q.profilePage(u), ui.Form{
			Action: "/profile", Title: "About you", Submit: "Save name",
			Fields: []ui.Field{
				{Name: "name", Label: "Name", Value: u.Name, Required: true, Complete: "name", MaxLength: 120, ReadOnly: q.actor.OnBehalfOf != ""},
				{Name: "email", Label: "E-mail", Value: u.Email, ReadOnly: true, Half: true, Hint: "You sign in with it."},
				{Name: "role", Label: "Role", Value: roleName(u.Role), ReadOnly: true, Half: true, Hint: rolePurpose[u.Role]},
			},
		}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		u, err := q.me()
		if err != nil {
			return "", "", err
		}
		u.Name = sent.Get("name")
		_, err = q.site.Users.Update(q.ctx, u, "")
		return "/profile", "Your name is saved.", err
	},
}

// security shows password, second factor and sessions.
func security(q *request) (ui.Page, error) {
	u, err := q.me()
	if err != nil {
		return ui.Page{}, err
	}
	sessions, err := q.site.Sessions.List(q.ctx)
	if err != nil {
		return ui.Page{}, err
	}
	p := q.profilePage(u)
	p.Title = "Security"
	p.Blocks = ui.Blocks{ui.Grid{Blocks: ui.Blocks{
		ui.Section{
			Title: "Password", Lead: "Changing it signs you out everywhere else.",
			Actions: []ui.Action{{Label: "Change password", Href: "/profile/password", Icon: ui.IconLock}},
		},
		factorSection(u),
	}}, q.sessionTable(sessions)}
	return p, nil
}

func factorSection(u core.User) ui.Section {
	if !u.TOTP {
		return ui.Section{
			Title: "Second factor", Lead: "A code from your telephone, asked for after the password: nobody comes in with the password alone.",
			Status:  &ui.Badge{Text: "Off", Tone: ui.Warn},
			Actions: []ui.Action{{Label: "Set up authenticator", Href: "/profile/factor", Icon: ui.IconShield, Kind: ui.Primary}},
		}
	}
	return ui.Section{
		Title: "Second factor", Lead: "Your authenticator is asked for a code after the password.",
		Status: &ui.Badge{Text: "On", Tone: ui.Good},
		Actions: []ui.Action{
			{Label: "Make new recovery codes", Href: "/profile/factor/codes", Post: true, Icon: ui.IconRefresh, Confirm: "The recovery codes that you have now stop working."},
			{Label: "Turn off", Href: "/profile/factor/remove", Post: true, Icon: ui.IconTrash, Confirm: "Your password alone will let you in. Your recovery codes are deleted, and your other sessions end."},
		},
	}
}

func (q *request) sessionTable(sessions []access.Session) ui.Table {
	t := ui.Table{
		Title: "Where you are signed in", Count: count(len(sessions)),
		Columns: []ui.Column{{Title: "Browser"}, {Title: "Since", Priority: 1}, {Title: "Last used"}, {Title: "Ends unused", Priority: 2}, {Title: ""}},
		Actions: []ui.Action{{
			Label: "Sign out everywhere", Href: "/profile/sessions/end", Post: true, Icon: ui.IconSignOut,
			Confirm: "Ends " + plural(len(sessions), "session") + ", this one too.",
		}},
		None: ui.Empty{Title: "No sessions.", Reason: "What staff do on your behalf is in the audit log."},
	}
	for _, s := range sessions {
		browser := s.UserAgent
		if browser == "" {
			browser = "Unknown browser"
		}
		var end ui.Value = ui.Badge{Text: "This one", Tone: ui.Good}
		if s.ID != q.actor.Session {
			end = ui.Actions{Items: []ui.Action{{Label: "End session", Href: "/profile/sessions/" + s.ID + "/end", Post: true}}}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: ui.Values{
			ui.Text{Text: browser, Note: s.IPPrefix}, ui.Time{At: s.CreatedAt}, ui.Time{At: s.SeenAt}, ui.Time{At: s.ExpiresAt}, end,
		}})
	}
	return t
}

func endSession(q *request) (string, string, error) {
	return "/profile/security", "The session has ended.", q.site.Sessions.End(q.ctx, q.Params("session"))
}

// endSessions signs the person out everywhere, here too.
func endSessions(q *request) error {
	if _, err := q.me(); err != nil {
		return err
	}
	if err := q.site.Sessions.SignOutEverywhere(q.ctx, q.actor.ID); err != nil {
		return err
	}
	q.site.dropSession(q.Ctx)
	return q.Redirect("/sign-in", http.StatusSeeOther)
}

// changePassword asks for the new password alone: the old one, or a code, was
// given to get here.
var changePassword = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		u, err := q.me()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		p := q.profilePage(u)
		p.Title = "Change password"
		password := newPassword()
		password.Label, password.Autofocus = "New password", true
		return p, ui.Form{
			Action: "/profile/password", Title: "Change password", Submit: "Change password",
			Fields:      []ui.Field{password},
			Consequence: "Your other sessions end.", Cancel: &ui.Link{Text: "Cancel", Href: "/profile/security"},
		}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		return "/profile/security", "Your password is changed.", q.site.Users.ChangePassword(q.ctx, sent.Get("password"))
	},
}
