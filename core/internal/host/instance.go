package host

import (
	"context"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core/internal/host/grant"
	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
)

// Process is a plugin that was started, as the host uses it: *process.Process,
// or a stand-in of a test that runs in the same process.
type Process interface {
	Plugin() wire.PluginClient
	Offer(register func(*grpc.Server)) (broker uint32)
	PID() int
	StartedAt() time.Time
	Done() <-chan struct{}
	Exit() process.Exit // complete after Done
	Memory() (int64, error)
	Stop(ctx context.Context)
	Kill()
}

// start starts a process as Options say. An error leaves no process.
func (h *Host) start(ctx context.Context, s process.Spec) (Process, error) {
	if h.Options.Process != nil {
		return h.Options.Process(ctx, s)
	}
	p, err := process.Start(ctx, s)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// instance is one process of a plugin, from its start to its end.
type instance struct {
	offer
	entry   Entry
	process Process
	client  wire.PluginClient
	rights  grant.Rights
	limits  Limits
	confine string // how it is confined, for reading

	startedAt, readyAt time.Time // by the host's clock
	peak               int64     // memory

	slots chan struct{} // one for each call in flight

	mu       sync.Mutex
	calls    int
	leaving  bool
	idle     chan struct{} // closed when it leaves and no call is left
	killed   string        // why the host has ended it
	prepared sync.Map      // tenants whose tables are as the manifest wants them
}

// offer is a version of a plugin: what it says of itself, read for use.
type offer struct {
	sum      string // of the binary
	binary   string // what is executed
	manifest sdk.Manifest
	pages    map[sdk.Scope][]pattern // by scope, each beside its index
	pageOf   map[sdk.Scope][]int
	routes   map[string][]pattern // by method
	routeOf  map[string][]int
}

func newOffer(sum, binary string, m sdk.Manifest) offer {
	m = scoped(m)
	o := offer{
		sum: sum, binary: binary, manifest: m, pages: map[sdk.Scope][]pattern{}, pageOf: map[sdk.Scope][]int{},
		routes: map[string][]pattern{}, routeOf: map[string][]int{},
	}
	for i, p := range m.Pages {
		o.pages[p.Scope] = append(o.pages[p.Scope], parsePattern(p.Path))
		o.pageOf[p.Scope] = append(o.pageOf[p.Scope], i)
	}
	for i, r := range m.Routes {
		o.routes[r.Method] = append(o.routes[r.Method], parsePattern(r.Path))
		o.routeOf[r.Method] = append(o.routeOf[r.Method], i)
	}
	return o
}

// page finds a page by its path.
func (o offer) page(scope sdk.Scope, path string) (info sdk.PageInfo, params map[string]string, found bool) {
	i, params := find(o.pages[scope], path)
	if i < 0 {
		return info, nil, false
	}
	return o.manifest.Pages[o.pageOf[scope][i]], params, true
}

// route finds a route by its method and path. Known says that the path has
// another method.
func (o offer) route(method, path string) (info sdk.RouteInfo, found, known bool) {
	if i, _ := find(o.routes[method], path); i >= 0 {
		return o.manifest.Routes[o.routeOf[method][i]], true, true
	}
	for _, patterns := range o.routes {
		if i, _ := find(patterns, path); i >= 0 {
			return info, false, true
		}
	}
	return info, false, false
}

// enter lets a call in, until it leaves.
func (i *instance) enter() (ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.leaving {
		return false
	}
	i.calls++
	return true
}

func (i *instance) leave() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.calls--; i.leaving && i.calls == 0 {
		close(i.idle)
	}
}

// retire lets no more calls in. The channel is closed when the last has left.
func (i *instance) retire() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.leaving {
		i.leaving = true
		if i.calls == 0 {
			close(i.idle)
		}
	}
	return i.idle
}

// kill ends the process at once, for a reason that its dossier tells.
func (i *instance) kill(why string) {
	i.mu.Lock()
	if i.killed == "" {
		i.killed = why
	}
	i.mu.Unlock()
	i.process.Kill()
}

func (i *instance) killedFor() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.killed
}
