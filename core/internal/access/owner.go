package access

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

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
