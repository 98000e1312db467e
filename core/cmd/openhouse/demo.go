package main

import (
	"context"
	"fmt"
	"os"

	"github.com/openhouse-ai/console/core/internal/app"
)

// demo serves the console with demo data, which it makes at the first start.
func demo(ctx context.Context, args []string) error {
	flags := newSettings("demo").withListen()
	clock := flags.String("clock", "", "start a movable test clock at this `TIME` (RFC 3339)")
	config, err := flags.config(args)
	if err != nil {
		return err
	}
	config.Development = true
	config.LogFormat = "text"
	config.LogLevel = "warn"
	return host(ctx, config, *clock, func(ctx context.Context, a *app.App) error {
		people, err := a.Demo(ctx)
		if err != nil {
			return fmt.Errorf("make demo data: %w", err)
		}
		fmt.Fprintf(os.Stderr, "\nOpenHouse Console with demo data: %s\n\n", a.BaseURL())
		for _, p := range people {
			fmt.Fprintf(os.Stderr, "  %-22s %-32s %s\n", p.Role, p.Email, p.Password)
		}
		fmt.Fprintln(os.Stderr)
		return nil
	})
}
