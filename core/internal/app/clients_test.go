package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// clients is where the packages lie that portals send events with.
const clients = "testdata/clients"

// door is a console that serves, with a developer onboarded in it, and what it
// was asked by clients in processes of their own.
type door struct {
	app    *app.App
	url    string // of what notes requests and passes them on
	tenant core.TenantID
	key    string

	mu    sync.Mutex
	asked []string // as "/v1/traces application/json gzip 200"
}

// openDoor serves a new console until the test ends.
func openDoor(t *testing.T, clock app.Clock) *door {
	t.Helper()
	if _, err := os.Stat(filepath.Join(clients, "node_modules", ".package-lock.json")); err != nil {
		t.Fatal("The clients are not installed: run make test, or npm ci in core/internal/app/testdata/clients.")
	}
	config := app.DefaultConfig()
	config.Data, config.Listen = fresh.Dir(t), "127.0.0.1:0"
	listener, err := app.Listen(&config)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{}
	if d.app, err = app.Open(context.Background(), app.Options{Config: config, Clock: clock, Log: slog.New(slog.DiscardHandler), Version: "test"}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- d.app.Serve(ctx, listener, func(app.Ready) { close(ready) }) }()
	connections := &http.Transport{}
	t.Cleanup(func() {
		connections.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := d.app.Close(); err != nil {
			t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- err
		t.Fatal("the console doesn't serve")
	}
	d.listen(t, "http://"+config.Listen, connections)
	d.onboard(t)
	return d
}

// listen notes requests and their answers, and passes them on. It lets the time
// pass that a refusal asks to wait, if the clock can be moved.
func (d *door) listen(t *testing.T, to string, connections http.RoundTripper) {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(&httputil.ReverseProxy{
		Transport: connections,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			d.mu.Lock()
			d.asked = append(d.asked, strings.Join(strings.Fields(fmt.Sprint(r.Request.URL.Path, " ", r.Request.Header.Get("Content-Type"), " ", r.Request.Header.Get("Content-Encoding"), " ", r.StatusCode)), " "))
			d.mu.Unlock()
			if r.StatusCode != http.StatusTooManyRequests || !d.app.Clock.Movable() {
				return nil
			}
			seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
			if err != nil {
				return err
			}
			return d.app.Jobs.Advance(context.Background(), time.Duration(seconds)*time.Second)
		},
	})
	t.Cleanup(front.Close)
	d.url = front.URL
}

func (d *door) onboard(t *testing.T) {
	t.Helper()
	request, err := harpur(t.Context(), d.app)
	if err != nil {
		t.Fatal(err)
	}
	run, err := d.app.Onboarding.Start(t.Context(), request, "harpur-1")
	if err != nil {
		t.Fatal(err)
	}
	if run = finish(t, d.app, run.ID); run.State != core.Done {
		t.Fatalf("the onboarding is %s: %+v", run.State, run.Steps)
	}
	d.tenant, d.key = run.TenantID, d.keyOf(t, run.TenantID)
}

// keyOf is a key of a tenant that may report.
func (d *door) keyOf(t *testing.T, tenant core.TenantID) string {
	t.Helper()
	_, secret, err := d.app.Access.Keys.Create(t.Context(), core.Key{Name: "Portal", Role: core.Reporter, Tenant: tenant})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// run runs a client, knowing the console's address, the tenant's key and what
// else it is given, and nothing of the machine's environment.
func (d *door) run(t *testing.T, environment []string, name string, arguments ...string) (said string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "CONSOLE=" + d.url, "KEY=" + d.key}, environment...)
	var output, complaints bytes.Buffer
	command.Stdout, command.Stderr = &output, &complaints
	if err = command.Run(); err != nil {
		err = fmt.Errorf("%w\n%s%s", err, output.String(), complaints.String())
	}
	return output.String(), err
}

// requests are those that came since they were last asked for.
func (d *door) requests() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := d.asked
	d.asked = nil
	return asked
}

// counts is what the ledger received: received, accepted, duplicate, conflict,
// invalid, quarantined.
type counts [6]int

func (d *door) counts(t *testing.T) counts {
	t.Helper()
	tallies, err := d.app.Usage.Receipts(t.Context(), d.tenant, 2)
	if err != nil {
		t.Fatal(err)
	}
	sum := usage.Sum(tallies)
	return counts{sum.Received(), sum.Accepted, sum.Duplicate, sum.Conflict, sum.Invalid, sum.Quarantined}
}

func (c counts) since(before counts) counts {
	for i := range c {
		c[i] -= before[i]
	}
	return c
}

// measured is what no two runs of a client have in common: how long a span took.
var measured = regexp.MustCompile(`"latency_ms":[0-9.]+,`)

// events are what the ledger holds of a tenant, as "source type development
// unit homeowner data", in the order of their text.
func (d *door) events(t *testing.T, tenant core.TenantID) []string {
	t.Helper()
	list, err := d.app.Usage.List(t.Context(), tenant, core.Query{Limit: core.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	if list.Next != "" {
		t.Fatal("the ledger holds more than one page")
	}
	var all []string
	for _, e := range list.Items {
		data := string(e.Data)
		if strings.HasPrefix(e.Source, "otlp:") {
			data = measured.ReplaceAllString(data, "")
		}
		all = append(all, strings.Join(strings.Fields(fmt.Sprint(e.Source, " ", strings.TrimPrefix(e.Type, "ai.openhouse."), " ", e.Development, " ", e.Unit, " ", e.Visitor, " ", data)), " "))
	}
	slices.Sort(all)
	return all
}

// holds reports whether any file of the console has a text in it.
func (d *door) holds(t *testing.T, text string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(d.app.Config.Data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		content, err := io.ReadAll(file)
		found = found || bytes.Contains(content, []byte(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
