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

func TestAYearOfDailyRunsFollowsTheClock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var days []string
	h.declare(jobs.Spec{ID: "test.daily", Schedule: "30 3 * * *", Run: func(context.Context, *jobs.Run) (string, error) {
		days = append(days, h.clock.Now().UTC().Format(time.DateTime))
		return fmt.Sprintf("day %d", len(days)), nil
	}})
	h.must(h.runner.Start(t.Context()))
	for range 365 {
		h.must(h.runner.Advance(t.Context(), 24*time.Hour))
	}
	if len(days) != 365 || days[0] != "2027-01-01 03:30:00" || days[364] != "2027-12-31 03:30:00" {
		t.Errorf("%d daily runs, first %q, last %q", len(days), days[0], days[len(days)-1])
	}
	daily, err := h.runner.Runs(t.Context(), core.Query{Kind: "test.daily"})
	h.must(err)
	if daily.Total != 200 || daily.Items[0].Summary != "day 365" || daily.Items[0].StartedBy != "schedule" {
		t.Errorf("the run log keeps %d entries, newest %+v", daily.Total, daily.Items[0])
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

// A job of every minute runs at each stop of the clock, and of its runs that
// did nothing the log keeps the latest alone.
func TestAdvanceRunsFrequentJobsOncePerStop(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var runs []string
	h.declare(jobs.Spec{ID: "test.minute", Schedule: "* * * * *", Run: func(context.Context, *jobs.Run) (string, error) {
		runs = append(runs, h.clock.Now().Format("02 15:04"))
		return "", nil
	}})
	h.declare(jobs.Spec{ID: "test.noon", Schedule: "0 12 * * *", Run: func(context.Context, *jobs.Run) (string, error) {
		return "noon", nil
	}})
	h.must(h.runner.Start(t.Context()))
	h.must(h.runner.Advance(t.Context(), 60*time.Hour))
	want := "01 12:00, 02 12:00, 03 12:00"
	if got := strings.Join(runs, ", "); got != want {
		t.Errorf("ran at %s, want %s", got, want)
	}
	list, err := h.runner.Runs(t.Context(), core.Query{Kind: "test.minute"})
	h.must(err)
	if list.Total != 1 {
		t.Errorf("the run log keeps %d runs that did nothing, want the latest", list.Total)
	}
}
