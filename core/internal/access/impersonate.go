package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const (
	impersonationLife = 30 * time.Minute
	minReason         = 10 // characters
)

// impersonation is the note of one, kept until both audit logs hold its end.
type impersonation struct {
	id     string // hash of its session
	staff  core.User
	user   string
	tenant core.TenantID
	reason string
}

// Impersonate lets staff see the portal as a developer's user does, in a
// session of its own that ends after 30 minutes, and returns its token. It is
// recorded in the control log and in the tenant's, so that the tenant sees it.
// Returns forbidden without the permission or a step-up, or for a user who is
// not a developer's; invalid without a reason of ten characters.
func (s *Sessions) Impersonate(ctx context.Context, token, userID, reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	if utf8.RuneCountInString(reason) < minReason {
		var p core.Problems
		p.Add("reason", reason, "says in at least ten characters why; the developer can read it")
		return "", p.Err()
	}
	var from, to visit
	prepare := func(tx *tenants.Tx) (err error) {
		from, to, err = impersonated(ctx, tx, token, userID, reason)
		return err
	}
	if err := s.Store.ViewControl(ctx, prepare); err != nil {
		return "", err
	}
	// The tenant is told first: rather of one that did not come about than not of one that did.
	ctx = core.WithActor(ctx, from.actor())
	record := func(tx *tenants.Tx) error { return s.record(ctx, tx, "impersonation.start", userID, reason) }
	if err := s.Store.Update(ctx, to.user.Tenant, record); err != nil {
		return "", err
	}
	fresh := core.NewSecret(tokenBytes)
	err := s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		if err := prepare(tx); err != nil {
			return err
		}
		to.hash = fingerprint(fresh)
		if err := insertSession(ctx, tx, to); err != nil {
			return err
		}
		if err := insertImpersonation(ctx, tx, to); err != nil {
			return err
		}
		return record(tx)
	})
	if err != nil {
		return "", err
	}
	return fresh, nil
}

// impersonated checks who wants to act for whom and returns the session it
// starts from and the one to be.
func impersonated(ctx context.Context, tx *tenants.Tx, token, userID, reason string) (from, to visit, err error) {
	if from, err = liveSession(ctx, tx, fingerprint(token)); err != nil {
		return from, to, err
	}
	if from.onBehalfOf != "" {
		return from, to, errImpersonating
	}
	if !Allows(from.user.Role, core.Impersonate) || from.user.Tenant != "" {
		return from, to, core.Errorf(core.Forbidden, "Your role may not impersonate.")
	}
	if err = stepUp(core.WithActor(ctx, from.actor()), tx); err != nil {
		return from, to, err
	}
	u, err := findUser(ctx, tx, userID)
	if err != nil {
		return from, to, err
	}
	if u.Tenant == "" || u.Status != active {
		return from, to, core.Errorf(core.Forbidden, "Only active users of a developer can be impersonated.")
	}
	origin, expires := core.OriginOf(ctx), tx.Now.Add(impersonationLife)
	if from.expires.Before(expires) {
		expires = from.expires
	}
	to = visit{user: u.User, onBehalfOf: from.user.ID, parent: from.hash, reason: reason,
		ipPrefix: origin.IPPrefix, userAgent: origin.UserAgent,
		created: tx.Now, seen: tx.Now, expires: expires}
	return from, to, nil
}

// StopImpersonating ends an impersonation, also one whose time is over, and
// returns a new token of the session it started from. Returns unauthenticated
// when that has ended too.
func (s *Sessions) StopImpersonating(ctx context.Context, token string) (string, error) {
	fresh := core.NewSecret(tokenBytes)
	err := s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		v, err := findSession(ctx, tx, fingerprint(token))
		if err != nil {
			return err
		}
		if v.onBehalfOf == "" {
			return core.Errorf(core.Invalid, "This session impersonates nobody.")
		}
		parent, err := liveSession(ctx, tx, v.parent)
		if err != nil {
			return err
		}
		if _, err := deleteSession(ctx, tx, v.hash); err != nil {
			return err
		}
		if err := renew(ctx, tx, parent, fresh, parent.fresh); err != nil {
			return err
		}
		return s.closeImpersonations(ctx, tx)
	})
	if err != nil {
		return "", err
	}
	if err := s.tellTenants(ctx); err != nil {
		s.Log.WarnContext(ctx, "record stopped impersonation", "error", err) // Sweep tries again
	}
	return fresh, nil
}

// closeImpersonations records the end of every impersonation whose session is
// gone, whatever ended it: a stop, a sign-out, a disabled user, the time.
func (r *room) closeImpersonations(ctx context.Context, tx *tenants.Tx) error {
	ended, err := closeImpersonations(ctx, tx)
	if err != nil {
		return err
	}
	for _, i := range ended {
		if err := r.record(core.WithActor(ctx, actorOf(i.staff)), tx, "impersonation.stop", i.user, i.reason); err != nil {
			return err
		}
	}
	return nil
}

// tellTenants records ended impersonations in the tenants' files, each at
// least once.
func (r *room) tellTenants(ctx context.Context) error {
	var untold []impersonation
	err := r.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		untold, err = untoldImpersonations(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	var failed []error // one tenant that can't be written to doesn't keep the others waiting
	for _, i := range untold {
		staff := core.WithActor(ctx, actorOf(i.staff))
		err := r.Store.Update(ctx, i.tenant, func(tx *tenants.Tx) error {
			return r.record(staff, tx, "impersonation.stop", i.user, i.reason)
		})
		if err != nil && core.CodeOf(err) != core.NotFound { // a deleted tenant has no log to tell
			failed = append(failed, fmt.Errorf("record the end of an impersonation in %s: %w", i.tenant, err))
			continue
		}
		err = r.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return deleteImpersonation(ctx, tx, i.id) })
		if err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
