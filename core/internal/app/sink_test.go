package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
	"github.com/openhouse-ai/console/core/internal/onboard"
)

// serverData is where a process serves that a benchmark sends events to.
const serverData = "OPENHOUSE_TEST_SERVE"

// beServer serves over dir until its input ends.
func beServer(dir string) int {
	config := app.DefaultConfig()
	config.Data, config.Listen = dir, "127.0.0.1:0"
	listener, err := app.Listen(&config)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	log, err := os.Create(filepath.Join(dir, "server.log"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	a, err := app.Open(context.Background(), app.Options{Config: config, Clock: app.NewClock(), Log: slog.New(slog.NewJSONHandler(log, nil)), Version: "test"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		defer stop()
		for asked := bufio.NewScanner(os.Stdin); asked.Scan(); { // ends with the benchmark
			fmt.Println(ownProcessor().Nanoseconds())
		}
	}()
	err = a.Serve(ctx, listener, func(r app.Ready) { fmt.Println(r.URL) })
	if closing := a.Close(); err == nil {
		err = closing
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// sink is a server process, and keys of tenants whose events it takes.
type sink struct {
	url, dir string
	input    io.Writer
	output   *bufio.Reader
	tenants  []core.TenantID
	keys     []string
	client   *http.Client
}

// newSink makes tenants that may report whatever they like, and serves them
// from a process of its own, so that its processor time is the server's alone.
func newSink(b *testing.B, n int) *sink {
	b.Helper()
	s := &sink{dir: b.TempDir(), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}}
	s.prepare(b, n)
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), serverData+"="+s.dir)
	server.Stderr = os.Stderr
	input, err := server.StdinPipe()
	must(b, err)
	output, err := server.StdoutPipe()
	must(b, err)
	must(b, server.Start())
	s.input, s.output = input, bufio.NewReader(output)
	s.url = s.line(b)
	b.Cleanup(func() {
		must(b, input.Close())
		must(b, server.Wait())
	})
	return s
}

func (s *sink) prepare(b *testing.B, n int) {
	b.Helper()
	ctx := context.Background()
	a, err := open(s.dir, nil)
	must(b, err)
	defaults, err := onboard.ReadDefaults(nil)
	must(b, err)
	settings, err := defaults.For("eu-west")
	must(b, err)
	settings.EventsPerMinute = 10_000_000
	for i := range n {
		t := core.Tenant{ID: core.NewTenantID(time.Now()), Name: fmt.Sprintf("Developer %03d", i), Code: fmt.Sprintf("D%03d", i), Region: "eu-west", Status: core.TenantActive}
		must(b, a.Tenants.Create(ctx, t))
		must(b, a.Tenants.SaveSettings(ctx, t.ID, settings))
		_, secret, err := a.Access.Keys.Create(ctx, core.Key{Name: "Portal", Role: core.Reporter, Tenant: t.ID})
		must(b, err)
		s.tenants, s.keys = append(s.tenants, t.ID), append(s.keys, secret)
	}
	must(b, a.Close())
}

// processor is the time that the server has used so far.
func (s *sink) processor(b *testing.B) time.Duration {
	b.Helper()
	_, err := fmt.Fprintln(s.input)
	must(b, err)
	n, err := strconv.ParseInt(s.line(b), 10, 64)
	must(b, err)
	return time.Duration(n)
}

func (s *sink) line(b *testing.B) string {
	b.Helper()
	line, err := s.output.ReadString('\n')
	must(b, err)
	return strings.TrimSpace(line)
}

// ownProcessor is the time that this process has used so far.
func ownProcessor() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
