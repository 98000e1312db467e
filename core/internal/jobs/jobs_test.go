package jobs_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/jobs"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

var start = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

// recorder is the audit log of a test.
type recorder struct{ entries []core.Entry }

func (r *recorder) Record(_ context.Context, _ *tenants.Tx, e core.Entry) error {
	r.entries = append(r.entries, e)
	return nil
}

// house is a store, a clock and a runner on them.
type house struct {
	t      *testing.T
	store  *tenants.Store
	clock  *clockwork.FakeClock
	audit  *recorder
	log    *bytes.Buffer
	runner *jobs.Runner
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: clockwork.NewFakeClockAt(start), audit: &recorder{}, log: &bytes.Buffer{}}
	store, err := tenants.Open(t.Context(), tenants.Options{
		Dir: fresh.Dir(t), Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}}, Now: h.clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h.store = store
	h.runner = h.newRunner()
	return h
}

func (h *house) newRunner() *jobs.Runner {
	h.t.Helper()
	runner, err := jobs.New(jobs.Options{
		Store: h.store, Tenants: h.store, Recorder: h.audit, Clock: h.clock,
		Log: slog.New(slog.NewTextHandler(h.log, nil)),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if err := runner.Stop(context.Background()); err != nil {
			h.t.Error(err)
		}
	})
	return runner
}

func (h *house) addTenants(n int) (ids []core.TenantID) {
	h.t.Helper()
	for i := range n {
		tenant := core.Tenant{ID: core.NewTenantID(start), Name: fmt.Sprintf("Developer %d", i), Code: fmt.Sprintf("T%d", i+1),
			Region: "eu-west", Status: core.TenantActive}
		h.must(h.store.Create(h.t.Context(), tenant))
		ids = append(ids, tenant.ID)
	}
	return ids
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) declare(spec jobs.Spec) {
	h.t.Helper()
	if spec.Summary == "" {
		spec.Summary = "Does something for the test."
	}
	h.must(h.runner.Declare(spec))
}

// run runs a job to its end and returns the last state.
func (h *house) run(id string) core.JobRun {
	h.t.Helper()
	run, err := h.runner.RunNow(h.t.Context(), id)
	h.must(err)
	return h.await(run.ID)
}

func (h *house) await(runID string) (last core.JobRun) {
	h.t.Helper()
	states, err := h.runner.Watch(h.t.Context(), runID)
	h.must(err)
	for last = range states {
	}
	return last
}

func TestRunNowIsAuditedAndLogged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.declare(jobs.Spec{ID: "test.count", Run: func(_ context.Context, run *jobs.Run) (string, error) {
		run.Logf("counting %d", 3)
		run.Progress(3, 3)
		return "3 counted", nil
	}})
	ctx := core.WithActor(t.Context(), core.Actor{Kind: "staff", Name: "Conor"})
	begun, err := h.runner.RunNow(ctx, "test.count")
	h.must(err)
	got := h.await(begun.ID)
	if got.State != core.Done || got.Summary != "3 counted" || got.Done != 3 || got.StartedBy != "Conor" || got.EndedAt == nil {
		t.Errorf("run = %+v", got)
	}
	stored, err := h.runner.FindRun(ctx, begun.ID)
	h.must(err)
	if stored.State != core.Done || stored.Summary != "3 counted" {
		t.Errorf("stored run = %+v", stored)
	}
	lines, err := h.runner.Lines(ctx, begun.ID)
	h.must(err)
	if len(lines) != 1 || lines[0].Text != "counting 3" || !lines[0].At.Equal(start) {
		t.Errorf("lines = %+v", lines)
	}
	if len(h.audit.entries) != 1 || h.audit.entries[0].Action != "job.run" || h.audit.entries[0].Target.ID != "test.count" {
		t.Errorf("audit = %+v", h.audit.entries)
	}
	if _, err := h.runner.RunNow(ctx, "test.other"); core.CodeOf(err) != core.NotFound {
		t.Errorf("unknown job: %v", err)
	}
}

func TestDeclareRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	run := func(context.Context, *jobs.Run) (string, error) { return "", nil }
	h.declare(jobs.Spec{ID: "test.once", Run: run})
	for _, c := range []struct {
		name string
		spec jobs.Spec
		code core.Code
	}{
		{"an id without a dot", jobs.Spec{ID: "once", Summary: "x", Run: run}, core.Invalid},
		{"no function", jobs.Spec{ID: "test.two", Summary: "x"}, core.Invalid},
		{"no summary", jobs.Spec{ID: "test.two", Run: run}, core.Invalid},
		{"a bad schedule", jobs.Spec{ID: "test.two", Summary: "x", Run: run, Schedule: "61 * * * *"}, core.Invalid},
		{"an id that is taken", jobs.Spec{ID: "test.once", Summary: "x", Run: run}, core.Conflict},
	} {
		if err := h.runner.Declare(c.spec); core.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}

func TestJobDoesNotOverlapItselfAndCanBeCancelled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.declare(jobs.Spec{ID: "test.wait", Run: func(ctx context.Context, _ *jobs.Run) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}})
	run, err := h.runner.RunNow(t.Context(), "test.wait")
	h.must(err)
	if _, err := h.runner.RunNow(t.Context(), "test.wait"); core.CodeOf(err) != core.Conflict {
		t.Errorf("second run: %v, want conflict", err)
	}
	h.must(h.runner.Cancel(t.Context(), run.ID))
	if got := h.await(run.ID); got.State != core.Cancelled || got.Error != "Cancelled by a person." {
		t.Errorf("run = %+v", got)
	}
	if err := h.runner.Cancel(t.Context(), run.ID); core.CodeOf(err) != core.Conflict {
		t.Errorf("cancel of an ended run: %v, want conflict", err)
	}
	if err := h.runner.Cancel(t.Context(), "jbr_none"); core.CodeOf(err) != core.NotFound {
		t.Errorf("cancel of an unknown run: %v, want not_found", err)
	}
	if last := h.audit.entries[len(h.audit.entries)-1]; last.Action != "job.cancel" {
		t.Errorf("audit = %+v", h.audit.entries)
	}
}

func TestRunsLeftByADeadProcessAreFailedAtStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.declare(jobs.Spec{ID: "test.wait", Run: func(ctx context.Context, _ *jobs.Run) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}})
	run, err := h.runner.RunNow(t.Context(), "test.wait")
	h.must(err)

	next := h.newRunner() // as after a restart: it knows no run that goes on
	h.must(next.Start(t.Context()))
	got, err := next.FindRun(t.Context(), run.ID)
	h.must(err)
	if got.State != core.Failed || got.Error != "Interrupted by a restart." || got.EndedAt == nil {
		t.Errorf("run = %+v", got)
	}
}

func TestStopCancelsAndWaits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var mu sync.Mutex
	var returned bool
	h.declare(jobs.Spec{ID: "test.wait", Run: func(ctx context.Context, _ *jobs.Run) (string, error) {
		<-ctx.Done()
		mu.Lock()
		defer mu.Unlock()
		returned = true
		return "", ctx.Err()
	}})
	h.must(h.runner.Start(t.Context()))
	run, err := h.runner.RunNow(t.Context(), "test.wait")
	h.must(err)
	h.must(h.runner.Stop(t.Context()))
	mu.Lock()
	defer mu.Unlock()
	got, err := h.runner.FindRun(t.Context(), run.ID)
	h.must(err)
	if !returned || got.State != core.Cancelled || got.Error != "Stopped together with the console." {
		t.Errorf("returned %v, run = %+v", returned, got)
	}
	if _, err := h.runner.RunNow(t.Context(), "test.wait"); core.CodeOf(err) != core.Unavailable {
		t.Errorf("run after the stop: %v, want unavailable", err)
	}
}
