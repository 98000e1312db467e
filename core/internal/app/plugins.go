package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/access/vault"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/host/keep"
	"github.com/openhouse-ai/console/core/internal/insight"
	"github.com/openhouse-ai/console/core/internal/jobs"
	"github.com/openhouse-ai/console/core/internal/web"
)

// pluginsFile is read from the working directory when the configuration names
// no other.
const pluginsFile = "plugins.yaml"

// What the console's own addresses begin with: no plugin may claim these.
var (
	ownPaths = []string{
		"/api/admin", "/api/audit", "/api/brand", "/api/developments", "/api/event-types", "/api/events", "/api/homeowners", "/api/insight", "/api/jobs", "/api/keys", "/api/me",
		"/api/messages", "/api/openapi.json", "/api/packs", "/api/plugin-settings", "/api/provision", "/api/settings", "/api/tenants", "/api/units", "/api/uploads", "/api/usage-conflicts", "/api/usage-events",
		"/api/usage-quarantine", "/api/usage-receipts", "/api/usage-refusals", "/api/users", "/api/v1",
	}
	ownWords = []string{
		"admin", "api", "audit", "brand", "branding", "clock", "codes", "console", "core", "dead", "deliveries", "demo", "developments", "documents", "drafts", "events",
		"figures", "goose", "healthz", "home", "homeowners", "host", "impersonation", "insight", "jobs", "keys", "limits", "logo", "messages", "metrics", "new",
		"onboarding", "openhouse", "outbox", "overview", "packs", "palette", "plugin", "plugins", "portal", "profile", "provision", "runs", "settings", "setup",
		"sqlite", "system", "tenant", "tenants", "tool", "tools", "units", "uploads", "usage", "users",
	}
)

// buildPlugins makes the host of plugins; Serve starts them.
func (a *App) buildPlugins(keys *vault.Vault) error {
	if a.Self == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find the console's binary: %w", err)
		}
		a.Self = self
	}
	file, err := a.Config.pluginsFile()
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(filepath.Join(a.Config.Data, "plugins"))
	if err != nil {
		return fmt.Errorf("open data: %w", err)
	}
	a.Plugins = host.New(host.Options{
		Store: a.Tenants, Keep: keep.New(keep.Options{Store: a.Tenants, Vault: keys, Recorder: a.Audit, Now: a.Clock.now}),
		Audit: a.Audit, Emitter: a.Bus, Bus: deliveries{a.Bus}, Jobs: tasks{a.Jobs}, Insight: sources{a.Insight}, Allows: access.Allows, NotNow: bus.ErrNotNow,
		Self: a.Self, Bundled: a.Bundled, File: file, Dir: dir, Run: runDir(dir), Reserved: ownPaths, Words: slices.Concat(ownWords, web.Reserved()),
		// Processes live in real time, also under a test clock.
		Now: a.Clock.now, Clock: clockwork.NewRealClock(), Getenv: os.Getenv, Log: a.Log,
	})
	return nil
}

// pluginsFile is the absolute path of plugins.yaml; empty: there is none.
func (c Config) pluginsFile() (string, error) {
	file := c.Plugins
	if file == "" {
		if _, err := os.Stat(pluginsFile); err != nil {
			return "", nil
		}
		file = pluginsFile
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("configuration: plugins: %w", err)
	}
	return path, nil
}

// longestRun leaves room for the rest of a socket's path, which has 107 bytes.
const longestRun = 40

// runDir is where the sockets of processes lie: with the data, unless that
// path is too long for a socket.
func runDir(dir string) string {
	if run := filepath.Join(dir, "run"); len(run) <= longestRun {
		return run
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(os.TempDir(), "openhouse-"+hex.EncodeToString(sum[:4]))
}

// deliveries is the bus as the host of plugins sees it.
type deliveries struct{ *bus.Bus }

func (d deliveries) Subscribe(ctx context.Context, s host.Subscription) error {
	return d.Bus.Subscribe(ctx, bus.Subscriber{Name: s.Name, Events: s.Events, Handle: s.Handle})
}

func (d deliveries) Backlog(ctx context.Context, name string) (pending, dead int, err error) {
	b, err := d.Bus.Backlog(ctx, name)
	return b.Pending, b.Dead, err
}

// tasks are the jobs of plugins.
type tasks struct{ runner *jobs.Runner }

func (t tasks) Replace(plugin string, all []host.Task) error {
	var specs []jobs.Spec
	for _, task := range all {
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

// sources are the figures of plugins.
type sources struct{ insight *insight.Insight }

func (s sources) Declare(source host.Source) error {
	return s.insight.Declare(insight.Source{Name: source.Name, Metrics: source.Metrics, Ask: source.Ask})
}

func (s sources) Withdraw(name string) { s.insight.Withdraw(name) }

// How long a command waits for plugins, and how often it looks.
const (
	pluginsWithin = 30 * time.Second
	pluginsLook   = 50 * time.Millisecond
)

// StartPlugins starts the plugins for a command that needs their answers,
// beside a server that may run, and returns when each is ready or will not be
// for now.
func (a *App) StartPlugins(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pluginsWithin)
	defer cancel()
	if err := a.Plugins.StartBeside(ctx); err != nil {
		return fmt.Errorf("start plugins: %w", err)
	}
	look := time.NewTicker(pluginsLook)
	defer look.Stop()
	for slices.ContainsFunc(a.Plugins.Plugins(), func(s host.Status) bool { return s.State == host.Verified || s.State == host.Starting }) {
		select {
		case <-look.C:
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// ReloadPlugins reads plugins.yaml again and says in the log what has changed.
func (a *App) ReloadPlugins(ctx context.Context) {
	changed, err := a.Plugins.Reload(core.WithActor(ctx, core.System))
	if err != nil {
		a.Log.Error("reload plugins.yaml", "error", err)
	}
	if err == nil && len(changed) == 0 {
		changed = []string{"Nothing has changed."}
	}
	for _, line := range changed {
		a.Log.Info("plugins.yaml: " + line)
	}
}
