package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
)

// delays are how long after its beginning a call is cut off.
var delays = []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond}

// ordeal has two consoles do the same work with the plugin, in one of which it
// is killed again and again. What they hold afterwards has to be the same.
func ordeal(ctx context.Context, r *results, b built, temp string) {
	ctx = operator(ctx)
	var calm, harsh *arena
	opened := r.check("is ready as a confined process", func() (said string, err error) {
		if calm, err = openArena(ctx, b, filepath.Join(temp, "calm")); err != nil {
			return "", err
		}
		if harsh, err = openArena(ctx, b, filepath.Join(temp, "harsh")); err != nil {
			return "", closing(calm.App, err)
		}
		s, err := harsh.ready(ctx, 0)
		return s.Sandbox, err
	})
	if !opened {
		return
	}
	defer calm.end()
	defer harsh.end()
	r.check("pages answer, and again after kill -9", func() (string, error) { return harsh.killPages(ctx) })
	r.check("events, killed with -9 while it takes them", func() (string, error) { return killEvents(ctx, calm, harsh) })
	r.check("jobs, killed with -9 while it runs them", func() (string, error) { return killJobs(ctx, calm, harsh) })
	r.check("figures, killed with -9 while it computes them", func() (string, error) { return harsh.killFigures(ctx) })
	r.check("nothing lost, nothing twice", func() (string, error) { return compareArenas(ctx, calm, harsh) })
}

func (x *arena) end() {
	ctx, cancel := context.WithTimeout(context.Background(), settleTime)
	defer cancel()
	_ = x.Jobs.Stop(ctx) // what was found is told already
	_ = x.Close()
}

// struck says how often a kill met a call.
func (x *arena) struck(before, tries int) string {
	return fmt.Sprintf("killed %d times, %d of them in the middle", tries, x.kills-before)
}

func (x *arena) killPages(ctx context.Context) (string, error) {
	before, tries := x.kills, 0
	for _, p := range x.plugin.manifest.Pages {
		if strings.Contains(p.Path, "{") {
			continue
		}
		if err := x.page(ctx, p); err != nil {
			return "", fmt.Errorf("the page %s: %w", p.Path, err)
		}
		for _, after := range delays {
			tries++
			if err := x.strike(ctx, after, func(ctx context.Context) error { return x.page(ctx, p) }); err != nil {
				return "", fmt.Errorf("the page %s: %w", p.Path, err)
			}
			if err := x.page(ctx, p); err != nil {
				return "", fmt.Errorf("the page %s after a new start: %w", p.Path, err)
			}
		}
	}
	return x.struck(before, tries), nil
}

func killEvents(ctx context.Context, calm, harsh *arena) (string, error) {
	before, all := harsh.kills, 0
	for _, after := range delays {
		n, err := calm.emit(ctx)
		if err == nil {
			err = calm.deliver(ctx)
		}
		if err != nil {
			return "", fmt.Errorf("without a kill: %w", err)
		}
		if n == 0 {
			return "it listens to none", nil
		}
		if _, err := harsh.emit(ctx); err != nil {
			return "", err
		}
		all += n
		if err := harsh.strike(ctx, after, func(ctx context.Context) error { return harsh.Bus.Deliver(ctx, harsh.tenant.ID) }); err != nil {
			return "", err
		}
		if err := harsh.deliver(ctx); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s, %s", counted(all, "event"), harsh.struck(before, len(delays))), nil
}

func killJobs(ctx context.Context, calm, harsh *arena) (string, error) {
	before, tries := harsh.kills, 0
	for _, x := range []*arena{calm, harsh} {
		x.clock.Advance(arenaStart.AddDate(1, 0, 0).Sub(x.clock.Now())) // so that there is something to do
	}
	for _, j := range harsh.plugin.manifest.Jobs {
		for _, after := range delays {
			if err := calm.job(ctx, j.ID); err != nil {
				return "", fmt.Errorf("without a kill: %w", err)
			}
			tries++
			if err := harsh.strike(ctx, after, func(ctx context.Context) error { return harsh.job(ctx, j.ID) }); err != nil {
				return "", err
			}
			if err := harsh.job(ctx, j.ID); err != nil {
				return "", fmt.Errorf("after a new start: %w", err)
			}
		}
	}
	if tries == 0 {
		return "it has none", nil
	}
	return fmt.Sprintf("%s, %s", counted(len(harsh.plugin.manifest.Jobs), "job"), harsh.struck(before, tries)), nil
}

func (x *arena) killFigures(ctx context.Context) (string, error) {
	if len(x.plugin.manifest.Metrics) == 0 {
		return "it has none", nil
	}
	before := x.kills
	refresh := func(ctx context.Context) error { return x.Insight.Refresh(ctx, x.tenant.ID) }
	for _, after := range delays {
		if err := x.strike(ctx, after, refresh); err != nil && core.CodeOf(err) != core.Unavailable {
			return "", err
		}
	}
	if err := refresh(ctx); err != nil {
		return "", err
	}
	return x.struck(before, len(delays)), nil
}

// compareArenas compares what the plugin keeps in both, but for ids and times.
func compareArenas(ctx context.Context, calm, harsh *arena) (string, error) {
	want, rows, err := readPluginData(ctx, calm.Tenants, calm.tenant.ID, calm.plugin.manifest.ID)
	if err != nil {
		return "", err
	}
	got, _, err := readPluginData(ctx, harsh.Tenants, harsh.tenant.ID, harsh.plugin.manifest.ID)
	if err != nil {
		return "", err
	}
	if want != got {
		return "", fmt.Errorf("without a kill its tables and events are\n%s\nand with them\n%s\nWhat belongs together has to be in one transaction, and what comes twice has to be known (docs/plugin-author.md)", want, got)
	}
	return counted(rows, "row") + " in its tables and among its events, the same as without a kill", nil
}
