package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// The environment of a process that is to die. At anyTime its parent kills it.
const (
	anyTime     = "any time"
	victimPoint = "OPENHOUSE_TEST_DIE_AT"
	victimData  = "OPENHOUSE_TEST_DATA"
)

// beVictim onboards Harpur Homes and kills its own process at the point.
func beVictim(dir, point string) int {
	ctx := context.Background()
	fmt.Println("alive")
	a, err := open(dir, func(reached string) {
		if reached == point {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // nothing runs after it
		}
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	request, err := harpur(ctx, a)
	if err == nil {
		var run core.Run
		if run, err = a.Onboarding.Start(ctx, request, "harpur-1"); err == nil {
			_, err = a.Onboarding.Wait(ctx, run.ID, 5*time.Minute)
		}
	}
	if err == nil && point == anyTime {
		select {} // the parent's kill comes in any case
	}
	fmt.Fprintln(os.Stderr, "the process reached the end alive:", err)
	return 1
}

// steps are the names of the pipeline's steps.
var steps = []string{"developer", "branding", "tenant", "development", "units", "qr_codes", "launch_kit", "welcome_pack", "crm_deal"}

// TestKilledAtEveryStep kills the process before each step's work and between
// its work and the note of it. The next process finishes the run, and every
// effect is there exactly once.
func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	for _, step := range steps {
		for _, moment := range []string{"begun", "done"} {
			t.Run(step+"."+moment, func(t *testing.T) {
				dir := fresh.Dir(t)
				kill(t, dir, step+"."+moment)
				a := mustOpen(t, dir)
				checkOnce(t, a, resumed(t, a))
			})
		}
	}
}

// kill runs a process over dir until it dies at the point.
func kill(t *testing.T, dir, point string) {
	t.Helper()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimPoint+"="+point, victimData+"="+dir)
	var said bytes.Buffer
	victim.Stderr = &said
	err := victim.Run()
	if status, ok := victim.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		t.Fatalf("the process didn't die at %s: %v\n%s", point, err, said.String())
	}
}

// TestKilledAtAnyTime kills the process between, before and after the points,
// at moments that lie as far apart as the work of one run.
func TestKilledAtAnyTime(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(2026, 11))
	for range 6 {
		after := time.Duration(random.Int64N(int64(700 * time.Millisecond)))
		t.Run(after.String(), func(t *testing.T) {
			dir := fresh.Dir(t)
			killAfter(t, dir, after)
			a := mustOpen(t, dir)
			checkOnce(t, a, resumed(t, a))
		})
	}
}

// killAfter starts a process over dir and kills it a while after it has begun.
func killAfter(t *testing.T, dir string, while time.Duration) {
	t.Helper()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimPoint+"="+anyTime, victimData+"="+dir)
	var said bytes.Buffer
	victim.Stderr = &said
	alive, err := victim.StdoutPipe()
	if err == nil {
		err = victim.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := alive.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	<-time.After(while)
	if err := victim.Process.Kill(); err != nil {
		t.Fatalf("the process died by itself: %v\n%s", err, said.String())
	}
	_ = victim.Wait() // it was killed
}

// resumed lets the next process continue, and returns the run at its end. The
// client that saw no answer asks again with its key, and gets the same run.
func resumed(t *testing.T, a *app.App) core.Run {
	t.Helper()
	ctx := context.Background()
	if err := a.Onboarding.Recover(ctx); err != nil {
		t.Fatal(err)
	}
	request, err := harpur(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	again, err := a.Onboarding.Start(ctx, request, "harpur-1")
	if err != nil {
		t.Fatal(err)
	}
	for _, upload := range []string{request.Units.File, request.Theme.Logo} {
		if err := unlessOwned(ctx, a, upload); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := a.Onboarding.List(ctx, core.Query{})
	if err != nil || runs.Total != 1 || runs.Items[0].ID != again.ID {
		t.Fatalf("got %d runs (%v), want the one that was begun", runs.Total, err)
	}
	return finish(t, a, again.ID)
}

// unlessOwned drops an upload that no run has taken, as the API does when it
// answers with the run of before.
func unlessOwned(ctx context.Context, a *app.App, id string) error {
	file, content, err := a.Tenants.Staged(ctx, id)
	if err != nil {
		return err
	}
	if err := content.Close(); err != nil || file.Owner != "" {
		return err
	}
	return a.Tenants.Unstage(ctx, id)
}

// checkOnce checks that everything an onboarding makes exists exactly once.
func checkOnce(t *testing.T, a *app.App, run core.Run) {
	t.Helper()
	ctx := context.Background()
	if run.State != core.Done {
		t.Fatalf("the run is %s, want done: %+v", run.State, run.Steps)
	}
	checkUnits(t, run)
	tenantList, err := a.Tenants.List(ctx, core.Query{})
	if err != nil || tenantList.Total != 1 || tenantList.Items[0].Status != core.TenantActive {
		t.Fatalf("got tenants %+v (%v), want one that is active", tenantList.Items, err)
	}
	developments, err := a.Directory.Developments.List(ctx, run.TenantID, core.Query{})
	if err != nil || developments.Total != 1 || developments.Items[0].Units != 20 {
		t.Fatalf("got developments %+v (%v), want one with 20 units", developments.Items, err)
	}
	units, err := a.Directory.Units.List(ctx, run.TenantID, core.Query{Limit: core.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range units.Items {
		if owner, err := a.Directory.Units.Locate(ctx, u.Code); err != nil || owner != run.TenantID {
			t.Errorf("the code of %s leads to %q (%v)", u.Label, owner, err)
		}
	}
	checkFiles(t, a, run)
	checkTold(t, a, run)
}

func checkUnits(t *testing.T, run core.Run) {
	t.Helper()
	want := map[string]int{"rows": 611, "matched": 20, "imported": 20, "duplicates": 0, "rejected": 0}
	for _, s := range run.Steps {
		if s.Name != "units" {
			continue
		}
		got := map[string]int{}
		if err := json.Unmarshal(s.Result, &got); err != nil {
			t.Fatal(err)
		}
		for name, n := range want {
			if got[name] != n {
				t.Errorf("units: got %s %d, want %d", name, got[name], n)
			}
		}
	}
}

// checkFiles: one pack of each kind, and nothing of the run left staged.
func checkFiles(t *testing.T, a *app.App, run core.Run) {
	t.Helper()
	a.Onboarding.Close() // a run is done a moment before its files are dropped
	err := a.Tenants.View(context.Background(), run.TenantID, func(tx *tenants.Tx) error {
		for _, kind := range []string{onboard.QRPack, onboard.LaunchKit} {
			blobs, err := tx.Blobs(context.Background(), kind)
			if err != nil {
				return err
			}
			if len(blobs) != 1 {
				t.Errorf("got %d blobs of kind %s, want 1", len(blobs), kind)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = a.Tenants.ViewControl(context.Background(), func(tx *tenants.Tx) error {
		owners, err := tenants.StagedOwners(context.Background(), tx)
		if len(owners) > 0 {
			t.Errorf("files are left staged for %v", owners)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkTold: one message, one event, one record of each, chains that hold.
func checkTold(t *testing.T, a *app.App, run core.Run) {
	t.Helper()
	ctx := context.Background()
	messages, err := a.Outbox.List(ctx, core.Query{Tenant: run.TenantID})
	if err != nil || messages.Total != 1 {
		t.Errorf("got %d messages (%v), want 1", messages.Total, err)
	}
	events, err := a.Bus.List(ctx, run.TenantID, core.Query{Kind: "developer.onboarded"})
	if err != nil || len(events.Items) != 1 {
		t.Errorf("got %d events developer.onboarded (%v), want 1", len(events.Items), err)
	}
	records, err := a.Audit.List(ctx, run.TenantID, core.Query{Kind: "tenant.create"})
	if err != nil || len(records.Items) != 1 {
		t.Errorf("got %d records tenant.create (%v), want 1", len(records.Items), err)
	}
	for _, chain := range []core.TenantID{"", run.TenantID} {
		report, err := a.Audit.Verify(ctx, audit.VerifyOptions{Tenant: chain})
		if err != nil || report.ExitCode() != 0 {
			t.Errorf("the chain is not fine: %v %s", err, report)
		}
	}
}
