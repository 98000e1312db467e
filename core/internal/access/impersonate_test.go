package access_test

import (
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
)

// told counts the records of an action in the control log and in a tenant's.
func (w *world) told(action string, tenant core.TenantID) (control, file int) {
	for _, r := range w.records {
		switch {
		case r.Action == action && r.Tenant == "":
			control++
		case r.Action == action && r.Tenant == tenant:
			file++
		}
	}
	return control, file
}

func (w *world) wantTold(action string, tenant core.TenantID, want int) {
	w.t.Helper()
	control, file := w.told(action, tenant)
	equal(w.t, action+" in the control log", control, want)
	equal(w.t, action+" in the tenant's log", file, want)
}

func TestImpersonation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	harp := w.tenant("HARP")
	support, site := w.user(core.Support, ""), w.user(core.DeveloperAdmin, harp)
	own := w.signIn(support)
	token, err := w.Sessions.Impersonate(t.Context(), own, site.ID, why)
	must(t, err)
	w.wantTold("impersonation.start", harp, 1)

	actor, session, err := w.Sessions.Find(t.Context(), token)
	must(t, err)
	equal(t, "acts as", actor.ID, site.ID)
	equal(t, "tenant", actor.Tenant, harp)
	equal(t, "on behalf of", actor.OnBehalfOf, support.ID)
	equal(t, "reason", actor.Reason, why)
	equal(t, "ends", session.ExpiresAt, begin.Add(30*time.Minute))
	equal(t, "fresh", session.Fresh(w.clock()), false)

	ctx := w.as(token)
	_, _, err = w.Users.Invite(ctx, core.User{Name: "A", Email: "a@example.com", Role: core.DeveloperViewer, Tenant: harp})
	refused(t, err, core.Forbidden)
	refused(t, w.Users.ChangePassword(ctx, another), core.Forbidden)
	refused(t, errOf(w.Factors.Enrol(ctx)), core.Forbidden)
	refused(t, w.Factors.Remove(ctx, site.ID, why), core.Forbidden)
	refused(t, w.Users.Disable(ctx, site.ID, why), core.Forbidden)
	refused(t, w.Sessions.SignOutEverywhere(ctx, site.ID), core.Forbidden)
	refused(t, errOf(w.Keys.Create(ctx, core.Key{Name: "k", Role: core.DeveloperViewer, Tenant: harp})), core.Forbidden)
	refused(t, valueless(w.Sessions.Reauthenticate(t.Context(), token, password)), core.Forbidden)
	refused(t, valueless(w.Sessions.Impersonate(t.Context(), token, site.ID, why)), core.Forbidden)

	back, err := w.Sessions.StopImpersonating(t.Context(), token)
	must(t, err)
	w.wantTold("impersonation.stop", harp, 1)
	for _, gone := range []string{token, own} {
		_, _, err = w.Sessions.Find(t.Context(), gone)
		refused(t, err, core.Unauthenticated)
	}
	actor, _, err = w.Sessions.Find(t.Context(), back)
	must(t, err)
	equal(t, "acts as", actor.ID, support.ID)
	refused(t, valueless(w.Sessions.StopImpersonating(t.Context(), back)), core.Invalid)
}

func TestWhoMayImpersonateWhom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	harp := w.tenant("HARP")
	support, site := w.user(core.Support, ""), w.user(core.DeveloperAdmin, harp)
	try := func(actor, target core.User, reason string) error {
		_, err := w.Sessions.Impersonate(t.Context(), w.signIn(actor), target.ID, reason)
		return err
	}
	refused(t, try(support, site, "too short"), core.Invalid)
	refused(t, try(support, w.user(core.Sales, ""), why), core.Forbidden)
	refused(t, try(w.user(core.Owner, ""), support, why), core.Forbidden)
	refused(t, try(w.user(core.Sales, ""), site, why), core.Forbidden)
	refused(t, try(site, w.user(core.DeveloperViewer, harp), why), core.Forbidden)

	late := w.signIn(support)
	w.pass(11 * time.Minute)
	refused(t, valueless(w.Sessions.Impersonate(t.Context(), late, site.ID, why)), core.Forbidden)
	must(t, w.Users.Disable(t.Context(), site.ID, ""))
	refused(t, try(support, site, why), core.Forbidden)
	w.wantTold("impersonation.start", harp, 0)
}

func TestImpersonationEndsByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	harp := w.tenant("HARP")
	support, site := w.user(core.Support, ""), w.user(core.DeveloperAdmin, harp)
	token, err := w.Sessions.Impersonate(t.Context(), w.signIn(support), site.ID, why)
	must(t, err)
	for range 3 {
		w.pass(10*time.Minute - time.Second)
		w.as(token)
	}
	w.pass(3 * time.Second)
	_, _, err = w.Sessions.Find(t.Context(), token)
	refused(t, err, core.Unauthenticated)
	back, err := w.Sessions.StopImpersonating(t.Context(), token) // the staff user was busy all the time
	must(t, err)
	w.as(back)
	w.wantTold("impersonation.stop", harp, 1)
}

func TestEveryEndOfAnImpersonationIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	harp := w.tenant("HARP")
	for i, end := range []func(token string, support, site core.User) error{
		func(token string, _, _ core.User) error { return w.Sessions.SignOut(t.Context(), token) },
		func(_ string, support, _ core.User) error { return w.Users.Disable(t.Context(), support.ID, "") },
		func(_ string, _, site core.User) error { return w.Users.Disable(t.Context(), site.ID, "") },
		func(string, core.User, core.User) error { w.pass(31 * time.Minute); return nil },
	} {
		support, site := w.user(core.Support, ""), w.user(core.DeveloperAdmin, harp)
		token, err := w.Sessions.Impersonate(t.Context(), w.signIn(support), site.ID, why)
		must(t, err)
		must(t, end(token, support, site))
		for range 2 {
			must(t, valueless(w.Sessions.Sweep(t.Context())))
		}
		_, _, err = w.Sessions.Find(t.Context(), token)
		refused(t, err, core.Unauthenticated)
		w.wantTold("impersonation.stop", harp, i+1)
		equal(t, "told by", w.last().By.ID, support.ID)
	}
}
