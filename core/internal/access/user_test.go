package access_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
)

func TestFirstStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	early, needed, err := w.Users.FirstRun(t.Context())
	must(t, err)
	equal(t, "needed", needed, true)
	token, _, err := w.Users.FirstRun(t.Context())
	must(t, err)
	claim := func(token, password string) error {
		_, err := w.Users.ClaimOwner(t.Context(), token, "Aoife  Kelly ", "Aoife@Example.com", password)
		return err
	}
	refused(t, claim(early, password), core.NotFound)
	refused(t, claim(token, "short"), core.Invalid)
	must(t, claim(token, password))
	equal(t, "recorded actor", w.last().By.Name, "Aoife Kelly")
	refused(t, claim(token, password), core.NotFound)

	_, needed, err = w.Users.FirstRun(t.Context())
	must(t, err)
	equal(t, "needed", needed, false)
	owner, err := w.Users.FindByEmail(t.Context(), " AOIFE@example.com")
	must(t, err)
	equal(t, "role", owner.Role, core.Owner)
	w.signIn(owner)
}

func TestOwnerLinkExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, _, err := w.Users.FirstRun(t.Context())
	must(t, err)
	w.pass(24 * time.Hour)
	_, err = w.Users.ClaimOwner(t.Context(), token, "Aoife", "aoife@example.com", password)
	refused(t, err, core.NotFound)
}

func TestInvitationWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.as(w.signIn(w.user(core.Owner, "")))
	u, link, err := w.Users.Invite(ctx, core.User{Name: "Orla", Email: "orla@example.com", Role: core.Support})
	must(t, err)
	token := w.mailed("/invitation/")
	equal(t, "link", link, "https://console.example/invitation/"+token)
	equal(t, "status", u.Status, "invited")
	equal(t, "letter", w.invited, access.Invitation{To: u, InvitedBy: "Niamh Byrne", Link: link, Expires: w.clock().Add(7 * 24 * time.Hour)})

	greeted, err := w.Users.Invited(t.Context(), token)
	must(t, err)
	equal(t, "greeted", greeted.Email, "orla@example.com")
	refused(t, valueless(w.Users.Accept(t.Context(), token, "Orla", "Orla-Doyle-2026-x")), core.Invalid)
	refused(t, valueless(w.Users.ResetPassword(t.Context(), token, password)), core.NotFound)
	accepted, err := w.Users.Accept(t.Context(), token, "Orla Doyle", password)
	must(t, err)
	equal(t, "status", accepted.Status, "active")
	equal(t, "recorded actor", w.last().By.ID, u.ID)
	refused(t, valueless(w.Users.Accept(t.Context(), token, "Mallory", another)), core.NotFound)
	w.signIn(accepted)

	found, err := w.Users.Find(t.Context(), u.ID)
	must(t, err)
	equal(t, "version told", accepted.Version, found.Version)
	refused(t, valueless(w.Users.InviteAgain(ctx, u.ID)), core.Conflict)
	_, _, err = w.Users.Invite(ctx, core.User{Name: "Orla", Email: "ORLA@example.com", Role: core.Sales})
	refused(t, err, core.Conflict)
}

func TestInviteAgainVoidsTheLinkBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u, _, err := w.Users.Invite(t.Context(), core.User{Name: "Orla", Email: "orla@example.com", Role: core.Support})
	must(t, err)
	first := w.mailed("/invitation/")
	must(t, valueless(w.Users.InviteAgain(t.Context(), u.ID)))
	refused(t, valueless(w.Users.Accept(t.Context(), first, "Orla", password)), core.NotFound)
	second := w.mailed("/invitation/")
	w.pass(7 * 24 * time.Hour)
	refused(t, valueless(w.Users.Accept(t.Context(), second, "Orla", password)), core.NotFound)
}

func TestADisabledInvitationCanBeRevived(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u, _, err := w.Users.Invite(t.Context(), core.User{Name: "Orla", Email: "orla@example.com", Role: core.Support})
	must(t, err)
	must(t, w.Users.Disable(t.Context(), u.ID, "too early"))
	refused(t, valueless(w.Users.Accept(t.Context(), w.mailed("/invitation/"), "Orla", password)), core.NotFound)
	u, err = w.Users.Find(t.Context(), u.ID)
	must(t, err)
	u.Status = "active"
	refused(t, valueless(w.Users.Update(t.Context(), u, "")), core.Invalid)
	u.Status = "invited"
	must(t, valueless(w.Users.Update(t.Context(), u, "")))
	equal(t, "action", w.last().Action, "user.enable")
	must(t, valueless(w.Users.InviteAgain(t.Context(), u.ID)))
	accepted, err := w.Users.Accept(t.Context(), w.mailed("/invitation/"), "Orla", password)
	must(t, err)
	accepted.Status = "invited"
	refused(t, valueless(w.Users.Update(t.Context(), accepted, "")), core.Invalid)
}

func TestInviteTellsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, err := w.Users.Invite(t.Context(), core.User{Email: "nowhere", Role: core.DeveloperAdmin})
	refused(t, err, core.Invalid)
	for _, field := range []string{"name", "email", "tenant"} {
		if !strings.Contains(err.Error(), field+" ") {
			t.Errorf("%q says nothing about %s", err, field)
		}
	}
	_, _, err = w.Users.Invite(t.Context(), core.User{Name: "A", Email: "a@example.com", Role: core.Sales, Tenant: w.tenant("HARP")})
	refused(t, err, core.Invalid)
	_, _, err = w.Users.Invite(t.Context(), core.User{Name: "A", Email: "a@example.com", Role: core.DeveloperAdmin, Tenant: core.NewTenantID(begin)})
	refused(t, err, core.NotFound)
	_, _, err = w.Users.Invite(t.Context(), core.User{Name: "A", Email: "a@example.com", Role: core.Reporter, Tenant: w.tenant("LARK")})
	refused(t, err, core.Invalid)
}

func TestPasswordReset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	session := w.signIn(u)
	must(t, w.Users.RequestReset(t.Context(), "nobody@example.com"))
	equal(t, "mails", len(w.mails), 0)
	equal(t, "target of an unknown address", w.last().Target.ID, "unknown")
	must(t, w.Users.RequestReset(t.Context(), u.Email))
	must(t, w.Users.RequestReset(t.Context(), u.Email)) // a moment later: no second mail
	equal(t, "mails", len(w.mails), 1)
	token := w.mailed("/reset/")
	must(t, valueless(w.Users.ResetPassword(t.Context(), token, another)))
	refused(t, valueless(w.Users.ResetPassword(t.Context(), token, another)), core.NotFound)
	_, _, err := w.Sessions.Find(t.Context(), session)
	refused(t, err, core.Unauthenticated)
	_, err = w.Sessions.SignIn(t.Context(), u.Email, another)
	must(t, err)

	w.pass(time.Hour)
	must(t, w.Users.RequestReset(t.Context(), u.Email))
	late := w.mailed("/reset/")
	w.pass(time.Hour)
	refused(t, valueless(w.Users.ResetPassword(t.Context(), late, password)), core.NotFound)
}

func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.user(core.Owner, "")
	ctx := w.as(w.signIn(owner))
	demoted := owner
	demoted.Role = core.Admin
	refused(t, w.Users.Disable(ctx, owner.ID, "leaving"), core.Conflict)
	refused(t, valueless(w.Users.Update(ctx, demoted, "less is more")), core.Conflict)

	second, _, err := w.Users.Invite(ctx, core.User{Name: "Orla", Email: "orla@example.com", Role: core.Owner})
	must(t, err)
	refused(t, w.Users.Disable(ctx, owner.ID, "leaving"), core.Conflict) // an invitation owns nothing yet
	must(t, valueless(w.Users.Accept(t.Context(), w.mailed("/invitation/"), "Orla", another)))
	must(t, valueless(w.Users.Update(ctx, demoted, "less is more")))
	refused(t, w.Users.Disable(t.Context(), second.ID, "leaving"), core.Conflict)
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, u := w.user(core.Admin, ""), w.user(core.Sales, "")
	owner := w.user(core.Owner, "")
	ctx, session := w.as(w.signIn(admin)), w.signIn(u)

	renamed := u
	renamed.Name = "Siobhan Walsh"
	renamed, err := w.Users.Update(ctx, renamed, "")
	must(t, err)
	equal(t, "version", renamed.Version, u.Version+1)
	w.as(session)
	refused(t, valueless(w.Users.Update(ctx, u, "")), core.Conflict)

	promoted := renamed
	promoted.Role = core.Finance
	refused(t, valueless(w.Users.Update(ctx, promoted, " ")), core.Invalid)
	promoted.Role = core.Owner
	refused(t, valueless(w.Users.Update(ctx, promoted, why)), core.Forbidden)
	owner.Role = core.Sales
	refused(t, valueless(w.Users.Update(ctx, owner, why)), core.Forbidden)
	promoted.Role = core.Finance
	promoted, err = w.Users.Update(ctx, promoted, why)
	must(t, err)
	r := w.last()
	equal(t, "action", r.Action, "user.role_change")
	equal(t, "reason", r.Reason, why)
	equal(t, "change", fmt.Sprint(r.Changes[0].Field, r.Changes[0].Before, r.Changes[0].After), fmt.Sprint("role", core.Sales, core.Finance))
	_, _, err = w.Sessions.Find(t.Context(), session)
	refused(t, err, core.Unauthenticated)

	w.pass(11 * time.Minute)
	promoted.Role = core.Support
	refused(t, valueless(w.Users.Update(ctx, promoted, why)), core.Forbidden) // no step-up
	must(t, w.Users.Disable(ctx, u.ID, ""))
	equal(t, "action", w.last().Action, "user.disable")
}

func TestADevelopersStaffSeeTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	harp, lark := w.tenant("HARP"), w.tenant("LARK")
	mine, theirs := w.user(core.DeveloperAdmin, harp), w.user(core.DeveloperViewer, lark)
	staff := w.user(core.Support, "")
	ctx := w.as(w.signIn(mine))
	for _, id := range []string{theirs.ID, staff.ID} {
		refused(t, valueless(w.Users.Find(ctx, id)), core.NotFound)
		refused(t, w.Users.Disable(ctx, id, why), core.NotFound)
		refused(t, w.Sessions.SignOutEverywhere(ctx, id), core.NotFound)
		refused(t, w.Factors.Remove(ctx, id, why), core.NotFound)
	}
	refused(t, valueless(w.Users.FindByEmail(ctx, theirs.Email)), core.NotFound)
	list, err := w.Users.List(ctx, core.Query{Tenant: lark})
	must(t, err)
	equal(t, "users in sight", list.Total, 1)

	_, _, err = w.Users.Invite(ctx, core.User{Name: "A", Email: "a@example.com", Role: core.DeveloperAdmin, Tenant: lark})
	refused(t, err, core.Forbidden)
	_, _, err = w.Users.Invite(ctx, core.User{Name: "A", Email: "a@example.com", Role: core.Support})
	refused(t, err, core.Forbidden)
	_, _, err = w.Users.Invite(ctx, core.User{Name: "A", Email: "a@example.com", Role: core.DeveloperViewer, Tenant: harp})
	must(t, err)
}

func TestListUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	harp := w.tenant("HARP")
	for i := range 23 {
		u := core.User{Name: fmt.Sprintf("User %02d", i%10), Email: fmt.Sprintf("u%d@example.com", i), Role: core.Sales}
		if i%4 == 0 {
			u.Role, u.Tenant = core.DeveloperViewer, harp
		}
		_, _, err := w.Users.Invite(t.Context(), u)
		must(t, err)
	}
	for _, q := range []core.Query{{}, {Sort: "created", Desc: true}, {Sort: "seen"}, {Sort: "role"}, {Sort: "email", Desc: true}} {
		seen := map[string]bool{}
		q.Limit = 5
		for {
			list, err := w.Users.List(t.Context(), q)
			must(t, err)
			equal(t, "total", list.Total, 23)
			for _, u := range list.Items {
				seen[u.ID] = true
			}
			if q.After = list.Next; list.Next == "" {
				break
			}
		}
		equal(t, "users on all pages by "+q.Sort, len(seen), 23)
	}
	for name, c := range map[string]struct {
		q    core.Query
		want int
	}{
		"text":      {core.Query{Text: "USER 03 example"}, 2},
		"developer": {core.Query{Kind: "developer"}, 6},
		"staff":     {core.Query{Kind: "staff"}, 17},
		"tenant":    {core.Query{Tenant: harp, Status: "invited"}, 6},
		"active":    {core.Query{Status: "active"}, 0},
	} {
		list, err := w.Users.List(t.Context(), c.q)
		must(t, err)
		equal(t, name, list.Total, c.want)
	}
	for _, q := range []core.Query{{Sort: "password"}, {After: "nonsense"}, {After: "W1tdLCJ4Il0"}} {
		refused(t, valueless(w.Users.List(t.Context(), q)), core.Invalid)
	}
}

// valueless keeps the error of a verb that returns a value and it.
func valueless[T any](_ T, err error) error { return err }
