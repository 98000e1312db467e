package web

import (
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/ui"
)

// challengeCookie carries a sign-in from the password to the code.
const challengeCookie = "challenge"

func escape(s string) string { return url.QueryEscape(s) }

// index sends people to where they begin.
func index(q *request) error {
	if q.actor.Kind == anonymous.Kind {
		return q.Redirect("/sign-in", http.StatusSeeOther)
	}
	return q.Redirect(home(q.actor.Role), http.StatusSeeOther)
}

func signInForm(next string) ui.Form {
	return ui.Form{
		Action: "/sign-in?next=" + escape(next), Plain: true, Submit: "Sign in",
		Fields: []ui.Field{
			{Kind: ui.EmailField, Name: "email", Label: "E-mail", Required: true, Autofocus: true, Complete: "username"},
			{Kind: ui.PasswordField, Name: "password", Label: "Password", Required: true, Complete: "current-password"},
		},
	}
}

// showSignIn asks for e-mail and password.
func showSignIn(q *request) error {
	if q.actor.Kind != anonymous.Kind {
		return q.Redirect(home(q.actor.Role), http.StatusSeeOther)
	}
	return q.signInPage(http.StatusOK, signInForm(returnTo(q.query.Get("next"))))
}

func (q *request) signInPage(status int, f ui.Form) error {
	return q.site.bare(q.Ctx, status, ui.Bare{
		Title: "Sign in", Blocks: ui.Blocks{f}, Links: []ui.Link{{Text: "Forgot your password?", Href: "/reset"}},
	})
}

// signIn checks the password; with a second factor the code comes next.
func signIn(q *request) error {
	next := returnTo(q.query.Get("next"))
	sent, err := q.values()
	if err != nil {
		return err
	}
	in, err := q.site.Sessions.SignIn(q.ctx, sent.Get("email"), sent.Get("password"))
	if err != nil {
		return q.retry(signInForm(next), sent, err)
	}
	if in.Challenge != "" {
		q.Cookie(&fiber.Cookie{Name: challengeCookie, Value: in.Challenge, Path: "/", HTTPOnly: true, Secure: q.site.secure, SameSite: fiber.CookieSameSiteLaxMode, MaxAge: 300})
		return q.Redirect("/sign-in/code?next="+escape(next), http.StatusSeeOther)
	}
	return q.enter(in, next)
}

// retry draws the form again where the person can mend it.
func (q *request) retry(f ui.Form, sent values, err error) error {
	switch core.CodeOf(err) {
	case core.Unauthenticated, core.Invalid, core.Unavailable:
	default:
		return err
	}
	f.Fill(sent)
	failForm(&f, err)
	return q.signInPage(problem.Status(err), f)
}

// enter gives the browser its new session.
func (q *request) enter(in access.SignedIn, next string) error {
	q.site.setSession(q.Ctx, in.Token)
	if next == "/" {
		next = home(in.User.Role)
	}
	return q.Redirect(next, http.StatusSeeOther)
}

func codeForm(next string) ui.Form {
	return ui.Form{
		Action: "/sign-in/code?next=" + escape(next), Plain: true, Submit: "Continue",
		Fields: []ui.Field{{
			Kind: ui.CodeField, Name: "code", Label: "Code", Required: true, Autofocus: true, Complete: "one-time-code",
			Hint: "Six digits from your authenticator, or one of your recovery codes.",
		}},
	}
}

func showCode(q *request) error {
	return q.codePage(http.StatusOK, codeForm(returnTo(q.query.Get("next"))))
}

func (q *request) codePage(status int, f ui.Form) error {
	return q.site.bare(q.Ctx, status, ui.Bare{
		Title: "Second step", Lead: "Enter the code that your authenticator shows now.",
		Blocks: ui.Blocks{f}, Links: []ui.Link{{Text: "Start again", Href: "/sign-in"}},
	})
}

// verifyCode checks the second factor.
func verifyCode(q *request) error {
	next := returnTo(q.query.Get("next"))
	sent, err := q.values()
	if err != nil {
		return err
	}
	in, err := q.site.Sessions.Verify(q.ctx, q.Cookies(challengeCookie), sent.Get("code"))
	if err != nil {
		if core.CodeOf(err) == core.Internal {
			return err
		}
		f := codeForm(next)
		failForm(&f, err)
		return q.codePage(problem.Status(err), f)
	}
	q.ClearCookie(challengeCookie)
	return q.enter(in, next)
}

// signOut ends the session.
func signOut(q *request) error {
	if token := q.token(); token != "" {
		if err := q.site.Sessions.SignOut(q.ctx, token); err != nil && core.CodeOf(err) != core.Unauthenticated {
			return err
		}
	}
	q.site.dropSession(q.Ctx)
	return q.Redirect("/sign-in", http.StatusSeeOther)
}
