package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// A key's secret is the prefix, 32 characters (160 random bits) and six of
// checksum: scanners for leaked secrets recognise it, and a mistyped one costs
// no look-up.
const (
	keyPrefix   = "oh_live_"
	keyBytes    = 20
	keyBody     = 32
	keyChecksum = 6
	keyHint     = 4
)

var (
	errNoKey  = core.Errorf(core.NotFound, "There is no such key.")
	errBadKey = core.Errorf(core.Unauthenticated, "This API key is unknown, revoked or expired.")
)

// KeyRing holds the API keys of the platform and of tenants.
type KeyRing struct {
	*room
	held heldKeys
}

// Create makes a key from Name, Role, Tenant (empty: the platform) and
// ExpiresAt (nil: never), after a step-up, and returns its secret, which is
// not kept. A tenant's key has a developer's role, the platform's one of staff,
// never owner. Returns forbidden for rights that the actor doesn't hold.
func (s *KeyRing) Create(ctx context.Context, key core.Key) (core.Key, string, error) {
	actor := core.ActorOf(ctx)
	key.Name = strings.Join(strings.Fields(key.Name), " ")
	secret := newKeySecret()
	key.Hint = secret[len(secret)-keyHint:]
	err := s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		if err := checkKey(key, tx.Now).Err(); err != nil {
			return err
		}
		if err := stepUp(ctx, tx); err != nil {
			return err
		}
		if !mayGrant(actor, key.Role, key.Tenant) {
			return core.Errorf(core.Forbidden, "A key can't hold rights that you don't have.")
		}
		if key.Tenant != "" {
			if found, err := tenantExists(ctx, tx, key.Tenant); err != nil {
				return err
			} else if !found {
				return core.Errorf(core.NotFound, "There is no such tenant.")
			}
		}
		key.ID, key.CreatedAt, key.CreatedBy = core.NewID(core.PrefixKey, tx.Now), tx.Now, actor.ID
		if err := insertKey(ctx, tx, key, fingerprint(secret)); err != nil {
			return err
		}
		return s.recordKey(ctx, tx, "key.create", key.ID, "",
			core.Change{Field: "name", After: key.Name},
			core.Change{Field: "role", After: string(key.Role)},
			core.Change{Field: "tenant", After: string(key.Tenant)})
	})
	if err != nil {
		return core.Key{}, "", err
	}
	return key, secret, nil
}

func checkKey(key core.Key, now time.Time) (p core.Problems) {
	if n := utf8.RuneCountInString(key.Name); n == 0 || n > 80 {
		p.Add("name", key.Name, "needs 1 to 80 characters")
	}
	switch {
	case len(rights[key.Role]) == 0 || key.Role == core.Owner:
		p.Add("role", string(key.Role), "is not a role that a key can have")
	case key.Role.ForDeveloper() && key.Tenant == "":
		p.Add("tenant", "", "is needed for a developer's role")
	case !key.Role.ForDeveloper() && key.Tenant != "":
		p.Add("role", string(key.Role), "is for keys of the platform; a tenant's key has a developer's role")
	}
	if key.ExpiresAt != nil && !key.ExpiresAt.After(now) {
		p.Add("expires_at", key.ExpiresAt.Format(time.RFC3339), "is not in the future")
	}
	return p
}

func (r *room) recordKey(ctx context.Context, tx *tenants.Tx, action, id, reason string, changes ...core.Change) error {
	return r.Recorder.Record(ctx, tx, core.Entry{Action: action, Target: core.Target{Kind: "key", ID: id}, Reason: reason, Changes: changes})
}

// Find returns a key, also a revoked one. Returns not_found when there is none
// or it is another tenant's.
func (s *KeyRing) Find(ctx context.Context, id string) (key core.Key, err error) {
	err = s.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		key, err = visibleKey(ctx, tx, id)
		return err
	})
	return key, err
}

// List returns keys by Text, Tenant, Kind (staff, developer) and Status
// (active, expired, revoked), sorted by name, created or used.
func (s *KeyRing) List(ctx context.Context, q core.Query) (list core.List[core.Key], err error) {
	if actor := core.ActorOf(ctx); actor.Tenant != "" {
		q.Tenant = actor.Tenant
	}
	err = s.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		list, err = listKeys(ctx, tx, q)
		return err
	})
	return list, err
}

// Revoke ends a key at once. Revoking one that is revoked is no error.
func (s *KeyRing) Revoke(ctx context.Context, id, reason string) error {
	defer s.held.drop()
	return s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		actor := core.ActorOf(ctx)
		if actor.OnBehalfOf != "" {
			return errImpersonating
		}
		key, err := visibleKey(ctx, tx, id)
		if err != nil || key.RevokedAt != nil {
			return err
		}
		if !mayGrant(actor, key.Role, key.Tenant) {
			return core.Errorf(core.Forbidden, "This key holds rights that you don't have.")
		}
		if err := revokeKey(ctx, tx, id); err != nil {
			return err
		}
		return s.recordKey(ctx, tx, "key.revoke", id, reason)
	})
}

// Authenticate returns who acts under a key's secret: in one indexed read, or
// in none when the same key was shown within the last second. Returns
// unauthenticated for anything but a key that holds.
func (s *KeyRing) Authenticate(ctx context.Context, secret string) (core.Actor, error) {
	if !wellFormed(secret) {
		return core.Actor{}, errBadKey
	}
	now, name := s.Now(), fingerprint(secret)
	key, found, generation := s.held.find(name, now)
	var err error
	if !found {
		err = s.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
			key, err = findKeyByHash(ctx, tx, name)
			return err
		})
	}
	switch {
	case core.CodeOf(err) == core.NotFound || key.RevokedAt != nil, key.ExpiresAt != nil && !now.Before(*key.ExpiresAt):
		return core.Actor{}, errBadKey
	case err != nil:
		return core.Actor{}, err
	}
	if found {
		return actorOfKey(key), nil // its use was noted when it was looked up
	}
	s.held.hold(name, key, now, generation)
	if key.LastUsedAt == nil || now.Sub(*key.LastUsedAt) >= touchEvery {
		s.note(ctx, "touch key", func(ctx context.Context, tx *tenants.Tx) error { return touchKey(ctx, tx, key.ID, now) })
	}
	return actorOfKey(key), nil
}

func actorOfKey(key core.Key) core.Actor {
	return core.Actor{Kind: kindKey, ID: key.ID, Name: key.Name, Role: key.Role, Tenant: key.Tenant}
}

func visibleKey(ctx context.Context, tx *tenants.Tx, id string) (core.Key, error) {
	key, err := findKey(ctx, tx, id)
	if err == nil && !sees(core.ActorOf(ctx), key.Tenant) {
		return core.Key{}, errNoKey
	}
	return key, err
}

func newKeySecret() string {
	body := core.NewSecret(keyBytes)
	return keyPrefix + body + checksum(body)
}

// checksum is public: it finds typing errors and proves nothing.
func checksum(body string) string {
	sum := sha256.Sum256([]byte(keyPrefix + body))
	return strings.ToLower(base32.HexEncoding.EncodeToString(sum[:5]))[:keyChecksum]
}

func wellFormed(secret string) bool {
	rest, ok := strings.CutPrefix(secret, keyPrefix)
	if !ok || len(rest) != keyBody+keyChecksum {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(checksum(rest[:keyBody])), []byte(rest[keyBody:])) == 1
}
