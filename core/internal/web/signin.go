package web

import (
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/ui"
)

// challengeCookie carries a sign-in from the password to the code.
const challengeCookie = "challenge"

// challengeAge is how long a browser keeps it, in seconds.
const challengeAge = 300

func escape(s string) string { return url.QueryEscape(s) }

// index sends people to where they begin.
func index(q *request) error {
	if q.actor.Kind == anonymous.Kind {
		return q.Redirect("/sign-in", http.StatusSeeOther)
	}
	return q.Redirect(home(q.actor.Role), http.StatusSeeOther)
}

func signInGate(q *request) gate {
	g := gate{
		page: ui.Bare{Title: "Sign in", Links: []ui.Link{{Text: "Forgot your password?", Href: "/reset"}}},
		form: ui.Form{
			Action: "/sign-in?next=" + escape(returnTo(q.query.Get("next"))), Plain: true, Submit: "Sign in",
			Fields: []ui.Field{
				{Kind: ui.EmailField, Name: "email", Label: "E-mail", Required: true, Autofocus: true, Complete: "username"},
				{Kind: ui.PasswordField, Name: "password", Label: "Password", Required: true, Complete: "current-password"},
			},
		},
	}
	if q.query.Get("reset") != "" {
		g.page.Lead = "Your new password is set. Sign in with it."
	}
	return g
}

// showSignIn asks for e-mail and password.
func showSignIn(q *request) error {
	if q.actor.Kind != anonymous.Kind {
		return q.Redirect(home(q.actor.Role), http.StatusSeeOther)
	}
	return signInGate(q).show(q)
}

// signIn checks the password; with a second factor the code comes next.
func signIn(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	in, err := q.site.Sessions.SignIn(q.ctx, sent.Get("email"), sent.Get("password"))
	if err != nil {
		return signInGate(q).again(q, sent, err)
	}
	return q.proceed(in, returnTo(q.query.Get("next")))
}

// proceed goes on after a right password: in, or to the second factor.
func (q *request) proceed(in access.SignedIn, next string) error {
	if in.Challenge == "" {
		return q.enter(in, next)
	}
	q.setChallenge(in.Challenge, challengeAge)
	return q.Redirect("/sign-in/code?next="+escape(next), http.StatusSeeOther)
}

func (q *request) setChallenge(value string, age int) {
	q.Cookie(&fiber.Cookie{
		Name: challengeCookie, Value: value, Path: "/", HTTPOnly: true, Secure: q.site.secure,
		SameSite: fiber.CookieSameSiteLaxMode, MaxAge: age,
	})
}

// enter gives the browser its new session.
func (q *request) enter(in access.SignedIn, next string) error {
	q.site.setSession(q.Ctx, in.Token)
	if next == "/" {
		next = home(in.User.Role)
	}
	return q.Redirect(next, http.StatusSeeOther)
}

func codeGate(q *request) gate {
	return gate{
		page: ui.Bare{
			Title: "Second step", Lead: "Enter the code that your authenticator shows now.",
			Links: []ui.Link{{Text: "Start again", Href: "/sign-in"}},
		},
		form: ui.Form{
			Action: "/sign-in/code?next=" + escape(returnTo(q.query.Get("next"))), Plain: true, Submit: "Continue",
			Fields: []ui.Field{{
				Name: "code", Label: "Code", Required: true, Autofocus: true, Complete: "one-time-code",
				Hint: "Six digits, or one of your recovery codes.",
			}},
		},
	}
}

// showCode asks for the second factor; without a challenge there is none to ask.
func showCode(q *request) error {
	if q.Cookies(challengeCookie) == "" {
		return q.Redirect("/sign-in", http.StatusSeeOther)
	}
	return codeGate(q).show(q)
}

// verifyCode checks the second factor.
func verifyCode(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	in, err := q.site.Sessions.Verify(q.ctx, q.Cookies(challengeCookie), sent.Get("code"))
	if err != nil {
		return codeGate(q).again(q, sent, err)
	}
	q.setChallenge("", -1)
	return q.enter(in, returnTo(q.query.Get("next")))
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
