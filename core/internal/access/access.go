// Package access says who may come in and what they may do: users, sessions,
// second factors, API keys, roles, impersonation, throttles and rate limits.
// Everything it keeps lies in the control database; secrets only as hashes,
// or sealed by the platform's key.
package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Recorder is the audit log: it writes the entry in the transaction of the
// change; actor and origin come from the context.
type Recorder interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
}

// Keys seals secrets at rest. The associated data names the place of the
// secret, so that a sealed value that is moved elsewhere can't be opened.
type Keys interface {
	Seal(plaintext, associated []byte) ([]byte, error)
	Open(sealed, associated []byte) ([]byte, error)
}

// Options are what access stands on. All are required.
type Options struct {
	Store    *tenants.Store
	Recorder Recorder
	Mailer   Mailer
	Keys     Keys
	BaseURL  string // of links in messages, without a slash at the end: https://console.example
	Now      func() time.Time
	Log      *slog.Logger
}

// Access is the room's front: one field for each noun.
type Access struct {
	Users    *Users
	Sessions *Sessions
	Factors  *Factors
	Keys     *KeyRing
	room     *room
}

// room is what the nouns share.
type room struct {
	Options
	passwords passwords
	notes     sync.WaitGroup
	noting    chan struct{} // bounds the notes under way
}

// New returns the room.
func New(options Options) *Access {
	r := &room{Options: options, passwords: newPasswords(), noting: make(chan struct{}, 8)}
	return &Access{Users: &Users{r}, Sessions: &Sessions{r}, Factors: &Factors{r}, Keys: &KeyRing{room: r}, room: r}
}

// Wait returns when the notes that requests left behind (last seen, last used)
// are written. Call it after the last request and before the store closes.
func (a *Access) Wait() { a.room.notes.Wait() }

// note runs a write that no request should wait for. When many are under way
// it is left out: the next request tries again.
func (r *room) note(ctx context.Context, what string, write func(context.Context, *tenants.Tx) error) {
	select {
	case r.noting <- struct{}{}:
	default:
		return
	}
	ctx = context.WithoutCancel(ctx)
	r.notes.Go(func() {
		defer func() { <-r.noting }()
		err := r.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return write(ctx, tx) })
		if err != nil {
			r.Log.WarnContext(ctx, what, "error", err)
		}
	})
}

func userTarget(id string) core.Target { return core.Target{Kind: "user", ID: id} }

// record writes one entry about a user.
func (r *room) record(ctx context.Context, tx *tenants.Tx, action, user, reason string, changes ...core.Change) error {
	return r.Recorder.Record(ctx, tx, core.Entry{Action: action, Target: userTarget(user), Reason: reason, Changes: changes})
}

// deny writes one entry about something that was refused. An unknown user has
// no id, and what was typed instead is not recorded.
func (r *room) deny(ctx context.Context, tx *tenants.Tx, action, user string, code core.Code) error {
	if user == "" {
		user = "unknown"
	}
	return r.Recorder.Record(ctx, tx, core.Entry{Action: action, Target: userTarget(user), Outcome: "denied", Code: code})
}

// tokenBytes is the length of tokens in links and cookies: 256 bits.
const tokenBytes = 32

// fingerprint is how a random secret is stored: 256 bits that were drawn at
// random need no salt and no slow hash.
func fingerprint(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
