package access

import (
	"context"
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
	PathFirstRun   = "/setup/"
	PathInvitation = "/invitation/"
	PathReset      = "/reset/"
)

var errNoLink = core.Errorf(core.NotFound, "This link was used already, or its time is over. Please ask for a new one.")

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
