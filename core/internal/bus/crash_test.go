package bus_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// The crash tests run this test binary again, which delivers until it is killed.
var (
	crashDir    = flag.String("crash.dir", "", "folder of the store")
	crashTenant = flag.String("crash.tenant", "", "tenant that is delivered")
	crashAt     = flag.Int("crash.at", 0, "the call in which the process kills itself")
)

func TestMain(m *testing.M) {
	// A check of the model makes thousands of commits. The command line can
	// ask for more.
	flag.Set("rapid.checks", "8")
	flag.Parse()
	if *crashDir != "" {
		if err := crash(context.Background()); err != nil {
			fmt.Println("error:", err)
		}
		return
	}
	m.Run()
}

// crash emits and delivers, says what it was told, and dies in a call. Each
// third call fails, so that the process dies among retries too.
func crash(ctx context.Context) error {
	var at clock
	at.set(start)
	store, err := tenants.Open(ctx, tenants.Options{Dir: *crashDir, Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}}, Now: at.now})
	if err != nil {
		return err
	}
	tenant := core.TenantID(*crashTenant)
	b := bus.New(bus.Options{Store: store, Recorder: &records{}, Now: at.now, Jitter: func() float64 { return 0.5 }})
	calls := 0
	err = b.Subscribe(ctx, bus.Subscriber{Name: "billing", Events: []string{"*"}, Handle: func(_ context.Context, _ core.TenantID, e core.Event) error {
		calls++
		if calls == *crashAt {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		if calls%3 == 0 {
			return errBusy
		}
		fmt.Printf("took %s\n", e.Data)
		return nil
	}})
	if err != nil {
		return err
	}
	for n := 0; ; n += 10 {
		err := store.Update(ctx, tenant, func(tx *tenants.Tx) error {
			for i := range 10 {
				if err := b.Emit(ctx, tx, numbered(n+i, "unit.created", fmt.Sprint("unt_", i%4))); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Printf("emitted %d\n", n+10)
		if err := b.Deliver(ctx, tenant); err != nil {
			return err
		}
		fmt.Println("noted")
		at.add(700 * time.Millisecond)
	}
}

// TestKilledDeliveryLosesNothing kills a process in a call. Afterwards every
// event that was emitted is told, in order of its subject, and what had been
// noted as taken is not told again.
func TestKilledDeliveryLosesNothing(t *testing.T) {
	t.Parallel()
	for _, at := range []int{1, 2, 11, 18, 29, 47} {
		t.Run(fmt.Sprint("call ", at), func(t *testing.T) {
			t.Parallel()
			dir := fresh.Dir(t)
			o := openOutbox(t, dir)
			tenant := o.addTenant("HARP")
			o.must(o.store.Close())
			child := exec.CommandContext(t.Context(), os.Args[0], "-crash.dir", dir, "-crash.tenant", string(tenant), "-crash.at", fmt.Sprint(at))
			out, _ := child.CombinedOutput()
			if status := child.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGKILL {
				t.Fatalf("the process was not killed: %s\n%s", child.ProcessState, out)
			}
			var before []int
			emitted, noted := 0, 0
			for line := range strings.Lines(string(out)) {
				if n := 0; scan(line, "took {\"n\":%d}", &n) {
					before = append(before, n)
				}
				scan(line, "emitted %d", &emitted)
				if line == "noted\n" {
					noted = len(before)
				}
			}

			o = openOutbox(t, dir)
			o.tenant = tenant
			o.clock.add(time.Hour)
			var after []int
			billing := o.subscribe("billing", "*")
			billing.answer = func(_ core.TenantID, e core.Event) error {
				var data struct{ N int }
				o.must(json.Unmarshal(e.Data, &data))
				after = append(after, data.N)
				return nil
			}
			changed, err := o.store.Changed(t.Context())
			o.must(err)
			o.must(o.bus.Sweep(t.Context(), changed))
			o.deliver()
			checkTold(t, before, noted, after, emitted)
			if found := o.backlog("billing"); found != (bus.Backlog{}) {
				t.Errorf("%+v waits", found)
			}
		})
	}
}

func scan(line, format string, into *int) bool {
	n, err := fmt.Sscanf(line, format, into)
	return n == 1 && err == nil
}

// checkTold looks for every event among those told before and after the crash.
// Those alone come twice that were taken in the unfinished delivery.
func checkTold(t *testing.T, before []int, noted int, after []int, emitted int) {
	t.Helper()
	last, told := map[int]int{}, map[int]bool{}
	for _, n := range append(before, after...) {
		subject := n % 10 % 4
		if !told[n] && n < last[subject] {
			t.Errorf("event %d came for the first time after event %d of its subject", n, last[subject])
		}
		told[n], last[subject] = true, max(last[subject], n)
	}
	for n := range emitted {
		if !told[n] {
			t.Errorf("event %d of %d was lost", n, emitted)
		}
	}
	if len(told) != emitted {
		t.Errorf("told of %d events, %d were emitted", len(told), emitted)
	}
	for _, n := range before[:noted] {
		if slices.Contains(after, n) {
			t.Errorf("event %d was told again, though it was noted", n)
		}
	}
}
