package access_test

import (
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
)

func TestSignInMakesAFreshTokenEachTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	first, second := w.signIn(u), w.signIn(u)
	if first == second || len(first) < 51 {
		t.Fatalf("tokens %q and %q", first, second)
	}
	actor, session, err := w.Sessions.Find(t.Context(), first)
	must(t, err)
	equal(t, "kind", actor.Kind, "staff")
	equal(t, "id", actor.ID, u.ID)
	equal(t, "role", actor.Role, core.Admin)
	equal(t, "session", actor.Session, session.ID)
	if actor.Session == first {
		t.Error("the actor carries the token itself")
	}
	equal(t, "action", w.last().Action, "session.start")
	equal(t, "recorded actor", w.last().By.ID, u.ID)
}

func TestRefusedSignInsReadTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	gone := w.user(core.Sales, "")
	must(t, w.Users.Disable(t.Context(), gone.ID, "left"))
	asked, _, err := w.Users.Invite(t.Context(), core.User{Name: "Orla", Email: "orla@example.com", Role: core.Support})
	must(t, err)

	var sentence string
	for _, try := range []struct{ email, password, target string }{
		{u.Email, another, u.ID},
		{gone.Email, password, gone.ID},
		{asked.Email, password, asked.ID},
		{asked.Email, "", asked.ID},
		{"nobody@example.com", password, "unknown"},
	} {
		_, err := w.Sessions.SignIn(t.Context(), try.email, try.password)
		refused(t, err, core.Unauthenticated)
		if sentence == "" {
			sentence = err.Error()
		}
		equal(t, "sentence for "+try.email, err.Error(), sentence)
		r := w.last()
		equal(t, "action", r.Action, "session.deny")
		equal(t, "outcome", r.Outcome, "denied")
		equal(t, "target", r.Target.ID, try.target)
		equal(t, "changes", len(r.Changes), 0)
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	staff := w.user(core.Admin, "")
	site := w.user(core.DeveloperViewer, w.tenant("HARP"))
	for _, c := range []struct {
		name       string
		user       core.User
		idle, life time.Duration
	}{
		{"staff", staff, 30 * time.Minute, 12 * time.Hour},
		{"developer", site, 8 * time.Hour, 7 * 24 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			token := w.signIn(c.user)
			w.pass(c.idle - time.Second)
			_, session, err := w.Sessions.Find(t.Context(), token)
			must(t, err)
			w.pass(c.idle - time.Second)
			_, _, err = w.Sessions.Find(t.Context(), token)
			must(t, err)
			w.pass(c.idle)
			_, _, err = w.Sessions.Find(t.Context(), token)
			refused(t, err, core.Unauthenticated)
			equal(t, "told before", session.ExpiresAt, begin.Add(session.CreatedAt.Sub(begin)+c.idle))

			token = w.signIn(c.user)
			for spent := time.Duration(0); spent+c.idle/2 < c.life; spent += c.idle / 2 {
				_, _, err = w.Sessions.Find(t.Context(), token)
				must(t, err)
				w.pass(c.idle / 2)
			}
			w.pass(c.idle / 2)
			_, _, err = w.Sessions.Find(t.Context(), token)
			refused(t, err, core.Unauthenticated)
		})
	}
	n, err := w.Sessions.Sweep(t.Context())
	must(t, err)
	if n == 0 {
		t.Error("the sweep found nothing that ran out")
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u, admin := w.user(core.Support, ""), w.user(core.Admin, "")
	one, two := w.signIn(u), w.signIn(u)
	list, err := w.Sessions.List(w.as(one))
	must(t, err)
	equal(t, "own sessions", len(list), 2)

	must(t, w.Sessions.SignOut(t.Context(), one))
	_, _, err = w.Sessions.Find(t.Context(), one)
	refused(t, err, core.Unauthenticated)
	equal(t, "action", w.last().Action, "session.end")
	must(t, w.Sessions.SignOut(t.Context(), one))

	_, session, err := w.Sessions.Find(t.Context(), two)
	must(t, err)
	refused(t, w.Sessions.End(w.as(w.signIn(admin)), session.ID), core.NotFound)
	must(t, w.Sessions.End(w.as(two), session.ID))
	_, _, err = w.Sessions.Find(t.Context(), two)
	refused(t, err, core.Unauthenticated)

	three, four := w.signIn(u), w.signIn(u)
	refused(t, w.Sessions.SignOutEverywhere(w.as(three), admin.ID), core.Forbidden)
	must(t, w.Sessions.SignOutEverywhere(w.as(w.signIn(admin)), u.ID))
	for _, token := range []string{three, four} {
		_, _, err = w.Sessions.Find(t.Context(), token)
		refused(t, err, core.Unauthenticated)
	}
}

func TestThrottleSurvivesARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	for range 5 {
		_, err := w.Sessions.SignIn(t.Context(), u.Email, another)
		refused(t, err, core.Unauthenticated)
	}
	_, err := w.Sessions.SignIn(t.Context(), u.Email, password)
	refused(t, err, core.Unavailable)
	w.open()
	_, err = w.Sessions.SignIn(t.Context(), u.Email, password)
	refused(t, err, core.Unavailable)

	for wait := time.Second; wait <= 4*time.Second; wait *= 2 { // doubles
		w.pass(wait - time.Millisecond)
		_, err = w.Sessions.SignIn(t.Context(), u.Email, password)
		refused(t, err, core.Unavailable)
		w.pass(time.Millisecond)
		_, err = w.Sessions.SignIn(t.Context(), u.Email, another)
		refused(t, err, core.Unauthenticated)
	}
	w.pass(8 * time.Second)
	w.signIn(u)
	_, err = w.Sessions.SignIn(t.Context(), u.Email, another) // all is forgiven
	refused(t, err, core.Unauthenticated)
	w.signIn(u)
}

func TestThrottleOfAPrefixIsNotWipedByAGuessersOwnUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	ctx := from(t.Context(), "203.0.113.0/24")
	for i := range 20 {
		_, err := w.Sessions.SignIn(ctx, string(rune('a'+i))+"@example.com", another)
		refused(t, err, core.Unauthenticated)
		if i%5 == 0 {
			_, err := w.Sessions.SignIn(ctx, u.Email, password)
			must(t, err)
		}
	}
	_, err := w.Sessions.SignIn(ctx, u.Email, password)
	refused(t, err, core.Unavailable)
	_, err = w.Sessions.SignIn(from(t.Context(), "198.51.100.0/24"), u.Email, password)
	must(t, err)
	w.pass(time.Hour)
	_, err = w.Sessions.SignIn(ctx, u.Email, password)
	must(t, err)
}

func TestReauthenticateMovesTheSessionToANewToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	old := w.signIn(u)
	w.pass(11 * time.Minute)
	_, session, err := w.Sessions.Find(t.Context(), old)
	must(t, err)
	equal(t, "fresh after eleven minutes", session.Fresh(w.clock()), false)
	refused(t, errOf(w.Keys.Create(w.as(old), core.Key{Name: "reports", Role: core.Finance})), core.Forbidden)

	_, err = w.Sessions.Reauthenticate(t.Context(), old, another)
	refused(t, err, core.Unauthenticated)
	token, err := w.Sessions.Reauthenticate(t.Context(), old, password)
	must(t, err)
	_, _, err = w.Sessions.Find(t.Context(), old)
	refused(t, err, core.Unauthenticated)
	_, session, err = w.Sessions.Find(t.Context(), token)
	must(t, err)
	equal(t, "fresh", session.Fresh(w.clock()), true)
	must(t, errOf(w.Keys.Create(w.as(token), core.Key{Name: "reports", Role: core.Finance})))
}

func TestChangePasswordEndsOtherSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	other, own := w.signIn(u), w.signIn(u)
	refused(t, w.Users.ChangePassword(w.as(own), "password1234"), core.Invalid)
	must(t, w.Users.ChangePassword(w.as(own), another))
	_, _, err := w.Sessions.Find(t.Context(), other)
	refused(t, err, core.Unauthenticated)
	w.as(own)
	_, err = w.Sessions.SignIn(t.Context(), u.Email, password)
	refused(t, err, core.Unauthenticated)
	refused(t, w.Users.ChangePassword(t.Context(), another), core.Forbidden)
}

// errOf keeps the error of a verb that returns two values and it.
func errOf[A, B any](_ A, _ B, err error) error { return err }
