package web

import (
	"net/http"

	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/ui"
)

var toSignIn = []ui.Link{{Text: "Back to the sign-in", Href: "/sign-in"}}

func resetRequestGate() gate {
	return gate{
		page: ui.Bare{Title: "Forgot your password?", Lead: "We mail you a link to choose a new one. It holds for one hour.", Links: toSignIn},
		form: ui.Form{
			Action: "/reset", Plain: true, Submit: "Send the link",
			Fields: []ui.Field{{Kind: ui.EmailField, Name: "email", Label: "E-mail", Required: true, Autofocus: true, Complete: "username"}},
		},
	}
}

func showResetRequest(q *request) error { return resetRequestGate().show(q) }

// requestReset mails the link. The answer is the same for every address, so
// that nobody learns who has a sign-in.
func requestReset(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	if err := q.site.Users.RequestReset(q.ctx, sent.Get("email")); err != nil {
		return resetRequestGate().again(q, sent, err)
	}
	return q.site.bare(q.Ctx, http.StatusOK, ui.Bare{
		Title: "Look into your mail",
		Lead:  "If somebody signs in with that address, a link is on its way to it. Nothing there after some minutes? Look among the spam, or ask an administrator.",
		Links: toSignIn,
	})
}

func resetGate(q *request) gate {
	return gate{
		page: ui.Bare{Title: "Choose a new password", Lead: "It signs you out everywhere else. A second factor stays as it is.", Links: toSignIn},
		form: ui.Form{
			Action: access.PathReset + q.Params("token"), Plain: true, Submit: "Set the password",
			Fields: []ui.Field{newPassword()},
		},
	}
}

func showReset(q *request) error { return resetGate(q).show(q) }

// resetPassword sets the new password; signing in with it is the next step.
func resetPassword(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	if _, err := q.site.Users.ResetPassword(q.ctx, q.Params("token"), sent.Get("password")); err != nil {
		return resetGate(q).again(q, sent, err)
	}
	q.site.dropSession(q.Ctx)
	return q.Redirect("/sign-in?reset=done", http.StatusSeeOther)
}
