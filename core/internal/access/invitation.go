package access

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

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
	letters := s.Mailer.Letters(ctx, u.Tenant)
	var link string
	err := s.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		if err = mayManage(core.ActorOf(ctx), u.User); err != nil {
			return err
		}
		if err = s.insert(ctx, tx, &u); err != nil {
			return err
		}
		if link, err = s.mailInvitation(ctx, tx, letters, u.User); err != nil {
			return err
		}
		return s.record(ctx, tx, "user.invite", u.ID, "", described(u.User)...)
	})
	return u.User, link, err
}

// InviteAgain mails a new link to a user who has not accepted yet; the one
// before is void. Returns conflict for anybody else.
func (s *Users) InviteAgain(ctx context.Context, id string) (link string, err error) {
	known, err := s.Find(ctx, id)
	if err != nil {
		return "", err
	}
	letters := s.Mailer.Letters(ctx, known.Tenant)
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
		if link, err = s.mailInvitation(ctx, tx, letters, u.User); err != nil {
			return err
		}
		return s.record(ctx, tx, "user.invite", u.ID, "")
	})
	return link, err
}

func (r *room) mailInvitation(ctx context.Context, tx *tenants.Tx, letters Letters, u core.User) (string, error) {
	token, err := insertLink(ctx, tx, linkInvitation, u.ID, invitationLife)
	if err != nil {
		return "", err
	}
	link := r.BaseURL + PathInvitation + token
	return link, letters.Invite(ctx, tx, Invitation{To: u, InvitedBy: personOf(core.ActorOf(ctx)), Link: link, Expires: tx.Now.Add(invitationLife)})
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
