package sdktest

import (
	"context"
	"fmt"
	"sync"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
)

// watch sees the calls of the plugin and what they ask of the host.
type watch struct {
	mu      sync.Mutex
	active  int
	idle    chan struct{} // closed and replaced when nothing is active
	panics  []string
	entered func() // told when a call reaches the plugin
	asked   func() // told when the plugin asks the host
}

func newWatch() *watch { return &watch{idle: make(chan struct{})} }

// hook sets what is told of the next calls.
func (w *watch) hook(entered, asked func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.entered, w.asked = entered, asked
}

func (w *watch) enter() {
	w.mu.Lock()
	w.active++
	tell := w.entered
	w.mu.Unlock()
	if tell != nil {
		tell()
	}
}

func (w *watch) leave(door string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if fault, ok := wire.FromStatus(err).(*wire.Fault); ok && fault.Stack != "" {
		w.panics = append(w.panics, fmt.Sprintf("%s: %s\n%s", door, fault.Text, fault.Stack))
	}
	if w.active--; w.active == 0 {
		close(w.idle)
		w.idle = make(chan struct{})
	}
}

// settled is closed when none of the plugin's functions runs.
func (w *watch) settled() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.active > 0 {
		return w.idle
	}
	closed := make(chan struct{})
	close(closed)
	return closed
}

func (w *watch) fallen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.panics
}

// watched is a plugin's server under watch.
type watched struct {
	*sdk.Server
	watch *watch
}

// Invoke implements wire.PluginServer.
func (w *watched) Invoke(in *wire.Invocation, stream grpc.ServerStreamingServer[wire.Answer]) error {
	if isParking(in.GetId()) {
		return w.Server.Invoke(in, stream)
	}
	w.watch.enter()
	err := w.Server.Invoke(in, stream)
	w.watch.leave(in.GetDoor().String()+" "+in.GetId(), err)
	return err
}

// outgoing is the plugin's way to the host under watch.
type outgoing struct {
	grpc.ClientConnInterface
	watch *watch
}

func (o outgoing) tell() {
	o.watch.mu.Lock()
	tell := o.watch.asked
	o.watch.mu.Unlock()
	if tell != nil {
		tell()
	}
}

// Invoke implements grpc.ClientConnInterface.
func (o outgoing) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	o.tell()
	return o.ClientConnInterface.Invoke(ctx, method, args, reply, opts...)
}

// NewStream implements grpc.ClientConnInterface.
func (o outgoing) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	o.tell()
	return o.ClientConnInterface.NewStream(ctx, desc, method, opts...)
}
