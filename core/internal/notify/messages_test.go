package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/notify"
	"github.com/openhouse-ai/console/tenants"
)

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
	if err := p.outbox.Release(t.Context(), p.tenant, notify.IDFor("never queued")); core.CodeOf(err) != core.NotFound {
		t.Errorf("release of an unknown message: %v, want not_found", err)
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

func TestLettersWithALinkAreShownToNobody(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	m := letter(notify.IDFor("invitation"), "niamh@openhouse.example")
	m.Template, m.Text, m.HTML = "user_invitation", "https://console.example/invitation/secret", "<a href=\"/invitation/secret\">"
	p.must(p.store.Update(t.Context(), p.tenant, func(tx *tenants.Tx) error { return p.outbox.Queue(t.Context(), tx, m) }))
	if m := p.find(m.ID); strings.Contains(m.Text+m.HTML, "secret") || m.To != "niamh@openhouse.example" {
		t.Errorf("message = %+v", m)
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
