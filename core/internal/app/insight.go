package app

import (
	"context"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/core/internal/insight"
	"github.com/openhouse-ai/console/core/internal/jobs"
	"github.com/openhouse-ai/console/core/internal/usage"
)

// buildInsight declares what the core counts; plugins declare theirs when they
// are ready.
func (a *App) buildInsight() error {
	a.Insight = insight.New(insight.Options{Store: a.Tenants, Now: a.Clock.now, Log: a.Log})
	for _, s := range []insight.Source{
		{Name: "core.directory", Metrics: directory.Metrics, Read: a.Directory.Figures},
		{Name: "core.usage", Metrics: usage.Metrics, Read: a.Usage.Figures},
	} {
		if err := a.Insight.Declare(s); err != nil {
			return err
		}
	}
	return nil
}

// verifyFigures is the job that compares the roll-ups with the tenants' files.
func (a *App) verifyFigures(ctx context.Context, run *jobs.Run) (string, error) {
	wrong := 0
	checked, err := a.Insight.VerifyWith(ctx, func(d insight.Difference) {
		wrong++
		run.Logf("%s", d)
	}, run.Progress)
	if err != nil {
		return "", err
	}
	if wrong > 0 {
		return "", core.Errorf(core.Internal, "%s in %s; the log has them, and the job insight.rebuild mends them.", summary(wrong, "difference", "found"), summary(checked, "tenant", "checked"))
	}
	return fmt.Sprintf("%s, no difference", summary(checked, "tenant", "checked")), nil
}

// rebuildFigures is the job that computes the roll-ups from nothing.
func (a *App) rebuildFigures(ctx context.Context, run *jobs.Run) (string, error) {
	n, err := a.Insight.Rebuild(ctx, run.Progress)
	return summary(n, "tenant", "computed"), err
}
