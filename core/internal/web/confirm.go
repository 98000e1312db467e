package web

import (
	"net/http"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// errActingFor refuses what only the person themself may do.
var errActingFor = core.Errorf(core.Forbidden, "Users, keys and credentials can't be changed while you act for somebody.")

// confirmed lets through who proved lately who they are, and asks the others
// first. After the proof the browser goes to back; "" is the page itself, for
// what is requested by its address alone. A key proves itself with each request.
func confirmed(back string, handle func(*request) error) func(*request) error {
	return func(q *request) error {
		switch {
		case q.actor.OnBehalfOf != "":
			return errActingFor
		case q.actor.Session == "" || q.session().Fresh(q.site.Now()):
			return handle(q)
		}
		next := back
		if next == "" {
			next = q.OriginalURL()
		}
		return q.Redirect("/confirm?next="+escape(next), http.StatusSeeOther)
	}
}

func confirmGate(q *request) gate {
	next := returnTo(q.query.Get("next"))
	return gate{
		page: ui.Bare{
			Title: "Is it you, " + firstName(q.actor.Name) + "?",
			Lead:  "What comes next needs your password, or a code of your authenticator. It vouches for you for ten minutes.",
			Links: []ui.Link{{Text: "Cancel", Href: "/"}},
		},
		form: ui.Form{
			Action: "/confirm?next=" + escape(next), Plain: true, Submit: "Continue",
			Fields: []ui.Field{{Kind: ui.PasswordField, Name: "proof", Label: "Password or code", Required: true, Autofocus: true, Complete: "current-password"}},
		},
	}
}

func showConfirm(q *request) error {
	if q.actor.OnBehalfOf != "" {
		return errActingFor
	}
	return confirmGate(q).show(q)
}

// confirm takes the proof; the session goes on under a new token.
func confirm(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	token, err := q.site.Sessions.Reauthenticate(q.ctx, q.token(), sent.Get("proof"))
	if err != nil {
		return confirmGate(q).again(q, sent, err)
	}
	q.site.setSession(q.Ctx, token)
	return q.Redirect(returnTo(q.query.Get("next")), http.StatusSeeOther)
}
