// Package grant is the desk where plugins ask for data. Each call of the host
// opens a grant: a random token that says which plugin may do what, in which
// tenant's file, for whom and until when. A plugin names nothing but its token,
// so there is no message with which it could reach another tenant.
package grant

import (
	"cmp"
	"context"
	"crypto/sha256"
	"log/slog"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/keep"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Rights are what a plugin may do, whatever the call.
type Rights struct {
	Plugin       string              // its id: its tables begin with it and an underscore
	Revision     string              // another one for other rights
	Read         map[string][]string // columns of core tables in a tenant's file, by table
	ReadPlatform map[string][]string // the same in the control database
	Records      map[string]string   // the verbs that it may record, without its id
	Limits       Limits
}

// Limits bound one call; zero means the default.
type Limits struct {
	Database time.Duration // of all statements together; 2 s
	Rows     int           // of one result; 100,000
	Bytes    int64         // of one result, as it travels; 64 MiB
}

func (l Limits) orDefault() Limits {
	return Limits{cmp.Or(l.Database, 2*time.Second), cmp.Or(l.Rows, 100_000), cmp.Or(l.Bytes, 64<<20)}
}

// Grant is what one call of a plugin may do.
type Grant struct {
	Rights Rights
	Tenant core.TenantID // empty: the platform's
	Actor  core.Actor    // for whom the plugin acts; audit records name it
	Call   string        // for logs
	Writes bool          // a page, a plan, a roll-up and an export can't change anything
}

// Emitter puts an event into the outbox of the transaction's tenant.
type Emitter interface {
	Emit(ctx context.Context, tx *tenants.Tx, e core.Event) error
}

// Recorder writes an audit record in the transaction of the change.
type Recorder interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
}

// Options say what the desk has to give.
type Options struct {
	Store    *tenants.Store
	Emitter  Emitter
	Recorder Recorder
	Keep     *keep.Keep
	Now      func() time.Time
	Log      *slog.Logger
	Lease    time.Duration // of a transaction; 0 means 5 s
	// Note is told of each outside call. It doesn't keep the plugin waiting for long.
	Note func(plugin string, tenant core.TenantID, call *wire.OutsideCall)
}

// Desk holds the open grants and serves what they allow.
type Desk struct {
	options Options
	mu      sync.RWMutex
	passes  map[fingerprint]*pass
}

// fingerprint is what the desk keeps of a token.
type fingerprint [sha256.Size]byte

// tokenBytes is how much chance is in a token.
const tokenBytes = 32

// NewDesk returns a desk without open grants.
func NewDesk(options Options) *Desk {
	options.Lease = cmp.Or(options.Lease, 5*time.Second)
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Desk{options: options, passes: map[fingerprint]*pass{}}
}

// Open makes a grant and returns the token that stands for it. It ends with
// ctx or with closeGrant, whichever comes first: what runs is interrupted, open
// transactions are undone. When closeGrant returns, nothing of the call will
// change anything any more.
func (d *Desk) Open(ctx context.Context, g Grant) (token string, closeGrant func()) {
	token = core.NewSecret(tokenBytes)
	key := fingerprint(sha256.Sum256([]byte(token)))
	p := d.newPass(ctx, g)
	d.mu.Lock()
	d.passes[key] = p
	d.mu.Unlock()
	revoke := func() {
		d.mu.Lock()
		delete(d.passes, key)
		d.mu.Unlock()
		p.close()
	}
	unwatch := context.AfterFunc(ctx, revoke)
	return token, func() {
		unwatch()
		revoke()
		p.work.Wait()
	}
}

// Register serves the desk to the process of one plugin: tokens of others are
// refused there.
func (d *Desk) Register(s *grpc.Server, plugin string) {
	wire.RegisterHostServer(s, &counter{desk: d, plugin: plugin})
}

// present finds the open grant whose token the caller presents, or says why
// there is none.
func (d *Desk) present(ctx context.Context, plugin string) (p *pass, why string, err error) {
	tokens := metadata.ValueFromIncomingContext(ctx, wire.GrantKey)
	if len(tokens) != 1 {
		return nil, "no grant", core.Errorf(core.Unauthenticated, "This call carries no grant.")
	}
	d.mu.RLock()
	p = d.passes[fingerprint(sha256.Sum256([]byte(tokens[0])))]
	d.mu.RUnlock()
	switch {
	case p == nil || p.ctx.Err() != nil:
		return nil, "unknown or expired grant", core.Errorf(core.Unauthenticated, "This grant is not valid, or not any more.")
	case p.Rights.Plugin != plugin:
		return nil, "grant of another plugin", core.Errorf(core.Forbidden, "This grant was given to another plugin.")
	}
	return p, "", nil
}
