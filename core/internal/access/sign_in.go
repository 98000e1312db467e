package access

import (
	"context"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// A challenge is the time between the password and the code.
const (
	challengeLife  = 5 * time.Minute
	challengeTries = 5
)

var (
	errNoChallenge = core.Errorf(core.Unauthenticated, "This sign-in took too long or too many tries. Please start again.")
	errWrong       = core.Errorf(core.Unauthenticated, "The e-mail address or the password is not right.")
	errWrongCode   = core.Errorf(core.Unauthenticated, "That code is not right, or was used before.")
)

// SignedIn is the outcome of a right password: the token of a new session, or
// that of a challenge when the user has a second factor. The other is empty.
type SignedIn struct {
	User      core.User
	Token     string
	Challenge string
}

// SignIn checks a password. Every refusal of it reads the same: unknown
// address, wrong password, an invitation not yet accepted, a disabled user.
// Returns unauthenticated for those, unavailable while throttled.
func (s *Sessions) SignIn(ctx context.Context, email, password string) (in SignedIn, err error) {
	email = normalEmail(email)
	var u account
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		if err = attempt(ctx, tx, email); err != nil {
			return err
		}
		if u, err = findUserByEmail(ctx, tx, email); errors.Is(err, errNoUser) {
			err = nil
		}
		return err
	})
	if err != nil {
		return in, err
	}
	if u.Status != active {
		u.password = ""
	}
	ok, err := s.passwords.matches(ctx, u.password, password)
	if err != nil {
		return in, err
	}
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		if ok {
			if ok, err = unchanged(ctx, tx, u); err != nil {
				return err
			}
		}
		if !ok {
			return s.deny(ctx, tx, "session.deny", u.ID, core.Unauthenticated)
		}
		in, err = s.admit(ctx, tx, u)
		return err
	})
	if err == nil && !ok {
		err = errWrong
	}
	return in, err
}

// unchanged reports whether the password that was checked still holds.
func unchanged(ctx context.Context, tx *tenants.Tx, u account) (bool, error) {
	now, err := findUser(ctx, tx, u.ID)
	return err == nil && now.Status == active && now.password == u.password, err
}

// admit goes on after a right password: to the second factor, or in.
func (s *Sessions) admit(ctx context.Context, tx *tenants.Tx, u account) (in SignedIn, err error) {
	in.User = u.User
	if u.TOTP {
		in.Challenge, err = insertChallenge(ctx, tx, u.ID)
		return in, err
	}
	in.Token, err = s.open(ctx, tx, u.User)
	return in, err
}

// open starts a session under a token that nobody has seen before.
func (s *Sessions) open(ctx context.Context, tx *tenants.Tx, u core.User) (string, error) {
	token, origin := core.NewSecret(tokenBytes), core.OriginOf(ctx)
	v := visit{hash: fingerprint(token), user: u, ipPrefix: origin.IPPrefix, userAgent: origin.UserAgent,
		created: tx.Now, seen: tx.Now, fresh: tx.Now, expires: tx.Now.Add(lifeOf(u.Role))}
	if err := insertSession(ctx, tx, v); err != nil {
		return "", err
	}
	if err := touchSession(ctx, tx, v, tx.Now); err != nil {
		return "", err
	}
	if err := forgive(ctx, tx, u.Email); err != nil {
		return "", err
	}
	return token, s.record(core.WithActor(ctx, v.actor()), tx, "session.start", u.ID, "")
}

// Verify answers a challenge with a code of the second factor or a recovery
// code. Returns unauthenticated for a wrong or used code, and when the
// challenge has run out of time or tries.
func (s *Sessions) Verify(ctx context.Context, challenge, code string) (in SignedIn, err error) {
	var ok bool
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		c, err := tryChallenge(ctx, tx, challenge)
		if err != nil {
			return err
		}
		u, err := findUser(ctx, tx, c.user)
		if err != nil {
			return err
		}
		if ok, err = s.secondFactor(ctx, tx, u, code); err != nil {
			return err
		}
		if !ok {
			if err := strikeUser(ctx, tx, u.Email); err != nil {
				return err
			}
			return s.deny(ctx, tx, "session.deny", u.ID, core.Unauthenticated)
		}
		in.User = u.User
		if err = deleteChallenge(ctx, tx, c.hash); err == nil {
			in.Token, err = s.open(ctx, tx, u.User)
		}
		return err
	})
	if err == nil && !ok {
		err = errWrongCode
	}
	return in, err
}
