package access_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/access/vault"
	"github.com/openhouse-ai/console/tenants"
)

const (
	password = "violet-kettle-93-orbit"
	another  = "quartz/lantern/58/meadow"
	why      = "ticket 4711: units are missing"
)

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// world is a room on real files, with a clock that the test moves, and what
// was recorded and mailed.
type world struct {
	*access.Access
	t     testing.TB
	dir   string
	store *tenants.Store

	users int

	mu      sync.Mutex
	now     time.Time
	records []record
	mails   []string          // the links in them
	invited access.Invitation // the newest
}

type record struct {
	core.Entry
	By     core.Actor
	Tenant core.TenantID // of the file it was written to
}

// template is a folder with empty, migrated databases. Worlds begin as copies
// of it: migrating takes longer than most tests.
var template string

func TestMain(m *testing.M) {
	var err error
	if template, err = os.MkdirTemp("", "access"); err == nil {
		err = migrate(template)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	m.Run()
	os.RemoveAll(template)
}

func migrate(dir string) error {
	store, err := tenants.Open(context.Background(), storeOptions(dir, func() time.Time { return begin }))
	if err != nil {
		return err
	}
	return store.Close()
}

func storeOptions(dir string, now func() time.Time) tenants.Options {
	return tenants.Options{
		Dir: dir, Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}}, Now: now,
		Log: slog.New(slog.DiscardHandler), TombstoneKey: []byte("test"),
	}
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: begin}
	must(t, os.CopyFS(w.dir, os.DirFS(template)))
	w.open()
	return w
}

// open starts the room, or starts it again on what it has stored.
func (w *world) open() {
	w.t.Helper()
	if w.store != nil {
		w.Wait()
		must(w.t, w.store.Close())
	}
	store, err := tenants.Open(w.t.Context(), storeOptions(w.dir, w.clock))
	must(w.t, err)
	keys, err := vault.Open(filepath.Join(w.dir, "platform.key"))
	must(w.t, err)
	w.store = store
	w.Access = access.New(access.Options{Store: store, Recorder: w, Mailer: w, Keys: keys, BaseURL: "https://console.example", Now: w.clock, Log: slog.New(slog.DiscardHandler)})
	w.t.Cleanup(func() { w.Wait(); store.Close() })
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// pass moves the clock after every note of earlier requests is written.
func (w *world) pass(d time.Duration) {
	w.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.records = append(w.records, record{e, core.ActorOf(ctx), tx.Tenant})
	return nil
}

func (w *world) Letters(context.Context, core.TenantID) access.Letters { return w }

func (w *world) Invite(_ context.Context, _ *tenants.Tx, i access.Invitation) error {
	w.invited = i
	w.mails = append(w.mails, i.Link)
	return nil
}

func (w *world) Reset(_ context.Context, _ *tenants.Tx, r access.Reset) error {
	w.mails = append(w.mails, r.Link)
	return nil
}

// last returns the newest record.
func (w *world) last() record {
	w.t.Helper()
	if len(w.records) == 0 {
		w.t.Fatal("nothing was recorded")
	}
	return w.records[len(w.records)-1]
}

// mailed returns the token of the link in the newest mail.
func (w *world) mailed(path string) string {
	w.t.Helper()
	if len(w.mails) == 0 {
		w.t.Fatal("nothing was mailed")
	}
	token, found := strings.CutPrefix(w.mails[len(w.mails)-1], "https://console.example"+path)
	if !found {
		w.t.Fatalf("no link to %s in %q", path, w.mails[len(w.mails)-1])
	}
	return token
}

// tenant makes an active tenant.
func (w *world) tenant(code string) core.TenantID {
	w.t.Helper()
	t := core.Tenant{ID: core.NewTenantID(w.clock()), Name: "Developer " + code, Code: code, Region: "eu-west", Status: core.TenantActive}
	must(w.t, w.store.Create(w.t.Context(), t))
	return t.ID
}

// user makes an active user who signs in with password.
func (w *world) user(role core.Role, tenant core.TenantID) core.User {
	w.t.Helper()
	w.users++
	u := core.User{
		ID: core.NewID(core.PrefixUser, w.clock()), Name: "Niamh Byrne", Email: fmt.Sprintf("%s.%d@example.com", role, w.users),
		Role: role, Tenant: tenant, Status: "active", Version: 1,
	}
	w.insert(u)
	return u
}

// signIn returns the token of a new session.
func (w *world) signIn(u core.User) string {
	w.t.Helper()
	in, err := w.Sessions.SignIn(w.t.Context(), u.Email, password)
	must(w.t, err)
	return in.Token
}

// as returns the context of a request under a session's token.
func (w *world) as(token string) context.Context {
	w.t.Helper()
	actor, _, err := w.Sessions.Find(w.t.Context(), token)
	must(w.t, err)
	return core.WithActor(w.t.Context(), actor)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused fails the test unless err has the code.
func refused(t testing.TB, err error, want core.Code) {
	t.Helper()
	if got := core.CodeOf(err); got != want {
		t.Fatalf("got %q (%v), want %q", got, err, want)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func from(ctx context.Context, prefix string) context.Context {
	return core.WithOrigin(ctx, core.Origin{Request: "req_1", IPPrefix: prefix, UserAgent: "Firefox"})
}
