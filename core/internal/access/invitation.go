package access

import (
	"context"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// How long links hold.
const (
	ownerLinkLife  = 24 * time.Hour
	invitationLife = 7 * 24 * time.Hour
	resetLife      = time.Hour
)

// Where links lead, below Options.BaseURL; the token follows.
const (
	PathFirstRun   = "/first-run/"
	PathInvitation = "/invitation/"
	PathReset      = "/reset/"
)

var errNoLink = core.Errorf(core.NotFound, "This link was used already, or its time is over. Please ask for a new one.")

// FirstRun returns a token for ClaimOwner while nobody owns the platform, and
// whether one is needed. Each call makes the token before it void.
func (s *Users) FirstRun(ctx context.Context) (token string, needed bool, err error) {
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		owners, err := otherOwners(ctx, tx, "")
		if needed = err == nil && owners == 0; !needed {
			return err
		}
		if token, err = insertLink(ctx, tx, linkOwner, "", ownerLinkLife); err != nil {
			return err
		}
		return s.record(ctx, tx, "user.invite", "first owner", "")
	})
	return token, needed, err
}

// ClaimOwner makes the first owner. Returns not_found for a link that doesn't
// hold, invalid with all problems.
func (s *Users) ClaimOwner(ctx context.Context, token, name, email, password string) (core.User, error) {
	u := account{User: core.User{Name: name, Email: email, Role: core.Owner, Status: active}}
	hash, err := s.redeem(ctx, linkOwner, token, password, func(account) (core.User, core.Problems) {
		p := check(&u.User)
		return u.User, p
	})
	if err != nil {
		return core.User{}, err
	}
	u.password = hash
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		if _, err := useLink(ctx, tx, linkOwner, token); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, &u); err != nil {
			return err
		}
		return s.record(core.WithActor(ctx, actorOf(u.User)), tx, "user.create", u.ID, "", described(u.User)...)
	})
	return u.User, err
}

// Invite makes a user who has no password yet, and mails a link to set one.
// It returns the link too, for commands on a machine without mail; never show
// it to anybody else. Returns invalid with all problems, forbidden for a role
// that the actor may not give, conflict for an address that is taken.
func (s *Users) Invite(ctx context.Context, user core.User) (core.User, string, error) {
	p := check(&user)
	if err := p.Err(); err != nil {
		return core.User{}, "", err
	}
	u := account{User: user}
	u.Status = invited
	var link string
	err := s.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		if err = mayManage(core.ActorOf(ctx), u.User); err != nil {
			return err
		}
		if err = s.insert(ctx, tx, &u); err != nil {
			return err
		}
		if link, err = s.mailInvitation(ctx, tx, u.User); err != nil {
			return err
		}
		return s.record(ctx, tx, "user.invite", u.ID, "", described(u.User)...)
	})
	return u.User, link, err
}

// InviteAgain mails a new link to a user who has not accepted yet; the one
// before is void. Returns conflict for anybody else.
func (s *Users) InviteAgain(ctx context.Context, id string) (link string, err error) {
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		u, err := visibleUser(ctx, tx, id)
		if err != nil {
			return err
		}
		if err = mayManage(core.ActorOf(ctx), u.User); err != nil {
			return err
		}
		if u.Status != invited {
			return core.Errorf(core.Conflict, "This user has no open invitation.")
		}
		if link, err = s.mailInvitation(ctx, tx, u.User); err != nil {
			return err
		}
		return s.record(ctx, tx, "user.invite", u.ID, "")
	})
	return link, err
}

func (r *room) mailInvitation(ctx context.Context, tx *tenants.Tx, u core.User) (string, error) {
	token, err := insertLink(ctx, tx, linkInvitation, u.ID, invitationLife)
	if err != nil {
		return "", err
	}
	link := r.BaseURL + PathInvitation + token
	return link, r.Mailer.Queue(ctx, tx, invitationLetter(u, core.ActorOf(ctx), link))
}

// Invited returns whom an invitation is for, so that the page can greet them.
// Returns not_found for a link that doesn't hold.
func (s *Users) Invited(ctx context.Context, token string) (user core.User, err error) {
	u, err := s.bearer(ctx, linkInvitation, token)
	return u.User, err
}

// Accept sets name and password of an invited user, who can sign in then.
// Returns not_found for a link that doesn't hold, invalid with all problems.
func (s *Users) Accept(ctx context.Context, token, name, password string) (core.User, error) {
	hash, err := s.redeem(ctx, linkInvitation, token, password, func(u account) (core.User, core.Problems) {
		u.Name = name
		p := check(&u.User)
		return u.User, p
	})
	if err != nil {
		return core.User{}, err
	}
	return s.setPassword(ctx, linkInvitation, token, "user.accept", func(u *account) {
		u.Name, u.password, u.Status = name, hash, active
		check(&u.User) // tidies the name; redeem has seen that nothing is wrong
	})
}

// RequestReset mails a link to set a new password when an active user has the
// address. Nothing that the caller sees tells whether one has.
func (s *Users) RequestReset(ctx context.Context, email string) error {
	email = normalEmail(email)
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
		if err := s.Mailer.Queue(ctx, tx, resetLetter(u.User, s.BaseURL+PathReset+token)); err != nil {
			return err
		}
		return s.record(ctx, tx, "user.password_reset", u.ID, "")
	})
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

// bearer returns the user of a link that holds; none for the first owner's.
func (r *room) bearer(ctx context.Context, purpose, token string) (u account, err error) {
	err = r.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		id, err := findLink(ctx, tx, purpose, token)
		if err == nil && id != "" {
			u, err = findUser(ctx, tx, id)
		}
		return err
	})
	return u, err
}

// redeem checks link, values and password before anything is changed, and
// returns the password's hash. No hash is computed for a link that is void.
func (r *room) redeem(ctx context.Context, purpose, token, password string, values func(account) (core.User, core.Problems)) (string, error) {
	u, err := r.bearer(ctx, purpose, token)
	if err != nil {
		return "", err
	}
	user, problems := values(u)
	return r.strongHash(ctx, password, user.Name, user.Email, problems)
}

// strongHash hashes a password, or returns the problems with it and before it.
func (r *room) strongHash(ctx context.Context, password, name, email string, p core.Problems) (string, error) {
	if why := weakness(password, name, email); why != "" {
		p.Add("password", "", why)
	}
	if err := p.Err(); err != nil {
		return "", err
	}
	return r.passwords.hash(ctx, password)
}

// setPassword uses a link up for a change of its user, who acts.
func (r *room) setPassword(ctx context.Context, purpose, token, action string, set func(*account)) (core.User, error) {
	var u account
	err := r.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		id, err := useLink(ctx, tx, purpose, token)
		if err != nil {
			return err
		}
		if u, err = findUser(ctx, tx, id); err != nil {
			return err
		}
		set(&u)
		if err := updateUser(ctx, tx, u); err != nil {
			return err
		}
		u.Version++
		if err := deleteLinks(ctx, tx, u.ID); err != nil {
			return err
		}
		if err := r.endSessions(ctx, tx, u.ID, ""); err != nil {
			return err
		}
		return r.record(core.WithActor(ctx, actorOf(u.User)), tx, action, u.ID, "")
	})
	return u.User, err
}
