package jobs_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/jobs"
)

func TestRunsArePagedAndFiltered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fail := false
	body := func(context.Context, *jobs.Run) (string, error) {
		if fail = !fail; fail {
			return "", core.Errorf(core.Unavailable, "Not now.")
		}
		return "done", nil
	}
	h.declare(jobs.Spec{ID: "test.one", Run: body})
	h.declare(jobs.Spec{ID: "test.two", Run: body})
	for range 4 {
		h.clock.Advance(time.Second)
		h.run("test.one")
	}
	h.clock.Advance(time.Second)
	h.run("test.two")

	var ids []string
	query := core.Query{Kind: "test.one", Limit: 3}
	for page := 0; page == 0 || query.After != ""; page++ {
		list, err := h.runner.Runs(t.Context(), query)
		h.must(err)
		if list.Total != 4 {
			t.Errorf("total = %d, want 4", list.Total)
		}
		for _, run := range list.Items {
			ids = append(ids, run.ID)
		}
		query.After = list.Next
	}
	if len(ids) != 4 || ids[0] < ids[3] {
		t.Errorf("runs = %v, want 4, newest first", ids)
	}
	list, err := h.runner.Runs(t.Context(), core.Query{Status: string(core.Failed)})
	h.must(err)
	if list.Total != 3 {
		t.Errorf("%d failed runs, want 3", list.Total)
	}
	all, err := h.runner.List(t.Context())
	h.must(err)
	if len(all) != 2 || all[0].ID != "test.one" || all[0].Last.ID != ids[0] || all[0].Next != nil {
		t.Errorf("jobs = %+v", all)
	}
}

func TestRunLogIsBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.declare(jobs.Spec{ID: "test.talk", Run: func(_ context.Context, run *jobs.Run) (string, error) {
		for i := range 510 {
			run.Logf("%d %s", i, strings.Repeat("é", 600))
		}
		return "talked", nil
	}})
	run := h.run("test.talk")
	lines, err := h.runner.Lines(t.Context(), run.ID)
	h.must(err)
	if len(lines) != 501 || lines[500].Text != "… and 10 more lines" {
		t.Fatalf("%d lines, the last %q", len(lines), lines[len(lines)-1].Text)
	}
	if n := len([]rune(lines[0].Text)); n != 500 {
		t.Errorf("the first line has %d characters, want 500", n)
	}
}

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

func TestAYearOfDailyRunsFollowsTheClock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var days []string
	minutes := 0
	h.declare(jobs.Spec{ID: "test.daily", Schedule: "30 3 * * *", Run: func(context.Context, *jobs.Run) (string, error) {
		days = append(days, h.clock.Now().UTC().Format(time.DateTime))
		return fmt.Sprintf("day %d", len(days)), nil
	}})
	h.declare(jobs.Spec{ID: "test.minute", Schedule: "* * * * *", Run: func(context.Context, *jobs.Run) (string, error) {
		minutes++
		return "", nil
	}})
	h.must(h.runner.Start(t.Context()))
	for range 365 {
		h.must(h.runner.Advance(t.Context(), 24*time.Hour))
	}
	if len(days) != 365 || days[0] != "2027-01-01 03:30:00" || days[364] != "2027-12-31 03:30:00" {
		t.Errorf("%d daily runs, first %q, last %q", len(days), days[0], days[len(days)-1])
	}
	if minutes < 2*365 {
		t.Errorf("the job of every minute ran %d times, want at each of the clock's stops", minutes)
	}
	daily, err := h.runner.Runs(t.Context(), core.Query{Kind: "test.daily"})
	h.must(err)
	if daily.Total != 200 || daily.Items[0].Summary != "day 365" || daily.Items[0].StartedBy != "schedule" {
		t.Errorf("the run log keeps %d entries, newest %+v", daily.Total, daily.Items[0])
	}
	quiet, err := h.runner.Runs(t.Context(), core.Query{Kind: "test.minute"})
	h.must(err)
	if quiet.Total != 1 {
		t.Errorf("the run log keeps %d runs that did nothing, want the latest", quiet.Total)
	}
	all, err := h.runner.List(t.Context())
	h.must(err)
	if next := all[0].Next; next == nil || !next.Equal(time.Date(2028, 1, 1, 3, 30, 0, 0, time.UTC)) {
		t.Errorf("next daily run %v", next)
	}
}

func TestAdvanceInOneStrideMeetsEveryDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var order []string
	for id, schedule := range map[string]string{"test.early": "0 1 * * *", "test.late": "0 23 * * *", "test.monthly": "0 5 1 * *"} {
		h.declare(jobs.Spec{ID: id, Schedule: schedule, Run: func(context.Context, *jobs.Run) (string, error) {
			order = append(order, h.clock.Now().Format("02 15:04 ")+id)
			return "ran", nil
		}})
	}
	h.must(h.runner.Start(t.Context()))
	h.must(h.runner.Advance(t.Context(), 48*time.Hour))
	want := "01 01:00 test.early, 01 05:00 test.monthly, 01 23:00 test.late, 02 01:00 test.early, 02 23:00 test.late"
	if got := strings.Join(order, ", "); got != want {
		t.Errorf("ran %s\nwant %s", got, want)
	}
}
