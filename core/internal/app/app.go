// Package app puts the console together: configuration, clock, keys, every
// room and the doors, and their lifetime. It alone knows everybody.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/insight"
	"github.com/openhouse-ai/console/core/internal/jobs"
	"github.com/openhouse-ai/console/core/internal/notify"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/tenants"
)

// Options say how a console is opened.
type Options struct {
	Config  Config
	Clock   Clock
	Log     *slog.Logger
	Version string
	// Reached is told each point that an onboarding passes; tests end the
	// process there.
	Reached func(point string)

	Bundled []string // ids of the plugins in this binary
	Self    string   // this binary, which they are started from; empty: the running one
}

// App is an open console: every room, and the doors once it serves.
type App struct {
	Options
	Tenants    *tenants.Store
	Audit      *audit.Log
	Bus        *bus.Bus
	Usage      *usage.Ledger
	Directory  *directory.Directory
	Outbox     *notify.Outbox
	Access     *access.Access
	Onboarding *onboard.Pipeline
	Jobs       *jobs.Runner
	Plugins    *host.Host
	Insight    *insight.Insight

	serving atomic.Bool
	metrics *metrics
	streams context.Context
	endAll  context.CancelFunc // of what runs in the background
	counted sync.WaitGroup     // ends with the roll-ups
}

// Open opens the data and builds every room. Tools use the rooms as they are;
// Serve adds the doors and the background work. The caller closes the App.
func Open(ctx context.Context, options Options) (_ *App, err error) {
	a := &App{Options: options}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	a.streams, a.endAll = context.WithCancel(context.WithoutCancel(ctx))
	if err := os.MkdirAll(filepath.Join(a.Config.Data, "keys"), 0o700); err != nil {
		return a, fmt.Errorf("open data: %w", err)
	}
	keys, err := openKeys(filepath.Join(a.Config.Data, "keys"))
	if err != nil {
		return a, err
	}
	a.Tenants, err = tenants.Open(ctx, tenants.Options{
		Dir: a.Config.Data, Regions: a.Config.regions(), Now: a.Clock.now, Log: a.Log, MaxOpen: a.Config.OpenTenants, TombstoneKey: keys.tombstone,
	})
	if err != nil {
		return a, fmt.Errorf("open data: %w", err)
	}
	return a, a.build(keys)
}

// build makes the rooms, each from what it declares that it needs.
func (a *App) build(keys keyring) (err error) {
	a.metrics = newMetrics()
	a.Audit = audit.New(audit.Options{
		Store: a.Tenants, Signer: keys.audit, Now: a.Clock.now, Log: a.Log, Version: a.Version, Anchors: filepath.Join(a.Config.Data, "anchors.jsonl"),
	})
	a.Bus = bus.New(bus.Options{Store: a.Tenants, Recorder: a.Audit, Now: a.Clock.now, Log: a.Log})
	a.Usage = usage.New(usage.Options{Store: a.Tenants, Recorder: a.Audit})
	a.Directory = directory.New(directory.Options{Store: a.Tenants, Recorder: a.Audit, Emitter: a.Bus, Usage: a.Usage})
	if err := a.buildInsight(); err != nil {
		return err
	}
	transport, err := a.Config.SMTP.transport()
	if err != nil {
		return err
	}
	a.Outbox, err = notify.New(notify.Options{Store: a.Tenants, Recorder: a.Audit, Transport: transport, From: a.Config.SMTP.From, Log: a.Log})
	if err != nil {
		return fmt.Errorf("configuration: smtp.from: %w", err)
	}
	a.Jobs, err = jobs.New(jobs.Options{Store: a.Tenants, Tenants: a.Tenants, Recorder: a.Audit, Clock: a.Clock.Clock, Log: a.Log})
	if err != nil {
		return err
	}
	// The listener comes first, because a free port is part of the address
	// that links and codes begin with; a tool that doesn't serve has none.
	a.Access = access.New(access.Options{Store: a.Tenants, Recorder: a.Audit, Mailer: mailer{a.Tenants, a.Outbox}, Keys: keys.vault, BaseURL: a.BaseURL(), Now: a.Clock.now, Log: a.Log})
	if err := a.buildPlugins(keys.vault); err != nil {
		return err
	}
	return a.buildOnboarding()
}

func (a *App) buildOnboarding() error {
	defaults, err := a.Config.defaults()
	if err != nil {
		return err
	}
	printer, err := newPrinter()
	if err != nil {
		return err
	}
	a.Onboarding = onboard.New(onboard.Options{
		Store: a.Tenants, Recorder: a.Audit, Emitter: a.Bus, Directory: site{a.Directory}, Mailer: letters{a.Outbox, a.BaseURL(), a.regionLabel},
		Printer: printer, Defaults: defaults, BaseURL: a.BaseURL(), Now: a.Clock.now, Log: a.Log, Reached: a.Reached,
	})
	return a.declareJobs()
}

// Ready is what a process that serves says of itself, as a line of JSON.
type Ready struct {
	URL     string `json:"url"`
	Address string `json:"address"`
	Setup   string `json:"setup,omitempty"` // one-time link that creates the owner
	Version string `json:"version"`
}

// Listen takes the configured address. Call it before anything that makes
// links when the port is free to choose.
func Listen(c *Config) (net.Listener, error) {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	c.Listen = listener.Addr().String()
	return listener, nil
}

// BaseURL is how browsers reach the console.
func (a *App) BaseURL() string {
	if a.Config.BaseURL != "" {
		return a.Config.BaseURL
	}
	return "http://" + a.Config.Listen
}

// Serve serves until ctx ends, then drains. It calls ready once it answers.
func (a *App) Serve(ctx context.Context, listener net.Listener, ready func(Ready)) error {
	setup, err := a.setupLink(ctx)
	if err != nil {
		return err
	}
	server, err := a.doors()
	if err != nil {
		return err
	}
	if err := a.startBackground(ctx); err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Listener(listener) }()
	a.serving.Store(true)
	ready(Ready{URL: a.BaseURL(), Address: listener.Addr().String(), Setup: setup, Version: a.Version})
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	a.serving.Store(false)
	return errors.Join(err, a.drain(server))
}

// setupLink offers the one-time link that creates the owner, while there is none.
func (a *App) setupLink(ctx context.Context) (string, error) {
	token, needed, err := a.Access.Users.FirstRun(ctx)
	if err != nil || !needed {
		return "", err
	}
	return a.BaseURL() + access.PathFirstRun + token, nil
}

func (a *App) startBackground(ctx context.Context) error {
	if err := a.recoverMarks(ctx); err != nil {
		return err
	}
	if err := a.Jobs.Start(ctx); err != nil {
		return err
	}
	if err := a.Onboarding.Recover(ctx); err != nil {
		return fmt.Errorf("recover onboardings: %w", err)
	}
	go a.Outbox.Run(a.streams)
	if err := a.Plugins.Start(ctx); err != nil {
		return fmt.Errorf("start plugins: %w", err)
	}
	a.counted.Go(func() { a.Bus.Run(a.streams) })
	a.counted.Go(func() { a.Insight.Run(a.streams) })
	return nil
}

// recoverMarks finds what the last process changed and had no time to note:
// the heads of audit chains, and messages that were queued.
func (a *App) recoverMarks(ctx context.Context) error {
	changed, err := a.Tenants.ScanChanged(ctx)
	if err != nil {
		return fmt.Errorf("scan tenants: %w", err)
	}
	if err := a.Audit.Reread(ctx, changed); err != nil {
		return fmt.Errorf("reread audit chains: %w", err)
	}
	if err := a.Bus.Sweep(ctx, changed); err != nil {
		return fmt.Errorf("sweep outboxes: %w", err)
	}
	return nil
}

// drainTime is how long requests and jobs may take to end.
const drainTime = 15 * time.Second

// drain ends streams first, because they end nothing by themselves.
func (a *App) drain(server *fiber.App) error {
	a.endAll()
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	err := errors.Join(server.ShutdownWithContext(ctx), a.Jobs.Stop(ctx), a.Plugins.Stop())
	return errors.Join(err, a.Audit.Checkpoint(core.WithActor(ctx, core.System)))
}

// Close ends what is left and closes the data.
func (a *App) Close() error {
	if a.endAll != nil {
		a.endAll()
	}
	if a.Plugins != nil {
		if err := a.Plugins.Stop(); err != nil {
			a.Log.Warn("stop plugins", "error", err)
		}
	}
	a.counted.Wait()
	if a.Onboarding != nil {
		a.Onboarding.Close()
	}
	if a.Access != nil {
		a.Access.Wait()
	}
	if a.Tenants != nil {
		return a.Tenants.Close()
	}
	return nil
}
