package host_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/access/vault"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/host/keep"
	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/internal/insight"
	"github.com/openhouse-ai/console/core/internal/jobs"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
	"github.com/openhouse-ai/console/ui"
)

// house is a console without its doors: real files, real rooms, real processes.
type house struct {
	*host.Host
	t     testing.TB
	dir   string
	file  string // plugins.yaml
	store *tenants.Store
	audit *audit.Log
	bus   *bus.Bus
	jobs  *jobs.Runner
	count *insight.Insight
	log   *lines
	ids   []core.TenantID
	tasks sync.Map // host.Task, by id
}

// lines is a log that may be read while it is written.
type lines struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.String()
}

// newHouse opens a house with two tenants and the plugins of a plugins.yaml,
// which are on their way when it returns.
func newHouse(t testing.TB, clock clockwork.Clock, plugins string) *house {
	t.Helper()
	h := buildHouse(t, fresh.Dir(t), clock, plugins)
	for i, name := range []string{"Harpur Homes", "Whiston Build"} {
		tenant := core.Tenant{ID: core.NewTenantID(time.Now()), Name: name, Code: fmt.Sprintf("T%d", i+1), Region: "eu-west", Status: core.TenantActive}
		h.must(h.store.Create(t.Context(), tenant))
		h.ids = append(h.ids, tenant.ID)
	}
	h.must(h.Start(t.Context()))
	return h
}

func buildHouse(t testing.TB, dir string, clock clockwork.Clock, plugins string) *house {
	t.Helper()
	h := &house{t: t, dir: dir, file: filepath.Join(dir, "plugins.yaml"), log: &lines{}}
	h.write(plugins)
	log := slog.New(slog.NewTextHandler(h.log, nil))
	var err error
	h.store, err = tenants.Open(t.Context(), tenants.Options{Dir: dir, Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}}, Now: time.Now})
	h.must(err)
	t.Cleanup(func() { h.store.Close() })
	keys, err := vault.Open(filepath.Join(dir, "platform.json"))
	h.must(err)
	_, signer, err := ed25519.GenerateKey(nil)
	h.must(err)
	h.audit = audit.New(audit.Options{Store: h.store, Signer: signer, Now: time.Now, Log: log})
	h.bus = bus.New(bus.Options{Store: h.store, Recorder: h.audit, Now: time.Now, Log: log})
	h.count = insight.New(insight.Options{Store: h.store, Now: time.Now, Log: log})
	h.jobs, err = jobs.New(jobs.Options{Store: h.store, Tenants: h.store, Recorder: h.audit, Clock: clockwork.NewFakeClockAt(time.Now()), Log: log})
	h.must(err)
	self, err := os.Executable()
	h.must(err)
	run, err := os.MkdirTemp("", "oh")
	h.must(err)
	if clock == nil {
		clock = clockwork.NewRealClock()
	}
	h.Host = host.New(host.Options{
		Store: h.store, Keep: keep.New(keep.Options{Store: h.store, Vault: keys, Recorder: h.audit, Now: time.Now}),
		Audit: h.audit, Emitter: h.bus, Bus: deliveries{h.bus}, Jobs: tasks{h.jobs, &h.tasks}, Insight: sources{h.count}, Allows: access.Allows, NotNow: bus.ErrNotNow,
		Self: self, Bundled: slices.DeleteFunc(slices.Collect(keysOf(kinds)), func(id string) bool { return strings.Contains(id, "-") }), File: h.file,
		Dir: filepath.Join(dir, "plugins"), Run: run, Reserved: []string{"/api/units"}, Words: []string{"tenants"},
		Now: time.Now, Clock: clock, Getenv: os.Getenv, Log: log,
	})
	t.Cleanup(func() {
		if err := h.Stop(); err != nil {
			t.Error(err)
		}
		os.RemoveAll(run)
		if t.Failed() {
			t.Log(h.log.String())
		}
	})
	return h
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// write writes plugins.yaml.
func (h *house) write(plugins string) {
	h.t.Helper()
	h.must(os.WriteFile(h.file, []byte(plugins), 0o600))
}

// only is a plugins.yaml of bundled plugins.
func only(ids ...string) string {
	text := "plugins:\n"
	for _, id := range ids {
		text += "  " + id + ": {}\n"
	}
	return text
}

// until waits for something to become true.
func (h *house) until(what string, is func() bool) {
	h.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(90 * time.Second)
	for !is() {
		select {
		case <-tick.C:
		case <-end:
			h.t.Fatalf("waited in vain: %s; plugins: %+v", what, h.Plugins())
		}
	}
}

// state waits until a plugin is in a state.
func (h *house) state(id string, want host.State) host.Status {
	h.t.Helper()
	var s host.Status
	h.until(id+" is "+string(want), func() bool {
		s, _ = h.Find(id)
		return s.State == want && (want != host.Ready || s.PID > 0)
	})
	return s
}

// as is a context in which somebody acts.
func (h *house) as(role core.Role) context.Context {
	return core.WithActor(h.t.Context(), core.Actor{
		Kind: "staff", ID: "usr_1", Name: "Niamh Byrne", Email: "niamh@openhouse.example", Role: role, Session: "secret-session", Reason: "because",
	})
}

// page asks for a page of a tenant, by what it is to do.
func (h *house) page(id string, tenant core.TenantID, do, with string) (ui.Page, error) {
	return h.Page(h.as(core.Owner), host.Visit{
		Plugin: id, Path: "/", Tenant: core.Tenant{ID: tenant}, Scope: sdk.Tenant, Base: "/admin/" + id + "/tenants/" + string(tenant),
		Query: url.Values{"do": {do}, "with": {with}},
	})
}

// put writes an effect through the plugin's action.
func (h *house) put(id string, tenant core.TenantID, effect string) error {
	_, err := h.Act(h.as(core.Owner), host.Visit{
		Plugin: id, Action: "put", Tenant: core.Tenant{ID: tenant}, Scope: sdk.Tenant, Values: url.Values{"id": {effect}, "n": {"1"}},
	})
	return err
}

// effects are the plugin's rows in a tenant's file, as the console finds them.
func (h *house) effects(id string, tenant core.TenantID) map[string]int64 {
	h.t.Helper()
	found := map[string]int64{}
	h.must(h.store.View(h.t.Context(), tenant, func(tx *tenants.Tx) error {
		rows, err := tx.Query(h.t.Context(), "select id, n from "+id+"_effects")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key string
			var n int64
			if err := rows.Scan(&key, &n); err != nil {
				return err
			}
			found[key] = n
		}
		return rows.Err()
	}))
	return found
}

// emit writes an event to a tenant's outbox.
func (h *house) emit(tenant core.TenantID, subject string) {
	h.t.Helper()
	h.must(h.store.Update(h.t.Context(), tenant, func(tx *tenants.Tx) error {
		return h.bus.Emit(h.t.Context(), tx, core.Event{Name: "unit.handed_over", Subject: core.Target{Kind: "unit", ID: subject}})
	}))
}

// outside makes a binary of a kind and returns its path and checksum.
func (h *house) outside(kind string) (path, sum string) {
	h.t.Helper()
	self, err := os.Executable()
	h.must(err)
	from, err := os.Open(self)
	h.must(err)
	defer from.Close()
	path = filepath.Join(h.dir, strings.Fields(kind)[0])
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o700)
	h.must(err)
	_, err = io.Copy(to, from)
	h.must(err)
	_, err = to.WriteString(strings.Repeat(" ", 64) + mark + kind)
	h.must(err)
	h.must(to.Close())
	sum, err = process.Sum(path)
	h.must(err)
	return path, sum
}

// wants fails unless err has the code and its sentence a part.
func (h *house) wants(err error, code core.Code, part string) {
	h.t.Helper()
	if core.CodeOf(err) != code || !strings.Contains(fmt.Sprint(err), part) {
		h.t.Errorf("error = %v (%s), want %s with %q", err, core.CodeOf(err), code, part)
	}
}

type deliveries struct{ *bus.Bus }

func (d deliveries) Subscribe(ctx context.Context, s host.Subscription) error {
	return d.Bus.Subscribe(ctx, bus.Subscriber{Name: s.Name, Events: s.Events, Handle: s.Handle})
}

func (d deliveries) Backlog(ctx context.Context, name string) (pending, dead int, err error) {
	b, err := d.Bus.Backlog(ctx, name)
	return b.Pending, b.Dead, err
}

type tasks struct {
	runner   *jobs.Runner
	declared *sync.Map
}

func (t tasks) Replace(plugin string, all []host.Task) error {
	var specs []jobs.Spec
	for _, task := range all {
		t.declared.Store(task.ID, task)
		scope := jobs.Platform
		if task.PerTenant {
			scope = jobs.PerTenant
		}
		specs = append(specs, jobs.Spec{ID: task.ID, Summary: task.Summary, Schedule: task.Schedule, Scope: scope, Mark: task.Mark,
			Run: func(ctx context.Context, run *jobs.Run) (string, error) {
				return task.Run(ctx, run.Tenant, run.Progress)
			}})
	}
	return t.runner.Replace(plugin, specs)
}

type sources struct{ insight *insight.Insight }

func (s sources) Declare(source host.Source) error {
	return s.insight.Declare(insight.Source{Name: source.Name, Metrics: source.Metrics, Ask: source.Ask})
}

func (s sources) Withdraw(name string) { s.insight.Withdraw(name) }
