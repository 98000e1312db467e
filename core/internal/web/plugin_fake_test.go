package web_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/render"
	"github.com/openhouse-ai/console/core/internal/settings"
	"github.com/openhouse-ai/console/core/internal/web"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// notes is a host with one plugin that has no process: it says what a test
// wants it to, and remembers what it was told.
type notes struct {
	house *house

	mu      sync.Mutex
	status  host.Status
	page    func(host.Visit) (ui.Page, error) // nil: the usual page
	err     error                             // of pages and actions
	refuses error                             // of actions alone
	done    sdk.Done
	visits  []host.Visit
	did     []string
	off     bool
	lines   []host.Line
	run     host.ToolRun
	letter  bus.DeadLetter
}

const notesSettings = `{"type":"object","additionalProperties":false,"required":["days"],"properties":{
	"days":{"type":"integer","title":"Days to keep","minimum":1,"default":30,"x-order":1},
	"token":{"type":"string","title":"Token","writeOnly":true,"minLength":8,"x-order":2},
	"tags":{"type":"array","title":"Tags","items":{"type":"string","maxLength":5},"x-order":3}}}`

func newNotes(h *house) *notes {
	at := h.clock.Now()
	manifest := sdk.Manifest{
		ID: "notes", Name: "Site notes", Version: "1.4.0", Summary: "Notes on a unit, for the site team.",
		Pages: []sdk.PageInfo{
			{ID: "all", Path: "/", Title: "Notes", Scope: sdk.Tenant, Nav: true, Permission: core.DirectoryRead},
			{ID: "note", Path: "/notes/{note}", Title: "Note", Scope: sdk.Tenant, Permission: core.DirectoryRead},
			{ID: "everywhere", Path: "/", Title: "Notes everywhere", Scope: sdk.Platform, Nav: true, Permission: core.DirectoryRead},
		},
		Events: []string{"unit.handed_over"}, Jobs: []sdk.JobInfo{{ID: "remind", Summary: "Reminds of open notes.", Schedule: "0 6 * * *", Scope: sdk.Tenant}},
		Tools: []sdk.ToolInfo{
			{ID: "tidy", Title: "Close old notes", Summary: "Closes notes that nobody touched for long.", Scope: sdk.Tenant, Permission: core.DirectoryWrite, Schema: sdk.Schema(`{"type":"object","required":["days"],"properties":{"days":{"type":"integer","minimum":1,"title":"Untouched for"}}}`)},
		},
		Needs:    sdk.Grants{Read: map[string][]string{"units": {"id", "label"}}, Egress: []string{"api.example:443"}},
		Settings: sdk.Schema(notesSettings), PlatformSettings: sdk.Schema(notesSettings),
	}
	n := &notes{house: h, status: host.Status{
		ID: "notes", Manifest: manifest, Bundled: true, SHA256: strings.Repeat("a1", 32), Mounts: []string{"/api/plugins/notes"},
		Granted: sdk.Grants{Read: map[string][]string{"units": {"id"}}}, Sandbox: "landlock 7",
		Limits: host.Limits{Memory: 256 << 20, Procs: 1, Calls: 64, Database: 5 * time.Second, Call: 10 * time.Second, Work: 10 * time.Minute, LogPerMin: 600},
		State:  host.Ready, Since: at, StartedAt: at, PID: 4711, Memory: 18 << 20, MemoryPeak: 20 << 20,
		Calls: host.Calls{InFlight: 1, Total: 420, Failed: 3, P50: 4 * time.Millisecond, P95: 38 * time.Millisecond}, Pending: 2, Dead: 1,
		Crashes: []host.Crash{{At: at.Add(-time.Hour), PID: 4700, Exit: "exit code 2", Panic: "panic: no note\n\ngoroutine 7 [running]:\nmain.main()", Uptime: 3 * time.Minute,
			Calls: []string{"page all of " + string(h.harpur)}, Lines: []host.Line{{At: at.Add(-time.Hour), Level: "error", Text: "no note"}}}},
	}}
	n.lines = []host.Line{{At: at, Level: "info", Text: "started"}, {At: at, Level: "error", Text: "could not remind", Tenant: h.harpur, Call: "call_1"}}
	n.run = host.ToolRun{ID: "tlr_1", Plugin: "notes", Tool: manifest.Tools[0], Tenant: h.harpur, State: core.Pending, By: "system",
		Plan: sdk.Plan{Counts: []sdk.Count{{Label: "Notes to close", Value: 3}}, Cost: "nothing", Hash: "c0ffee", Samples: ui.Table{
			Columns: []ui.Column{{Title: "Note"}}, Rows: []ui.Row{{Cells: ui.Values{ui.Text{Text: "Snag list"}}}}}}}
	n.letter = bus.DeadLetter{
		ID: "evt_" + strings.Repeat("0", 26) + ".notes", Tenant: h.harpur, TenantName: "Harpur Homes", Subscriber: "notes", Attempts: 12, State: "dead", Error: "no such unit",
		Event:  core.Event{ID: "evt_" + strings.Repeat("0", 26), Name: "unit.handed_over", Subject: core.Target{Kind: "unit", ID: "unt_" + strings.Repeat("0", 26)}, Data: []byte(`{"secret":"of the event"}`), At: at},
		Errors: []bus.Attempt{{At: at, Error: "no such unit"}}, FirstAt: at, LastAt: at,
	}
	return n
}

// plug starts a console over the house's rooms with the plugin in it; from now
// on everybody uses that one.
func (h *house) plug(n *notes) {
	h.t.Helper()
	renderer, err := render.New(render.Options{})
	h.must(err)
	app, err := web.New(web.Options{
		Rooms: web.Rooms{
			Tenants: h.Tenants, Settings: settings.New(h.Tenants, h.Audit), Audit: h.Audit, Events: h.Bus,
			Developments: h.Directory.Developments, Units: h.Directory.Units, Homeowners: h.Directory.Homeowners, Onboarding: h.Onboarding,
			Users: h.Access.Users, Sessions: h.Access.Sessions, Factors: h.Access.Factors, Keys: h.Access.Keys, Limiter: access.NewLimiter(),
			Jobs: h.Jobs, Messages: h.Outbox, Insight: h.Insight, DeadLetters: n, Plugins: n, Observe: func(string, string, int, time.Duration) {},
		},
		Renderer: renderer, Now: h.clock.Now, Log: h.Log, BaseURL: h.url, Version: "test", Allows: access.Allows, Ready: func() error { return nil },
		Streams: context.WithoutCancel(system),
		Mount: func(app *fiber.App) error {
			app.Get("/api/openapi.json", func(c *fiber.Ctx) error {
				return c.JSON(fiber.Map{"openapi": "3.1.0", "info": fiber.Map{"title": "Test", "version": "1"}, "paths": fiber.Map{}})
			})
			return nil
		},
	})
	h.must(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	h.must(err)
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	h.url = "http://" + listener.Addr().String()
	h.t.Cleanup(func() {
		if err := app.ShutdownWithTimeout(5 * time.Second); err != nil && err != context.DeadlineExceeded {
			h.t.Error(err)
		}
		<-served
	})
}

func (n *notes) set(change func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change()
}

func (n *notes) note(format string, args ...any) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.did = append(n.did, fmt.Sprintf(format, args...))
	return nil
}

// last is what was done last.
func (n *notes) last() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.did) == 0 {
		return ""
	}
	return n.did[len(n.did)-1]
}

func (n *notes) Plugins() []host.Status {
	n.mu.Lock()
	defer n.mu.Unlock()
	return []host.Status{n.status}
}

func (n *notes) Find(id string) (host.Status, error) {
	if id != "notes" {
		return host.Status{}, core.Errorf(core.NotFound, "There is no such plugin.")
	}
	return n.Plugins()[0], nil
}

func (n *notes) Logs(string) []host.Line {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]host.Line(nil), n.lines...)
}

func (n *notes) Outside(context.Context, string, core.Query) (core.List[host.OutsideCall], error) {
	return core.List[host.OutsideCall]{Total: 1, Items: []host.OutsideCall{{At: n.house.clock.Now(), Tenant: n.house.harpur, Method: "GET", Host: "api.example", Path: "/v1/units", Status: 502, Took: 1200 * time.Millisecond}}}, nil
}

func (n *notes) Tenants(_ context.Context, _ string, q core.Query) (core.List[host.TenantState], error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	state := host.TenantState{Tenant: n.house.harpur, Name: "Harpur Homes", Off: n.off, Version: 2}
	if n.off {
		state.Reason = "quiet season"
	}
	if q.Tenant != "" && q.Tenant != n.house.harpur {
		return core.List[host.TenantState]{}, nil
	}
	return core.List[host.TenantState]{Items: []host.TenantState{state}, Total: 1}, nil
}

func (n *notes) Restart(context.Context, string) error          { return n.note("restart") }
func (n *notes) Enable(_ context.Context, _, why string) error  { return n.note("enable %s", why) }
func (n *notes) Disable(_ context.Context, _, why string) error { return n.note("disable %s", why) }
func (n *notes) Refuse(_ context.Context, _, why string) error  { return n.note("refuse %s", why) }
func (n *notes) Approve(_ context.Context, _, sum string) error { return n.note("approve %s", sum[:4]) }
func (n *notes) Reload(context.Context) ([]string, error)       { return []string{"notes: restarted"}, n.err }
func (n *notes) Switch(_ context.Context, _ string, t core.TenantID, off bool, why string) error {
	n.set(func() { n.off = off })
	return n.note("switch %t %s", off, why)
}

func (n *notes) Places(scope sdk.Scope, portal bool) []host.Place {
	var places []host.Place
	for _, p := range n.Plugins()[0].Manifest.Pages {
		if p.Nav && p.Scope == scope {
			places = append(places, host.Place{Plugin: "notes", Page: p, Ready: n.err == nil})
		}
	}
	return places
}

func (n *notes) Page(_ context.Context, v host.Visit) (ui.Page, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.visits = append(n.visits, v)
	switch {
	case n.err != nil:
		return ui.Page{}, n.err
	case n.page != nil:
		return n.page(v)
	case v.Path != "/" && v.Path != "/notes/1":
		return ui.Page{}, core.Errorf(core.NotFound, "There is no such page.")
	}
	return notesPage(v), nil
}

// notesPage has one of what plugins are made of.
func notesPage(v host.Visit) ui.Page {
	if v.Path == "/notes/1" {
		return ui.Page{Title: "Snag list", Head: ui.Head{Title: "Snag list"}, Crumbs: []ui.Link{{Text: "Notes", Href: v.Base + "/"}},
			Blocks: ui.Blocks{ui.Section{Title: "Note", Blocks: ui.Blocks{ui.Details{Items: []ui.Detail{{Label: "Text", Value: ui.Text{Text: "Second coat of paint"}}}}}}}}
	}
	act := v.Base + "/actions/"
	table := ui.Table{
		ID: "notes", Title: "Notes", Columns: []ui.Column{{Title: "Note"}, {Title: "Cost", Numeric: true}, {Title: "Days", Numeric: true}, {Title: "Written", Numeric: true}, {Title: ""}},
		None: ui.Empty{Title: "No notes yet.", Reason: "Write the first one."},
	}
	rows := 1
	if v.Whole {
		rows = 3
	}
	for i := range rows {
		table.Rows = append(table.Rows, ui.Row{Href: v.Base + "/notes/1", Cells: ui.Values{
			ui.Link{Text: fmt.Sprintf("=SUM(%d)", i), Href: v.Base + "/notes/1"}, ui.Money{Minor: 1250, Currency: "EUR"}, ui.Number{Value: int64(i)}, ui.Time{At: time.Date(2026, 11, 1, 23, 30, 0, 0, time.UTC)},
			ui.Actions{Items: []ui.Action{{Label: "Close", Href: act + "close", Post: true, Fields: []ui.Hidden{{Name: "note", Value: "1"}}}}},
		}})
	}
	return ui.Page{
		Title: "Notes", Head: ui.Head{Title: "Notes of the site", Lead: "What is still to do."},
		Blocks: ui.Blocks{table, ui.Form{
			ID: "add", Title: "Add a note", Action: act + "add", Submit: "Add note",
			Fields: []ui.Field{{Name: "title", Label: "Title", Required: true}, {Kind: ui.TextArea, Name: "text", Label: "Text"}},
		}},
	}
}

func (n *notes) Act(_ context.Context, v host.Visit) (sdk.Done, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.visits = append(n.visits, v)
	if n.refuses != nil {
		return sdk.Done{}, n.refuses
	}
	if v.Action == "add" && len(v.Values["title"]) > 0 && v.Values["title"][0] == "" {
		return sdk.Done{}, core.Problems{{Field: "title", Reason: "is missing"}}.Err()
	}
	if v.Action == "close" && n.err == nil && n.done == (sdk.Done{}) {
		return sdk.Done{}, core.Errorf(core.Conflict, "The note is closed already.")
	}
	return n.done, n.err
}

func (n *notes) Settings(context.Context, string, core.TenantID) (sdk.Schema, []byte, int64, error) {
	return sdk.Schema(notesSettings), []byte(`{"days":14,"token":{"set":true,"hint":"…k3f9"},"tags":["wet"]}`), 5, nil
}

func (n *notes) SaveSettings(_ context.Context, _ string, tenant core.TenantID, values []byte, version int64) error {
	return n.note("save %t %d %s", tenant != "", version, values)
}

func (n *notes) PlanTool(_ context.Context, _, _ string, tenant core.TenantID, params []byte) (host.ToolRun, error) {
	return n.run, n.note("plan %t %s", tenant == n.house.harpur, params)
}

func (n *notes) FindTool(_ context.Context, id string) (host.ToolRun, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if id != n.run.ID {
		return host.ToolRun{}, core.Errorf(core.NotFound, "There is no such run.")
	}
	return n.run, nil
}

func (n *notes) ApplyTool(context.Context, string) (host.ToolRun, error) {
	n.set(func() { n.run.State, n.run.Done, n.run.Total = core.Running, 1, 3 })
	return n.run, n.note("apply")
}

func (n *notes) ResumeTool(context.Context, string) (host.ToolRun, error) {
	return n.run, n.note("resume")
}
func (n *notes) CancelTool(context.Context, string) error { return n.note("cancel") }
func (n *notes) ToolRuns(context.Context, core.Query) (core.List[host.ToolRun], error) {
	return core.List[host.ToolRun]{Items: []host.ToolRun{n.run}, Total: 1}, nil
}

func (n *notes) DeadLetters(context.Context, core.Query) (core.List[bus.DeadLetter], error) {
	return core.List[bus.DeadLetter]{Items: []bus.DeadLetter{n.letter}, Total: 1}, nil
}

func (n *notes) FindDeadLetter(_ context.Context, tenant core.TenantID, id string) (bus.DeadLetter, error) {
	if tenant != n.letter.Tenant || id != n.letter.ID {
		return bus.DeadLetter{}, core.Errorf(core.NotFound, "There is no such dead letter.")
	}
	return n.letter, nil
}

func (n *notes) RetryDead(_ context.Context, tenant core.TenantID, id string) error {
	if _, err := n.FindDeadLetter(system, tenant, id); err != nil {
		return err
	}
	return n.note("retry")
}

func (n *notes) DropDead(_ context.Context, _ core.TenantID, _, why string) error {
	return n.note("drop %s", why)
}

// patience is longer than a proof of who one is holds.
func (h *house) patience() time.Duration { return 11 * time.Minute }
