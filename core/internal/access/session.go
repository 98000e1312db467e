package access

import (
	"context"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// A session ends when it is not used for the idle time, and at the latest when
// its life is over. A developer's staff see their own tenant alone, so theirs
// may last through a day on site.
const (
	staffIdle     = 30 * time.Minute
	staffLife     = 12 * time.Hour
	developerIdle = 8 * time.Hour
	developerLife = 7 * 24 * time.Hour
)

// touchEvery bounds how often a use is written down.
const touchEvery = time.Minute

var errNoSession = core.Errorf(core.Unauthenticated, "Please sign in.")

// Sessions are the sign-ins of users.
type Sessions struct{ *room }

// Session describes a session to the person whose it is.
type Session struct {
	ID         string // hash of the token; core.Actor.Session
	IPPrefix   string
	UserAgent  string
	CreatedAt  time.Time
	SeenAt     time.Time
	FreshUntil time.Time // until then a step-up is not asked for
	ExpiresAt  time.Time // when it ends without further use
}

// Fresh reports whether the person proved lately who they are.
func (s Session) Fresh(now time.Time) bool { return !now.After(s.FreshUntil) }

// Find returns who acts under a session's token, in one indexed read. Returns
// unauthenticated when there is no such session or it has ended.
func (s *Sessions) Find(ctx context.Context, token string) (core.Actor, Session, error) {
	var v visit
	var now time.Time
	err := s.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		now = tx.Now
		v, err = liveSession(ctx, tx, fingerprint(token))
		return err
	})
	if err != nil {
		return core.Actor{}, Session{}, err
	}
	if now.Sub(v.seen) >= touchEvery {
		s.note(ctx, "touch session", func(ctx context.Context, tx *tenants.Tx) error {
			return touchSession(ctx, tx, v, now)
		})
	}
	return v.actor(), v.session(), nil
}

// List returns the sessions of the user who acts, the last used first; those
// in which staff impersonate the user are in the audit log instead.
func (s *Sessions) List(ctx context.Context) (list []Session, err error) {
	err = s.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		visits, err := listSessions(ctx, tx, core.ActorOf(ctx).ID)
		for _, v := range visits {
			if v.ended(tx.Now) == nil {
				list = append(list, v.session())
			}
		}
		return err
	})
	return list, err
}

// SignOut ends the session of a token; of an impersonation, also the session
// it came from. Ending one that has ended is no error.
func (s *Sessions) SignOut(ctx context.Context, token string) error {
	return s.end(ctx, fingerprint(token), func(visit) error { return nil })
}

// End ends one session that List returned. Returns not_found for another
// user's.
func (s *Sessions) End(ctx context.Context, id string) error {
	return s.end(ctx, id, func(v visit) error {
		if actor := core.ActorOf(ctx); v.user.ID != actor.ID || v.onBehalfOf != "" || actor.OnBehalfOf != "" {
			return core.Errorf(core.NotFound, "There is no such session.")
		}
		return nil
	})
}

func (s *Sessions) end(ctx context.Context, hash string, allow func(visit) error) error {
	return s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		v, err := findSession(ctx, tx, hash)
		if errors.Is(err, errNoSession) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := allow(v); err != nil {
			return err
		}
		for _, h := range []string{v.hash, v.parent} {
			if _, err := deleteSession(ctx, tx, h); err != nil {
				return err
			}
		}
		if err := s.closeImpersonations(ctx, tx); err != nil {
			return err
		}
		return s.record(core.WithActor(ctx, v.actor()), tx, "session.end", v.user.ID, "")
	})
}

// SignOutEverywhere ends all sessions of a user: one's own, or those of a user
// whom the actor may manage. Returns not_found for a user out of sight.
func (s *Sessions) SignOutEverywhere(ctx context.Context, userID string) error {
	return s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		u, err := visibleUser(ctx, tx, userID)
		if err != nil {
			return err
		}
		if err := mayManage(core.ActorOf(ctx), u.User); err != nil {
			return err
		}
		if err := s.endSessions(ctx, tx, u.ID, ""); err != nil {
			return err
		}
		return s.record(ctx, tx, "session.end_all", u.ID, "")
	})
}

// endSessions ends a user's sessions but one (empty: all).
func (r *room) endSessions(ctx context.Context, tx *tenants.Tx, user, except string) error {
	if err := deleteSessions(ctx, tx, user, except); err != nil {
		return err
	}
	return r.closeImpersonations(ctx, tx)
}

// Sweep deletes what has run out: sessions, challenges, links and throttles.
// It also finishes the records of impersonations that nobody stopped. Returns
// how many sessions ended. Call it every minute.
func (s *Sessions) Sweep(ctx context.Context) (n int, err error) {
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		if n, err = sweepSessions(ctx, tx); err != nil {
			return err
		}
		if err = s.closeImpersonations(ctx, tx); err != nil {
			return err
		}
		return sweepThrottles(ctx, tx)
	})
	if err != nil {
		return 0, err
	}
	return n, s.tellTenants(ctx)
}
