// Package process runs one plugin as an operating system's process: it starts
// it, hands out the way to it, reads what it prints, and sees to it that
// nothing of it is left when it ends. It knows no plugin and no policy: what
// to start, when and how often is the host's.
package process

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/openhouse-ai/console/core/sdk/wire"
)

// Defaults and limits of a process.
const (
	startTimeout = 10 * time.Second
	stopTimeout  = 10 * time.Second // when the caller sets no deadline

	// A socket's path has at most 107 bytes, of which go-plugin's names in
	// Spec.Dir take "/plugin-dir" and "/plugin", each with up to ten digits.
	maxDir = 107 - len("/plugin-dir") - 10 - len("/plugin") - 10
)

// Spec says what to start and how.
type Spec struct {
	Plugin       string        // its id, for messages
	Command      []string      // what to execute, with its arguments; Command[0] is absolute
	Env          []string      // the whole environment but what Start adds
	Dir          string        // of this start alone: sockets and temporary files; Start makes it, the end removes it
	Memory       int64         // GOMEMLIMIT in bytes; 0 sets none
	Procs        int           // GOMAXPROCS; 0 sets none
	Log          func(Line)    // gets every line; called from several goroutines, never after Done
	StartTimeout time.Duration // until it answers; 0 is ten seconds
	Now          func() time.Time

	plain bool // without TLS, to measure what it costs
}

// Process is a plugin that was started. Its methods may be called from
// several goroutines, also after its end.
type Process struct {
	spec    Spec
	child   *child
	client  *plugin.Client
	peer    *wire.Peer
	started time.Time
	offer   sync.Once
	broker  uint32
	booted  chan struct{} // go-plugin's part of the start is over, well or not
	done    chan struct{}
}

// Start starts a plugin and waits until it answers, until ctx ends or until
// Spec.StartTimeout has passed. After an error no process is left, nor a
// socket; the error is core.Unavailable and says what the plugin did instead,
// or core.Invalid when there was nothing to start.
func Start(ctx context.Context, s Spec) (*Process, error) {
	if s.StartTimeout == 0 {
		s.StartTimeout = startTimeout
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	p := &Process{spec: s, booted: make(chan struct{}), done: make(chan struct{})}
	if s.Now != nil {
		p.started = s.Now()
	}
	p.child = newChild(s)
	p.client = plugin.NewClient(p.config())
	ctx, cancel := context.WithTimeout(ctx, s.StartTimeout)
	defer cancel()
	var failure error
	go func() {
		defer close(p.booted)
		failure = p.boot(ctx)
	}()
	go p.finish()
	select {
	case <-p.booted:
	case <-ctx.Done(): // go-plugin waits for a stopped process as long as it pleases
	}
	if ctx.Err() == nil && failure == nil {
		return p, nil
	}
	late := ctx.Err()
	p.Kill()
	return nil, p.explain(late, failure)
}

// config is go-plugin's, new for every start. What the plugin prints doesn't
// pass through go-plugin: it loses long lines, and panics on some others.
func (p *Process) config() *plugin.ClientConfig {
	return &plugin.ClientConfig{
		HandshakeConfig:  wire.Handshake,
		Plugins:          plugin.PluginSet{wire.LinkName: &wire.Link{}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         !p.spec.plain,
		SkipHostEnv:      true,
		Logger:           hclog.NewNullLogger(),
		StartTimeout:     p.spec.StartTimeout,
		SyncStdout:       p.child.log.writer("info"),
		SyncStderr:       p.child.log.writer("info"),
		GRPCDialOptions:  wire.DialOptions(),
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: p.spec.Dir},
		RunnerFunc:       p.child.runner,
	}
}

// boot goes through go-plugin's handshake. It ends at the latest when the
// process does.
func (p *Process) boot(ctx context.Context) error {
	protocol, err := p.client.Client()
	if err != nil {
		return err
	}
	raw, err := protocol.Dispense(wire.LinkName)
	if err != nil {
		return err
	}
	p.peer = raw.(*wire.Peer)
	health := grpc_health_v1.NewHealthClient(protocol.(*plugin.GRPCClient).Conn)
	if _, err = health.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: plugin.GRPCServiceName}); err != nil {
		return fmt.Errorf("it was started but doesn't answer: %w", err)
	}
	return nil
}

// finish waits for the end of the process and clears up behind it.
func (p *Process) finish() {
	defer close(p.done)
	<-p.booted
	if p.child.number() != 0 {
		<-p.child.ended
	}
	p.client.Kill()              // there is nothing to kill: it closes the connections
	_ = os.RemoveAll(p.spec.Dir) // Sweep finds what is left
}

// Plugin is the way to the plugin.
func (p *Process) Plugin() wire.PluginClient { return p.peer }

// Offer serves what register adds to a server for the plugin and returns the
// number under which the plugin's broker reaches it. It serves once: a second
// call returns the same number.
func (p *Process) Offer(register func(*grpc.Server)) uint32 {
	p.offer.Do(func() {
		p.broker = p.peer.Broker.NextId()
		go p.peer.Broker.AcceptAndServe(p.broker, func(options []grpc.ServerOption) *grpc.Server {
			s := grpc.NewServer(append(options, wire.ServerOptions()...)...)
			register(s)
			return s
		})
	})
	return p.broker
}

// PID is the number of the process, and of its group.
func (p *Process) PID() int { return p.child.number() }

// StartedAt is when it was started, by Spec.Now.
func (p *Process) StartedAt() time.Time { return p.started }

// Done is closed when the process has ended, was reaped, and everything it
// had opened is removed.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit says how the process ended; it is complete after Done.
func (p *Process) Exit() Exit { return p.child.exit() }

// Memory returns the resident bytes of the process and its descendants in its
// group, or os.ErrProcessDone.
func (p *Process) Memory() (int64, error) { return p.child.memory() }

// Stop asks the process to end, by closing its lifeline, and kills it when
// ctx ends before it does; without a deadline it has ten seconds.
func (p *Process) Stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	p.child.ask()
	select {
	case <-p.done:
	case <-ctx.Done():
		p.Kill()
	}
}

// Kill ends the process and all of its group at once and returns when nothing
// of them is left.
func (p *Process) Kill() {
	p.child.kill()
	<-p.done
}

// environment is what the plugin gets beside go-plugin's own variables.
func (s Spec) environment() []string {
	env := append([]string{}, s.Env...)
	if s.Memory > 0 {
		env = append(env, "GOMEMLIMIT="+strconv.FormatInt(s.Memory, 10))
	}
	if s.Procs > 0 {
		env = append(env, "GOMAXPROCS="+strconv.Itoa(s.Procs))
	}
	return append(env, wire.DirKey+"="+s.Dir, "TMPDIR="+s.Dir)
}

// prepare checks the spec and makes its folder.
func (s Spec) prepare() error {
	switch {
	case len(s.Command) == 0 || !filepath.IsAbs(s.Command[0]):
		return invalid("The plugin %s names no absolute path to start.", s.Plugin)
	case !filepath.IsAbs(s.Dir):
		return invalid("The plugin %s has no absolute folder for its sockets.", s.Plugin)
	case len(s.Dir) > maxDir:
		return invalid("The folder %s is too long for a socket: it has %d bytes, %d at most. Choose a shorter data folder.", s.Dir, len(s.Dir), maxDir)
	}
	if err := os.MkdirAll(filepath.Dir(s.Dir), 0o700); err != nil {
		return fmt.Errorf("make the folder of a start: %w", err)
	}
	if err := os.Mkdir(s.Dir, 0o700); err != nil { // never one that another start uses
		return fmt.Errorf("make the folder of a start: %w", err)
	}
	return nil
}
