package insight

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/openhouse-ai/console/core"
)

// Rebuild computes the figures of every tenant from nothing, by the sources
// that are declared, and adds the totals up again; pages go on showing what
// there is meanwhile. Cancelled, it is gone on with by the next Rebuild, in
// this process or in another one; Run computes what is left, too. It returns
// the number of tenants that it has computed, and an error that says how many
// could not be.
func (i *Insight) Rebuild(ctx context.Context, progress func(done, total int)) (n int, err error) {
	if err := i.beginRebuild(ctx); err != nil {
		return 0, fmt.Errorf("rebuild figures: %w", err)
	}
	all, err := i.everyone(ctx)
	if err != nil {
		return 0, fmt.Errorf("rebuild figures: %w", err)
	}
	left, err := i.outdated(ctx)
	if err != nil {
		return 0, fmt.Errorf("rebuild figures: %w", err)
	}
	var failed atomic.Int64
	before := max(len(all)-len(left), 0)
	steps := counter{tell: func(done int) { progress(before+done, before+len(left)) }}
	i.each(ctx, left, func(id core.TenantID) {
		err := i.Refresh(ctx, id)
		if err != nil && ctx.Err() != nil {
			return
		}
		if err != nil && core.CodeOf(err) != core.NotFound {
			failed.Add(1)
			i.options.Log.WarnContext(ctx, "compute figures", "tenant", id, "error", err)
		}
		steps.step()
	})
	n = steps.done - int(failed.Load())
	if ctx.Err() != nil {
		return n, fmt.Errorf("rebuild figures: %w", ctx.Err())
	}
	if err := errors.Join(i.addUp(ctx), i.endRebuild(ctx)); err != nil {
		return n, fmt.Errorf("rebuild totals: %w", err)
	}
	if failed.Load() > 0 {
		return n, core.Errorf(core.Internal, "%d of %d tenants could not be computed; they are tried again, and the log says why.", failed.Load(), len(left))
	}
	return n, nil
}
