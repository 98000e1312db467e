package sdk

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
)

// Server is a plugin's side of the contract. Serve runs one as a process; a
// test runs one in its own (package wire says how), with Log, Outside and the
// way back set before Configure.
type Server struct {
	wire.UnimplementedPluginServer

	Log     *slog.Logger // nil: slog.Default()
	Outside Outside      // how outside calls are made; tests replace it

	plugin   Plugin
	manifest Manifest
	wrong    error // what is wrong with the plugin
	routes   routes
	dial     func(broker uint32) (grpc.ClientConnInterface, error)
	clock    func() time.Time

	mu      sync.Mutex
	host    wire.HostClient
	egress  egress
	network *network
}

// New returns a server of the plugin. Returns invalid with a field for every
// mistake in the plugin's value.
func New(p Plugin) (*Server, error) {
	s := newServer(p)
	return s, s.wrong
}

// newServer is New that serves a plugin with mistakes too: Describe says them.
func newServer(p Plugin) *Server {
	s := &Server{plugin: p, clock: time.Now}
	var problems core.Problems
	s.routes = newRoutes(p, &problems)
	s.manifest = describe(p, s.routes, &problems)
	s.wrong = problems.Err()
	if e, ok := s.wrong.(*core.Error); ok {
		e.Message = fmt.Sprintf("The plugin %q has mistakes.", p.ID)
	}
	return s
}

// Register adds the server to a gRPC server.
func (s *Server) Register(g *grpc.Server) { wire.RegisterPluginServer(g, s) }

// Connect names the way back to the host, in place of the broker's.
func (s *Server) Connect(host grpc.ClientConnInterface) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.host = wire.NewHostClient(host)
}

func (s *Server) now() time.Time { return s.clock() }

func (s *Server) logger() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.Default()
}

// Describe says what the plugin is.
func (s *Server) Describe(context.Context, *wire.DescribeRequest) (*wire.DescribeReply, error) {
	if s.wrong != nil {
		return nil, wire.ToStatus(s.wrong)
	}
	raw, err := json.Marshal(s.manifest)
	if err != nil {
		return nil, wire.ToStatus(fmt.Errorf("write the manifest: %w", err))
	}
	return &wire.DescribeReply{Manifest: raw}, nil
}

// Configure takes the way back to the host and the hosts that outside calls
// may reach.
func (s *Server) Configure(_ context.Context, in *wire.ConfigureRequest) (*wire.ConfigureReply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.host == nil && s.dial != nil {
		conn, err := s.dial(in.GetBroker())
		if err != nil {
			return nil, wire.ToStatus(fmt.Errorf("reach the host: %w", err))
		}
		s.host = wire.NewHostClient(conn)
	}
	s.egress = in.GetEgress()
	s.network = newNetwork(s.Outside, s.egress)
	return &wire.ConfigureReply{}, nil
}

// Health answers when the plugin can work.
func (s *Server) Health(ctx context.Context, _ *wire.HealthRequest) (*wire.HealthReply, error) {
	err := s.wrong
	if err == nil && s.plugin.Health != nil {
		err = guarded(func() error { return s.plugin.Health(ctx) })
	}
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	return &wire.HealthReply{}, nil
}

// guarded makes a panic of do an error with its stack: the process lives on.
func guarded(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &wire.Fault{Text: fmt.Sprintf("panic: %v", r), Stack: string(debug.Stack())}
		}
	}()
	return do()
}
