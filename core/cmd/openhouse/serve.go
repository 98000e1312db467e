package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/openhouse-ai/console/core/internal/app"
)

// serve runs the console until a signal, then drains it.
func serve(ctx context.Context, args []string) error {
	flags := newSettings("serve").withListen()
	clock := flags.String("clock", "", "start a movable test clock at this `TIME` (RFC 3339); for development and tests")
	config, err := flags.config(args)
	if err != nil {
		return err
	}
	return host(ctx, config, *clock, nil)
}

// host opens the console, prints the address as a line of JSON on standard
// output once it answers, and serves.
func host(ctx context.Context, config app.Config, clock string, opened func(context.Context, *app.App) error) error {
	timepiece, err := clockAt(clock)
	if err != nil {
		return err
	}
	listener, err := app.Listen(&config)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, app.Options{Config: config, Clock: timepiece, Log: config.Logger(logs), Version: version, Bundled: bundledIDs()})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if opened != nil {
		if err := opened(ctx, a); err != nil {
			return closing(a, err)
		}
	}
	defer onHangUp(ctx, a.ReloadPlugins)()
	return closing(a, a.Serve(ctx, listener, func(ready app.Ready) {
		line, err := json.Marshal(ready)
		if err == nil {
			fmt.Fprintln(os.Stdout, string(line))
		}
	}))
}

// onHangUp calls fn for each SIGHUP, until stop is called.
func onHangUp(ctx context.Context, fn func(context.Context)) (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		for {
			select {
			case <-signals:
				fn(ctx)
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

// clockAt is the machine's clock, or a test clock that starts at a time.
func clockAt(s string) (app.Clock, error) {
	if s == "" {
		return app.NewClock(), nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return app.Clock{}, fmt.Errorf("--clock: %q is not a time such as 2026-01-01T00:00:00Z", s)
	}
	return app.NewTestClock(at), nil
}

// closing closes the console and returns the first error.
func closing(a *app.App, err error) error {
	if closeErr := a.Close(); err == nil {
		return closeErr
	}
	return err
}
