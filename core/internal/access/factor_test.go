package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/pquerna/otp/totp"
)

// enrol gives a user an authenticator and returns its secret and the recovery
// codes. The code that confirms it is used up.
func (w *world) enrol(u core.User) (secret string, recovery []string) {
	w.t.Helper()
	ctx := w.as(w.signIn(u))
	secret, url, err := w.Factors.Enrol(ctx)
	must(w.t, err)
	if !strings.HasPrefix(url, "otpauth://totp/OpenHouse%20Console:") || !strings.Contains(url, secret) {
		w.t.Fatalf("otpauth address %q", url)
	}
	recovery, err = w.Factors.Confirm(ctx, w.code(secret, 0))
	must(w.t, err)
	return secret, recovery
}

// code is what an authenticator shows whose clock differs by skew.
func (w *world) code(secret string, skew time.Duration) string {
	w.t.Helper()
	code, err := totp.GenerateCode(secret, w.clock().Add(skew))
	must(w.t, err)
	return code
}

func (w *world) challenge(u core.User) string {
	w.t.Helper()
	in, err := w.Sessions.SignIn(w.t.Context(), u.Email, password)
	must(w.t, err)
	equal(w.t, "token before the second factor", in.Token, "")
	return in.Challenge
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	secret, _ := w.enrol(u)
	used := w.code(secret, 0)

	challenge := w.challenge(u)
	_, _, err := w.Sessions.Find(t.Context(), challenge)
	refused(t, err, core.Unauthenticated)
	_, err = w.Sessions.Verify(t.Context(), challenge, used) // a replay of the one that confirmed
	refused(t, err, core.Unauthenticated)

	w.pass(30 * time.Second)
	code := w.code(secret, 0)
	in, err := w.Sessions.Verify(t.Context(), challenge, code)
	must(t, err)
	w.as(in.Token)
	_, err = w.Sessions.Verify(t.Context(), challenge, code)
	refused(t, err, core.Unauthenticated)
	_, err = w.Sessions.Verify(t.Context(), w.challenge(u), code) // replay under a new challenge
	refused(t, err, core.Unauthenticated)
}

func TestSecondFactorToleratesOneStepOfSkew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	secret, _ := w.enrol(u)
	for _, c := range []struct {
		skew time.Duration
		ok   bool
	}{{-60 * time.Second, false}, {-30 * time.Second, true}, {0, true}, {30 * time.Second, true}, {60 * time.Second, false}} {
		w.pass(5 * time.Minute)
		_, err := w.Sessions.Verify(t.Context(), w.challenge(u), w.code(secret, c.skew))
		if (err == nil) != c.ok {
			t.Errorf("skew %s: %v", c.skew, err)
		}
	}
}

func TestChallengeRunsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	secret, _ := w.enrol(u)
	w.pass(time.Minute)
	challenge := w.challenge(u)
	for range 5 {
		_, err := w.Sessions.Verify(t.Context(), challenge, "000000")
		refused(t, err, core.Unauthenticated)
		equal(t, "outcome", w.last().Outcome, "denied")
	}
	_, err := w.Sessions.Verify(t.Context(), challenge, w.code(secret, 0))
	refused(t, err, core.Unauthenticated)
	_, err = w.Sessions.SignIn(t.Context(), u.Email, password) // the tries count against the user
	refused(t, err, core.Unavailable)

	w.pass(time.Hour)
	challenge = w.challenge(u)
	w.pass(5 * time.Minute)
	_, err = w.Sessions.Verify(t.Context(), challenge, w.code(secret, 0))
	refused(t, err, core.Unauthenticated)
}

func TestRecoveryCodesWorkOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	_, recovery := w.enrol(u)
	equal(t, "recovery codes", len(recovery), 10)
	in, err := w.Sessions.Verify(t.Context(), w.challenge(u), strings.ToUpper(recovery[3]))
	must(t, err)
	_, err = w.Sessions.Verify(t.Context(), w.challenge(u), recovery[3])
	refused(t, err, core.Unauthenticated)

	renewed, err := w.Factors.NewRecoveryCodes(w.as(in.Token))
	must(t, err)
	_, err = w.Sessions.Verify(t.Context(), w.challenge(u), recovery[4])
	refused(t, err, core.Unauthenticated)
	_, err = w.Sessions.Verify(t.Context(), w.challenge(u), renewed[4])
	must(t, err)
}

func TestRemoveSecondFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner, u := w.user(core.Owner, ""), w.user(core.Support, "")
	secret, _ := w.enrol(u)
	w.pass(time.Minute)
	in, err := w.Sessions.Verify(t.Context(), w.challenge(u), w.code(secret, 0))
	must(t, err)
	ctx := w.as(w.signIn(owner))
	refused(t, w.Factors.Remove(w.as(in.Token), owner.ID, "because"), core.Forbidden)
	refused(t, w.Factors.Remove(ctx, u.ID, " "), core.Invalid)
	must(t, w.Factors.Remove(ctx, u.ID, "lost the telephone"))
	equal(t, "action", w.last().Action, "totp.disable")
	_, _, err = w.Sessions.Find(t.Context(), in.Token)
	refused(t, err, core.Unauthenticated)
	w.signIn(u)
}

func TestReauthenticateByCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(core.Admin, "")
	secret, _ := w.enrol(u)
	w.pass(time.Minute)
	in, err := w.Sessions.Verify(t.Context(), w.challenge(u), w.code(secret, 0))
	must(t, err)
	w.pass(20 * time.Minute)
	_, err = w.Sessions.Reauthenticate(t.Context(), in.Token, "123456")
	refused(t, err, core.Unauthenticated)
	token, err := w.Sessions.Reauthenticate(t.Context(), in.Token, w.code(secret, 0))
	must(t, err)
	_, _, err = w.Factors.Enrol(w.as(token))
	must(t, err)
}
