package jobs

import (
	"context"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// visit is a tenant that a run is about, and the tenant's mark before it.
type visit struct {
	tenant core.TenantID
	mark   string // empty: it has none
}

// tally counts what the visits of a run have come to.
type tally struct{ visited, failed, busy int }

// eachTenant calls the function once for every active tenant, in pages.
func (r *Runner) eachTenant(ctx context.Context, l *live) (string, error) {
	var t tally
	query := core.Query{Status: string(core.TenantActive), Limit: core.MaxLimit}
	for {
		page, err := r.options.Tenants.List(ctx, query)
		if err != nil {
			return "", fmt.Errorf("list tenants: %w", err)
		}
		for _, tenant := range page.Items {
			if _, err := r.visit(ctx, l, tenant.ID, &t); err != nil {
				return "", err
			}
			l.progress(t.visited, max(t.visited, page.Total))
		}
		if query.After = page.Next; page.Next == "" {
			return t.summary()
		}
	}
}

// eachChanged calls the function once for every active tenant whose mark has
// changed. The marks are taken before the first call, so that what changes
// meanwhile is visited again.
func (r *Runner) eachChanged(ctx context.Context, l *live) (string, error) {
	due, err := r.due(ctx, l.spec)
	if err != nil {
		return "", err
	}
	var t tally
	for _, v := range due {
		well, err := r.visit(ctx, l, v.tenant, &t)
		if err != nil {
			return "", err
		}
		if well && v.mark != "" {
			l.visited(v)
		}
		l.progress(t.visited, len(due))
	}
	return t.summary()
}

// due lists the active tenants whose mark isn't the one that was kept.
func (r *Runner) due(ctx context.Context, spec Spec) (due []visit, err error) {
	var kept []visit
	err = r.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		kept, err = listVisits(ctx, tx, spec.ID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list tenants: %w", err)
	}
	ids := make([]core.TenantID, len(kept))
	for i, v := range kept {
		ids[i] = v.tenant
	}
	marks, err := spec.Mark(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("find out which tenants have changed: %w", err)
	}
	for _, v := range kept {
		if mark := marks[v.tenant]; mark == "" || mark != v.mark {
			due = append(due, visit{v.tenant, mark})
		}
	}
	return due, nil
}

// visit calls the function for a tenant and says whether it went well. A
// failure is the tenant's own; an error ends the run.
func (r *Runner) visit(ctx context.Context, l *live, tenant core.TenantID, t *tally) (well bool, err error) {
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	run := l.handle(tenant)
	summary, err := call(ctx, l.spec, run)
	switch {
	case err != nil && ctx.Err() != nil:
		return false, err
	case err != nil:
		t.failed++
		run.Logf("%v", err)
		r.logFailure(run, err)
	case summary != "":
		t.busy++
		run.Logf("%s", summary)
	}
	t.visited++
	return err == nil, nil
}

func (t tally) summary() (string, error) {
	if t.failed > 0 {
		return "", core.Errorf(core.Internal, "%d of %d tenants failed; the log says which.", t.failed, t.visited)
	}
	if t.busy == 0 {
		return "", nil
	}
	return fmt.Sprintf("%d of %d tenants had something to do.", t.busy, t.visited), nil
}
