package onboard

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
)

// Watch returns a channel that receives whenever the run has changed, until
// ctx ends. Signals that nobody takes are merged: read the run after each.
func (p *Pipeline) Watch(ctx context.Context, id string) <-chan struct{} {
	signal := make(chan struct{}, 1)
	p.mu.Lock()
	if p.watchers[id] == nil {
		p.watchers[id] = map[chan struct{}]bool{}
	}
	p.watchers[id][signal] = true
	p.mu.Unlock()
	context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.watchers[id], signal)
		if len(p.watchers[id]) == 0 {
			delete(p.watchers, id)
		}
	})
	return signal
}

func (p *Pipeline) changed(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for signal := range p.watchers[id] {
		select {
		case signal <- struct{}{}:
		default:
		}
	}
}

// Wait returns the run when it has ended, or as it is after the patience.
func (p *Pipeline) Wait(ctx context.Context, id string, patience time.Duration) (core.Run, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	signal := p.Watch(ctx, id)
	for {
		run, err := p.Find(context.WithoutCancel(ctx), id)
		if err != nil || (run.State != core.Pending && run.State != core.Running) {
			return run, err
		}
		select {
		case <-signal:
		case <-ctx.Done():
			return run, nil
		}
	}
}
