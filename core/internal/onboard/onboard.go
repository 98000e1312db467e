// Package onboard turns a developer's name, logo, theme and unit list into a
// live tenant: a pipeline of resumable steps, each of which happens once.
//
// A step's effects in the tenant's file commit together with a row that says
// so (onboarding_effects); the run's rows in the control database follow. A
// process that dies between the two finds the row, copies its result and goes
// on with the next step.
package onboard

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/kit"
	"github.com/openhouse-ai/console/tenants"
)

// Recorder writes an audit record in the transaction of the change.
type Recorder interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
}

// Emitter writes an event to the tenant's outbox in the same transaction.
type Emitter interface {
	Emit(ctx context.Context, tx *tenants.Tx, e core.Event) error
}

// Directory adds the first development and its units.
type Directory interface {
	AddDevelopment(ctx context.Context, tx *tenants.Tx, d core.Development) (core.Development, error)
	// AddUnits returns how many were new; the others have the address of a
	// unit that was there before.
	AddUnits(ctx context.Context, tx *tenants.Tx, units []core.Unit) (added int, err error)
	// AddressKey tells addresses apart as AddUnits does.
	AddressKey(label, address string) string
	// RegisterCodes makes the codes known before any unit bears them.
	RegisterCodes(ctx context.Context, tenant core.TenantID, codes []string) error
	// WithoutCode lists the ids of units whose code is still to be given.
	WithoutCode(ctx context.Context, tx *tenants.Tx, development string) ([]string, error)
	SetCodes(ctx context.Context, tx *tenants.Tx, codes map[string]string) error
	NewCode() string
	FindDevelopment(ctx context.Context, tenant core.TenantID, id string) (core.Development, error)
	UnitsOf(ctx context.Context, tenant core.TenantID, development string) ([]core.Unit, error)
}

// Welcome is what a welcome pack says.
type Welcome struct {
	Tenant      core.Tenant
	Contact     core.Contact
	Brand       core.Brand
	Development core.Development
	Units       int
}

// Mailer queues the welcome pack, once for each key, and returns the message's
// id.
type Mailer interface {
	QueueWelcome(ctx context.Context, tx *tenants.Tx, key string, w Welcome) (messageID string, err error)
}

// Printer makes the printed matter of a development.
type Printer interface {
	QRPack(ctx context.Context, w io.Writer, site kit.Site, progress func(done, total int)) error
	LaunchKit(ctx context.Context, w io.Writer, site kit.Site, progress func(done, total int)) error
}

// Options are what the pipeline works with.
type Options struct {
	Store     *tenants.Store
	Recorder  Recorder
	Emitter   Emitter
	Directory Directory
	Mailer    Mailer
	Printer   Printer
	Defaults  Defaults
	BaseURL   string // what codes lead to: BaseURL + "/q/" + code; a poster to BaseURL + "/q"
	Now       func() time.Time
	Log       *slog.Logger
	// Reached is told each point that a run passes, "units.begun" and
	// "units.done"; tests end the process there.
	Reached func(point string)
}

// Pipeline runs onboardings, a few at a time.
type Pipeline struct {
	Options
	slots   chan struct{}
	ctx     context.Context
	stop    context.CancelFunc
	workers sync.WaitGroup

	mu       sync.Mutex
	calls    map[string]int // to launch, of the runs at work
	watchers map[string]map[chan struct{}]bool
}

// concurrentRuns is how many runs work at once: printing is CPU-bound, and a
// console with two cores stays responsive with two.
const concurrentRuns = 2

// New returns a pipeline; Recover starts its unfinished runs.
func New(options Options) *Pipeline {
	ctx, stop := context.WithCancel(context.Background())
	return &Pipeline{
		Options:  options,
		slots:    make(chan struct{}, concurrentRuns),
		ctx:      ctx,
		stop:     stop,
		calls:    map[string]int{},
		watchers: map[string]map[chan struct{}]bool{},
	}
}

// Close interrupts the runs, which continue after the next start, and waits.
func (p *Pipeline) Close() {
	p.mu.Lock()
	p.stop() // under the lock: no worker begins once this is done
	p.mu.Unlock()
	p.workers.Wait()
}

func (p *Pipeline) reached(point string) {
	if p.Reached != nil {
		p.Reached(point)
	}
}
