package app_test

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
	"github.com/openhouse-ai/console/tenants"
)

// TestMain runs a test, the process that a test of crashes ends, or the one
// that a benchmark sends to.
func TestMain(m *testing.M) {
	if dir := os.Getenv(serverData); dir != "" {
		os.Exit(beServer(dir))
	}
	if point := os.Getenv(victimPoint); point != "" {
		os.Exit(beVictim(os.Getenv(victimData), point))
	}
	os.Exit(m.Run())
}

// open opens a console over dir; reached may be nil.
func open(dir string, reached func(string)) (*app.App, error) {
	config := app.DefaultConfig()
	config.Data, config.Listen = dir, "127.0.0.1:0"
	return app.Open(context.Background(), app.Options{
		Config: config, Clock: app.NewClock(), Log: slog.New(slog.DiscardHandler), Version: "test", Reached: reached,
	})
}

func mustOpen(t testing.TB, dir string) *app.App {
	t.Helper()
	config := app.DefaultConfig()
	config.Data, config.Listen = dir, "127.0.0.1:0"
	return mustOpenWith(t, config)
}

func mustOpenWith(t testing.TB, config app.Config) *app.App {
	t.Helper()
	a, err := app.Open(context.Background(), app.Options{Config: config, Clock: app.NewClock(), Log: slog.New(slog.DiscardHandler), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// middle is the median, in milliseconds.
func middle(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2].Microseconds()) / 1000
}

// harpur asks for Harpur Homes with the units of Harpur Lane, out of the
// register as it is published.
func harpur(ctx context.Context, a *app.App) (core.Provision, error) {
	var r core.Provision
	r.Developer.Name, r.Developer.Code, r.Developer.Region = "Harpur Homes", "HARP", "eu-west"
	r.Developer.Contact = core.Contact{Name: "Site office", Email: "office@harpur.example"}
	r.Theme.Primary = "#075a4d"
	r.Development.Name, r.Development.Address = "Harpur Lane", "Leixlip, Co. Kildare"
	r.Units.Filter = "Harpur Lane"
	register, err := os.Open("demo/register.csv")
	if err != nil {
		return r, err
	}
	defer register.Close()
	units, err := a.Tenants.Stage(ctx, "eu-west", tenants.StagedFile{Name: "register.csv", Type: "text/csv"}, register, 1<<20)
	if err != nil {
		return r, err
	}
	logo, err := a.Tenants.Stage(ctx, "eu-west", tenants.StagedFile{Name: "logo.svg", Type: "image/svg+xml"}, strings.NewReader(harpurLogo), 1<<20)
	r.Units.File, r.Theme.Logo = units.ID, logo.ID
	return r, err
}

const harpurLogo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><path fill="#075a4d" d="M4 36V16L20 4l16 12v20z"/></svg>`

// finish waits for a run to end.
func finish(t testing.TB, a *app.App, id string) core.Run {
	t.Helper()
	run, err := a.Onboarding.Wait(context.Background(), id, 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return run
}
