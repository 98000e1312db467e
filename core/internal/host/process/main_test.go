package process_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/internal/host/sandbox"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// kindKey makes the test binary a plugin, good or bad, or a host.
const kindKey = "OPENHOUSE_TEST_KIND"

func TestMain(m *testing.M) {
	switch kind := os.Getenv(kindKey); kind {
	case "":
		os.Exit(m.Run())
	case "good":
		serve()
	case "hung": // hears neither its lifeline nor that it has become an orphan
		signal.Ignore(syscall.SIGHUP)
		serveDeaf()
	case "sdk":
		sdk.Serve(sdk.Plugin{ID: "sample", Name: "Sample", Version: "1.0.0", Summary: "Does nothing."})
	case "prints":
		fmt.Println("connecting to the database …")
		serve()
	case "floods":
		_, _ = os.Stdout.WriteString(strings.Repeat("x", 1<<20))
		serve()
	case "exits":
		fmt.Fprintln(os.Stderr, "no licence found")
		os.Exit(3)
	case "panics":
		panic("no early table")
	case "silent":
		fmt.Fprintln(os.Stderr, "thinking")
		hang()
	case "garbage":
		_, _ = os.Stdout.Write([]byte{0, 1, 0xff, '|', '|', '\n', '|', 0xfe, '\n'})
		hang()
	case "elsewhere":
		fmt.Println("1|1|unix|/run/docker.sock|grpc|" + strings.Repeat("A", 60))
		hang()
	case "mute": // shakes hands, and then has no socket
		fmt.Printf("1|1|unix|%s/none|grpc|\n", os.Getenv(wire.DirKey))
		hang()
	case "stopped":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		serve()
	case "confined": // as a bundled plugin, which is the console's own binary
		rules, err := sandbox.Decode(os.Getenv(wire.SandboxKey))
		if err == nil {
			err = sandbox.Enter(rules)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		serve()
	case "launched": // as an outside one, by the console
		_ = os.Setenv(kindKey, cmp.Or(os.Getenv("OPENHOUSE_TEST_GUEST"), "good"))
		fmt.Fprintln(os.Stderr, sandbox.Launch(nil))
		os.Exit(1)
	case "host":
		host()
	default:
		os.Exit(9)
	}
}

// hang waits for good, and not so that the runtime calls it a deadlock.
func hang() {
	never := make(chan os.Signal, 1)
	signal.Notify(never, syscall.SIGUSR1)
	for range never {
	}
}

// serve is a plugin without the SDK, that does what it is told.
func serve() {
	go func() {
		_, _ = io.Copy(io.Discard, os.NewFile(wire.Lifeline, "lifeline"))
		names, _ := filepath.Glob(filepath.Join(os.Getenv(wire.DirKey), "*"))
		for _, name := range names {
			_ = os.RemoveAll(name)
		}
		os.Exit(0)
	}()
	serveDeaf()
}

func serveDeaf() {
	stderr := os.Stderr // the process's own: go-plugin replaces the variable
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: wire.Handshake,
		Plugins: plugin.PluginSet{wire.LinkName: &wire.Link{Serve: func(b *plugin.GRPCBroker, s *grpc.Server) error {
			wire.RegisterPluginServer(s, &obedient{broker: b, stderr: stderr})
			return nil
		}}},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(options, wire.ServerOptions()...)...)
		},
	})
}

// obedient is the plugin's side.
type obedient struct {
	wire.UnimplementedPluginServer
	broker  *plugin.GRPCBroker
	stderr  *os.File
	ballast [][]byte
}

func (o *obedient) Describe(context.Context, *wire.DescribeRequest) (*wire.DescribeReply, error) {
	return &wire.DescribeReply{Manifest: []byte(strings.Join(os.Environ(), "\n"))}, nil
}

func (o *obedient) Health(context.Context, *wire.HealthRequest) (*wire.HealthReply, error) {
	return &wire.HealthReply{}, nil
}

// Configure calls the host, by the number that it was given.
func (o *obedient) Configure(ctx context.Context, r *wire.ConfigureRequest) (*wire.ConfigureReply, error) {
	conn, err := o.broker.DialWithOptions(r.Broker, wire.DialOptions()...)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	_, err = wire.NewHostClient(conn).ReadKey(ctx, &wire.KeyRequest{})
	return &wire.ConfigureReply{}, err
}

// Invoke does what the id says.
func (o *obedient) Invoke(i *wire.Invocation, s grpc.ServerStreamingServer[wire.Answer]) error {
	answer := ""
	switch i.Id {
	case "panic":
		go func() { panic("boom on order") }()
		select {}
	case "exit":
		os.Exit(7)
	case "leak":
		o.ballast = append(o.ballast, make([]byte, 64<<20))
		for b := o.ballast[len(o.ballast)-1]; len(b) > 0; b = b[4096:] {
			b[0] = 1
		}
	case "fork", "escape":
		cmd := exec.Command("/bin/sleep", "1000")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: i.Id == "escape"}
		cmd.Stdout, cmd.Stderr = os.NewFile(1, "stdout"), os.NewFile(2, "stderr")
		if err := cmd.Start(); err != nil {
			return err
		}
		answer = fmt.Sprint(cmd.Process.Pid)
	case "flood":
		w := bufio.NewWriter(o.stderr)
		for n := range 1_000_000 {
			fmt.Fprintf(w, "{\"@level\":\"warn\",\"@message\":\"line\",\"n\":%d}\n", n)
		}
		_ = w.Flush()
	case "long":
		fmt.Fprintln(o.stderr, strings.Repeat("long ", 1<<18))
		fmt.Fprintln(os.NewFile(1, "stdout"), strings.Repeat("wide ", 1<<18))
		fmt.Fprintln(os.Stdout, strings.Repeat("sync ", 1<<18))
	case "print":
		fmt.Fprintln(os.Stdout, "said on standard output")
		fmt.Fprintln(os.Stderr, "said on standard error")
		fmt.Fprintln(o.stderr, `{"@level":"error","@message":"told","tenant":"ten_1","call":"c1","b":2,"a":"x"}`)
		fmt.Fprintln(o.stderr, `{"@message":1,"@level":[]}`)
		fmt.Fprintln(o.stderr, `{"@message":"x","@timestamp":5}`)
	case "freeze":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		select {}
	}
	return s.Send(&wire.Answer{Part: &wire.Answer_Result{Result: []byte(answer)}})
}

// host plays the console: it starts a plugin, says where, and waits.
func host() {
	dir := os.Getenv("OPENHOUSE_TEST_DIR")
	folder, err := process.Claim(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s := process.Spec{Plugin: "guest", Dir: filepath.Join(folder.Path, "p"), StartTimeout: time.Minute}
	self, _ := os.Executable()
	kind, guest, _ := strings.Cut(os.Getenv("OPENHOUSE_TEST_GUEST"), " ")
	s.Command, s.Env = []string{self}, []string{kindKey + "=" + kind, "OPENHOUSE_TEST_GUEST=" + guest, confinement(self, s.Dir)}
	p, err := process.Start(context.Background(), s)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if os.Getenv("OPENHOUSE_TEST_STOP") != "" {
		_ = syscall.Kill(p.PID(), syscall.SIGSTOP)
	}
	fmt.Printf("%d %s\n", p.PID(), folder.Path)
	runtime.KeepAlive(folder)
	select {}
}

// confinement is the variable with the rules of a plugin without a network.
func confinement(binary, dir string) string {
	return wire.SandboxKey + "=" + sandbox.Rules{Binary: binary, Dir: dir}.Encode()
}

// call tells a plugin what to do and returns its answer.
func call(t *testing.T, p *process.Process, id string) (string, error) {
	t.Helper()
	s, err := p.Plugin().Invoke(t.Context(), &wire.Invocation{Id: id})
	if err != nil {
		return "", err
	}
	a, err := s.Recv()
	if err != nil {
		return "", err
	}
	if _, err = s.Recv(); !errors.Is(err, io.EOF) {
		return "", err
	}
	return string(a.GetResult()), nil
}
