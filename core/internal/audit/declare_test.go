package audit_test

import (
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func TestDeclaredActions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	try := func(action string) error {
		return h.update(h.one, func(tx *tenants.Tx) error {
			return h.log.Record(t.Context(), tx, core.Entry{Action: action, Target: core.Target{Kind: "unit", ID: "unt_1"}})
		})
	}
	read := func() string { return h.list(h.one, core.Query{}).Items[0].Sentence }
	if err := try("example.note.create"); core.CodeOf(err) != core.Internal {
		t.Errorf("before it is declared: %v, want an internal error", err)
	}
	h.log.Declare("example", map[string]string{"note.create": "added note to"})
	h.must(try("example.note.create"))
	if got := read(); got != "added note to" {
		t.Errorf("it reads %q", got)
	}
	for _, action := range []string{"example.note.delete", "note.create", "other.note.create", "example", "example."} {
		if err := try(action); core.CodeOf(err) != core.Internal {
			t.Errorf("%s: %v, want an internal error", action, err)
		}
	}
	h.log.Declare("unit", map[string]string{"create": "did something else to"})
	h.must(try("unit.create"))
	if got := read(); got != "created unit" {
		t.Errorf("a plugin made an action of the console read %q", got)
	}
	h.must(try("example.note.create"))
	h.log.Declare("example", nil)
	if err := try("example.note.create"); core.CodeOf(err) != core.Internal {
		t.Errorf("after the plugin is gone: %v, want an internal error", err)
	}
	if got := read(); got != "did “note create” of example on" {
		t.Errorf("after the plugin is gone it reads %q", got)
	}
	h.restart()
	if _, total := read(), h.list(h.one, core.Query{Kind: "example.note.create"}).Total; total != 2 {
		t.Errorf("%d records of the plugin are found, want 2", total)
	}
}
