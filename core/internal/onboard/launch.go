package onboard

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Recover continues every run that the last process left unfinished, and drops
// what it has left staged of the others.
func (p *Pipeline) Recover(ctx context.Context) error {
	var unfinished, owners []string
	finished := map[string]bool{}
	err := p.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		if unfinished, err = unfinishedRuns(ctx, tx); err != nil {
			return err
		}
		if owners, err = tenants.StagedOwners(ctx, tx); err != nil {
			return err
		}
		for _, id := range owners {
			run, err := findRun(ctx, tx, id)
			if err != nil && core.CodeOf(err) != core.NotFound {
				return err
			}
			finished[id] = err != nil || run.State == core.Done || run.State == core.Cancelled
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range owners {
		if finished[id] {
			p.release(ctx, id)
		}
	}
	for _, id := range unfinished {
		p.launch(id)
	}
	return nil
}

// launch works on a run in the background, once at a time for each run.
func (p *Pipeline) launch(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return
	}
	if p.calls[id]++; p.calls[id] > 1 {
		return // whoever works on it looks again before leaving
	}
	p.workers.Go(func() {
		for calls := 0; p.called(id, &calls); {
			p.work(id)
		}
		p.changed(id)
	})
}

// called reports whether a run was launched since its worker last asked, and
// ends the worker's turn if not.
func (p *Pipeline) called(id string, calls *int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls[id] == *calls || p.ctx.Err() != nil {
		delete(p.calls, id)
		return false
	}
	*calls = p.calls[id]
	return true
}

// work executes a run when it is its turn.
func (p *Pipeline) work(id string) {
	ctx := core.WithActor(p.ctx, core.System)
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return
	}
	if err := p.execute(ctx, id); err != nil && ctx.Err() == nil {
		p.Log.ErrorContext(ctx, "onboarding stopped", "run", id, "error", err)
	}
}
