package jobs_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/jobs"
)

// changing is a job that visits changed tenants, with marks that a test sets.
type changing struct {
	*house
	marks   map[core.TenantID]string
	visited []core.TenantID
	wrong   map[core.TenantID]error
	asked   []core.TenantID
	broken  error // of the marks
}

func newChanging(t *testing.T, n int) (*changing, []core.TenantID) {
	t.Helper()
	c := &changing{house: newHouse(t), marks: map[core.TenantID]string{}, wrong: map[core.TenantID]error{}}
	ids := c.addTenants(n)
	slices.Sort(ids)
	for _, id := range ids {
		c.marks[id] = "new"
	}
	c.declare(jobs.Spec{ID: "test.changed", Scope: jobs.PerTenant, Schedule: "* * * * *",
		Run: func(_ context.Context, run *jobs.Run) (string, error) {
			c.visited = append(c.visited, run.Tenant)
			return "counted", c.wrong[run.Tenant]
		},
		Mark: func(_ context.Context, tenants []core.TenantID) (map[core.TenantID]string, error) {
			c.asked = tenants
			return maps.Clone(c.marks), c.broken
		},
	})
	return c, ids
}

// wants runs the job and checks whom it visits.
func (c *changing) wants(why string, want ...core.TenantID) core.JobRun {
	c.t.Helper()
	c.visited = nil
	run := c.run("test.changed")
	if !slices.Equal(c.visited, want) {
		c.t.Errorf("%s: visited %v, want %v", why, c.visited, want)
	}
	if len(c.wrong) == 0 && run.State != core.Done {
		c.t.Errorf("%s: run = %+v", why, run)
	}
	return run
}

func TestOnlyChangedTenantsAreVisited(t *testing.T) {
	t.Parallel()
	c, ids := newChanging(t, 4)
	if run := c.wants("all are new", ids...); run.Summary != "4 of 4 tenants had something to do." || run.Total != 4 {
		t.Errorf("run = %+v", run)
	}
	if !slices.Equal(c.asked, ids) {
		t.Errorf("marks were asked of %v, want %v", c.asked, ids)
	}
	if run := c.wants("nothing has changed"); run.Summary != "" || run.Total != 0 {
		t.Errorf("run = %+v", run)
	}
	c.marks[ids[1]] = "changed"
	if run := c.wants("one has changed", ids[1]); run.Summary != "1 of 1 tenants had something to do." || run.Done != 1 {
		t.Errorf("run = %+v", run)
	}
	c.wants("it was visited")

	added := c.addTenant("added")
	c.marks[added] = "new"
	c.wants("one is new", added)

	delete(c.marks, ids[2])
	c.wants("one has no mark", ids[2])
	c.wants("it has none still", ids[2])
	c.marks[ids[2]] = "new"
	c.wants("it has the mark of before")

	suspended, err := c.store.Find(t.Context(), ids[3])
	c.must(err)
	suspended.Status = core.TenantSuspended
	suspended, err = c.store.UpdateTenant(t.Context(), suspended)
	c.must(err)
	c.marks[ids[3]] = "changed while suspended"
	c.wants("a suspended one has changed")
	suspended.Status = core.TenantActive
	_, err = c.store.UpdateTenant(t.Context(), suspended)
	c.must(err)
	c.wants("it is active again", ids[3])

	c.must(c.store.Remove(t.Context(), ids[0], "certificate"))
	c.wants("one was deleted")
	if slices.Contains(c.asked, ids[0]) {
		t.Error("the marks of a deleted tenant are asked for")
	}
}

func (h *house) addTenant(name string) core.TenantID {
	h.t.Helper()
	id := core.NewTenantID(start.Add(time.Hour))
	h.must(h.store.Create(h.t.Context(), core.Tenant{ID: id, Name: name, Code: strings.ToUpper(name), Region: "eu-west", Status: core.TenantActive}))
	return id
}

func TestFailedVisitComesAgain(t *testing.T) {
	t.Parallel()
	c, ids := newChanging(t, 3)
	c.wrong[ids[1]] = errors.New("its file is broken")
	if run := c.wants("one fails", ids...); run.State != core.Failed || run.Error != "1 of 3 tenants failed; the log says which." {
		t.Errorf("run = %+v", run)
	}
	c.wants("it fails again", ids[1])
	clear(c.wrong)
	c.wants("it is well", ids[1])
	c.wants("all are well")
}

// What changes during a run is visited by the next one: marks are taken before.
func TestChangeDuringARunIsSeen(t *testing.T) {
	t.Parallel()
	c, ids := newChanging(t, 2)
	c.declare(jobs.Spec{ID: "test.meanwhile", Scope: jobs.PerTenant,
		Run: func(_ context.Context, run *jobs.Run) (string, error) {
			c.visited = append(c.visited, run.Tenant)
			if c.marks[run.Tenant] == "new" {
				c.marks[run.Tenant] = "written by the job" // as its own work does
			}
			return "", nil
		},
		Mark: func(context.Context, []core.TenantID) (map[core.TenantID]string, error) {
			return maps.Clone(c.marks), nil
		},
	})
	for i, want := range []int{2, 2, 0} {
		c.visited = nil
		c.run("test.meanwhile")
		if len(c.visited) != want {
			t.Errorf("run %d visits %v of %v", i+1, c.visited, ids)
		}
	}
}

func TestCancelledRunKeepsWhatItHasDone(t *testing.T) {
	t.Parallel()
	c, ids := newChanging(t, 3)
	begun := make(chan core.TenantID)
	c.declare(jobs.Spec{ID: "test.slow", Scope: jobs.PerTenant,
		Run: func(ctx context.Context, run *jobs.Run) (string, error) {
			begun <- run.Tenant
			if run.Tenant == ids[1] {
				<-ctx.Done()
			}
			return "", ctx.Err()
		},
		Mark: func(context.Context, []core.TenantID) (map[core.TenantID]string, error) {
			return maps.Clone(c.marks), nil
		},
	})
	run, err := c.runner.RunNow(t.Context(), "test.slow")
	c.must(err)
	<-begun
	<-begun
	c.must(c.runner.Cancel(t.Context(), run.ID))
	if got := c.await(run.ID); got.State != core.Cancelled {
		t.Errorf("run = %+v", got)
	}
	run, err = c.runner.RunNow(t.Context(), "test.slow")
	c.must(err)
	if again := <-begun; again != ids[1] {
		t.Errorf("the next run begins with %s, want the one that was cut off", again)
	}
	c.must(c.runner.Cancel(t.Context(), run.ID))
	c.await(run.ID)
}

func TestMarksThatFailFailTheRun(t *testing.T) {
	t.Parallel()
	c, _ := newChanging(t, 2)
	c.broken = errors.New("no such folder")
	c.visited = nil
	if run := c.run("test.changed"); run.State != core.Failed || !strings.Contains(run.Error, "no such folder") || len(c.visited) > 0 {
		t.Errorf("run = %+v, visited %v", run, c.visited)
	}
	err := c.runner.Declare(jobs.Spec{ID: "test.platform", Summary: "x", Run: func(context.Context, *jobs.Run) (string, error) { return "", nil },
		Mark: func(context.Context, []core.TenantID) (map[core.TenantID]string, error) { return nil, nil }})
	if core.CodeOf(err) != core.Invalid {
		t.Errorf("marks of a job of the platform: %v", err)
	}
}
