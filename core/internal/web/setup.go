package web

import (
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/ui"
)

// setupGate is the first page of a new console: the one-time link that the
// start printed makes its bearer the owner. Whether the link holds is known
// when it is used, because looking must not use it up.
func setupGate(q *request) gate {
	return gate{
		page: ui.Bare{
			Title: "Welcome to OpenHouse Console",
			Lead:  "This link makes you the owner: you see and change everything, and you invite everybody else.",
		},
		form: ui.Form{
			Action: access.PathFirstRun + q.Params("token"), Plain: true, Submit: "Become the owner",
			Fields: []ui.Field{
				{Name: "name", Label: "Your name", Required: true, Autofocus: true, Complete: "name", MaxLength: 120},
				{Kind: ui.EmailField, Name: "email", Label: "E-mail", Required: true, Complete: "username"},
				newPassword(),
			},
		},
	}
}

func showSetup(q *request) error { return setupGate(q).show(q) }

// setUp makes the owner and signs them in.
func setUp(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	user, err := q.site.Users.ClaimOwner(q.ctx, q.Params("token"), sent.Get("name"), sent.Get("email"), sent.Get("password"))
	if err != nil {
		return setupGate(q).again(q, sent, err)
	}
	return q.enterAnew(user, sent.Get("password"))
}
