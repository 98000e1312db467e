package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Bounds of what a run writes while it goes on.
const (
	writeEvery = 500 * time.Millisecond // progress and lines reach the database at most this often
	maxLines   = 500
	maxLine    = 500 // characters
)

// Line is one line of a run's log.
type Line struct {
	At   time.Time
	Text string
}

// live is a run that goes on: its latest state, those who watch it, and the
// lines that are not written yet.
type live struct {
	runner *Runner
	spec   Spec
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu       sync.Mutex
	run      core.JobRun
	watchers map[chan core.JobRun]struct{}
	closed   bool
	pending  []Line
	visits   []visit // that ended well and are not written yet
	written  int     // lines in the database
	dropped  int     // lines past the bound
	flushed  time.Time
}

func newLive(r *Runner, spec Spec, run core.JobRun) *live {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &live{
		runner: r, spec: spec, ctx: ctx, cancel: cancel,
		run: run, watchers: map[chan core.JobRun]struct{}{}, flushed: run.StartedAt,
	}
}

func (l *live) handle(tenant core.TenantID) *Run {
	return &Run{ID: l.run.ID, Job: l.spec.ID, Tenant: tenant, live: l}
}

func (l *live) snapshot() core.JobRun {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.run
}

func (l *live) progress(done, total int) {
	l.mu.Lock()
	l.run.Done, l.run.Total = done, total
	l.publish()
	l.mu.Unlock()
	l.flushIfDue()
}

func (l *live) log(text string) {
	if runes := []rune(text); len(runes) > maxLine {
		text = string(runes[:maxLine-1]) + "…"
	}
	l.mu.Lock()
	if l.written+len(l.pending) < maxLines {
		l.pending = append(l.pending, Line{At: l.runner.now(), Text: text})
	} else {
		l.dropped++
	}
	l.mu.Unlock()
	l.flushIfDue()
}

// flushIfDue writes progress and lines, at most every writeEvery. A write that
// fails is logged and not the job's failure: the next one carries the same.
func (l *live) flushIfDue() {
	l.mu.Lock()
	due := l.runner.now().Sub(l.flushed) >= writeEvery
	l.mu.Unlock()
	if !due {
		return
	}
	if err := l.flush(context.WithoutCancel(l.ctx)); err != nil {
		l.runner.options.Log.Warn("write progress of job run", "job", l.spec.ID, "run", l.run.ID, "error", err)
	}
}

// visited notes a visit that ended well; it is written with the progress.
func (l *live) visited(v visit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.visits = append(l.visits, v)
}

// flush writes the run as it is, its new lines and its visits.
func (l *live) flush(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flushed = l.runner.now()
	err := l.runner.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		if err := insertLines(ctx, tx, l.run.ID, l.written, l.pending); err != nil {
			return err
		}
		if err := insertVisits(ctx, tx, l.run.Job, l.visits); err != nil {
			return err
		}
		if err := updateRun(ctx, tx, l.run); err != nil || l.run.EndedAt == nil {
			return err
		}
		return prune(ctx, tx, l.run)
	})
	if err == nil {
		l.written, l.pending, l.visits = l.written+len(l.pending), nil, nil
	}
	return err
}

// end sets how the run ended: an error after its context ended is that end.
func (l *live) end(summary string, err error) core.JobRun {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.runner.now()
	cause := context.Cause(l.ctx)
	l.run.State, l.run.Summary, l.run.EndedAt = core.Done, summary, &now
	switch {
	case err != nil && cause != nil:
		l.run.State, l.run.Error = core.Cancelled, cause.Error()
	case err != nil:
		l.run.State, l.run.Error = core.Failed, err.Error()
	}
	if l.dropped > 0 {
		l.pending = append(l.pending, Line{At: now, Text: fmt.Sprintf("… and %d more lines", l.dropped)})
	}
	l.cancel(nil)
	return l.run
}

// watch returns a channel that holds the latest state, until ctx or the run
// ends.
func (l *live) watch(ctx context.Context) <-chan core.JobRun {
	l.mu.Lock()
	defer l.mu.Unlock()
	ch := make(chan core.JobRun, 1)
	ch <- l.run
	if l.closed {
		close(ch)
		return ch
	}
	l.watchers[ch] = struct{}{}
	context.AfterFunc(ctx, func() { l.leave(ch) })
	return ch
}

func (l *live) leave(ch chan core.JobRun) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.watchers[ch]; ok {
		delete(l.watchers, ch)
		close(ch)
	}
}

// publish hands the state to every watcher, in place of one that it has not
// read yet. The caller holds the lock.
func (l *live) publish() {
	for ch := range l.watchers {
		select {
		case <-ch:
		default:
		}
		ch <- l.run
	}
}

// close gives every watcher the last state and ends its channel.
func (l *live) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.publish()
	l.closed = true
	for ch := range l.watchers {
		delete(l.watchers, ch)
		close(ch)
	}
}
