package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/api"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/core/sdk"
)

// notes is a plugin without a process: it answers what the test says, and
// remembers what it was asked.
type notes struct {
	unreached

	mu         sync.Mutex
	asked      host.RouteRequest
	calls      int
	reply      host.RouteReply
	err        error
	generation int64
	saved      []byte
	version    int64
	did        []string
}

// unreached is what no test asks of the plugin.
type unreached = api.Plugins

func (n *notes) Owns(path string) bool {
	return strings.Contains(path, "/plugins/notes/") || strings.HasPrefix(path, "/api/notes/")
}

func (n *notes) Route(_ context.Context, r host.RouteRequest) (host.RouteReply, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = r
	n.calls++
	return n.reply, n.err
}

func (n *notes) Document() (paths, schemas map[string]json.RawMessage, generation int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.generation == 0 {
		return nil, nil, 0
	}
	return map[string]json.RawMessage{
		"/api/plugins/notes/all": json.RawMessage(`{"get":{"operationId":"notes-all","responses":{"200":{"description":"Notes.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/NotesAll"}}}}}}}`),
		"/api/me":                json.RawMessage(`{"get":{"operationId":"taken-over"}}`),
	}, map[string]json.RawMessage{"NotesAll": json.RawMessage(`{"type":"object"}`)}, n.generation
}

var notesStatus = host.Status{
	ID: "notes", State: host.Ready, SHA256: strings.Repeat("a", 64), Mounts: []string{"/api/plugins/notes"}, Calls: host.Calls{Total: 40, Failed: 2, P95: 12 * time.Millisecond},
	Crashes: []host.Crash{{At: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)}},
	Manifest: sdk.Manifest{ID: "notes", Name: "Notes", Version: "1.0.0", Settings: sdk.Schema(`{}`), Tools: []sdk.ToolInfo{
		{ID: "tidy", Scope: sdk.Tenant, Permission: core.DirectoryWrite}}},
	Proposal: &host.Proposal{Manifest: sdk.Manifest{Version: "1.1.0"}, SHA256: strings.Repeat("b", 64), Changes: []core.Change{{Field: "reads units", Before: "id", After: "id, label"}}},
}

func (n *notes) Plugins() []host.Status { return []host.Status{notesStatus} }

func (n *notes) Find(id string) (host.Status, error) {
	if id != "notes" {
		return host.Status{}, core.Errorf(core.NotFound, "There is no such plugin.")
	}
	return notesStatus, nil
}

func (n *notes) do(what string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.did = append(n.did, what)
	return nil
}

func (n *notes) Restart(_ context.Context, id string) error { return n.do("restart " + id) }
func (n *notes) Enable(_ context.Context, id, why string) error {
	return n.do("enable " + id + " " + why)
}
func (n *notes) Disable(_ context.Context, id, why string) error {
	return n.do("disable " + id + " " + why)
}
func (n *notes) Refuse(_ context.Context, id, why string) error {
	return n.do("refuse " + id + " " + why)
}
func (n *notes) Approve(_ context.Context, id, sha256 string) error {
	return n.do("approve " + id + " " + sha256[:2])
}
func (n *notes) Reload(context.Context) (changed []string, _ error) {
	return []string{"notes: restarted"}, nil
}
func (n *notes) Switch(_ context.Context, id string, tenant core.TenantID, off bool, why string) error {
	return n.do("switch " + id + " " + why)
}
func (n *notes) Tenants(_ context.Context, _ string, q core.Query) (core.List[host.TenantState], error) {
	return core.List[host.TenantState]{Items: []host.TenantState{{Tenant: q.Tenant, Name: "Harpur Homes", Off: true, Reason: "quiet"}}, Total: 1}, nil
}

func (n *notes) Settings(context.Context, string, core.TenantID) (sdk.Schema, []byte, int64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return sdk.Schema(`{"type":"object"}`), []byte(`{"token":{"set":true,"hint":"…k3f9"}}`), n.version, nil
}

func (n *notes) SaveSettings(_ context.Context, _ string, _ core.TenantID, values []byte, version int64) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if version != 0 && version != n.version {
		return core.Errorf(core.Conflict, "Somebody else was faster.")
	}
	n.saved = values
	n.version++
	return nil
}

func (n *notes) run(state core.WorkState) host.ToolRun {
	return host.ToolRun{ID: "tlr_1", Plugin: "notes", Tool: notesStatus.Manifest.Tools[0], State: state, Plan: sdk.Plan{Counts: []sdk.Count{{Label: "Notes", Value: 3}}, Hash: "h"}}
}

func (n *notes) PlanTool(_ context.Context, _, _ string, _ core.TenantID, params []byte) (host.ToolRun, error) {
	return n.run(core.Pending), n.do("plan " + string(params))
}
func (n *notes) FindTool(context.Context, string) (host.ToolRun, error) {
	return n.run(core.Pending), nil
}
func (n *notes) ApplyTool(context.Context, string) (host.ToolRun, error) {
	return n.run(core.Running), n.do("apply")
}

// withNotes is the API with the plugin behind it, for whoever acts as the role.
func withNotes(t *testing.T, n *notes) func(actor core.Actor, method, path, body string, header ...string) reply {
	t.Helper()
	server := fiber.New(fiber.Config{Immutable: true, DisableStartupMessage: true, ErrorHandler: func(c *fiber.Ctx, err error) error {
		p := problem.New(err, "req")
		if e, ok := errors.AsType[*fiber.Error](err); ok {
			p = problem.OfStatus(e.Code, e.Message, "req")
		}
		body, err := json.Marshal(p)
		if err != nil {
			return err
		}
		c.Set("Content-Type", problem.MediaType)
		return c.Status(p.Status).Send(body)
	}})
	actors := make(chan core.Actor, 1)
	server.Use(func(c *fiber.Ctx) error {
		c.SetUserContext(core.WithActor(context.Background(), <-actors))
		return c.Next()
	})
	err := api.Mount(server, api.Options{
		Rooms:  api.Rooms{Tenants: shared.app.Tenants, Plugins: n, DeadLetters: shared.app.Bus},
		Allows: access.Allows, Limiter: access.NewLimiter(), Now: time.Now, Log: slog.New(slog.DiscardHandler), Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(actor core.Actor, method, path, body string, header ...string) reply {
		t.Helper()
		actors <- actor
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		response, err := server.Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return reply{response.StatusCode, response.Header, string(text)}
	}
}

var (
	engineer = core.Actor{Kind: "api_key", ID: "key_engineer", Role: core.Engineer}
	staff    = core.Actor{Kind: "api_key", ID: "key_admin", Role: core.Admin}
)

func TestAPluginsRoutesAreReached(t *testing.T) {
	t.Parallel()
	n := &notes{reply: host.RouteReply{Status: 201, Header: map[string]string{"content-type": "application/json", "Location": "/api/plugins/notes/7"}, Body: []byte(`{"id":7}`)}}
	send := withNotes(t, n)
	own := core.Actor{Kind: "api_key", ID: "key_own", Role: core.DeveloperAdmin, Tenant: core.TenantID(shared.harpur)}
	r := send(own, "POST", "/api/plugins/notes/all?x=1&x=2", `{"text":"Hi"}`, "X-Trace", "7")
	if r.status != 201 || r.body != `{"id":7}` || r.header.Get("Location") != "/api/plugins/notes/7" || r.header.Get("Content-Type") != "application/json" {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
	if got := r.header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "sandbox;") {
		t.Errorf("the policy is %q", got)
	}
	if a := n.asked; a.Method != "POST" || a.Path != "/api/plugins/notes/all" || a.Query != "x=1&x=2" || string(a.Body) != `{"text":"Hi"}` || a.Tenant != own.Tenant || a.Staff || a.Header["X-Trace"] != "7" {
		t.Errorf("asked %+v", a)
	}
	send(staff, "HEAD", "/api/admin/tenants/"+shared.harpur+"/plugins/notes/all", "")
	if !n.asked.Staff || n.asked.Method != "GET" {
		t.Errorf("asked %+v", n.asked)
	}
	if r := send(staff, "GET", "/api/nothing/at/all", ""); r.status != 404 {
		t.Errorf("what nobody owns answers %d", r.status)
	}
	// Core's own operations come first.
	if r := send(staff, "GET", "/api/admin/plugins/notes/tenants", ""); r.status != 200 || r.text("items.0.reason") != "quiet" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestAPluginsAnswersCanDoNothingInABrowser(t *testing.T) {
	t.Parallel()
	n := &notes{}
	send := withNotes(t, n)
	for given, want := range map[string]string{
		"text/javascript": "text/plain; charset=utf-8", "application/javascript; charset=utf-8": "text/plain; charset=utf-8", "": "application/octet-stream",
		"no type at all;;": "text/plain; charset=utf-8", "text/csv": "text/csv",
	} {
		n.reply = host.RouteReply{Status: 200, Header: map[string]string{"Content-Type": given}, Body: []byte("x")}
		if r := send(staff, "GET", "/api/notes/x", ""); r.header.Get("Content-Type") != want {
			t.Errorf("%q leaves as %q, want %q", given, r.header.Get("Content-Type"), want)
		}
	}
	n.reply = host.RouteReply{Status: 302, Header: map[string]string{"Location": "https://evil.example/"}}
	if r := send(staff, "GET", "/api/notes/x", ""); r.header.Get("Location") != "" {
		t.Error("a route leads to another site")
	}
	n.reply = host.RouteReply{Status: 405}
	if r := send(staff, "GET", "/api/notes/x", ""); r.status != 405 || r.text("title") != "Method Not Allowed" {
		t.Errorf("%d %s", r.status, r.body)
	}
	n.reply, n.err = host.RouteReply{}, core.Errorf(core.Unavailable, "Notes is resting.")
	if r := send(staff, "GET", "/api/notes/x", ""); r.status != 503 || r.text("detail") != "Notes is resting." || r.text("code") != "unavailable" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestAPluginsCreateIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	n := &notes{reply: host.RouteReply{Status: 201, Header: map[string]string{"Content-Type": "application/json"}, Body: []byte(`{"id":7}`)}}
	send := withNotes(t, n)
	path := "/api/admin/tenants/" + shared.other + "/plugins/notes/all"
	for range 2 {
		if r := send(staff, "POST", path, `{}`, "Idempotency-Key", "note-1"); r.status != 201 || r.body != `{"id":7}` {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	if n.calls != 1 {
		t.Errorf("the plugin was asked %d times", n.calls)
	}
}

func TestTheDocumentFollowsThePlugins(t *testing.T) {
	t.Parallel()
	n := &notes{}
	send := withNotes(t, n)
	if r := send(staff, "GET", "/api/openapi.json", ""); strings.Contains(r.body, "notes-all") || r.text("openapi") == "" {
		t.Errorf("%.200s", r.body)
	}
	n.mu.Lock()
	n.generation = 1
	n.mu.Unlock()
	r := send(staff, "GET", "/api/openapi.json", "")
	document := decode(t, r.body)
	paths, _ := document["paths"].(object)
	if paths["/api/plugins/notes/all"] == nil || strings.Contains(r.body, "taken-over") || within(document, "components.schemas.NotesAll") == nil || within(document, "components.securitySchemes.key") == nil {
		t.Error("the document doesn't join core's part and the plugin's")
	}
	if again := send(staff, "GET", "/api/openapi.json", ""); again.body != r.body {
		t.Error("the document differs from one request to the next")
	}
}

func TestPluginsAreOperated(t *testing.T) {
	t.Parallel()
	n := &notes{version: 3}
	send := withNotes(t, n)
	if r := send(engineer, "GET", "/api/admin/plugins", ""); r.text("items.0.id") != "notes" || r.text("items.0.proposal.changes.0.after") != "id, label" || r.value("items.0.p95_ms") != 12.0 {
		t.Errorf("%d %s", r.status, r.body)
	}
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"notes/restart", "", 202}, {"notes/disable", `{"reason":"quiet"}`, 202}, {"notes/disable", `{"reason":""}`, 422}, {"notes/enable", `{"reason":"loud"}`, 202},
		{"notes/refuse", `{"reason":"no"}`, 202}, {"notes/approve", `{"sha256":"short"}`, 422}, {"notes/approve", `{"sha256":"` + strings.Repeat("b", 64) + `"}`, 202}, {"reload", "", 200},
	} {
		if r := send(engineer, "POST", "/api/admin/plugins/"+c.path, c.body); r.status != c.status {
			t.Errorf("%s %s: %d %s", c.path, c.body, r.status, r.body)
		}
	}
	if r := send(engineer, "PUT", "/api/admin/plugins/notes/tenants/"+shared.harpur, `{"off":true,"reason":"quiet"}`); r.status != 200 || r.value("off") != true {
		t.Errorf("%d %s", r.status, r.body)
	}
	if want := "restart notes|disable notes quiet|enable notes loud|refuse notes no|approve notes bb|switch notes quiet"; strings.Join(n.did, "|") != want {
		t.Errorf("did %q, want %q", strings.Join(n.did, "|"), want)
	}
	read := send(engineer, "GET", "/api/admin/plugins/notes/settings", "")
	if read.header.Get("ETag") != `"3"` || read.text("values.token.hint") != "…k3f9" {
		t.Errorf("%v %s", read.header, read.body)
	}
	if r := send(engineer, "PUT", "/api/admin/plugins/notes/settings", `{"values":{"n":9007199254740993}}`, "If-Match", `"2"`); r.status != http.StatusPreconditionFailed {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := send(engineer, "PUT", "/api/admin/plugins/notes/settings", `{"values":{"n":9007199254740993}}`, "If-Match", `"3"`); r.status != 200 || string(n.saved) != `{"n":9007199254740993}` {
		t.Errorf("%d %s: saved %s", r.status, r.body, n.saved)
	}
}

func TestToolsAskForTheirOwnPermission(t *testing.T) {
	t.Parallel()
	n := &notes{}
	send := withNotes(t, n)
	const plan = "/api/admin/tools/notes/tidy/plan"
	body := `{"tenant_id":"` + shared.harpur + `","params":{"days":3}}`
	if r := send(engineer, "POST", plan, body); r.status != 403 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := send(staff, "POST", plan, `{"tenant_id":"nobody"}`); r.status != 422 || r.text("errors.0.field") != "tenant_id" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := send(staff, "POST", "/api/admin/tools/notes/none/plan", body); r.status != 404 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := send(staff, "POST", plan, body); r.status != 201 || r.header.Get("Location") != "/api/admin/tool-runs/tlr_1" || r.value("counts.0.value") != 3.0 {
		t.Errorf("%d %s", r.status, r.body)
	}
	finance := core.Actor{Kind: "api_key", ID: "key_finance", Role: core.Finance}
	for _, c := range []struct {
		who    core.Actor
		method string
		path   string
		status int
	}{
		{engineer, "GET", "", 200}, {finance, "GET", "", 403}, {engineer, "POST", "/apply", 403}, {staff, "POST", "/apply", 202},
	} {
		if r := send(c.who, c.method, "/api/admin/tool-runs/tlr_1"+c.path, ""); r.status != c.status {
			t.Errorf("%s %s as %s: %d %s", c.method, c.path, c.who.Role, r.status, r.body)
		}
	}
	if want := `plan {"days":3}|apply`; strings.Join(n.did, "|") != want {
		t.Errorf("did %q, want %q", strings.Join(n.did, "|"), want)
	}
}
