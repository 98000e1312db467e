package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/jobs"
)

func TestFailureAndPanicEndTheRunAndNothingElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.declare(jobs.Spec{ID: "test.fail", Run: func(context.Context, *jobs.Run) (string, error) {
		return "half", errors.New("no room left")
	}})
	h.declare(jobs.Spec{ID: "test.panic", Run: func(context.Context, *jobs.Run) (string, error) {
		var none []int
		return fmt.Sprint(none[1]), nil
	}})
	if got := h.run("test.fail"); got.State != core.Failed || got.Error != "no room left" {
		t.Errorf("run = %+v", got)
	}
	if got := h.run("test.panic"); got.State != core.Failed || !strings.Contains(got.Error, "the job panicked: runtime error: index out of range") {
		t.Errorf("run = %+v", got)
	}
	if log := h.log.String(); !strings.Contains(log, "TestFailureAndPanic") {
		t.Errorf("the log has no stack of the panic:\n%s", log)
	}
	if got := h.run("test.panic"); got.State != core.Failed {
		t.Errorf("the job can't be run again: %+v", got)
	}
}

func TestBadTenantDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := h.addTenants(4)
	var visited []core.TenantID
	h.declare(jobs.Spec{ID: "test.each", Scope: jobs.PerTenant, Run: func(_ context.Context, run *jobs.Run) (string, error) {
		visited = append(visited, run.Tenant)
		switch run.Tenant {
		case ids[1]:
			return "", errors.New("its file is broken")
		case ids[2]:
			panic("worse")
		case ids[3]:
			return "5 swept", nil
		}
		return "", nil
	}})
	got := h.run("test.each")
	if got.State != core.Failed || got.Error != "2 of 4 tenants failed; the log says which." || got.Done != 4 || got.Total != 4 {
		t.Errorf("run = %+v", got)
	}
	if len(visited) != 4 {
		t.Errorf("visited %v", visited)
	}
	lines, err := h.runner.Lines(t.Context(), got.ID)
	h.must(err)
	var texts []string
	for _, line := range lines {
		texts = append(texts, line.Text)
	}
	for _, want := range []string{
		string(ids[1]) + ": its file is broken", string(ids[2]) + ": the job panicked: worse", string(ids[3]) + ": 5 swept",
	} {
		if !strings.Contains(strings.Join(texts, "\n"), want) {
			t.Errorf("no line %q in %q", want, texts)
		}
	}
}
