package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/jobs"
)

// declareJobs lists everything that runs by itself.
func (a *App) declareJobs() error {
	for _, spec := range []jobs.Spec{
		{ID: "notify.deliver", Summary: "Sends the messages of the outbox that are due.", Schedule: "* * * * *",
			Run: func(ctx context.Context, _ *jobs.Run) (string, error) { return a.Outbox.Deliver(ctx) }},
		{ID: "audit.checkpoint", Summary: "Signs where every audit chain stands and writes it to the anchors file.", Schedule: "0 * * * *",
			Run: a.checkpoint},
		{ID: "access.sweep", Summary: "Drops sessions and links that have ended, and tells tenants of impersonations that did.", Schedule: "*/5 * * * *",
			Run: func(ctx context.Context, _ *jobs.Run) (string, error) {
				n, err := a.Access.Sessions.Sweep(ctx)
				return summary(n, "session or link", "dropped"), err
			}},
		{ID: "onboard.sweep", Summary: "Drops uploads, drafts and requests that nobody used for 30 days.", Schedule: "40 3 * * *",
			Run: func(ctx context.Context, _ *jobs.Run) (string, error) {
				files, drafts, err := a.Onboarding.Sweep(ctx)
				return summary(files+drafts, "file or draft", "dropped"), err
			}},
		{ID: "usage.reconcile", Summary: "Checks every tenant's ledger of usage: an event that came twice under one identity counts once.", Schedule: "10 2 * * *", Scope: jobs.PerTenant,
			Run: func(ctx context.Context, run *jobs.Run) (string, error) {
				done, err := a.Usage.Reconcile(ctx, run.Tenant)
				return summary(done.Rejected, "repeated event", "rejected"), err
			}},
		{ID: "usage.retain", Summary: "Erases usage events that are older than each tenant's settings keep them. What was computed from them stays.", Schedule: "25 2 * * *", Scope: jobs.PerTenant,
			Run: a.retainUsage},
		{ID: "tenants.scan", Summary: "Compares every tenant's file with what was known of it, and marks the ones that changed.", Schedule: "50 * * * *",
			Run: func(ctx context.Context, _ *jobs.Run) (string, error) {
				changed, err := a.Tenants.ScanChanged(ctx)
				return summary(len(changed), "tenant", "marked"), errors.Join(err, a.Bus.Sweep(ctx, changed))
			}},
		{ID: "insight.verify", Summary: "Computes every tenant's figures again and compares them with the ones that pages show.", Schedule: "20 4 * * *",
			Run: a.verifyFigures},
		{ID: "insight.rebuild", Summary: "Computes every tenant's figures from nothing. Cancelled, it goes on where it stopped.",
			Run: a.rebuildFigures},
	} {
		if err := a.Jobs.Declare(spec); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) checkpoint(ctx context.Context, _ *jobs.Run) (string, error) {
	if err := a.Audit.Checkpoint(ctx); err != nil {
		return "", err
	}
	last, err := a.Audit.LastCheckpoint(ctx)
	return fmt.Sprintf("checkpoint %d covers %d chains", last.Number, last.Chains), err
}

// retainUsage erases what the tenant's settings don't keep. A tenant without
// settings is still being onboarded and has nothing to erase.
func (a *App) retainUsage(ctx context.Context, run *jobs.Run) (string, error) {
	settings, err := a.Tenants.Settings(ctx, run.Tenant)
	if core.CodeOf(err) == core.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	n, err := a.Usage.Retain(ctx, run.Tenant, settings.UsageRetentionDays)
	return summary(n, "usage event", "erased"), err
}

// summary is a job's line; nothing done is an empty one.
func summary(n int, noun, verb string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("1 %s %s", noun, verb)
	}
	return fmt.Sprintf("%d %ss %s", n, noun, verb)
}
