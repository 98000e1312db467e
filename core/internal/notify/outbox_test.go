package notify_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/notify"
	"github.com/openhouse-ai/console/tenants"
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
	p := openPost(t, t.TempDir(), transport)
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

func TestWithoutMailServerMessagesAreHeldUntilAPersonReleasesThem(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	id := p.queue("welcome", "office@harpur.example")
	if got := p.deliver(); got != "1 held" {
		t.Errorf("deliver = %q", got)
	}
	if m := p.find(id); m.State != "held" || m.Error != "No mail server is configured." || m.Text != "Hello" {
		t.Errorf("message = %+v", m)
	}
	if err := p.outbox.Release(t.Context(), p.tenant, id); core.CodeOf(err) != core.Conflict {
		t.Errorf("release without a server: %v, want conflict", err)
	}

	server := newMailServer(t, serverOptions{})
	p.outbox = p.newOutbox(server.client(t))
	if got := p.deliver(); got != "" {
		t.Errorf("a held message went out by itself: %q", got)
	}
	p.must(p.outbox.Release(t.Context(), p.tenant, id))
	if got := p.deliver(); got != "1 sent" {
		t.Errorf("deliver after the release = %q", got)
	}
	want := "message.read " + id + ", message.release " + id
	if got := strings.Join(p.audit.actions, ", "); got != want {
		t.Errorf("audit = %s, want %s", got, want)
	}
}

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

func TestQueueRefusesWhatAHeadCannotHold(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	good := letter(notify.IDFor("x"), "office@harpur.example")
	for name, change := range map[string]func(*core.Message){
		"a line break in the subject":    func(m *core.Message) { m.Subject = "Hello\r\nBcc: all@example.com" },
		"a line break in the recipient":  func(m *core.Message) { m.To = "office@harpur.example\r\nBcc: all@example.com" },
		"a line break in a name":         func(m *core.Message) { m.To = "\"Of\r\nBcc: x\" <office@harpur.example>" },
		"a line break in the sender":     func(m *core.Message) { m.From = "a@b.example\nX: y" },
		"two recipients":                 func(m *core.Message) { m.To = "a@harpur.example, b@harpur.example" },
		"no recipient":                   func(m *core.Message) { m.To = "" },
		"no text":                        func(m *core.Message) { m.Text = "" },
		"another kind of id":             func(m *core.Message) { m.ID = "run_1" },
		"a body of more than a megabyte": func(m *core.Message) { m.HTML = strings.Repeat("x", 1<<20) },
	} {
		m := good
		change(&m)
		err := p.store.Update(t.Context(), p.tenant, func(tx *tenants.Tx) error { return p.outbox.Queue(t.Context(), tx, m) })
		if core.CodeOf(err) != core.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	foreign := good
	foreign.Tenant = core.NewTenantID(start)
	if err := p.store.Update(t.Context(), p.tenant, func(tx *tenants.Tx) error { return p.outbox.Queue(t.Context(), tx, foreign) }); err == nil {
		t.Error("a message of another tenant was queued")
	}
	if len(p.indexed()) != 0 {
		t.Errorf("index = %v", p.indexed())
	}
}

func TestListPagesAndFilters(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		p.queue(key, key+"@harpur.example")
	}
	p.deliver()
	p.clock.advance(time.Minute)
	newest := p.queue("f", "f@harpur.example")

	seen := map[string]bool{}
	query := core.Query{Tenant: p.tenant, Limit: 2}
	for page := 0; page == 0 || query.After != ""; page++ {
		list, err := p.outbox.List(t.Context(), query)
		p.must(err)
		if list.Total != 6 || page == 0 && list.Items[0].ID != newest {
			t.Errorf("page %d: total %d, first %s", page, list.Total, list.Items[0].ID)
		}
		for _, m := range list.Items {
			if seen[m.ID] || m.To != "" || m.Subject != "" || m.Text != "" {
				t.Errorf("entry %+v", m)
			}
			seen[m.ID] = true
		}
		query.After = list.Next
	}
	if len(seen) != 6 {
		t.Errorf("%d messages on all pages", len(seen))
	}
	held, err := p.outbox.List(t.Context(), core.Query{Status: "held", Kind: "test"})
	p.must(err)
	other, err := p.outbox.List(t.Context(), core.Query{Tenant: core.NewTenantID(start)})
	p.must(err)
	if held.Total != 5 || other.Total != 0 {
		t.Errorf("%d held, %d of another tenant", held.Total, other.Total)
	}
	if _, err := p.outbox.List(t.Context(), core.Query{After: "nonsense"}); core.CodeOf(err) != core.Invalid {
		t.Errorf("a cursor of another list: %v, want invalid", err)
	}
	if _, err := p.outbox.Find(t.Context(), core.NewTenantID(start), newest); core.CodeOf(err) != core.NotFound {
		t.Errorf("message of another tenant: %v, want not_found", err)
	}
}
