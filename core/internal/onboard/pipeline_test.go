package onboard_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/core/internal/onboard/kit"
	"github.com/openhouse-ai/console/tenants"
)

const (
	register = "unitlist/testdata/property-price-register-2023-02-new-dwellings.csv"
	drawing  = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><path fill="#075a4d" d="M4 36V16L20 4l16 12v20z"/></svg>`
)

// console is a whole console whose time the test moves.
type console struct {
	*app.App
	clock *clockwork.FakeClock
}

func open(t testing.TB, dir string) *console {
	t.Helper()
	config := app.DefaultConfig()
	config.Data, config.Listen = dir, "127.0.0.1:0"
	clock := app.NewTestClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	a, err := app.Open(context.Background(), app.Options{Config: config, Clock: clock, Log: slog.New(slog.DiscardHandler), Version: "test"})
	ok(t, err)
	t.Cleanup(func() { ok(t, a.Close()) })
	return &console{a, clock.Clock.(*clockwork.FakeClock)}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code core.Code) {
	t.Helper()
	if core.CodeOf(err) != code {
		t.Fatalf("got %v (%q), want %q", err, core.CodeOf(err), code)
	}
}

func wantState(t testing.TB, run core.Run, state core.WorkState) {
	t.Helper()
	if run.State != state {
		t.Fatalf("the run is %s, want %s: %+v", run.State, state, run.Steps)
	}
}

// upload stages a file as the API does.
func (c *console) upload(t testing.TB, region, name, content string) string {
	t.Helper()
	staged, err := c.Tenants.Stage(context.Background(), region, tenants.StagedFile{Name: name}, strings.NewReader(content), 1<<20)
	ok(t, err)
	return staged.ID
}

// request asks for Harpur Homes, in eu-west, without units and logo.
func request() core.Provision {
	var r core.Provision
	r.Developer.Name, r.Developer.Code, r.Developer.Region = "Harpur Homes", "HARP", "eu-west"
	r.Developer.Contact = core.Contact{Name: "Site office", Email: "office@harpur.example"}
	r.Development.Name, r.Development.Address = "Harpur Lane", "Leixlip, Co. Kildare"
	return r
}

// harpur asks with the units of Harpur Lane and a logo.
func (c *console) harpur(t testing.TB) core.Provision {
	t.Helper()
	content, err := os.ReadFile(register)
	ok(t, err)
	r := request()
	r.Units.File, r.Units.Filter = c.upload(t, "eu-west", "register.csv", string(content)), "Harpur Lane"
	r.Theme.Logo = c.upload(t, "eu-west", "logo.svg", drawing)
	return r
}

// begin starts a run.
func (c *console) begin(t testing.TB, r core.Provision, key string) core.Run {
	t.Helper()
	run, err := c.Onboarding.Start(context.Background(), r, key)
	ok(t, err)
	return run
}

// end waits until a run is at work no more.
func (c *console) end(t testing.TB, id string) core.Run {
	t.Helper()
	run, err := c.Onboarding.Wait(context.Background(), id, 5*time.Minute)
	ok(t, err)
	return run
}

// staged counts the files that lie staged.
func (c *console) staged(t testing.TB) (n int) {
	t.Helper()
	ok(t, c.Tenants.ViewControl(context.Background(), func(tx *tenants.Tx) error {
		return tx.QueryRow(context.Background(), "select count(*) from staged_files").Scan(&n)
	}))
	return n
}

func step(t testing.TB, run core.Run, name string) core.Step {
	t.Helper()
	for _, s := range run.Steps {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("there is no step %q", name)
	return core.Step{}
}

// printer stands before the real one.
type printer struct {
	onboard.Printer
	before  func(ctx context.Context) error
	printed *kit.Site // of the last launch kit, if it is asked for
}

func (p printer) LaunchKit(ctx context.Context, w io.Writer, site kit.Site, progress func(done, total int)) error {
	if err := p.before(ctx); err != nil {
		return err
	}
	if p.printed != nil {
		*p.printed = site
	}
	return p.Printer.LaunchKit(ctx, w, site, progress)
}
