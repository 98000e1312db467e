package access

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// freshFor is how long a password or a code vouches for what needs it: making
// keys, changing roles and credentials, impersonating.
const freshFor = 10 * time.Minute

var (
	errImpersonating = core.Errorf(core.Forbidden, "Users, keys and credentials can't be changed while impersonating.")
	errNotFresh      = core.Errorf(core.Forbidden, "Please confirm with your password or a code first.")
	errNobody        = core.Errorf(core.Forbidden, "Only a signed-in user can do this.")
)

// stepUp refuses what needs a fresh proof from a person who has not given one
// lately, and from everybody who impersonates. Commands and keys have nobody
// to ask; their rights alone decide.
func stepUp(ctx context.Context, tx *tenants.Tx) error {
	actor := core.ActorOf(ctx)
	if actor.OnBehalfOf != "" {
		return errImpersonating
	}
	if actor.Kind == core.System.Kind || actor.Kind == kindKey {
		return nil
	}
	v, err := liveSession(ctx, tx, actor.Session)
	if err != nil {
		return err
	}
	if tx.Now.Sub(v.fresh) > freshFor {
		return errNotFresh
	}
	return nil
}

// self returns the user who acts, after a step-up: credentials are changed by
// the person they belong to.
func self(ctx context.Context, tx *tenants.Tx) (account, error) {
	actor := core.ActorOf(ctx)
	if actor.Session == "" {
		return account{}, errNobody
	}
	if err := stepUp(ctx, tx); err != nil {
		return account{}, err
	}
	return findUser(ctx, tx, actor.ID)
}

// Reauthenticate takes a fresh proof, the password or a six-digit code of the
// second factor, and returns the session's new token; the old one is void.
// Returns unauthenticated for a wrong proof, unavailable while throttled.
func (s *Sessions) Reauthenticate(ctx context.Context, token, proof string) (string, error) {
	v, ok, err := s.prove(ctx, token, proof)
	if err != nil {
		return "", err
	}
	ctx = core.WithActor(ctx, v.actor())
	fresh := core.NewSecret(tokenBytes)
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		if !ok {
			return s.deny(ctx, tx, "session.deny", v.user.ID, core.Unauthenticated)
		}
		if err := renew(ctx, tx, v, fresh, tx.Now); err != nil {
			return err
		}
		if err := forgive(ctx, tx, v.user.Email); err != nil {
			return err
		}
		return s.record(ctx, tx, "session.start", v.user.ID, "")
	})
	if err == nil && !ok {
		err = core.Errorf(core.Unauthenticated, "That is not right. Please try again.")
	}
	if err != nil {
		return "", err
	}
	return fresh, nil
}

// prove returns the session of the token and whether the proof is its user's.
func (s *Sessions) prove(ctx context.Context, token, proof string) (v visit, ok bool, err error) {
	var u account
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		if v, err = liveSession(ctx, tx, fingerprint(token)); err != nil {
			return err
		}
		if v.onBehalfOf != "" {
			return errImpersonating
		}
		if err = attempt(ctx, tx, v.user.Email); err != nil {
			return err
		}
		if u, err = findUser(ctx, tx, v.user.ID); err == nil && isCode(proof) {
			ok, err = s.checkCode(ctx, tx, u, proof)
		}
		return err
	})
	if err == nil && !isCode(proof) {
		ok, err = s.passwords.matches(ctx, u.password, proof)
	}
	return v, ok, err
}

// renew moves a session to a new token and notes when its proof was given.
func renew(ctx context.Context, tx *tenants.Tx, v visit, token string, proved time.Time) error {
	before := v.hash
	v.hash, v.seen, v.fresh = fingerprint(token), tx.Now, proved
	found, err := renewSession(ctx, tx, before, v)
	if err == nil && !found {
		err = errNoSession
	}
	return err
}
