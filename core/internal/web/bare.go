package web

import (
	"net/http"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/ui"
)

// gate is a page without navigation around one form: what people meet before
// they are signed in.
type gate struct {
	page ui.Bare
	form ui.Form
}

func (g gate) show(q *request) error { return g.draw(q, http.StatusOK) }

func (g gate) draw(q *request, status int) error {
	g.page.Blocks = append(g.page.Blocks, g.form)
	return q.site.bare(q.Ctx, status, g.page)
}

// again draws the form as it was sent where the person can mend what is wrong;
// every other error is the caller's.
func (g gate) again(q *request, sent values, err error) error {
	switch core.CodeOf(err) {
	case core.Unauthenticated, core.Invalid, core.Conflict, core.Unavailable:
	default:
		return err
	}
	g.form.Fill(sent)
	failForm(&g.form, err)
	return g.draw(q, problem.Status(err))
}

// slowly bounds how often one network may send what is guessed at: passwords,
// codes, addresses, links.
func slowly(handle func(*request) error) func(*request) error {
	return func(q *request) error {
		bucket := "sign-in " + core.OriginOf(q.ctx).IPPrefix
		return q.site.spend(bucket, signInPerMinute, func() error { return handle(q) })
	}
}

// newPassword asks for a password that the person makes up.
func newPassword() ui.Field {
	return ui.Field{
		Kind: ui.PasswordField, Name: "password", Label: "Password", Required: true, Complete: "new-password",
		Hint: "At least 12 characters. A few unrelated words are easy to remember and hard to guess.",
	}
}
