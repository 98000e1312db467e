package onboard_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/kit"
	"github.com/openhouse-ai/console/tenants/fresh"
)

func TestHarpurLane(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	run := c.end(t, c.begin(t, c.harpur(t), "harpur-1").ID)
	wantState(t, run, core.Done)
	if got, want := string(step(t, run, "units").Result), `{"rows":611,"matched":20,"imported":20,"duplicates":0,"rejected":0}`; got != want {
		t.Errorf("units: got %s, want %s", got, want)
	}
	if s := step(t, run, "units"); s.Done != 20 || s.Total != 20 {
		t.Errorf("units: got progress %d of %d, want 20 of 20", s.Done, s.Total)
	}
	brand, err := c.Tenants.Brand(context.Background(), run.TenantID)
	ok(t, err)
	if brand.LogoType != "image/svg+xml" || !strings.Contains(string(brand.Logo), "<path") || brand.Primary != "#075a4d" {
		t.Errorf("got brand %+v", brand)
	}
	c.Onboarding.Close()
	if n := c.staged(t); n != 0 {
		t.Errorf("%d files are left staged", n)
	}
}

func TestWholeRegister(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	r := c.harpur(t)
	r.Units.Filter = ""
	run := c.end(t, c.begin(t, r, "").ID)
	wantState(t, run, core.Done)
	if got, want := string(step(t, run, "units").Result), `{"rows":611,"matched":611,"imported":611,"duplicates":0,"rejected":0}`; got != want {
		t.Errorf("units: got %s, want %s", got, want)
	}
	units, err := c.Directory.Units.List(context.Background(), run.TenantID, core.Query{})
	ok(t, err)
	if units.Total != 611 {
		t.Errorf("the directory has %d units, want 611", units.Total)
	}
}

// TestSameAddress: what the list tells apart by price, label or postcode stays
// apart in the directory, and can be changed there.
func TestSameAddress(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	r := request()
	r.Units.File = c.upload(t, "eu-west", "units.csv", `Address,Price,Eircode
"Main Street, Ballybay","€100,000",
"Main Street, Ballybay","€200,000",
"Main Street, Ballybay","€300,000",
"5 Main Street, Ballybay","€300,000",A75 X001
"5 Main Street, Ballybay","€300,000",A75 X002
`)
	list, err := c.Onboarding.Check(context.Background(), r)
	ok(t, err)
	run := c.end(t, c.begin(t, r, "").ID)
	wantState(t, run, core.Done)
	units, err := c.Directory.Units.List(context.Background(), run.TenantID, core.Query{})
	ok(t, err)
	if units.Total != list.Imported || list.Imported != 5 {
		t.Fatalf("the check counted %d units, the directory has %d; want 5", list.Imported, units.Total)
	}
	for _, u := range units.Items {
		u.Kind = "Apartment"
		_, err := c.Directory.Units.Update(context.Background(), run.TenantID, u)
		ok(t, err)
	}
}

func TestEveryWrongFieldAtOnce(t *testing.T) {
	t.Parallel()
	dir := fresh.Dir(t)
	c := open(t, dir)
	var r core.Provision
	r.Developer.Code, r.Developer.Region, r.Developer.Locale, r.Developer.TimeZone = "H", "moon", "??", "Local"
	r.Developer.Currency, r.Developer.PortalURL, r.Developer.Contact.Email = "euro", "http://x", "nobody"
	r.Theme.Primary, r.Theme.Logo = "green", c.upload(t, "eu-west", "logo.png", "not a picture")
	r.Units.File = c.upload(t, "eu-west", "units.csv", "Address,Price,Kind\n1 Main Street,lots,\n,5,\n2 Main Street,5,"+strings.Repeat("k", 61)+"\n")
	_, err := c.Onboarding.Start(context.Background(), r, "key")
	wantCode(t, err, core.Invalid)
	problem, _ := errors.AsType[*core.Error](err)
	var got []string
	for _, f := range problem.Fields {
		got = append(got, fmt.Sprintf("%s%d%s", f.Field, f.Line, f.Column))
	}
	for _, want := range []string{
		"developer.name0", "developer.code0", "developer.region0", "developer.contact.name0", "developer.contact.email0", "developer.locale0",
		"developer.time_zone0", "developer.currency0", "developer.portal_url0", "theme.primary0", "theme.logo0", "development.name0",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among the problems %v", want, got)
		}
	}
	c.nothingExists(t, dir, 2)
	r = request()
	r.Units.File = c.upload(t, "eu-west", "units.csv", "Address,Price,Kind\n1 Main Street,lots,\n,5,\n2 Main Street,5,"+strings.Repeat("k", 61)+"\n")
	_, err = c.Onboarding.Start(context.Background(), r, "key")
	problem, _ = errors.AsType[*core.Error](err)
	got = nil
	for _, f := range problem.Fields {
		got = append(got, fmt.Sprint(f.Line, f.Column))
	}
	if want := []string{"2Price", "3Address", "4Kind"}; !slices.Equal(got, want) {
		t.Errorf("got rows %v, want %v", got, want)
	}
	c.nothingExists(t, dir, 3)
}

// nothingExists checks that there is neither tenant nor run, and of staged
// files the uploads alone.
func (c *console) nothingExists(t *testing.T, dir string, uploads int) {
	t.Helper()
	list, err := c.Tenants.List(context.Background(), core.Query{})
	ok(t, err)
	runs, err := c.Onboarding.List(context.Background(), core.Query{})
	ok(t, err)
	files, err := filepath.Glob(filepath.Join(dir, "regions", "*", "tenants", "*"))
	ok(t, err)
	if list.Total != 0 || runs.Total != 0 || len(files) != 0 || c.staged(t) != uploads {
		t.Errorf("there are %d tenants, %d runs, files %v, %d staged", list.Total, runs.Total, files, c.staged(t))
	}
}

func TestUploadsAreOnesOwn(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	c.Onboarding.Printer = printer{Printer: c.Onboarding.Printer, before: func(ctx context.Context) error { return errors.New("no paper") }}
	r := c.harpur(t)
	c.end(t, c.begin(t, r, "").ID)
	r.Developer.Code = "OTHER"
	_, err := c.Onboarding.Start(context.Background(), r, "")
	wantCode(t, err, core.Invalid)
	r = request()
	r.Developer.Region, r.Units.File = "uk", c.upload(t, "eu-west", "units.csv", "Address\n1 Main Street\n")
	if _, err = c.Onboarding.Start(context.Background(), r, ""); core.CodeOf(err) != core.Invalid || !strings.Contains(err.Error(), "lies in eu-west") {
		t.Errorf("got %v", err)
	}
	r.Units.File, r.Units.Filter = "", "Main"
	_, err = c.Onboarding.Start(context.Background(), r, "")
	wantCode(t, err, core.Invalid)
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	r := c.harpur(t)
	first := c.begin(t, r, "harpur-1")
	if again := c.begin(t, c.harpur(t), "harpur-1"); again.ID != first.ID {
		t.Errorf("the same request with its files uploaded again began %s, want %s", again.ID, first.ID)
	}
	wantState(t, c.end(t, first.ID), core.Done)
	if again := c.begin(t, r, "harpur-1"); again.ID != first.ID {
		t.Errorf("the same request after its uploads were dropped began %s, want %s", again.ID, first.ID)
	}
	r.Development.Name = "Harpur Park"
	_, err := c.Onboarding.Start(context.Background(), r, "harpur-1")
	wantCode(t, err, core.Conflict)
	other := core.WithActor(context.Background(), core.Actor{Kind: "staff", ID: "usr_other"})
	_, err = c.Onboarding.Start(other, c.harpur(t), "harpur-1")
	wantCode(t, err, core.Invalid) // another's key is another key: the code is taken
}

func TestOneKeyAtOnce(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	ids := make([]string, 6)
	var group sync.WaitGroup
	for i := range ids {
		r := c.harpur(t)
		group.Go(func() {
			run, err := c.Onboarding.Start(context.Background(), r, "harpur-1")
			if err != nil {
				t.Error(err)
			}
			ids[i] = run.ID
		})
	}
	group.Wait()
	if len(slices.Compact(ids)) != 1 {
		t.Errorf("one key began %v", ids)
	}
	wantState(t, c.end(t, ids[0]), core.Done)
}

func TestCodeTaken(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	run := c.begin(t, request(), "")
	_, err := c.Onboarding.Start(context.Background(), request(), "")
	wantCode(t, err, core.Invalid)
	wantState(t, c.end(t, run.ID), core.Done)
	_, err = c.Onboarding.Start(context.Background(), request(), "")
	wantCode(t, err, core.Invalid)
}

func TestResume(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	jams := 2
	c.Onboarding.Printer = printer{Printer: c.Onboarding.Printer, before: func(context.Context) error {
		if jams--; jams >= 0 {
			return errors.New("tray 2 of printer-7 is jammed")
		}
		return nil
	}}
	run := c.end(t, c.begin(t, c.harpur(t), "").ID)
	wantState(t, run, core.Failed)
	if s := step(t, run, "launch_kit"); s.State != core.Failed || s.Error == nil || strings.Contains(s.Error.Message, "jammed") {
		t.Errorf("the step shows %+v", s.Error)
	}
	_, err := c.Onboarding.Cancel(context.Background(), run.ID)
	wantCode(t, err, core.Conflict) // its tenant exists
	for _, want := range []core.WorkState{core.Failed, core.Done} {
		_, err = c.Onboarding.Resume(context.Background(), run.ID) // at once, while its worker may still be leaving
		ok(t, err)
		run = c.end(t, run.ID)
		wantState(t, run, want)
	}
	_, err = c.Onboarding.Resume(context.Background(), run.ID)
	wantCode(t, err, core.Conflict)
	_, err = c.Onboarding.Resume(context.Background(), "run_none")
	wantCode(t, err, core.NotFound)
}

func TestThePosterLeadsToWhereCodesAreTyped(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	var site kit.Site
	c.Onboarding.Printer = printer{Printer: c.Onboarding.Printer, before: func(context.Context) error { return nil }, printed: &site}
	wantState(t, c.end(t, c.begin(t, c.harpur(t), "").ID), core.Done)
	if site.URL != c.BaseURL()+"/q" || !strings.HasPrefix(site.Units[0].URL, site.URL+"/") {
		t.Errorf("the poster leads to %q, a label to %q", site.URL, site.Units[0].URL)
	}
}

func TestPanicFailsTheRun(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	c.Onboarding.Printer = printer{Printer: c.Onboarding.Printer, before: func(context.Context) error { panic("no such glyph") }}
	run := c.end(t, c.begin(t, c.harpur(t), "").ID)
	wantState(t, run, core.Failed)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	r := c.harpur(t)
	c.Onboarding.Reached = func(point string) {
		if point == "branding.begun" {
			ok(t, c.Tenants.Unstage(context.Background(), r.Theme.Logo))
		}
	}
	run := c.end(t, c.begin(t, r, "").ID)
	wantState(t, run, core.Failed)
	run, err := c.Onboarding.Cancel(context.Background(), run.ID)
	ok(t, err)
	wantState(t, run, core.Cancelled)
	if n := c.staged(t); n != 0 {
		t.Errorf("%d files are left staged", n)
	}
	_, err = c.Onboarding.Cancel(context.Background(), run.ID)
	wantCode(t, err, core.Conflict)
	wantState(t, c.end(t, c.begin(t, request(), "").ID), core.Done) // the code is free again
}

// TestCloseDuringAStep: the run stays at work, and the next process goes on.
func TestCloseDuringAStep(t *testing.T) {
	t.Parallel()
	dir := fresh.Dir(t)
	c := open(t, dir)
	printing := make(chan struct{})
	c.Onboarding.Printer = printer{Printer: c.Onboarding.Printer, before: func(ctx context.Context) error {
		close(printing)
		<-ctx.Done()
		return ctx.Err()
	}}
	id := c.begin(t, c.harpur(t), "").ID
	<-printing
	c.Onboarding.Close()
	run, err := c.Onboarding.Find(context.Background(), id)
	ok(t, err)
	wantState(t, run, core.Running)
	next := open(t, dir)
	ok(t, next.Onboarding.Recover(context.Background()))
	wantState(t, next.end(t, id), core.Done)
}

// TestWatch follows a run to its end by signals alone.
func TestWatch(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	started := make(chan struct{})
	c.Onboarding.Reached = func(point string) {
		if point == "developer.begun" {
			<-started
		}
	}
	id := c.begin(t, request(), "").ID
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signal := c.Onboarding.Watch(ctx, id)
	close(started)
	for {
		<-signal
		run, err := c.Onboarding.Find(ctx, id)
		ok(t, err)
		if run.State == core.Done {
			return
		}
	}
}

// TestSweep: a failed run is kept for 30 days; afterwards it can't go on.
func TestSweep(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	c.Onboarding.Printer = printer{Printer: c.Onboarding.Printer, before: func(context.Context) error { return errors.New("no paper") }}
	run := c.end(t, c.begin(t, c.harpur(t), "").ID)
	wantState(t, run, core.Failed)
	c.clock.Advance(29 * 24 * time.Hour)
	_, _, err := c.Onboarding.Sweep(context.Background())
	ok(t, err)
	if n := c.staged(t); n < 3 {
		t.Errorf("%d files are left, want request, units and logo", n)
	}
	c.clock.Advance(2 * 24 * time.Hour)
	_, _, err = c.Onboarding.Sweep(context.Background())
	ok(t, err)
	if n := c.staged(t); n != 0 {
		t.Errorf("%d files are left staged", n)
	}
	_, err = c.Onboarding.Resume(context.Background(), run.ID)
	ok(t, err)
	run = c.end(t, run.ID)
	wantState(t, run, core.Failed)
	if s := step(t, run, "launch_kit"); s.Error == nil || !strings.Contains(s.Error.Message, "dropped after 30 days") {
		t.Errorf("the step shows %+v", s.Error)
	}
}
