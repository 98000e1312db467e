// Package host runs plugins: their processes, what they may do, and the doors
// that lead to them. A plugin is reached through the contract of package sdk
// alone; nothing here knows what any one of them is for.
//
// Each plugin has a goroutine that alone decides what becomes of its process
// (plugin.go, supervise.go); what it has published is what the doors read. Every
// call goes the same way (invoke.go): state, tenant, limits, grant, call,
// account.
package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/grant"
	"github.com/openhouse-ai/console/core/internal/host/keep"
	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/tenants"
)

// Options say what a Host stands on.
type Options struct {
	Store   *tenants.Store
	Keep    *keep.Keep
	Audit   Audit
	Emitter Emitter
	Bus     Bus
	Jobs    Jobs
	Insight Insight
	Allows  func(core.Role, core.Permission) bool
	NotNow  error // what the bus takes for "later, and no attempt is counted"

	Self     string   // the console's own binary
	Bundled  []string // ids of the plugins in it
	File     string   // plugins.yaml; empty: every bundled plugin
	Dir      string   // kept binaries
	Run      string   // folder of processes' sockets; a short path
	Reserved []string // paths of the console's own API that nobody else may claim
	Words    []string // that the console's own addresses use, and no plugin's id may

	// Process starts a plugin; nil starts one of the operating system
	// (process.Start). A test runs plugins in its own process.
	Process func(context.Context, process.Spec) (Process, error)

	Now    func() time.Time // what plugins and records are told
	Clock  clockwork.Clock  // what processes are watched by
	Getenv func(string) string
	Log    *slog.Logger
}

// Host runs the plugins of one console.
type Host struct {
	Options
	desk       *grant.Desk
	folder     *process.Folder
	run        string       // folder of this host's processes
	starts     atomic.Int64 // of processes, for their folders' names
	generation atomic.Int64 // of the OpenAPI document
	bench      workbench
	outside    chan outside // calls to others, to be written down

	background context.Context
	end        context.CancelCauseFunc
	living     sync.WaitGroup
	reloading  sync.Mutex

	mu      sync.RWMutex
	plugins map[string]*plugin

	self struct {
		sync.Once
		sum string
		err error
	}
}

// New returns a host without plugins.
func New(o Options) *Host {
	h := &Host{Options: o, plugins: map[string]*plugin{}, bench: workbench{runs: map[string]*applying{}}, outside: make(chan outside, 1024)}
	h.background, h.end = context.WithCancelCause(core.WithActor(context.Background(), core.System))
	h.desk = grant.NewDesk(grant.Options{
		Store: o.Store, Emitter: o.Emitter, Recorder: o.Audit, Keep: o.Keep, Now: o.Now, Log: o.Log, Note: h.noteOutside,
	})
	return h
}

// Start reads plugins.yaml and begins to start every plugin, all at once; it
// doesn't wait for them. Returns invalid when the file is wrong.
func (h *Host) Start(ctx context.Context) error {
	if _, err := h.Keep.Interrupted(ctx); err != nil {
		return fmt.Errorf("recover the runs of tools: %w", err)
	}
	return h.StartBeside(ctx)
}

// StartBeside is Start in a process beside the one that serves: what that one
// has under way stays its own.
func (h *Host) StartBeside(ctx context.Context) error {
	entries, err := h.entries()
	if err != nil {
		return err
	}
	if err := process.Sweep(h.Run); err != nil {
		return fmt.Errorf("sweep the folders of processes: %w", err)
	}
	if h.folder, err = process.Claim(h.Run); err != nil {
		return err
	}
	h.run = h.folder.Path
	h.living.Go(h.writeOutside)
	for _, id := range slices.Sorted(maps.Keys(entries)) {
		if err := h.add(ctx, id, entries[id]); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends every plugin and waits until nothing of them is left. Stopping
// again does nothing.
func (h *Host) Stop() error {
	h.end(errStopping)
	h.bench.all.Wait()
	h.living.Wait()
	if h.folder == nil {
		return nil
	}
	folder := h.folder
	h.folder = nil
	return folder.Release()
}

// selfSum is the checksum of the console's own binary.
func (h *Host) selfSum() (string, error) {
	h.self.Do(func() { h.self.sum, h.self.err = process.Sum(h.Self) })
	return h.self.sum, h.self.err
}

// find returns a plugin, or not_found.
func (h *Host) find(id string) (*plugin, error) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if p, found := h.plugins[id]; found {
		return p, nil
	}
	return nil, core.Errorf(core.NotFound, "There is no such plugin.")
}

// sorted lists the plugins by their ids.
func (h *Host) sorted() []*plugin {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all := make([]*plugin, 0, len(h.plugins))
	for _, id := range slices.Sorted(maps.Keys(h.plugins)) {
		all = append(all, h.plugins[id])
	}
	return all
}

// Plugins lists every plugin of plugins.yaml in the order of their ids.
// Pending, Dead, OffFor, Broken and Crashes are what Find adds.
func (h *Host) Plugins() []Status {
	var all []Status
	for _, p := range h.sorted() {
		all = append(all, h.status(p))
	}
	return all
}

// Find returns one plugin, or not_found.
func (h *Host) Find(id string) (Status, error) {
	p, err := h.find(id)
	if err != nil {
		return Status{}, err
	}
	return h.status(p), nil
}

// status is what is known of a plugin.
func (h *Host) status(p *plugin) Status {
	s := p.status()
	s.Calls = p.tally.calls(h.Clock.Now())
	ctx := h.background
	var err, counted, crashed error
	s.Pending, s.Dead, err = h.Bus.Backlog(ctx, p.id)
	s.OffFor, s.Broken, counted = h.countTenants(ctx, p.id)
	s.Crashes, crashed = h.crashes(ctx, p.id)
	if err := errors.Join(err, counted, crashed); err != nil && ctx.Err() == nil {
		h.Log.Error("read a plugin's state", "plugin", p.id, "error", err)
	}
	return s
}

// status is what the plugin's goroutine has published.
func (p *plugin) status() Status {
	p.mu.RLock()
	defer p.mu.RUnlock()
	s := Status{
		ID: p.id, Bundled: p.entry.Bundled(), Path: p.entry.Path, SHA256: p.entry.SHA256, Mounts: p.entry.Mounts, Limits: p.entry.Limits,
		Sandbox: confinement(p.entry), State: p.state, Why: p.why, Since: p.since, NextStart: p.next, Memory: p.memory, Proposal: p.proposal,
	}
	o := p.asked
	if i := p.current; i != nil {
		o = &i.offer
		s.PID, s.MemoryPeak, s.Sandbox, s.StartedAt, s.Limits = i.process.PID(), i.peak, i.confine, i.process.StartedAt(), i.limits
		s.Granted = i.manifest.Needs
	}
	if o != nil {
		s.Manifest, s.SHA256 = o.manifest, o.sum
	}
	if s.Manifest.ID == "" {
		s.Manifest.ID, s.Manifest.Name = p.id, p.id
	}
	return s
}

// Logs are the last lines of a plugin's log, oldest first.
func (h *Host) Logs(id string) []Line {
	p, err := h.find(id)
	if err != nil {
		return nil
	}
	return p.journal.tail(linesKept)
}

// heard takes a line of a plugin's log. Within its limit it is a line of the
// console's log, too.
func (h *Host) heard(p *plugin, l process.Line) {
	line := Line{At: h.Now(), Level: l.Level, Text: cut(l.Text, 4<<10), Tenant: core.TenantID(l.Tenant), Call: l.Call}
	if !p.journal.add(line) {
		return
	}
	level := slog.LevelInfo
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		level = slog.LevelInfo
	}
	h.Log.Log(context.Background(), level, line.Text, "plugin", p.id, "tenant", l.Tenant, "call", l.Call)
}

// storeDir is where outside binaries are kept.
func (h *Host) storeDir() string { return filepath.Join(h.Dir, "store") }
