package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
)

// day is the longest stride of Advance, and what divides jobs that it meets at
// their own moments from those that run more often.
const day = 24 * time.Hour

// Advance moves a test clock by d and runs what falls due on the way, in
// order: the clock stops at every due moment of a job that runs daily or more
// rarely, and goes on when all due runs have ended. A job that runs more often
// than daily runs once at each stop, as after a machine's sleep, so that a
// year takes seconds. Returns conflict when the clock can't be moved.
func (r *Runner) Advance(ctx context.Context, d time.Duration) error {
	clock, ok := r.options.Clock.(interface{ Advance(time.Duration) })
	if !ok {
		return core.Errorf(core.Conflict, "The clock of this process is the real one and can't be moved.")
	}
	end := r.now().Add(d)
	for now := r.now(); now.Before(end); now = r.now() {
		clock.Advance(r.nextStop(now, end).Sub(now))
		if err := r.settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// nextStop is the earliest due moment of a job that runs daily or more rarely,
// at most a day ahead and not after end.
func (r *Runner) nextStop(now, end time.Time) time.Time {
	stop := now.Add(day)
	if end.Before(stop) {
		stop = end
	}
	for _, j := range r.declared() {
		if j.timetable == nil {
			continue
		}
		next, afterNext := j.timetable.upcoming()
		if afterNext.Sub(next) >= day && next.Before(stop) {
			stop = next
		}
	}
	return stop
}

// settle waits until nothing is due and every call by the scheduler has
// returned.
func (r *Runner) settle(ctx context.Context) error {
	for {
		r.mu.Lock()
		changed := r.changed
		r.mu.Unlock()
		if r.idle() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for due jobs: %w", ctx.Err())
		}
	}
}

// idle reports whether nothing is due or running. The order matters: the
// scheduler announces a call (noteBegun) before it asks for the job's next
// moment, so once all of these lie ahead, every call has been counted. And it
// sets the timer before it makes the call, so once all calls have returned,
// every timer is set.
func (r *Runner) idle() bool {
	now := r.now()
	for _, j := range r.declared() {
		if j.timetable == nil {
			continue
		}
		if next, _ := j.timetable.upcoming(); !next.After(now) {
			return false
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.begun == r.ended
}

func (r *Runner) noteBegun() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun++
}

func (r *Runner) noteEnded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended++
	close(r.changed)
	r.changed = make(chan struct{})
}
