package web

import (
	"net/http"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// impersonate lets staff see the portal as a developer's user sees it.
var impersonate = userForm("Act for a user",
	func(q *request, u core.User) ui.Form {
		return ui.Form{
			Submit: "Act for " + firstName(u.Name), Lead: "You see the portal of " + q.tenantName(u.Tenant) + " as they do, for 30 minutes at most.",
			Consequence: "It is recorded in our log and in the developer's, where they can read it. Users, keys and passwords can't be changed meanwhile.",
			Fields:      []ui.Field{reasonField("At least ten characters. The developer can read it.")},
		}
	},
	func(q *request, u core.User, sent values) (string, string, error) {
		token, err := q.site.Sessions.Impersonate(q.ctx, q.token(), u.ID, sent.Get("reason"))
		if err == nil {
			q.site.setSession(q.Ctx, token)
		}
		return "/portal", "", err
	})

// stopImpersonating goes back to the session that it began from, and to the
// user's page; without that session, to the sign-in.
func stopImpersonating(q *request) error {
	if q.actor.OnBehalfOf == "" {
		return core.Errorf(core.Invalid, "You act for nobody.")
	}
	token, err := q.site.Sessions.StopImpersonating(q.ctx, q.token())
	if core.CodeOf(err) == core.Unauthenticated {
		q.site.dropSession(q.Ctx)
		return q.Redirect("/sign-in", http.StatusSeeOther)
	}
	if err != nil {
		return err
	}
	q.site.setSession(q.Ctx, token)
	return q.goTo(userHref(core.User{ID: q.actor.ID}), "You are yourself again.")
}
