package notify_test

import (
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/notify"
	"github.com/openhouse-ai/console/tenants"
)

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
	for name, image := range map[string]notify.Inline{
		"an SVG":                        {Name: "logo", Type: "image/svg+xml", Bytes: []byte("<svg/>")},
		"an image without a name":       {Type: "image/png", Bytes: []byte("x")},
		"an image over half a megabyte": {Name: "logo", Type: "image/png", Bytes: make([]byte, 512<<10+1)},
	} {
		err := p.store.Update(t.Context(), p.tenant, func(tx *tenants.Tx) error {
			return p.outbox.QueueWith(t.Context(), tx, good, image)
		})
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
