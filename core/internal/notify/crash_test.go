package notify_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/notify"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// The crash tests run this test binary again and let it die, by kill -9, at a
// step of a message's way.
var (
	crashAt     = flag.String("crash.at", "", "step at which the process kills itself")
	crashDir    = flag.String("crash.dir", "", "folder of its store")
	crashPort   = flag.Int("crash.port", 0, "port of its mail server")
	crashTenant = flag.String("crash.tenant", "", "tenant that queues")
	crashCount  = flag.Int("crash.count", 0, "how many messages it queues")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *crashDir != "" {
		if err := crash(context.Background()); err != nil {
			fmt.Println(err)
		}
		return
	}
	m.Run()
}

// die ends the process as a power cut would.
func die() {
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// crash queues messages and delivers them, until it dies.
func crash(ctx context.Context) error {
	store, err := tenants.Open(ctx, tenants.Options{
		Dir: *crashDir, Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}}, Now: func() time.Time { return start },
	})
	if err != nil {
		return err
	}
	smtp, err := notify.NewSMTP(localServer(*crashPort))
	if err != nil {
		return err
	}
	outbox, err := notify.New(notify.Options{
		Store: store, Recorder: &recorder{}, Transport: dyingTransport{smtp}, From: "console@openhouse.example", Log: testLog(),
	})
	if err != nil {
		return err
	}
	for i := range *crashCount {
		err := store.Update(ctx, core.TenantID(*crashTenant), func(tx *tenants.Tx) error {
			if err := outbox.Queue(ctx, tx, letter(notify.IDFor(strconv.Itoa(i)), "office@harpur.example")); err != nil {
				return err
			}
			if *crashAt == "queue" {
				die()
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if *crashAt == "queued" {
		die()
	}
	_, err = outbox.Deliver(ctx)
	return err
}

// dyingTransport dies before or after the dialogue.
type dyingTransport struct{ notify.Transport }

func (d dyingTransport) Send(ctx context.Context, m core.Message, image notify.Inline) error {
	if *crashAt == "sending" {
		die()
	}
	err := d.Transport.Send(ctx, m, image)
	if *crashAt == "sent" {
		die()
	}
	return err
}

func localServer(port int) notify.SMTPOptions {
	return notify.SMTPOptions{Host: "127.0.0.1", Port: port, Security: notify.None, Hello: "console.example"}
}

// crashed runs the binary until it dies and returns the outbox that it left.
func crashed(t *testing.T, server *mailServer, at string, count int, watch func(*os.Process)) *post {
	t.Helper()
	dir := fresh.Dir(t)
	p := openPost(t, dir, nil)
	p.tenant = core.NewTenantID(start)
	p.must(p.store.Create(t.Context(), core.Tenant{
		ID: p.tenant, Name: "Harpur Homes", Code: "HARP", Region: "eu-west", Status: core.TenantActive,
	}))
	p.must(p.store.Close())

	binary, err := os.Executable()
	p.must(err)
	child := exec.CommandContext(t.Context(), binary, "-crash.at", at, "-crash.dir", dir, "-crash.tenant", string(p.tenant),
		"-crash.port", strconv.Itoa(server.port), "-crash.count", strconv.Itoa(count))
	child.Stdout = t.Output()
	p.must(child.Start())
	watch(child.Process)
	child.Wait()
	if status := child.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGKILL {
		t.Fatalf("the process did not die at %q: %s", at, child.ProcessState)
	}

	tenant := p.tenant
	client, err := notify.NewSMTP(localServer(server.port))
	p.must(err)
	p = openPost(t, dir, client)
	p.tenant = tenant
	return p
}

func TestDeathAtEachStepSendsNothingTwice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at     string
		before int    // copies at the server when it died
		state  string // after the restart
		after  int    // copies a year later
	}{
		{"queue", 0, "", 0},
		{"queued", 0, "sent", 1},
		{"sending", 0, "unknown", 0},
		{"content", 1, "unknown", 1},
		{"sent", 1, "unknown", 1},
	} {
		t.Run(c.at, func(t *testing.T) {
			t.Parallel()
			server := newMailServer(t, serverOptions{plain: true})
			p := crashed(t, server, c.at, 1, func(child *os.Process) {
				if c.at == "content" {
					server.onReceived(func() { child.Kill() })
				}
			})
			id := notify.IDFor("0")
			if got := server.copies()[id]; got != c.before {
				t.Errorf("%d copies when it died, want %d", got, c.before)
			}
			server.onReceived(nil)
			for range 3 {
				p.deliver()
				p.clock.advance(24 * time.Hour)
			}
			if got := p.indexed()[id]; got != c.state {
				t.Errorf("index says %q, want %q", got, c.state)
			}
			if c.state != "" && p.find(id).State != c.state {
				t.Errorf("message is %s, want %s", p.find(id).State, c.state)
			}
			if got := server.copies()[id]; got != c.after {
				t.Errorf("%d copies in the end, want %d", got, c.after)
			}
		})
	}
}

// Many messages, and a death at one letter: each is sent exactly once, and the
// one on its way is unknown.
func TestDeathAmongManyLosesNone(t *testing.T) {
	t.Parallel()
	const count, last = 12, 5
	server := newMailServer(t, serverOptions{plain: true})
	p := crashed(t, server, "letter", count, func(child *os.Process) {
		server.onReceived(func() {
			if server.count() == last {
				child.Kill()
			}
		})
	})
	server.onReceived(nil)
	p.deliver()
	unknown := 0
	for id, state := range p.indexed() {
		if state == "unknown" {
			unknown++
		} else if state != "sent" {
			t.Errorf("message %s is %s", id, state)
		}
		if n := server.copies()[id]; n != 1 {
			t.Errorf("%d copies of %s", n, id)
		}
	}
	if unknown != 1 || len(p.indexed()) != count {
		t.Errorf("%d unknown of %d", unknown, len(p.indexed()))
	}
}
