package process_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// folder is short enough for sockets.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "oh")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// lines collects what a plugin prints.
type lines struct {
	mu  sync.Mutex
	all []process.Line
}

func (l *lines) add(line process.Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, line)
}

func (l *lines) find(text string) (process.Line, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.all {
		if strings.HasPrefix(line.Text, text) {
			return line, true
		}
	}
	return process.Line{}, false
}

// spec is of this binary as a plugin of a kind.
func spec(t testing.TB, kind string) process.Spec {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(folder(t), "p")
	return process.Spec{
		Plugin: kind, Command: []string{self}, Env: []string{kindKey + "=" + kind, confinement(self, dir)},
		Dir: dir, StartTimeout: time.Minute, Now: time.Now,
	}
}

func start(t testing.TB, s process.Spec) *process.Process {
	t.Helper()
	p, err := process.Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// until waits for a condition that nothing announces.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick, limit := time.NewTicker(5*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("in vain: %s", what)
		}
	}
}

// state is a process's, in one letter; none when it is gone.
func state(pid int) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return rest[:1]
}

// alive says whether a process runs, not counting one that waits to be reaped.
func alive(pid string) bool {
	n, err := strconv.Atoi(pid)
	return err == nil && !strings.Contains("ZX", state(n))
}

func gone(t *testing.T, s process.Spec) {
	t.Helper()
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Errorf("the folder of the start is there: %v", err)
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	s := spec(t, "good")
	s.Memory, s.Procs = 100<<20, 3
	p := start(t, s)
	reply, err := p.Plugin().Describe(t.Context(), &wire.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Split(string(reply.Manifest), "\n")
	for _, want := range []string{"GOMEMLIMIT=104857600", "GOMAXPROCS=3", "TMPDIR=" + s.Dir, wire.DirKey + "=" + s.Dir} {
		if !strings.Contains(strings.Join(env, "\n")+"\n", want+"\n") {
			t.Errorf("the environment lacks %s", want)
		}
	}
	for _, v := range env {
		if name, _, _ := strings.Cut(v, "="); name == "PATH" || name == "HOME" {
			t.Errorf("the environment has %s", name)
		}
	}
	if info, err := os.Stat(s.Dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v", info, err)
	}
	if n, err := p.Memory(); err != nil || n < 1<<20 {
		t.Errorf("memory is %d, %v", n, err)
	}
	if p.StartedAt().IsZero() {
		t.Error("nobody knows when it started")
	}
	p.Stop(t.Context())
	<-p.Done()
	if e := p.Exit(); e.Code != 0 || e.Signal != "" {
		t.Errorf("it ended with %s", e)
	}
	if _, err := p.Memory(); err == nil {
		t.Error("a process that has ended holds memory")
	}
	if alive(strconv.Itoa(p.PID())) {
		t.Error("it runs")
	}
	gone(t, s)
}

type answering struct{ wire.UnimplementedHostServer }

func (answering) ReadKey(context.Context, *wire.KeyRequest) (*wire.KeyReply, error) {
	return &wire.KeyReply{}, nil
}

// The plugin reaches the host back, over TLS, also from inside the sandbox.
func TestOffer(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"good", "confined", "launched"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := spec(t, kind)
			p := start(t, s)
			register := func(s *grpc.Server) { wire.RegisterHostServer(s, answering{}) }
			id := p.Offer(register)
			if again := p.Offer(register); again != id {
				t.Errorf("offered twice: %d and %d", id, again)
			}
			if _, err := p.Plugin().Configure(t.Context(), &wire.ConfigureRequest{Broker: id}); err != nil {
				t.Error(err)
			}
			if _, err := call(t, p, "fork"); (err == nil) != (kind == "good") {
				t.Errorf("it starts another program: %v", err)
			}
			p.Stop(t.Context())
			if e := p.Exit(); e.Code != 0 {
				t.Errorf("it ended with %s", e)
			}
			gone(t, s)
		})
	}
}

func TestFailedStarts(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"prints":    `printed to standard output before sdk.Serve, where the console expects its handshake. The first line was "connecting to the database …"`,
		"garbage":   `The first line was "\x00\x01\xff||"`,
		"floods":    "The first line was \"xxxx",
		"exits":     "The plugin exits ended before it was ready, with exit code 3: no licence found",
		"panics":    "exit code 2: panic: no early table",
		"elsewhere": "unix /run/docker.sock, not on a socket in its folder",
		"mute":      "couldn't be reached after its start",
		"silent":    "The plugin silent wasn't ready within 300ms.",
		"stopped":   "The plugin stopped wasn't ready within 300ms.",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := spec(t, kind)
			if kind == "silent" || kind == "stopped" {
				s.StartTimeout = 300 * time.Millisecond
			}
			p, err := process.Start(t.Context(), s)
			if err == nil {
				p.Kill()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), want) {
				t.Errorf("got %q, want %q", err, want)
			}
			gone(t, s)
		})
	}
}

func TestStartIsCancelled(t *testing.T) {
	t.Parallel()
	s := spec(t, "silent")
	ctx, cancel := context.WithCancel(t.Context())
	s.Log = func(process.Line) { cancel() }
	if _, err := process.Start(ctx, s); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("got %v", err)
	}
	gone(t, s)
}

func TestSpecs(t *testing.T) {
	t.Parallel()
	good := spec(t, "good")
	for want, change := range map[string]func(*process.Spec){
		"absolute path":     func(s *process.Spec) { s.Command = []string{"plugin"} },
		"absolute folder":   func(s *process.Spec) { s.Dir = "run" },
		"at most":           func(s *process.Spec) { s.Dir = "/tmp/" + strings.Repeat("x", 80) },
		"can't be executed": func(s *process.Spec) { s.Command = []string{"/nowhere"} },
		"file exists":       func(s *process.Spec) { s.Dir = filepath.Dir(s.Dir) },
	} {
		s := good
		change(&s)
		if _, err := process.Start(t.Context(), s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// A stopped process doesn't hear its lifeline, nor go-plugin's farewell.
func TestStoppedProcess(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*process.Process){
		"kill": (*process.Process).Kill,
		"stop": func(p *process.Process) {
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			defer cancel()
			p.Stop(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := spec(t, "good")
			p := start(t, s)
			if err := syscall.Kill(p.PID(), syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			until(t, "it is stopped", func() bool { return state(p.PID()) == "T" })
			end(p)
			<-p.Done()
			if e := p.Exit(); e.Signal != "killed" {
				t.Errorf("it ended with %s", e)
			}
			gone(t, s)
		})
	}
}

// A plugin that is made with the SDK.
func TestSDK(t *testing.T) {
	t.Parallel()
	var seen lines
	s := spec(t, "sdk")
	s.Log = seen.add
	p := start(t, s)
	reply, err := p.Plugin().Describe(t.Context(), &wire.DescribeRequest{})
	if err != nil || !strings.Contains(string(reply.GetManifest()), `"sample"`) {
		t.Errorf("it describes itself as %s, %v", reply.GetManifest(), err)
	}
	id := p.Offer(func(s *grpc.Server) { wire.RegisterHostServer(s, answering{}) })
	if _, err := p.Plugin().Configure(t.Context(), &wire.ConfigureRequest{Broker: id}); err != nil {
		t.Error(err)
	}
	if _, err := p.Plugin().Health(t.Context(), &wire.HealthRequest{}); err != nil {
		t.Error(err)
	}
	p.Stop(t.Context())
	if e := p.Exit(); e.Code != 0 || len(e.Last) > 0 {
		t.Errorf("it ended with %s and said %v", e, e.Last)
	}
	gone(t, s)
}
