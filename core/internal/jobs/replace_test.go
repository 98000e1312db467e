package jobs_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/jobs"
)

func TestReplaceTakesAwayWhatIsNotDeclaredAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ran := make(chan string, 8)
	job := func(id string) jobs.Spec {
		return jobs.Spec{ID: id, Summary: "Says its name.", Schedule: "0 * * * *", Run: func(context.Context, *jobs.Run) (string, error) {
			ran <- id
			return id, nil
		}}
	}
	h.must(h.runner.Declare(job("notes.one")))
	h.must(h.runner.Declare(job("notesandmore.two")))
	h.must(h.runner.Start(t.Context()))
	h.must(h.runner.Replace("notes", []jobs.Spec{job("notes.three"), job("notes.four")}))

	list, err := h.runner.List(t.Context())
	h.must(err)
	var ids []string
	for _, j := range list {
		ids = append(ids, j.ID)
	}
	if want := []string{"notes.four", "notes.three", "notesandmore.two"}; !slices.Equal(ids, want) {
		t.Fatalf("jobs = %v, want %v", ids, want)
	}
	h.must(h.runner.Advance(t.Context(), time.Hour))
	close(ran)
	if got := slices.Sorted(func(yield func(string) bool) {
		for id := range ran {
			if !yield(id) {
				return
			}
		}
	}); !slices.Equal(got, ids) {
		t.Errorf("ran %v, want each of %v once", got, ids)
	}
	if err := h.runner.Replace("notes", nil); err != nil {
		t.Error(err)
	}
	if list, err = h.runner.List(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("%d jobs are left, want 1: %v", len(list), err)
	}
}

func TestReplaceLetsARunEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	began, goOn := make(chan struct{}), make(chan struct{})
	spec := jobs.Spec{ID: "notes.slow", Summary: "Waits.", Schedule: "0 * * * *", Run: func(context.Context, *jobs.Run) (string, error) {
		close(began)
		<-goOn
		return "the old one", nil
	}}
	h.must(h.runner.Declare(spec))
	h.must(h.runner.Start(t.Context()))
	done := make(chan error, 1)
	go func() { done <- h.runner.Advance(context.Background(), time.Hour) }()
	<-began
	spec.Run = func(context.Context, *jobs.Run) (string, error) { return "the new one", nil }
	h.must(h.runner.Replace("notes", []jobs.Spec{spec}))
	close(goOn)
	h.must(<-done)
	runs, err := h.runner.Runs(t.Context(), core.Query{Kind: "notes.slow"})
	h.must(err)
	if len(runs.Items) != 1 || runs.Items[0].Summary != "the old one" {
		t.Errorf("runs = %+v", runs.Items)
	}
}
