package web_test

import (
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
)

// TestPluginsPagesInABrowser opens what plugins add, and what the console says
// about them: at work with a version that waits, resting, and without anything
// to show.
func TestPluginsPagesInABrowser(t *testing.T) {
	h := newHouse(t)
	n := newNotes(h)
	n.status.Proposal = &host.Proposal{Manifest: sdk.Manifest{Version: "1.5.0"}, SHA256: strings.Repeat("b2", 32), Changes: []core.Change{{Field: "reads of each developer's units", Before: "id", After: "id, label"}}}
	h.plug(n)
	b := openBrowser(t, h)
	see := func(paths ...string) {
		for _, path := range paths {
			for _, l := range []look{deskLight, phoneDark} {
				b.open(path, l)
				b.check(path, l)
			}
		}
	}
	tenant, one := string(h.harpur), "/admin/plugins/notes"
	b.signIn(h.as(core.Owner).Email)
	see("/admin", "/admin/plugins", one, one+"/grants", one+"/tenants", one+"/tenants/"+tenant, one+"/events", one+"/outside", one+"/logs", one+"/crashes",
		found(t, h.as(core.Owner).get(one+"/crashes").body, `href="(/admin/plugins/notes/crashes/\d+)"`), one+"/tools", one+"/settings", one+"/disable",
		"/admin/tenants/"+tenant+"/plugins", "/admin/tenants/"+tenant+"/plugins/notes", "/admin/tools", "/admin/tools/notes/tidy", "/admin/tools/runs", "/admin/tools/runs/tlr_1",
		"/admin/dead-letters", "/admin/dead-letters/"+tenant+"/"+n.letter.ID, "/admin/notes", "/admin/notes/tenants/"+tenant, "/admin/notes/tenants/"+tenant+"/notes/1")
	n.set(func() {
		n.status.State, n.status.Proposal, n.status.Crashes, n.lines = host.Quarantined, nil, nil, nil
		n.status.Why, n.run.State, n.run.Error = "It ended five times in ten minutes.", core.Failed, "the file was busy"
	})
	see(one, one+"/logs", one+"/crashes", "/admin/tools/runs/tlr_1")
}
