package web

import (
	"context"
	"sync"

	"github.com/openhouse-ai/console/core"
)

// press prints packs in the background, one after the other, and remembers how
// far each is. Nothing is lost with it: a pack can be printed again.
type press struct {
	turn chan struct{} // holds one token while a pack is printed

	mu   sync.Mutex
	work map[pack]*printing
}

// pack names printed matter of a development.
type pack struct {
	tenant      core.TenantID
	development string
	kind        string
}

// printing is how far a pack is.
type printing struct {
	done, total int
	over        bool
	err         error

	watchers map[chan struct{}]bool
}

func newPress() *press {
	return &press{turn: make(chan struct{}, 1), work: map[pack]*printing{}}
}

// start prints the pack until ctx ends, unless that is under way already.
func (p *press) start(ctx context.Context, of pack, print func(ctx context.Context, progress func(done, total int)) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.work[of]; now != nil && !now.over {
		return
	}
	job := &printing{watchers: map[chan struct{}]bool{}}
	p.work[of] = job
	go func() {
		var err error
		select {
		case p.turn <- struct{}{}:
			err = print(ctx, func(done, total int) { p.note(job, func() { job.done, job.total = done, total }) })
			<-p.turn
		case <-ctx.Done():
			err = ctx.Err()
		}
		p.note(job, func() { job.over, job.err = true, err })
	}()
}

// note changes a printing and tells who watches.
func (p *press) note(job *printing, change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	for signal := range job.watchers {
		select {
		case signal <- struct{}{}:
		default:
		}
	}
}

// state is how far a pack is; false when it is not being printed.
func (p *press) state(of pack) (printing, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	job := p.work[of]
	if job == nil {
		return printing{}, false
	}
	return printing{done: job.done, total: job.total, over: job.over, err: job.err}, true
}

// forget drops a printing that is over, once somebody has seen how it ended.
func (p *press) forget(of pack) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if job := p.work[of]; job != nil && job.over {
		delete(p.work, of)
	}
}

// watch signals each change of a pack's printing until ctx ends.
func (p *press) watch(ctx context.Context, of pack) <-chan struct{} {
	signal := make(chan struct{}, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	job := p.work[of]
	if job == nil {
		return signal
	}
	job.watchers[signal] = true
	context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(job.watchers, signal)
	})
	return signal
}
