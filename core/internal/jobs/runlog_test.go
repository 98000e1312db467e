package jobs_test

import (
	"context"
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
