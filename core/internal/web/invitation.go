package web

import (
	"net/http"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/ui"
)

// invitationGate greets whom an invitation is for and asks for a password.
func (q *request) invitationGate() (gate, error) {
	token := q.Params("token")
	user, err := q.site.Users.Invited(q.ctx, token)
	if err != nil {
		return gate{}, err
	}
	place := "OpenHouse Console"
	if user.Tenant != "" {
		tenant, err := q.site.Tenants.Find(q.ctx, user.Tenant)
		if err != nil {
			return gate{}, err
		}
		place = "the portal of " + tenant.Name
	}
	return gate{
		page: ui.Bare{Title: "Welcome, " + user.Name, Lead: "Choose a password to enter " + place + ". You sign in with it and with " + user.Email + "."},
		form: ui.Form{
			Action: access.PathInvitation + token, Plain: true, Submit: "Accept the invitation",
			Fields: []ui.Field{
				{Name: "name", Label: "Your name", Value: user.Name, Required: true, Complete: "name", MaxLength: 120},
				{Kind: ui.HiddenField, Name: "email", Value: user.Email, Complete: "username"},
				newPassword(),
			},
		},
	}, nil
}

func showInvitation(q *request) error {
	g, err := q.invitationGate()
	if err != nil {
		return err
	}
	return g.show(q)
}

// acceptInvitation sets the password and signs the new user in.
func acceptInvitation(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	g, err := q.invitationGate()
	if err != nil {
		return err
	}
	user, err := q.site.Users.Accept(q.ctx, q.Params("token"), sent.Get("name"), sent.Get("password"))
	if err != nil {
		return g.again(q, sent, err)
	}
	return q.enterAnew(user, sent.Get("password"))
}

// enterAnew signs in somebody who has just set their password. What stands in
// the way, a second factor or a throttle, is the sign-in's to say.
func (q *request) enterAnew(user core.User, password string) error {
	in, err := q.site.Sessions.SignIn(q.ctx, user.Email, password)
	switch core.CodeOf(err) {
	case "":
		return q.proceed(in, "/")
	case core.Unauthenticated, core.Unavailable:
		return q.Redirect("/sign-in", http.StatusSeeOther)
	}
	return err
}
