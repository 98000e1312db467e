package host

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Subscription is a plugin as a listener to events.
type Subscription struct {
	Name   string   // the plugin's id
	Events []string // names
	// Handle acknowledges an event by returning nil. An error that is
	// Options.NotNow lets the event wait without counting an attempt.
	Handle func(ctx context.Context, tenant core.TenantID, e core.Event) error
}

// Bus delivers events.
type Bus interface {
	Subscribe(ctx context.Context, s Subscription) error
	Unsubscribe(name string)
	Wake(name string)
	Backlog(ctx context.Context, name string) (pending, dead int, err error)
}

// Task is a job of a plugin. Run is called once for each tenant, or once with
// an empty one.
type Task struct {
	ID, Summary, Schedule string
	PerTenant             bool
	// Mark names the state of tenants as the task sees it: it runs for those
	// alone that have another one than at its last run that ended well. Nil: for all.
	Mark func(ctx context.Context, tenants []core.TenantID) (map[core.TenantID]string, error)
	Run  func(ctx context.Context, tenant core.TenantID, moved func(done, total int)) (string, error)
}

// Jobs runs work on its schedule. Replace declares all tasks of a plugin in
// the place of those that it had.
type Jobs interface {
	Replace(plugin string, tasks []Task) error
}

// Source computes a plugin's figures of one tenant.
type Source struct {
	Name    string
	Metrics []core.Metric
	Ask     func(ctx context.Context, tenant core.TenantID) ([]core.Figure, error)
}

// Insight keeps figures.
type Insight interface {
	Declare(s Source) error
	Withdraw(name string)
}

// Audit is the log. Declare names what a plugin may record: its actions and
// how each reads.
type Audit interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
	Declare(prefix string, actions map[string]string)
}

// Emitter writes events in the transaction of the change.
type Emitter interface {
	Emit(ctx context.Context, tx *tenants.Tx, e core.Event) error
}
