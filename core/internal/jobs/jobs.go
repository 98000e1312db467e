// Package jobs runs declared work on its schedule and keeps the run log.
//
// A job is declared once, by an id, a human sentence and a function; it runs
// on a cron schedule in UTC, when a person asks for it, or both. A job of the
// platform runs once; a job per tenant runs once for every active tenant, or for
// those that have changed (Mark), and one bad tenant does not stop the others.
// No job overlaps itself.
//
// All time comes from the clock that is passed in, so that a test clock moves
// every job (Advance). A run must bear being cut off and run again: a process
// that dies leaves its runs failed, and the next one starts from the data.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Recorder writes audit records in the transaction of the change.
type Recorder interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
}

// Registry lists tenants; a job per tenant runs for the active ones.
type Registry interface {
	List(ctx context.Context, q core.Query) (core.List[core.Tenant], error)
}

// Scope says how often one run of a job calls its function.
type Scope int

// A job of the platform is called once, a job per tenant once for each.
const (
	Platform Scope = iota
	PerTenant
)

// Spec declares a job. Run returns one line that says what was done; an empty
// one means that there was nothing to do. It returns promptly when its context
// ends, and running it twice leaves the same data as running it once.
type Spec struct {
	ID       string // onboard.sweep-uploads
	Summary  string // one human sentence
	Schedule string // cron with five fields, in UTC; empty: on demand alone
	Scope    Scope
	Run      func(ctx context.Context, run *Run) (summary string, err error)
	// Mark names the state of tenants as a job per tenant sees it. The job then
	// visits those alone whose mark is another one than before its last visit
	// that ended well; a tenant without a mark is always visited. Nil: all.
	Mark func(ctx context.Context, tenants []core.TenantID) (map[core.TenantID]string, error)
}

// Options say what a Runner stands on.
type Options struct {
	Store    *tenants.Store
	Tenants  Registry
	Recorder Recorder
	Clock    clockwork.Clock
	Log      *slog.Logger
}

// Runner runs the declared jobs.
type Runner struct {
	options   Options
	scheduler gocron.Scheduler

	mu       sync.Mutex
	jobs     map[string]job
	active   map[string]*live // by job
	stopping bool
	running  sync.WaitGroup

	begun, ended int           // calls by the scheduler, for Advance
	changed      chan struct{} // closed and replaced when ended grows
}

type job struct {
	Spec
	timetable *timetable // nil: on demand alone
	scheduled uuid.UUID
}

// New returns a Runner without jobs.
func New(options Options) (*Runner, error) {
	scheduler, err := gocron.NewScheduler(gocron.WithClock(options.Clock), gocron.WithLocation(time.UTC))
	if err != nil {
		return nil, fmt.Errorf("create scheduler: %w", err)
	}
	return &Runner{
		options: options, scheduler: scheduler,
		jobs: map[string]job{}, active: map[string]*live{}, changed: make(chan struct{}),
	}, nil
}

var validID = regexp.MustCompile(`^[a-z][a-z0-9]*\.[a-z][a-z0-9-]*$`)

// Declare adds a job. Returns invalid for a malformed id or schedule and
// conflict for an id that is taken.
func (r *Runner) Declare(spec Spec) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.declare(spec)
}

// Replace declares jobs in the place of those whose ids begin with the room's
// name: a plugin's, when another version of it begins to serve. A run that goes
// on ends as it was begun.
func (r *Runner) Replace(room string, specs []Spec) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for id, before := range r.jobs {
		if !strings.HasPrefix(id, room+".") {
			continue
		}
		delete(r.jobs, id)
		if before.timetable != nil {
			errs = append(errs, r.scheduler.RemoveJob(before.scheduled))
		}
	}
	for _, spec := range specs {
		errs = append(errs, r.declare(spec))
	}
	return errors.Join(errs...)
}

func (r *Runner) declare(spec Spec) error {
	if !validID.MatchString(spec.ID) || spec.Summary == "" || spec.Run == nil {
		return core.Errorf(core.Invalid, "The job %q needs an id such as onboard.sweep-uploads, a summary and a function.", spec.ID)
	}
	if spec.Mark != nil && spec.Scope != PerTenant {
		return core.Errorf(core.Invalid, "The job %s has marks of tenants, but is none per tenant.", spec.ID)
	}
	if _, taken := r.jobs[spec.ID]; taken {
		return core.Errorf(core.Conflict, "The job %s is declared twice.", spec.ID)
	}
	declared := job{Spec: spec}
	if spec.Schedule != "" {
		declared.timetable = &timetable{Cron: gocron.NewDefaultCron(false), clock: r.options.Clock}
		scheduled, err := r.scheduler.NewJob(
			gocron.CronJob(spec.Schedule, false),
			gocron.NewTask(func() { r.fire(spec.ID) }),
			gocron.WithCronImplementation(declared.timetable),
			gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) { r.noteBegun() })),
		)
		if err != nil {
			return core.Errorf(core.Invalid, "The schedule %q of the job %s can't be read: %v.", spec.Schedule, spec.ID, err)
		}
		declared.scheduled = scheduled.ID()
	}
	r.jobs[spec.ID] = declared
	return nil
}

// Start marks the runs that an earlier process left behind as failed and
// begins to run jobs on their schedules.
func (r *Runner) Start(ctx context.Context) error {
	err := r.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		return failInterrupted(ctx, tx, r.now())
	})
	if err != nil {
		return fmt.Errorf("close interrupted runs: %w", err)
	}
	r.scheduler.Start()
	return nil
}

// Stop ends the schedule, cancels what runs and waits for it to return, until
// ctx ends. A stopped Runner can't be started again.
func (r *Runner) Stop(ctx context.Context) error {
	r.mu.Lock()
	r.stopping = true
	for _, l := range r.active {
		l.cancel(errStopped)
	}
	r.mu.Unlock()

	if err := r.scheduler.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("stop schedule: %w", err)
	}
	idle := make(chan struct{})
	go func() {
		r.running.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for running jobs: %w", ctx.Err())
	}
}

func (r *Runner) now() time.Time {
	return r.options.Clock.Now().UTC().Truncate(time.Millisecond)
}

// declared returns the jobs in the order of their ids.
func (r *Runner) declared() []job {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := slices.Sorted(maps.Keys(r.jobs))
	jobs := make([]job, len(ids))
	for i, id := range ids {
		jobs[i] = r.jobs[id]
	}
	return jobs
}
