package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
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
	return run1(ctx, config, *clock, nil)
}

// run1 opens the console, prints the address as a line of JSON on standard
// output once it answers, and serves.
func run1(ctx context.Context, config app.Config, clock string, opened func(context.Context, *app.App) error) error {
	time := app.NewClock()
	if clock != "" {
		at, err := parseTime(clock)
		if err != nil {
			return err
		}
		time = app.NewTestClock(at)
	}
	a, err := app.Open(ctx, app.Options{Config: config, Clock: time, Log: config.Logger(logs), Version: version})
	if err != nil {
		return err
	}
	if opened != nil {
		if err := opened(ctx, a); err != nil {
			return closing(a, err)
		}
	}
	return closing(a, a.Serve(ctx, func(ready app.Ready) {
		line, err := json.Marshal(ready)
		if err == nil {
			fmt.Fprintln(os.Stdout, string(line))
		}
	}))
}

func parseTime(s string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return at, fmt.Errorf("--clock: %q is not a time such as 2026-01-01T00:00:00Z", s)
	}
	return at, nil
}

// closing closes the console and returns the first error.
func closing(a *app.App, err error) error {
	if closeErr := a.Close(); err == nil {
		return closeErr
	}
	return err
}
