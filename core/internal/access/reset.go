package access

import (
	"context"
	"errors"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// RequestReset mails a link to set a new password when an active user has the
// address. Nothing that the caller sees tells whether one has.
func (s *Users) RequestReset(ctx context.Context, email string) error {
	email = normalEmail(email)
	letters, err := s.lettersFor(ctx, email)
	if err != nil {
		return err
	}
	return s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		err := try(ctx, tx, "reset:"+fingerprint(email), 1)
		if core.CodeOf(err) == core.Unavailable {
			return nil // asked a moment ago: that mail is on its way, if there is one
		}
		if err != nil {
			return err
		}
		u, err := findUserByEmail(ctx, tx, email)
		if errors.Is(err, errNoUser) || err == nil && u.Status != active {
			return s.deny(ctx, tx, "user.password_reset", u.ID, core.NotFound)
		}
		if err != nil {
			return err
		}
		token, err := insertLink(ctx, tx, linkReset, u.ID, resetLife)
		if err != nil {
			return err
		}
		if err := letters.Reset(ctx, tx, Reset{To: u.User, Link: s.BaseURL + PathReset + token, Expires: tx.Now.Add(resetLife)}); err != nil {
			return err
		}
		return s.record(ctx, tx, "user.password_reset", u.ID, "")
	})
}

// lettersFor returns the letters of whoever has the address; the platform's for
// an unknown one.
func (s *Users) lettersFor(ctx context.Context, email string) (Letters, error) {
	var u account
	err := s.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		u, err = findUserByEmail(ctx, tx, email)
		return err
	})
	if err != nil && !errors.Is(err, errNoUser) {
		return nil, err
	}
	return s.Mailer.Letters(ctx, u.Tenant), nil
}

// ResetPassword sets a new password and ends all sessions; a second factor
// stays. Returns not_found for a link that doesn't hold, invalid for a weak
// password.
func (s *Users) ResetPassword(ctx context.Context, token, password string) (core.User, error) {
	hash, err := s.redeem(ctx, linkReset, token, password, func(u account) (core.User, core.Problems) {
		return u.User, nil
	})
	if err != nil {
		return core.User{}, err
	}
	return s.setPassword(ctx, linkReset, token, "user.password_change", func(u *account) { u.password = hash })
}

// ChangePassword sets the password of the user who acts, after a step-up, and
// ends their other sessions. Returns invalid for a weak password.
func (s *Users) ChangePassword(ctx context.Context, password string) error {
	actor := core.ActorOf(ctx)
	if actor.OnBehalfOf != "" {
		return errImpersonating
	}
	hash, err := s.strongHash(ctx, password, actor.Name, actor.Email, nil)
	if err != nil {
		return err
	}
	return s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		u, err := self(ctx, tx)
		if err != nil {
			return err
		}
		u.password = hash
		if err := updateUser(ctx, tx, u); err != nil {
			return err
		}
		if err := deleteLinks(ctx, tx, u.ID); err != nil {
			return err
		}
		if err := s.endSessions(ctx, tx, u.ID, actor.Session); err != nil {
			return err
		}
		return s.record(ctx, tx, "user.password_change", u.ID, "")
	})
}
