package notify_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/notify"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

var start = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

// clock is the time of a test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// recorder is the audit log of a test.
type recorder struct{ actions []string }

func (r *recorder) Record(_ context.Context, _ *tenants.Tx, e core.Entry) error {
	r.actions = append(r.actions, e.Action+" "+e.Target.ID)
	return nil
}

// post is an outbox on a store with one tenant.
type post struct {
	t      testing.TB
	clock  *clock
	store  *tenants.Store
	audit  *recorder
	tenant core.TenantID
	outbox *notify.Outbox
}

func newPost(t testing.TB, transport notify.Transport) *post {
	t.Helper()
	p := openPost(t, fresh.Dir(t), transport)
	p.tenant = core.NewTenantID(start)
	p.must(p.store.Create(t.Context(), core.Tenant{
		ID: p.tenant, Name: "Harpur Homes", Code: "HARP", Region: "eu-west", Status: core.TenantActive,
	}))
	return p
}

func openPost(t testing.TB, dir string, transport notify.Transport) *post {
	t.Helper()
	p := &post{t: t, clock: &clock{now: start}, audit: &recorder{}}
	store, err := tenants.Open(t.Context(), tenants.Options{
		Dir: dir, Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}}, Now: p.clock.Now,
	})
	p.must(err)
	t.Cleanup(func() { store.Close() })
	p.store = store
	p.outbox = p.newOutbox(transport)
	return p
}

func (p *post) newOutbox(transport notify.Transport) *notify.Outbox {
	p.t.Helper()
	outbox, err := notify.New(notify.Options{
		Store: p.store, Recorder: p.audit, Transport: transport, From: "OpenHouse <console@openhouse.example>",
		Log: testLog(),
	})
	p.must(err)
	return outbox
}

func testLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (p *post) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func letter(id, to string) core.Message {
	return core.Message{ID: id, Template: "test", To: to, Subject: "Grüße", Text: "Hello", HTML: "<p>Hello</p>"}
}

// queue queues a message for a key in the tenant's file.
func (p *post) queue(key, to string) string {
	p.t.Helper()
	id := notify.IDFor(key)
	p.must(p.store.Update(p.t.Context(), p.tenant, func(tx *tenants.Tx) error {
		return p.outbox.Queue(p.t.Context(), tx, letter(id, to))
	}))
	return id
}

func (p *post) deliver() string {
	p.t.Helper()
	summary, err := p.outbox.Deliver(p.t.Context())
	p.must(err)
	return summary
}

func (p *post) find(id string) core.Message {
	p.t.Helper()
	m, err := p.outbox.Find(p.t.Context(), p.tenant, id)
	p.must(err)
	return m
}

// indexed returns the state of every message on the outbox page.
func (p *post) indexed() map[string]string {
	p.t.Helper()
	states := map[string]string{}
	list, err := p.outbox.List(p.t.Context(), core.Query{Limit: core.MaxLimit})
	p.must(err)
	for _, m := range list.Items {
		states[m.ID] = m.State
	}
	return states
}

// setIndex leaves the index as a crash could have.
func (p *post) setIndex(id, state string) {
	p.t.Helper()
	p.must(p.store.UpdateControl(p.t.Context(), func(tx *tenants.Tx) error {
		return notify.SetIndexState(p.t.Context(), tx, p.tenant, id, state)
	}))
}

func TestQueuedMessageIsSentOnce(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{})
	p := newPost(t, server.client(t))
	id := p.queue("run 1", "office@harpur.example")
	p.queue("run 1", "office@harpur.example") // the step is repeated after a crash
	if got := p.deliver(); got != "1 sent" {
		t.Errorf("deliver = %q", got)
	}
	if got := p.deliver(); got != "" {
		t.Errorf("second deliver = %q", got)
	}
	m := p.find(id)
	if m.State != "sent" || m.Attempts != 1 || m.SentAt == nil || m.Error != "" || server.copies()[id] != 1 {
		t.Errorf("message = %+v, copies %v", m, server.copies())
	}
	if p.indexed()[id] != "sent" || len(p.indexed()) != 1 {
		t.Errorf("index = %v", p.indexed())
	}
}

func TestRolledBackMessageIsNeverSent(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{})
	p := newPost(t, server.client(t))
	id := notify.IDFor("undone")
	undone := errors.New("undone")
	err := p.store.Update(t.Context(), p.tenant, func(tx *tenants.Tx) error {
		p.must(p.outbox.Queue(t.Context(), tx, letter(id, "office@harpur.example")))
		return undone
	})
	if !errors.Is(err, undone) || p.indexed()[id] != "queued" {
		t.Fatalf("update: %v, index %v", err, p.indexed())
	}
	if got := p.deliver(); got != "" || len(p.indexed()) != 0 || server.count() != 0 {
		t.Errorf("deliver = %q, index %v, %d letters", got, p.indexed(), server.count())
	}
	p.queue("undone", "office@harpur.example")
	if got := p.deliver(); got != "1 sent" {
		t.Errorf("deliver after it was queued again = %q", got)
	}
}

func TestMessageOfThePlatformIsSent(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{})
	p := newPost(t, server.client(t))
	id := notify.IDFor("reset")
	p.must(p.store.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
		return p.outbox.Queue(t.Context(), tx, letter(id, "niamh@openhouse.example"))
	}))
	if got := p.deliver(); got != "1 sent" {
		t.Errorf("deliver = %q", got)
	}
	if m, err := p.outbox.Find(t.Context(), "", id); err != nil || m.State != "sent" {
		t.Errorf("message = %+v, %v", m, err)
	}
}

func TestRunDeliversSoonAfterTheCommit(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{})
	arrived := make(chan struct{}, 2)
	server.onReceived(func() { arrived <- struct{}{} })
	p := newPost(t, server.client(t))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		p.outbox.Run(ctx)
		close(ended)
	}()
	p.queue("one", "office@harpur.example")
	<-arrived
	p.queue("two", "office@harpur.example")
	<-arrived
	stop()
	<-ended
}
