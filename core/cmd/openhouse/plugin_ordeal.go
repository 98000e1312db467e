package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
	plugins "github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/tenants"
)

// arena is a console with one plugin as a process, confined as it will be, and
// one tenant.
type arena struct {
	*app.App
	plugin built
	clock  *clockwork.FakeClock
	tenant core.Tenant
	units  []core.Unit
	kills  int // after which a call was under way
}

// arenaStart is when both consoles of an ordeal begin.
var arenaStart = time.Date(2025, 3, 4, 10, 30, 0, 0, time.UTC)

// openArena opens a console over new data and waits until the plugin is ready.
func openArena(ctx context.Context, b built, dir string) (*arena, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	config := app.DefaultConfig()
	config.Data, config.Plugins = filepath.Join(dir, "data"), filepath.Join(dir, "plugins.yaml")
	if err := os.WriteFile(config.Plugins, []byte(b.listing(b.path)), 0o600); err != nil {
		return nil, err
	}
	x := &arena{plugin: b, clock: clockwork.NewFakeClockAt(arenaStart)}
	a, err := app.Open(ctx, app.Options{Config: config, Clock: app.Clock{Clock: x.clock}, Log: slog.New(slog.DiscardHandler), Version: version, Bundled: bundledIDs()})
	if err != nil {
		return nil, err
	}
	x.App = a
	if err := x.settle(ctx); err != nil {
		return nil, closing(a, err)
	}
	return x, nil
}

// settle makes the tenant and starts the plugin.
func (x *arena) settle(ctx context.Context) error {
	x.tenant = core.Tenant{ID: core.NewTenantID(x.clock.Now()), Name: "Harpur Homes", Code: "HARP", Region: "eu-west", Status: core.TenantActive}
	if err := x.Tenants.Create(ctx, x.tenant); err != nil {
		return err
	}
	err := x.Tenants.Update(ctx, x.tenant.ID, func(tx *tenants.Tx) error {
		if err := tenants.WriteSettings(ctx, tx, core.Settings{Locale: "en-IE", TimeZone: "Europe/Dublin", Currency: "EUR"}); err != nil {
			return err
		}
		site, err := x.Directory.Developments.Add(ctx, tx, core.Development{Name: "Harpur Lane", Address: "Leixlip, Co. Kildare", Status: "selling"})
		if err != nil {
			return err
		}
		for n := range 12 {
			x.units = append(x.units, core.Unit{DevelopmentID: site.ID, Label: fmt.Sprintf("%d Harpur Lane", n+1), Address: fmt.Sprintf("%d Harpur Lane, Leixlip", n+1), County: "Kildare", Kind: "House"})
		}
		_, _, err = x.Directory.Units.Add(ctx, tx, x.units)
		return err
	})
	if err != nil {
		return err
	}
	if err := x.Plugins.Start(ctx); err != nil {
		return err
	}
	_, err = x.ready(ctx, 0)
	return err
}

// ready waits until the plugin takes calls, in another process than the one
// that was killed.
func (x *arena) ready(ctx context.Context, killed int) (plugins.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		s, err := x.Plugins.Find(x.plugin.manifest.ID)
		switch {
		case err != nil:
			return s, err
		case s.State == plugins.Ready && s.Broken > 0:
			list, err := x.Plugins.Tenants(ctx, s.ID, core.Query{Status: "broken"})
			if err == nil && len(list.Items) > 0 {
				err = errors.New(list.Items[0].Error)
			}
			return s, err
		case s.State == plugins.Ready && s.PID != 0 && s.PID != killed:
			return s, nil
		case s.State == plugins.Quarantined || s.State == plugins.Held:
			return s, fmt.Errorf("it is %s. %s", s.State, s.Why)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return s, fmt.Errorf("it was not ready within %s: it is %s. %s", settleTime, s.State, s.Why)
		}
	}
}

// strike kills the plugin with SIGKILL so long after the work has begun, and
// waits until both have ended: the work, and the plugin's new start.
func (x *arena) strike(ctx context.Context, after time.Duration, work func(context.Context) error) error {
	s, err := x.ready(ctx, 0)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	timer := time.NewTimer(after)
	defer timer.Stop()
	ended := false
	select {
	case err = <-done:
		ended = true
	case <-timer.C:
	}
	if !ended {
		x.kills++
	}
	if killed := syscall.Kill(s.PID, syscall.SIGKILL); killed != nil {
		return fmt.Errorf("kill the plugin: %w", killed)
	}
	if !ended {
		err = <-done
	}
	if core.CodeOf(err) != core.Unavailable && err != nil {
		return err
	}
	// As an operator would: five ends within ten minutes would be a quarantine.
	if err := x.Plugins.Restart(core.WithActor(ctx, core.System), s.ID); err != nil {
		return err
	}
	_, err = x.ready(ctx, s.PID)
	return err
}

// emit writes the events that the plugin listens to, of each several.
func (x *arena) emit(ctx context.Context) (int, error) {
	n := 0
	err := x.Tenants.Update(ctx, x.tenant.ID, func(tx *tenants.Tx) error {
		for _, name := range x.plugin.manifest.Events {
			kind, _, _ := strings.Cut(name, ".")
			for _, unit := range x.units {
				subject := core.Target{Kind: kind, ID: unit.ID}
				if kind == "development" {
					subject.ID = unit.DevelopmentID
				}
				body := fmt.Sprintf(`{"development_id":%q,"unit_id":%q}`, unit.DevelopmentID, unit.ID)
				if err := x.Bus.Emit(ctx, tx, core.Event{Name: name, Subject: subject, Data: []byte(body)}); err != nil {
					return err
				}
				n++
			}
		}
		return nil
	})
	return n, err
}

// deliver hands over what waits, until nothing does.
func (x *arena) deliver(ctx context.Context) error {
	for range 30 {
		if err := x.Bus.Deliver(ctx, x.tenant.ID); err != nil {
			return err
		}
		b, err := x.Bus.Backlog(ctx, x.plugin.manifest.ID)
		switch {
		case err != nil:
			return err
		case b.Dead > 0:
			return fmt.Errorf("%s not taken", counted(b.Dead, "event"))
		case b.Pending == 0:
			return nil
		}
		x.clock.Advance(10 * time.Minute) // a failed delivery waits
	}
	return errors.New("events still wait after many tries")
}

// job runs a job to its end. Nothing runs on its schedule here.
func (x *arena) job(ctx context.Context, id string) error {
	run, err := x.Jobs.RunNow(ctx, x.plugin.manifest.ID+"."+id)
	if err != nil {
		return err
	}
	changes, err := x.Jobs.Watch(ctx, run.ID)
	if err != nil {
		return err
	}
	for run = range changes {
	}
	if run.State != core.Done {
		return core.Errorf(core.Unavailable, "The job %s is %s: %s", id, run.State, run.Error)
	}
	return nil
}

// page asks for a page.
func (x *arena) page(ctx context.Context, p sdk.PageInfo) error {
	v := plugins.Visit{Plugin: x.plugin.manifest.ID, Path: p.Path, Scope: p.Scope, Base: "/admin/" + x.plugin.manifest.ID}
	if p.Scope != sdk.Platform {
		v.Tenant, v.Base = x.tenant, v.Base+"/tenants/"+string(x.tenant.ID)
	}
	_, err := x.Plugins.Page(ctx, v)
	return err
}
