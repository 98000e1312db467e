// Package sdktest is a console in a test of a plugin: Host runs the plugin in
// the test's own process behind the real doors, over real files, with the
// console's own rights, checks and limits. Conform tries what every plugin has
// promised.
//
//	func TestConform(t *testing.T) { sdktest.Conform(t, notes.Plugin()) }
//
//	func TestNote(t *testing.T) {
//		c := sdktest.Host(t, notes.Plugin())
//		site := c.Seed()
//		_, err := c.Act("add-note", url.Values{"unit": {site.Units[0].ID}, "body": {"Check the boiler."}})
//		…
//	}
package sdktest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// Start is when a test begins, unless At says otherwise.
var Start = time.Date(2025, 3, 4, 10, 30, 0, 0, time.UTC)

// Option is something that a test wants of its console.
type Option func(*options)

type options struct {
	at      time.Time
	answer  func(*http.Request) *http.Response
	network bool
	prepare func(*Console)
	forms   map[string]map[string][]string
}

// At starts the test's clock at a moment.
func At(at time.Time) Option { return func(o *options) { o.at = at } }

// HTTP answers the plugin's outside calls: those that it was granted (egress)
// come here instead of the network. Nil is an answer that never comes.
func HTTP(answer func(*http.Request) *http.Response) Option {
	return func(o *options) { o.answer = answer }
}

// Network lets the plugin's outside calls out, to a server of the test that is
// among the plugin's egress.
func Network() Option { return func(o *options) { o.network = true } }

// Prepare is called on each seeded console of Conform: settings that the plugin
// needs, rows that its pages should be tried with.
func Prepare(prepare func(*Console)) Option { return func(o *options) { o.prepare = prepare } }

// Form is what Conform sends to an action or a tool, where the values that it
// makes up from the schema are refused.
func Form(id string, values map[string][]string) Option {
	return func(o *options) { o.forms[id] = values }
}

// Console is a console with one plugin, seen by one person in one tenant. As,
// InTenant and OnPlatform return the same console seen differently.
type Console struct {
	*room
	Tenant core.TenantID // whose pages, routes and data the methods are about; empty: the platform's
	Actor  core.Actor    // who asks
	ctx    context.Context
}

// Host starts a console with the plugin, two tenants (Tenant and Other) without
// any data, and a clock that stands still. It ends with the test. Whatever is
// wrong with the plugin's value, its manifest or its migrations ends the test.
func Host(t testing.TB, p sdk.Plugin, with ...Option) *Console {
	t.Helper()
	o := options{at: Start, forms: map[string]map[string][]string{}}
	for _, option := range with {
		option(&o)
	}
	r := open(t, p, o)
	return &Console{room: r, Tenant: r.tenants[0], Actor: core.Actor{Kind: "staff", ID: "usr_test", Name: "Niamh Byrne", Role: core.Owner}, ctx: t.Context()}
}

// Other is the second tenant.
func (c *Console) Other() core.TenantID { return c.tenants[1] }

// InTenant is the same console, looking at another tenant.
func (c *Console) InTenant(tenant core.TenantID) *Console {
	other := *c
	other.Tenant = tenant
	if c.Actor.Tenant != "" {
		other.Actor.Tenant = tenant
	}
	return &other
}

// OnPlatform is the same console, looking at what is about no tenant.
func (c *Console) OnPlatform() *Console { return c.InTenant("") }

// As is the same console, seen by somebody of a role. A developer's role sees
// the portal of its tenant.
func (c *Console) As(role core.Role) *Console {
	other := *c
	other.Actor = core.Actor{Kind: "staff", ID: "usr_" + string(role), Name: "Tom Keane", Role: role}
	if role.ForDeveloper() {
		other.Actor.Kind, other.Actor.Name, other.Actor.Tenant = "developer", "Aoife Brennan", c.Tenant
	}
	return &other
}

// With is the same console, asked with a context: one that ends, for example.
func (c *Console) With(ctx context.Context) *Console {
	other := *c
	other.ctx = ctx
	return &other
}

// Context is what calls are made with: it names the actor.
func (c *Console) Context() context.Context { return core.WithActor(c.ctx, c.Actor) }

// Now is the test's clock.
func (c *Console) Now() time.Time { return c.clock.now() }

// Advance moves the test's clock. Nothing happens by itself on the way: run
// jobs with Job.
func (c *Console) Advance(d time.Duration) { c.clock.advance(d) }
