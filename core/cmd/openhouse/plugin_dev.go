package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
	plugins "github.com/openhouse-ai/console/core/internal/host"
)

// pluginDev serves a console with demo data and one plugin, which is built
// anew and exchanged whenever a file of it changes.
func pluginDev(ctx context.Context, args []string) error {
	flags := newSettings("plugin dev").withListen()
	clock := flags.String("clock", "", "start a movable test clock at this `TIME` (RFC 3339)")
	dirs, err := split(flags.FlagSet, args)
	if err == nil && len(dirs) != 1 {
		err = exit{2, errors.New("usage: openhouse plugin dev DIR [--data DIR] [--listen ADDR]")}
	}
	if err != nil {
		return err
	}
	config, err := flags.config(nil)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "ohdev")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	w := &workbench{dir: dirs[0], temp: temp, file: filepath.Join(temp, "plugins.yaml"), out: os.Stderr}
	if flags.data == "" {
		config.Data = filepath.Join(temp, "data")
	}
	config.Plugins, config.Development = w.file, true
	if err := w.write("plugins: {}\n"); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "building %s …\n", w.dir)
	if b, err := w.build(ctx); err != nil {
		fmt.Fprintf(w.out, "%v\nThe console starts without it; mend it, and it is built again.\n", err)
	} else if err := w.offer(b); err != nil {
		return err
	}
	return w.serve(ctx, config, *clock)
}

// workbench is where a plugin is built again and again.
type workbench struct {
	dir  string // of its module
	temp string
	file string // plugins.yaml
	sum  string // of what was offered to the console last
	id   string
	out  io.Writer
	n    int
}

func (w *workbench) write(listing string) error {
	return os.WriteFile(w.file, []byte(listing), 0o600)
}

// build makes a binary of what the folder holds now.
func (w *workbench) build(ctx context.Context) (built, error) {
	w.n++
	temp := filepath.Join(w.temp, fmt.Sprintf("build-%d", w.n))
	if err := os.Mkdir(temp, 0o700); err != nil {
		return built{}, err
	}
	return makePlugin(ctx, w.dir, temp)
}

// offer lists a binary in plugins.yaml, with all that it asks for.
func (w *workbench) offer(b built) error {
	w.sum, w.id = b.sum, b.manifest.ID
	return w.write(b.listing(b.path))
}

func (w *workbench) serve(ctx context.Context, config app.Config, clock string) error {
	timepiece, err := clockAt(clock)
	if err != nil {
		return err
	}
	listener, err := app.Listen(&config)
	if err != nil {
		return err
	}
	log := slog.New(loud{slog.NewTextHandler(w.out, nil)})
	a, err := app.Open(ctx, app.Options{Config: config, Clock: timepiece, Log: log, Version: version, Bundled: bundledIDs()})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	people, err := a.Demo(ctx)
	if err != nil {
		return closing(a, fmt.Errorf("make demo data: %w", err))
	}
	watching, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	err = a.Serve(ctx, listener, func(ready app.Ready) {
		if line, err := json.Marshal(ready); err == nil {
			fmt.Println(string(line))
		}
		fmt.Fprintf(w.out, "\nOpenHouse Console with demo data: %s\n  sign in as %s with %s\n", ready.URL, people[0].Email, people[0].Password)
		go func() {
			w.tell(watching, a)
			done <- w.watch(watching, a)
		}()
	})
	stop()
	if err == nil {
		err = <-done
	}
	return closing(a, err)
}

// loud lets through what the plugin says, and what is wrong.
type loud struct{ slog.Handler }

// Handle implements slog.Handler.
func (l loud) Handle(ctx context.Context, r slog.Record) error {
	ours := r.Level >= slog.LevelWarn
	r.Attrs(func(a slog.Attr) bool {
		ours = ours || a.Key == "plugin"
		return !ours
	})
	if !ours {
		return nil
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (l loud) WithAttrs(attrs []slog.Attr) slog.Handler { return loud{l.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (l loud) WithGroup(name string) slog.Handler { return loud{l.Handler.WithGroup(name)} }

// settleTime is how long the console may take to exchange a plugin.
const settleTime = 90 * time.Second

// tell waits until the console has taken the version that was offered, or
// not, and says so.
func (w *workbench) tell(ctx context.Context, a *app.App) {
	if w.id == "" {
		return
	}
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	for {
		s, err := a.Plugins.Find(w.id)
		switch {
		case err != nil:
			fmt.Fprintln(w.out, err)
			return
		case s.State == plugins.Ready && s.SHA256 == w.sum && s.Why == "":
			fmt.Fprintf(w.out, "%s %s is running (%.12s): %s\n", s.Manifest.Name, s.Manifest.Version, w.sum, w.address(ctx, a, s))
			return
		case s.State == plugins.Quarantined || s.State == plugins.BackingOff || s.State == plugins.Held || s.State == plugins.Ready && s.Why != "":
			fmt.Fprintf(w.out, "%s is %s. %s\n", s.ID, s.State, s.Why)
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// address is where the plugin's first page is.
func (w *workbench) address(ctx context.Context, a *app.App, s plugins.Status) string {
	for _, p := range s.Manifest.Pages {
		if !p.Nav {
			continue
		}
		if p.Scope == "platform" {
			return a.BaseURL() + "/admin/" + s.ID
		}
		if t, err := a.Tenants.FindByCode(ctx, "HARP"); err == nil {
			return a.BaseURL() + "/admin/" + s.ID + "/tenants/" + string(t.ID)
		}
	}
	return a.BaseURL() + "/admin/plugins/" + s.ID
}

// again builds what has changed and has the console exchange it. What can't be
// built changes nothing.
func (w *workbench) again(ctx context.Context, a *app.App) {
	begun := time.Now()
	b, err := w.build(ctx)
	if err != nil {
		if ctx.Err() == nil {
			fmt.Fprintf(w.out, "%v\nThe version before goes on.\n", err)
		}
		return
	}
	if b.sum == w.sum {
		fmt.Fprintln(w.out, "Built; it is the same as before.")
		return
	}
	fmt.Fprintf(w.out, "Built in %s.\n", time.Since(begun).Round(10*time.Millisecond))
	err = w.offer(b)
	if err == nil {
		_, err = a.Plugins.Reload(core.WithActor(ctx, core.System))
	}
	if err != nil {
		fmt.Fprintln(w.out, err)
		return
	}
	w.tell(ctx, a)
}
