package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/jobs"
)

// Progress reaches watchers at once and the database at most twice a second
// of the clock.
func TestProgressIsWatchedAtOnceAndWrittenSeldom(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	step, seen := make(chan int), make(chan struct{})
	h.declare(jobs.Spec{ID: "test.steps", Run: func(_ context.Context, run *jobs.Run) (string, error) {
		for n := range step {
			run.Progress(n, 10)
			seen <- struct{}{}
		}
		return "walked", nil
	}})
	run, err := h.runner.RunNow(t.Context(), "test.steps")
	h.must(err)
	states, err := h.runner.Watch(t.Context(), run.ID)
	h.must(err)
	<-states // as it begins

	other := h.newRunner() // reads the database alone
	written := func() int {
		stored, err := other.FindRun(t.Context(), run.ID)
		h.must(err)
		return stored.Done
	}
	for n, want := range []int{0, 0, 2, 2} {
		if n == 2 {
			h.clock.Advance(500 * time.Millisecond)
		}
		step <- n
		<-seen
		if state := <-states; state.Done != n || state.State != core.Running {
			t.Errorf("step %d: watched %+v", n, state)
		}
		if got := written(); got != want {
			t.Errorf("step %d: %d is written, want %d", n, got, want)
		}
	}
	close(step)
	last := core.JobRun{}
	for last = range states {
	}
	if last.State != core.Done || last.Done != 3 || written() != 3 {
		t.Errorf("last state %+v, %d is written", last, written())
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.declare(jobs.Spec{ID: "test.wait", Run: func(ctx context.Context, _ *jobs.Run) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}})
	run, err := h.runner.RunNow(t.Context(), "test.wait")
	h.must(err)
	ctx, leave := context.WithCancel(t.Context())
	states, err := h.runner.Watch(ctx, run.ID)
	h.must(err)
	leave()
	for range states { // the first state, and then the end
	}
	if _, err := h.runner.Watch(t.Context(), "jbr_none"); core.CodeOf(err) != core.NotFound {
		t.Errorf("watch of an unknown run: %v, want not_found", err)
	}
}
