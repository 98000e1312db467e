package sdktest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/access/vault"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/host/keep"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// room is what all views of one console share.
type room struct {
	t       testing.TB
	options options
	plugin  sdk.Plugin
	dir     string
	clock   *clock
	log     *lines
	tenants [2]core.TenantID

	store     *tenants.Store
	audit     *audit.Log
	bus       *bus.Bus
	directory *directory.Directory
	host      *host.Host
	rooms     *rooms // what the plugin was attached to
	watch     *watch // of what goes into the plugin and out of it
	calls     chan parked
}

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Log is what the console and the plugin have logged so far.
func (r *room) Log() string { return r.log.String() }

// open opens a console and waits until the plugin is ready.
func open(t testing.TB, p sdk.Plugin, o options) *room {
	t.Helper()
	if _, err := sdk.New(p); err != nil {
		t.Fatalf("the plugin can't be served: %v", err)
	}
	r := &room{t: t, options: o, plugin: p, dir: t.TempDir(), clock: &clock{at: o.at}, log: &lines{}, rooms: newRooms(), watch: newWatch(), calls: make(chan parked)}
	if err := r.build(t.Context()); err != nil {
		t.Fatalf("open the test's console: %v", err)
	}
	t.Cleanup(r.close)
	if err := r.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *room) build(ctx context.Context) (err error) {
	log := slog.New(slog.NewTextHandler(r.log, nil))
	r.store, err = openStore(ctx, r.dir, r.clock.now)
	if err != nil {
		return err
	}
	_, signer, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	keys, err := vault.Open(filepath.Join(r.dir, "platform.json"))
	if err != nil {
		return err
	}
	// A part of the console's own binary has its checksum; here a file stands for it.
	self := filepath.Join(r.dir, "console")
	if err := os.WriteFile(self, []byte(r.plugin.ID), 0o600); err != nil {
		return err
	}
	r.audit = audit.New(audit.Options{Store: r.store, Signer: signer, Now: r.clock.now, Log: log})
	r.bus = bus.New(bus.Options{Store: r.store, Recorder: r.audit, Now: r.clock.now, Log: log})
	r.directory = directory.New(directory.Options{Store: r.store, Recorder: r.audit, Emitter: r.bus})
	r.host = host.New(host.Options{
		Store: r.store, Keep: keep.New(keep.Options{Store: r.store, Vault: keys, Recorder: r.audit, Now: r.clock.now}),
		Audit: r.audit, Emitter: r.bus, Bus: r.rooms, Jobs: r.rooms, Insight: figures{r.rooms}, Allows: access.Allows, NotNow: bus.ErrNotNow,
		Self: self, Bundled: []string{r.plugin.ID}, Dir: filepath.Join(r.dir, "plugins"), Run: filepath.Join(r.dir, "run"), Process: r.start,
		Now: r.clock.now, Clock: clockwork.NewRealClock(), Getenv: func(string) string { return "" }, Log: log,
	})
	for i, name := range []string{"Harpur Homes", "Quayside Living"} {
		if r.tenants[i], err = r.addTenant(ctx, name, fmt.Sprintf("TEST%d", i+1)); err != nil {
			return err
		}
	}
	return nil
}

// openStore opens files in a folder; an empty one gets fresh ones.
func openStore(ctx context.Context, dir string, now func() time.Time) (*tenants.Store, error) {
	if there, err := os.ReadDir(dir); err != nil || len(there) == 0 {
		if err := errors.Join(os.MkdirAll(dir, 0o700), fresh.Fill(dir)); err != nil {
			return nil, fmt.Errorf("make a blank console: %w", err)
		}
	}
	return tenants.Open(ctx, tenants.Options{Dir: dir, Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}}, Now: now})
}

func (r *room) addTenant(ctx context.Context, name, code string) (core.TenantID, error) {
	id := core.NewTenantID(r.clock.now())
	if err := r.store.Create(ctx, core.Tenant{ID: id, Name: name, Code: code, Region: "eu-west", Status: core.TenantActive}); err != nil {
		return id, err
	}
	return id, r.store.Update(ctx, id, func(tx *tenants.Tx) error {
		return tenants.WriteSettings(ctx, tx, core.Settings{
			Contact: core.Contact{Name: "Aoife Brennan", Email: "office@harpur.example"}, Locale: "en-IE", TimeZone: "Europe/Dublin", Currency: "EUR",
		})
	})
}

// readyWithin is how long a plugin may take until it is ready.
const readyWithin = time.Minute

// begin starts the plugin and waits until it is ready in both tenants.
func (r *room) begin(ctx context.Context) error {
	if err := r.host.Start(ctx); err != nil {
		return fmt.Errorf("start the plugin: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-r.rooms.attached:
			return r.migrated(ctx)
		case <-look.C:
			s, err := r.host.Find(r.plugin.ID)
			if err != nil {
				return err
			}
			if s.State == host.Quarantined || s.State == host.BackingOff || s.State == host.Held {
				return fmt.Errorf("the plugin could not be started: %s", s.Why)
			}
		case <-ctx.Done():
			return errors.New("the plugin was not ready within a minute: does its Health return?")
		}
	}
}

// migrated says which migration has failed.
func (r *room) migrated(ctx context.Context) error {
	states, err := r.host.Tenants(ctx, r.plugin.ID, core.Query{Status: "broken"})
	if err != nil || len(states.Items) == 0 {
		return err
	}
	return fmt.Errorf("the plugin's tables could not be made: %s", states.Items[0].Error)
}

// close ends everything. The log is shown when the test has failed.
func (r *room) close() {
	if err := errors.Join(r.host.Stop(), r.store.Close()); err != nil {
		r.t.Errorf("close the test's console: %v", err)
	}
	if r.t.Failed() {
		r.t.Log(r.log.String())
	}
}
