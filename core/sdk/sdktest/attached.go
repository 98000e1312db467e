package sdktest

import (
	"context"
	"slices"
	"sync"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
)

// rooms are the bus, the jobs and the figures as the host sees them. Nothing
// happens by itself: the test calls what the plugin was attached with.
type rooms struct {
	attached chan struct{} // closed when the plugin was attached to all of them
	once     sync.Once

	mu     sync.Mutex
	events *host.Subscription
	tasks  []host.Task
	source *host.Source
	marks  map[string]string // of tasks that follow changes, by task and tenant
}

func newRooms() *rooms { return &rooms{attached: make(chan struct{}), marks: map[string]string{}} }

// Subscribe implements host.Bus.
func (r *rooms) Subscribe(_ context.Context, s host.Subscription) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = &s
	return nil
}

// Unsubscribe implements host.Bus.
func (r *rooms) Unsubscribe(string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = nil
}

// Wake implements host.Bus.
func (r *rooms) Wake(string) {}

// Backlog implements host.Bus.
func (r *rooms) Backlog(context.Context, string) (pending, dead int, err error) { return 0, 0, nil }

// Replace implements host.Jobs.
func (r *rooms) Replace(_ string, tasks []host.Task) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tasks = tasks
	return nil
}

func (r *rooms) listener(event string) *host.Subscription {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.events == nil || !slices.Contains(r.events.Events, event) {
		return nil
	}
	return r.events
}

func (r *rooms) task(id string) (host.Task, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.tasks, func(t host.Task) bool { return t.ID == id })
	if i < 0 {
		return host.Task{}, false
	}
	return r.tasks[i], true
}

// mark is what a task has found in a tenant when it last ended well.
func (r *rooms) mark(task string, tenant core.TenantID) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.marks[task+" "+string(tenant)]
}

func (r *rooms) keep(task string, tenant core.TenantID, mark string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.marks[task+" "+string(tenant)] = mark
}

func (r *rooms) asks() (func(context.Context, core.TenantID) ([]core.Figure, error), bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.source == nil {
		return nil, false
	}
	return r.source.Ask, true
}

// figures are the rooms as host.Insight, the last that a plugin is attached to.
type figures struct{ *rooms }

// Declare implements host.Insight.
func (f figures) Declare(s host.Source) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.source = &s
	f.once.Do(func() { close(f.attached) })
	return nil
}

// Withdraw implements host.Insight.
func (f figures) Withdraw(string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.source = nil
	f.once.Do(func() { close(f.attached) })
}
