package access

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Kinds of actors that access lets in.
const (
	kindStaff     = "staff"
	kindDeveloper = "developer"
	kindKey       = "api_key"
)

func lifeOf(role core.Role) time.Duration {
	if role.ForDeveloper() {
		return developerLife
	}
	return staffLife
}

// idle is how long the session may go unused. One in which staff impersonate
// has the rules of staff.
func (v visit) idle() time.Duration {
	if v.user.Role.ForDeveloper() && v.onBehalfOf == "" {
		return developerIdle
	}
	return staffIdle
}

// ends is when the session is over without further use.
func (v visit) ends() time.Time {
	if idle := v.seen.Add(v.idle()); idle.Before(v.expires) {
		return idle
	}
	return v.expires
}

// ended returns errNoSession when the session does not hold any more.
func (v visit) ended(now time.Time) error {
	if v.user.Status != active || !now.Before(v.ends()) {
		return errNoSession
	}
	return nil
}

// liveSession returns the session of the hash, or errNoSession when it ended.
func liveSession(ctx context.Context, tx *tenants.Tx, hash string) (visit, error) {
	v, err := findSession(ctx, tx, hash)
	if err != nil {
		return v, err
	}
	return v, v.ended(tx.Now)
}

// actor is who acts in the session.
func (v visit) actor() core.Actor {
	a := actorOf(v.user)
	a.Session, a.OnBehalfOf, a.Reason = v.hash, v.onBehalfOf, v.reason
	return a
}

func actorOf(u core.User) core.Actor {
	kind := kindStaff
	if u.Role.ForDeveloper() {
		kind = kindDeveloper
	}
	return core.Actor{Kind: kind, ID: u.ID, Name: u.Name, Email: u.Email, Role: u.Role, Tenant: u.Tenant}
}

func (v visit) session() Session {
	return Session{
		ID: v.hash, IPPrefix: v.ipPrefix, UserAgent: v.userAgent,
		CreatedAt: v.created, SeenAt: v.seen, FreshUntil: v.fresh.Add(freshFor), ExpiresAt: v.ends(),
	}
}
