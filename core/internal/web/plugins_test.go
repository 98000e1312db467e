package web_test

import (
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
)

func TestPluginsAreLookedAfter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := newNotes(h)
	h.plug(n)
	engineer, auditor := h.as(core.Engineer), h.as(core.Auditor)
	engineer.get("/admin/plugins").wants(t, 200, "Site notes", "Ready", "1.4.0", "38", "18.8 MB", "Need attention")
	engineer.get("/admin/plugins?status=stopped").wants(t, 200, "Nothing matches.")
	engineer.get("/admin/plugins?sort=-errors&q=notes&format=csv").wants(t, 200, "Site notes,Ready,1.4.0")
	engineer.get("/admin/plugins/notes").wants(t, 200, "landlock 7", strings.Repeat("a1", 32), "notes.remind", "/api/plugins/notes", "10 min", "Notes everywhere", "median 4\u00a0ms")
	engineer.get("/admin/plugins/other").wants(t, 404)
	if home := engineer.get("/admin").wants(t, 200, "1 dead letter", "Not taken"); strings.Contains(home.body, "Not at work") || strings.Contains(home.body, "Asks for approval") {
		t.Error("the home page asks for what needs nobody")
	}
	engineer.get("/admin/plugins/notes/grants").wants(t, 200, "Without label", "api.example:443", "Asked for")
	engineer.get("/admin/plugins/notes/outside").wants(t, 200, "api.example", "GET /v1/units", "502")
	engineer.get("/admin/plugins/notes/tools").wants(t, 200, "No tools for you.")

	if page := auditor.get("/admin/plugins/notes").wants(t, 200); strings.Contains(page.main(), "Switch off") {
		t.Error("an auditor is offered to switch the plugin off")
	}
	engineer.post("/admin/plugins/notes/restart").leads(t, "/admin/plugins/notes")
	engineer.get("/admin/plugins/notes/disable").wants(t, 200, "1 job don", "3 pages")
	engineer.post("/admin/plugins/notes/disable", "reason", " ").wants(t, 422, "is missing: say why")
	engineer.post("/admin/plugins/notes/disable", "reason", "too loud").leads(t, "/admin/plugins/notes")
	if n.last() != "disable too loud" {
		t.Error(n.last())
	}
	n.set(func() { n.status.State, n.status.Why = host.Stopped, "Switched off by Niamh." })
	engineer.get("/admin/plugins/notes").wants(t, 200, "Switched off by Niamh.", "Switch on")
	engineer.post("/admin/plugins/notes/enable", "reason", "quiet now").leads(t, "/admin/plugins/notes")
	engineer.post("/admin/plugins/reload").leads(t, "/admin/plugins")
	engineer.get("/admin/plugins").wants(t, 200, "Changed: notes: restarted.")
	n.set(func() { n.err = core.Errorf(core.Invalid, "plugins.yaml, line 4: unknown key \"pth\".") })
	engineer.post("/admin/plugins/reload").wants(t, 422, "line 4: unknown key", "Site notes")
	for state, texts := range map[host.State][]string{
		host.Quarantined: {"Quarantined", "until somebody restarts it"}, host.BackingOff: {"Backing off", "next attempt"}, host.Degraded: {"Degraded"}, host.Starting: {"Starting"},
	} {
		n.set(func() { n.status.State, n.status.NextStart = state, h.clock.Now() })
		engineer.get("/admin/plugins/notes").wants(t, 200, texts...)
	}
	n.set(func() { n.status.State = host.Quarantined })
	engineer.get("/admin").wants(t, 200, "1 plugin", "Not at work")
}

func TestWhatAVersionAsksForIsApproved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := newNotes(h)
	h.plug(n)
	engineer := h.as(core.Engineer)
	const address = "/admin/plugins/notes/approve"
	confirm := func() { engineer.post("/confirm?next="+address, "proof", password).leads(t, address) }
	confirm()
	engineer.get(address).wants(t, 409, "waits for no approval")
	n.set(func() {
		n.status.Proposal = &host.Proposal{Manifest: sdk.Manifest{Version: "1.5.0"}, SHA256: strings.Repeat("b2", 32), Changes: []core.Change{{Field: "reads of each developer's units", Before: "id", After: "id, label"}}}
	})
	engineer.get("/admin").wants(t, 200, "1 plugin", "Asks for approval")
	engineer.get("/admin/plugins/notes").wants(t, 200, "Version 1.5.0 asks for more", "keeps serving", "id, label", "Approve", "Refuse")
	engineer.get(address).wants(t, 200, "id, label", strings.Repeat("b2", 32))
	engineer.post(address, "sha256", "another").wants(t, 409, "Another version waits by now")
	engineer.post(address, "sha256", strings.Repeat("b2", 32)).leads(t, "/admin/plugins/notes")
	if n.last() != "approve b2b2" {
		t.Error(n.last())
	}
	engineer.post("/admin/plugins/notes/refuse", "reason", "not now").leads(t, "/admin/plugins/notes")
	n.set(func() { n.status.Proposal, n.status.State = nil, host.Held })
	engineer.get("/admin/plugins/notes").wants(t, 200, "Needs approval", "Reads in each tenant&#39;s file: units", "Calls outside: api.example:443")
	engineer.get(address).wants(t, 200, strings.Repeat("a1", 32))
	h.clock.Advance(h.patience())
	engineer.post(address, "sha256", strings.Repeat("a1", 32)).wants(t, 303)
	if n.last() == "approve a1a1" {
		t.Error("approved without a proof of who it is")
	}
}

func TestAPluginsLogAndCrashesAreRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := newNotes(h)
	h.plug(n)
	engineer := h.as(core.Engineer)
	const logs = "/admin/plugins/notes/logs"
	engineer.get(logs).wants(t, 200, "INFO  started", "could not remind", `sse-connect="`+logs+`/stream"`)
	if page := engineer.get(logs+"?level=error").wants(t, 200, "could not remind"); strings.Contains(page.body, "INFO  started") {
		t.Error("the level isn't heeded")
	}
	engineer.get(logs+"/poll?level=warn").wants(t, 200, "could not remind")
	events := engineer.stream(logs + "/stream")
	for line := range events {
		if strings.Contains(line, "could not remind") {
			break
		}
	}
	n.set(func() { n.lines = append(n.lines, host.Line{At: h.clock.Now(), Level: "warn", Text: "one more thing"}) })
	for line := range events {
		if strings.Contains(line, "one more thing") {
			break
		}
	}
	page := engineer.get("/admin/plugins/notes/crashes").wants(t, 200, "exit code 2", "panic: no note")
	dossier := found(t, page.body, `href="(/admin/plugins/notes/crashes/\d+)"`)
	engineer.get(dossier).wants(t, 200, "goroutine 7", "page all of", "3m0s", "no note")
	engineer.get("/admin/plugins/notes/crashes/1").wants(t, 404)
	n.set(func() { n.status.Crashes, n.lines = nil, nil })
	engineer.get("/admin/plugins/notes/crashes").wants(t, 200, "It has never crashed.")
	engineer.get(logs).wants(t, 200, "Nothing here.")
}

func TestAPluginIsSwitchedAndSetForATenant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := newNotes(h)
	h.plug(n)
	owner, developer, viewer := h.as(core.Owner), h.as(core.DeveloperAdmin), h.as(core.DeveloperViewer)
	at := "/admin/plugins/notes/tenants/" + string(h.harpur)
	owner.get("/admin/plugins/notes/tenants").wants(t, 200, "Harpur Homes", "On", `href="`+at+`"`)
	owner.get(at).wants(t, 200, "Switch off Site notes for Harpur Homes")
	owner.post(at, "off", "true").wants(t, 422, "is missing: say why")
	owner.post(at, "off", "true", "reason", "quiet season").leads(t, "/admin/plugins/notes/tenants")
	owner.get("/admin/plugins/notes/tenants").wants(t, 200, "quiet season", "Off")
	owner.get("/admin/tenants/"+string(h.harpur)+"/plugins").wants(t, 200, "Site notes", "Off")
	owner.post(at, "off", "false", "reason", "back").leads(t, "/admin/plugins/notes/tenants")

	const own = "/portal/plugins/notes"
	developer.get("/portal/plugins").wants(t, 200, "Site notes", `href="`+own+`"`)
	form := developer.get(own).wants(t, 200, `value="14"`, "ends in k3f9", "Forget: Token", `name="_version" value="5"`)
	if strings.Contains(form.body, "/admin/") {
		t.Error("the portal leads to the console")
	}
	developer.post(own, "_version", "5", "days", "many", "tags", "wet\ntoo long", "token", "typed").wants(t, 422, "is not a whole number", "too long is longer than 5 characters", "is shorter than 8 characters")
	developer.post(own, "_version", "5", "days", "20", "tags", "dry", "token", "").leads(t, own)
	if want := `save true 5 {"days":20,"tags":["dry"]}`; n.last() != want {
		t.Errorf("%s, want %s", n.last(), want)
	}
	developer.post(own, "_version", "x", "days", "20", "_forget.token", "on").leads(t, own)
	if want := `save true -1 {"days":20,"token":null}`; n.last() != want {
		t.Errorf("%s, want %s", n.last(), want)
	}
	if page := viewer.get(own).wants(t, 200, "Set, ends in k3f9", "14"); strings.Contains(page.main(), "<form") {
		t.Error("a viewer is given a form")
	}
	viewer.post(own, "days", "1").wants(t, 403)
	owner.get("/admin/tenants/"+string(h.harpur)+"/plugins/notes").wants(t, 200, "ends in k3f9")
	owner.get("/admin/plugins/notes/settings").wants(t, 200, "Days to keep")
	owner.post("/admin/plugins/notes/settings", "_version", "5", "days", "7").leads(t, "/admin/plugins/notes/settings")
	if want := `save false 5 {"days":7}`; n.last() != want {
		t.Errorf("%s, want %s", n.last(), want)
	}
}

func TestAToolIsPlannedThenApplied(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := newNotes(h)
	h.plug(n)
	owner, finance := h.as(core.Owner), h.as(core.Finance)
	const tool, run = "/admin/tools/notes/tidy", "/admin/tools/runs/tlr_1"
	owner.get("/admin/tools").wants(t, 200, "Close old notes", "One tenant")
	finance.get("/admin/tools").wants(t, 200, "No tools for you.")
	finance.get(tool).wants(t, 403)
	finance.post(run+"/apply").wants(t, 403)
	finance.get(run).wants(t, 403)
	owner.get(tool).wants(t, 200, "Harpur Homes", "Untouched for", "changes nothing")
	owner.post(tool, "_tenant", "", "days", "x").wants(t, 422, "choose the tenant")
	owner.post(tool, "_tenant", string(h.harpur), "days", "0").wants(t, 422, "is less than 1")
	owner.post(tool, "_tenant", string(h.harpur), "days", "30").leads(t, run)
	if n.last() != `plan true {"days":30}` {
		t.Error(n.last())
	}
	owner.get(run).wants(t, 200, "Planned", "Notes to close: 3", "Cost: nothing", "Snag list", "Apply this plan")
	owner.post(run+"/apply").leads(t, run)
	owner.get(run).wants(t, 200, "Being applied", `sse-connect="`+run+`/stream"`, "Cancel")
	events := owner.stream(run + "/stream")
	<-events
	owner.post(run+"/cancel").leads(t, run)
	n.set(func() { n.run.State, n.run.Error = core.Failed, "the file was busy" })
	for line := range events {
		if line == "event: done" {
			break
		}
	}
	owner.get(run+"/poll").wants(t, 286, "the file was busy")
	owner.get(run).wants(t, 200, "It failed.", "Resume", "New plan")
	owner.post(run+"/resume").leads(t, run)
	n.set(func() { n.run.State, n.run.Summary, n.run.Error = core.Done, "3 notes closed", "" })
	owner.get(run).wants(t, 200, "It is applied.", "3 notes closed")
	owner.get("/admin/tools/runs").wants(t, 200, "Close old notes", "Applied", "3 notes closed")
	owner.get("/admin/tools/runs/none").wants(t, 404)
}

func TestDeadLettersAreRetriedAndDropped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := newNotes(h)
	h.plug(n)
	engineer, auditor := h.as(core.Engineer), h.as(core.Auditor)
	at := "/admin/dead-letters/" + string(h.harpur) + "/" + n.letter.ID
	engineer.get("/admin/dead-letters").wants(t, 200, "Unit handed over", "Dead", `href="`+at+`"`, "/admin/dead-letters/retry", "Site notes")
	engineer.get("/admin/plugins/notes/events").wants(t, 200, "unit.handed_over", `href="`+at+`"`)
	engineer.get(at).wants(t, 200, "no such unit", "of the event", "Retry", "Drop")
	if page := auditor.get(at).wants(t, 200); strings.Contains(page.main(), "Retry") {
		t.Error("an auditor is offered a retry")
	}
	engineer.post(at+"/retry").leads(t, at)
	engineer.post(at+"/drop", "reason", "").wants(t, 422, "is missing: say why")
	engineer.post(at+"/drop", "reason", "the unit is gone").leads(t, at)
	if n.last() != "drop the unit is gone" {
		t.Error(n.last())
	}
	engineer.post("/admin/dead-letters/retry", "id", string(h.harpur)+"/"+n.letter.ID, "id", string(h.harpur)+"/evt_none.notes").leads(t, "/admin/dead-letters")
	engineer.get("/admin/dead-letters").wants(t, 200, "1 event queued again. 1 event could not be.")
	engineer.get("/admin/dead-letters/"+string(h.rathmore)+"/"+n.letter.ID).wants(t, 404)
	auditor.post(at+"/retry").wants(t, 403)
}
