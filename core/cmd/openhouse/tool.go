package main

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
)

// openTool opens the data for a command that doesn't serve. It works beside a
// running server: SQLite lets several processes in, one writer at a time.
func openTool(ctx context.Context, flags *settings, args []string) (*app.App, error) {
	config, err := flags.config(args)
	if err != nil {
		return nil, err
	}
	config.LogLevel = "warn"
	return app.Open(ctx, app.Options{Config: config, Clock: app.NewClock(), Log: config.Logger(logs), Version: version, Bundled: bundledIDs()})
}

// operator is who acts on the command line: whoever may read the keys may do
// what an owner may.
func operator(ctx context.Context) context.Context {
	return core.WithActor(ctx, core.Actor{Kind: "system", ID: "operator", Name: "Operator", Role: core.Owner})
}
