package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/notify"
	"github.com/openhouse-ai/console/tenants"
)

func TestTemporaryRefusalBacksOff(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{})
	server.answer("office@harpur.example", 451)
	p := newPost(t, server.client(t))
	id := p.queue("welcome", "office@harpur.example")
	for attempt, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360} {
		if got := p.deliver(); got != "1 queued" {
			t.Fatalf("attempt %d: deliver = %q", attempt+1, got)
		}
		m := p.find(id)
		if m.Attempts != attempt+1 || !m.NextAt.Equal(p.clock.Now().Add(wait*time.Minute)) {
			t.Fatalf("attempt %d: %d attempts, next at %v, now %v", attempt+1, m.Attempts, m.NextAt, p.clock.Now())
		}
		p.clock.advance(wait*time.Minute - time.Millisecond)
		if got := p.deliver(); got != "" {
			t.Fatalf("attempt %d: tried too early", attempt+1)
		}
		p.clock.advance(time.Millisecond)
	}
	if got := p.deliver(); got != "1 failed" {
		t.Errorf("attempt 12: deliver = %q", got)
	}
	if m := p.find(id); !strings.HasPrefix(m.Error, "Given up after 12 attempts: ") || p.indexed()[id] != "failed" {
		t.Errorf("message = %+v, index %v", m, p.indexed())
	}
	server.answer("office@harpur.example", 0)
	p.must(p.outbox.Retry(t.Context(), p.tenant, id))
	if got := p.deliver(); got != "1 sent" || server.copies()[id] != 1 {
		t.Errorf("deliver after the retry = %q, copies %v", got, server.copies())
	}
	if err := p.outbox.Retry(t.Context(), p.tenant, id); core.CodeOf(err) != core.Conflict {
		t.Errorf("retry of a sent message: %v, want conflict", err)
	}
}

func TestOneRefusedRecipientDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{})
	server.answer("gone@harpur.example", 550)
	p := newPost(t, server.client(t))
	gone := p.queue("gone", "gone@harpur.example")
	p.queue("here", "here@harpur.example")
	if got := p.deliver(); got != "1 failed, 1 sent" {
		t.Errorf("deliver = %q", got)
	}
	if m := p.find(gone); m.State != "failed" || !strings.Contains(m.Error, "550") {
		t.Errorf("message = %+v", m)
	}
}

// A connection that breaks after the content may have delivered it: the
// message is unknown and stays so until a person decides.
func TestBrokenConnectionAfterTheContentIsNotRetried(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*mailServer){
		"hangs up":      func(m *mailServer) { m.cut = true },
		"never answers": func(m *mailServer) { m.silent = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newMailServer(t, serverOptions{})
			fault(server)
			p := newPost(t, server.client(t, func(o *notify.SMTPOptions) { o.Timeout = time.Second }))
			id := p.queue("welcome", "office@harpur.example")
			if got := p.deliver(); got != "1 unknown" {
				t.Errorf("deliver = %q: %s", got, p.find(id).Error)
			}
			p.clock.advance(365 * 24 * time.Hour)
			if got := p.deliver(); got != "" || server.copies()[id] != 1 {
				t.Errorf("deliver a year later = %q, copies %v", got, server.copies())
			}
			server.mu.Lock()
			server.cut, server.silent = false, false
			server.mu.Unlock()
			p.must(p.outbox.Retry(t.Context(), p.tenant, id))
			if got := p.deliver(); got != "1 sent" || server.copies()[id] != 2 {
				t.Errorf("deliver after the retry = %q, copies %v", got, server.copies())
			}
		})
	}
}

// The index may lag behind the messages after a crash, on the side of looking
// once too often.
func TestIndexCatchesUpWithoutSendingAgain(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{})
	p := newPost(t, server.client(t))
	id := p.queue("welcome", "office@harpur.example")
	p.deliver()
	p.setIndex(id, "queued") // died between the two commits
	if got := p.deliver(); got != "1 sent" || server.copies()[id] != 1 || p.indexed()[id] != "sent" {
		t.Errorf("deliver = %q, copies %v, index %v", got, server.copies(), p.indexed())
	}
}

func TestUnreachableTenantDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{})
	p := newPost(t, server.client(t))
	asleep := p.queue("asleep", "office@harpur.example")
	_, err := p.store.UpdateTenant(t.Context(), core.Tenant{ID: p.tenant, Status: core.TenantSuspended})
	p.must(err)
	p.must(p.store.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
		return p.outbox.Queue(t.Context(), tx, letter(notify.IDFor("mine"), "niamh@openhouse.example"))
	}))
	if got := p.deliver(); got != "1 sent" || p.indexed()[asleep] != "queued" {
		t.Errorf("deliver = %q, index %v", got, p.indexed())
	}
	_, err = p.store.UpdateTenant(t.Context(), core.Tenant{ID: p.tenant, Status: core.TenantActive})
	p.must(err)
	p.clock.advance(time.Hour)
	if got := p.deliver(); got != "1 sent" {
		t.Errorf("deliver after the tenant is active again = %q", got)
	}
}

// stopping is a transport that is told to stop while it sends.
type stopping struct {
	notify.Transport
	stop func()
}

func (s stopping) Send(ctx context.Context, m core.Message, image notify.Inline) error {
	s.stop()
	return s.Transport.Send(ctx, m, image)
}

func TestStopLetsTheMessageOnItsWayArrive(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{})
	p := newPost(t, nil)
	p.queue("one", "office@harpur.example")
	p.queue("two", "office@harpur.example")
	ctx, stop := context.WithCancel(t.Context())
	summary, err := p.newOutbox(stopping{server.client(t), stop}).Deliver(ctx)
	if summary != "1 sent" || err == nil {
		t.Errorf("deliver = %q, %v", summary, err)
	}
	p.outbox = p.newOutbox(server.client(t))
	if got := p.deliver(); got != "1 sent" || server.count() != 2 {
		t.Errorf("deliver after the restart = %q, %d letters", got, server.count())
	}
}
