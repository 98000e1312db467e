package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/openhouse-ai/console/core/internal/app"
	"github.com/openhouse-ai/console/core/internal/insight"
)

// openSources opens the data with all who compute figures: rooms and plugins.
func openSources(ctx context.Context, name string, args []string) (*app.App, error) {
	flags := newSettings(name)
	flags.StringVar(&flags.plugins, "plugins", "", "`FILE` that lists the plugins; wins over the configuration")
	a, err := openTool(ctx, flags, args)
	if err != nil {
		return nil, err
	}
	if err := a.StartPlugins(ctx); err != nil {
		return nil, closing(a, err)
	}
	return a, nil
}

// insightVerify computes the figures of every tenant again, compares them with
// the stored ones and prints each difference on a line. It exits with 1 when
// there is one. It works beside a running server and without one.
func insightVerify(ctx context.Context, args []string) error {
	a, err := openSources(ctx, "insight verify", args)
	if err != nil {
		return err
	}
	defer a.Close()
	wrong := 0
	checked, err := a.Insight.Verify(operator(ctx), func(d insight.Difference) {
		wrong++
		fmt.Println(d)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "tenants checked: %d, figures of %s\n", checked, strings.Join(a.Insight.Sources(), ", "))
	if wrong > 0 {
		return exit{1, fmt.Errorf("openhouse insight verify: differences found: %d; insight rebuild mends them", wrong)}
	}
	return nil
}

// insightRebuild computes the figures of every tenant from nothing. Ended
// early, it goes on where it stopped.
func insightRebuild(ctx context.Context, args []string) error {
	a, err := openSources(ctx, "insight rebuild", args)
	if err != nil {
		return err
	}
	defer a.Close()
	shown := -1
	n, err := a.Insight.Rebuild(operator(ctx), func(done, total int) {
		if percent := 100 * done / max(total, 1); percent != shown {
			shown = percent
			fmt.Fprintf(os.Stderr, "\r%d of %d tenants (%d%%)", done, total, percent)
		}
	})
	if shown >= 0 {
		fmt.Fprintln(os.Stderr)
	}
	if err != nil {
		return err
	}
	fmt.Printf("tenants computed: %d, figures of %s\n", n, strings.Join(a.Insight.Sources(), ", "))
	return nil
}
