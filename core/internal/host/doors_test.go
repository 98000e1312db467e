package host_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
)

func TestDoors(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	h.state("probe", host.Ready)
	a, b := h.ids[0], h.ids[1]

	if page, err := h.page("probe", a, "hello", ""); err != nil || page.Head.Title != "hello" {
		t.Fatalf("page = %+v, %v", page, err)
	}
	page, err := h.Page(h.as(core.Owner), host.Visit{Plugin: "probe", Path: "/things/12", Tenant: core.Tenant{ID: a}, Scope: sdk.Tenant})
	if err != nil || page.Head.Lead != "12" {
		t.Errorf("page = %+v, %v", page, err)
	}
	_, err = h.Page(h.as(core.Auditor), host.Visit{Plugin: "probe", Path: "/things/new", Tenant: core.Tenant{ID: a}, Scope: sdk.Tenant})
	h.wants(err, core.Forbidden, "auditor")
	_, err = h.Page(h.as(core.Owner), host.Visit{Plugin: "probe", Path: "/things/new", Tenant: core.Tenant{ID: a}, Scope: sdk.Tenant, Portal: true})
	h.wants(err, core.NotFound, "page")
	_, err = h.Page(h.as(core.Owner), host.Visit{Plugin: "probe", Path: "/nowhere", Tenant: core.Tenant{ID: a}, Scope: sdk.Tenant})
	h.wants(err, core.NotFound, "page")
	_, err = h.page("absent", a, "", "")
	h.wants(err, core.NotFound, "plugin")

	h.must(h.put("probe", a, "e1"))
	if got := h.effects("probe", a); len(got) != 1 || got["e1"] != 1 {
		t.Errorf("effects = %v", got)
	}
	if got := h.effects("probe", b); len(got) != 0 {
		t.Errorf("another tenant has them: %v", got)
	}
	_, err = h.page("probe", a, "write", "")
	h.wants(err, core.Forbidden, "")
	page, err = h.page("probe", a, "actor", "")
	if err != nil || !strings.Contains(page.Head.Lead, "Niamh Byrne") {
		t.Errorf("actor = %q, %v", page.Head.Lead, err)
	}
	for _, secret := range []string{"niamh@", "secret-session", "because"} {
		if strings.Contains(page.Head.Lead, secret) {
			t.Errorf("the plugin was told %q: %s", secret, page.Head.Lead)
		}
	}
	if places := h.Places(sdk.Tenant, true); len(places) != 1 || places[0].Page.ID != "home" || !places[0].Ready {
		t.Errorf("places = %+v", places)
	}
	if s, _ := h.Find("probe"); s.Calls.Total < 4 || s.Calls.P95 == 0 || s.Calls.InFlight != 0 || s.PID == 0 {
		t.Errorf("status = %+v", s)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, "plugins:\n  probe:\n    mounts: [/api/integrations/probe]\n")
	h.state("probe", host.Ready)
	a := h.ids[0]
	staff := "/api/admin/tenants/" + string(a) + "/integrations/probe/effects"
	ask := func(method, path, body string, tenant core.TenantID) (host.RouteReply, error) {
		return h.Route(h.as(core.Owner), host.RouteRequest{Method: method, Path: path, Body: []byte(body), Tenant: tenant, Header: map[string]string{"Content-Type": "application/json"}})
	}
	reply, err := ask("POST", staff, `{"id":"r1","n":5}`, "")
	if err != nil || reply.Status != 200 || !strings.Contains(string(reply.Body), `"r1"`) {
		t.Fatalf("reply = %d %s, %v", reply.Status, reply.Body, err)
	}
	if reply, err = ask("GET", "/api/integrations/probe/effects", "", a); err != nil || !strings.Contains(string(reply.Body), `"n":5`) {
		t.Errorf("reply = %d %s, %v", reply.Status, reply.Body, err)
	}
	_, err = ask("POST", staff, `{"id":"r2","n":5000}`, "")
	h.wants(err, core.Invalid, "")
	if e := err.(*core.Error); len(e.Fields) != 1 || e.Fields[0].Field != "n" {
		t.Errorf("fields = %+v", e.Fields)
	}
	if reply, err := ask("DELETE", staff, "", ""); err != nil || reply.Status != 405 {
		t.Errorf("DELETE = %d, %v", reply.Status, err)
	}
	_, err = ask("GET", "/api/integrations/probe/effects", "", "")
	h.wants(err, core.NotFound, "platform key")
	_, err = ask("GET", "/api/admin/tenants/ten_00000000000000000000000000/integrations/probe/effects", "", "")
	h.wants(err, core.NotFound, "")
	if h.Owns("/api/integrations/probes") || !h.Owns("/api/integrations/probe/x") || h.Owns("/api/plugins/probe") {
		t.Error("the mounts are others")
	}
	paths, schemas, _ := h.Document()
	for _, want := range []string{"/api/integrations/probe/effects", "/api/admin/tenants/{tenant_id}/integrations/probe/effects"} {
		var item map[string]struct {
			OperationID string `json:"operationId"`
			Description string `json:"description"`
		}
		if err := json.Unmarshal(paths[want], &item); err != nil || item["get"].OperationID == "" || !strings.Contains(item["post"].Description, "directory.write") {
			t.Errorf("document of %s: %s, %v", want, paths[want], err)
		}
	}
	if len(schemas) == 0 {
		t.Error("the document has no schemas")
	}
}

func TestGarbage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	pid := h.state("probe", host.Ready).PID
	a := h.ids[0]
	for _, href := range []string{"javascript:alert(1)", "//elsewhere.example/x", "https://elsewhere.example", "/\\elsewhere.example", "data:text/html,x", "java\nscript:alert(1)"} {
		_, err := h.page("probe", a, "link", href)
		h.wants(err, core.Internal, "page home")
	}
	_, err := h.page("probe", a, "long", "")
	h.wants(err, core.Internal, "page home")
	if page, err := h.page("probe", a, "link", "/admin/probe?x=1#y"); err != nil || page.Head.Actions[0].Href != "/admin/probe?x=1#y" {
		t.Errorf("page = %+v, %v", page, err)
	}
	_, err = h.Act(h.as(core.Owner), host.Visit{Plugin: "probe", Action: "put", Tenant: core.Tenant{ID: a}, Scope: sdk.Tenant,
		Values: map[string][]string{"id": {"x"}, "n": {"1"}, "then": {"leave"}}})
	h.wants(err, core.Internal, "action put")
	_, err = h.page("probe", a, "panic", "")
	h.wants(err, core.Internal, "page home")
	if !strings.Contains(h.log.String(), "told to panic") {
		t.Error("the log has nothing of the panic")
	}
	if s, _ := h.Find("probe"); s.State != host.Ready || s.PID != pid || s.Calls.Failed < 9 {
		t.Errorf("after garbage: %+v", s)
	}
}

func TestSettingsOfAPlugin(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	h.state("probe", host.Ready)
	a := h.ids[0]
	ctx := h.as(core.Owner)
	h.must(h.SaveSettings(ctx, "probe", a, []byte(`{"account":"one","secret":"abcdefghijklmnop"}`), 0))
	_, masked, version, err := h.Settings(ctx, "probe", a)
	h.must(err)
	if strings.Contains(string(masked), "abcdefgh") || !strings.Contains(string(masked), "mnop") {
		t.Errorf("settings = %s", masked)
	}
	h.must(h.SaveSettings(ctx, "probe", a, []byte(`{"account":"two","secret":""}`), version))
	h.wants(h.SaveSettings(ctx, "probe", a, []byte(`{"account":"three"}`), version), core.Conflict, "")
	h.wants(h.SaveSettings(ctx, "probe", a, []byte(`{"account":"closed"}`), 0), core.Invalid, "")
	h.wants(h.SaveSettings(ctx, "probe", a, []byte(`{"account":7}`), 0), core.Invalid, "")
	if _, masked, _, _ = h.Settings(ctx, "probe", a); !strings.Contains(string(masked), "mnop") || !strings.Contains(string(masked), "two") {
		t.Errorf("settings = %s", masked)
	}
	if _, masked, _, _ = h.Settings(ctx, "probe", h.ids[1]); strings.Contains(string(masked), "two") {
		t.Errorf("another tenant's settings = %s", masked)
	}
	_, _, _, err = h.Settings(ctx, "probe", "")
	h.wants(err, core.NotFound, "settings")
}
