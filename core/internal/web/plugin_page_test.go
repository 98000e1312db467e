package web_test

import (
	"archive/zip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/web"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

func TestAPluginsPageStandsAmongTheTenants(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := newNotes(h)
	h.plug(n)
	owner, developer := h.as(core.Owner), h.as(core.DeveloperAdmin)
	staffBase := "/admin/notes/tenants/" + string(h.harpur)

	page := owner.get(staffBase).wants(t, 200, "Harpur Homes", `aria-current="page">Notes`, "What is still to do.", `action="`+staffBase+`/actions/add"`, `name="_page" value="/"`)
	if !strings.Contains(page.body, `<a href="/admin/tenants" aria-current="page"`) && !regexp.MustCompile(`href="/admin/tenants"[^>]*aria-current`).MatchString(page.body) {
		t.Error("the navigation doesn't say where the page belongs")
	}
	owner.get("/admin").wants(t, 200, `href="/admin/notes"`, "Notes everywhere")
	owner.get("/admin/tenants/"+string(h.harpur)).wants(t, 200, `href="`+staffBase+`"`)
	owner.get(staffBase+"/notes/1").wants(t, 200, "Second coat of paint", `href="/admin/tenants/`+string(h.harpur)+`"`)
	owner.get("/admin/notes").wants(t, 200, "Notes of the site")
	developer.get("/portal").wants(t, 200, `href="/portal/notes"`)
	developer.get("/portal/notes").wants(t, 200, "Notes of the site", `action="/portal/notes/actions/add"`)
	owner.get("/palette?q=everywhere").wants(t, 200, `"href":"/admin/notes"`)
	d, err := h.Directory.Developments.Create(system, h.harpur, core.Development{Name: "Harpur Lane"})
	h.must(err)
	owner.do("GET", "/palette?q=lane", "", "Referer", h.url+staffBase+"/notes/1").wants(t, 200, "/admin/tenants/"+string(h.harpur)+"/developments/"+d.ID)

	for _, unknown := range []string{staffBase + "/other", "/admin/other", "/admin/other/x", "/admin/notes/x", "/admin/notes/tenants/" + strings.Replace(string(h.harpur), "ten_0", "ten_1", 1), "/admin/notes/tenants/x"} {
		owner.get(unknown).wants(t, 404)
	}
	for _, foreign := range []string{"/admin/notes", staffBase, "/portal/other", "/portal/notes/tenants/" + string(h.rathmore)} {
		developer.get(foreign).wants(t, 404)
	}
	n.set(func() {
		for _, v := range n.visits {
			if v.Portal && (v.Tenant.ID != h.harpur || v.Scope != sdk.Tenant || v.Base != "/portal/notes") {
				t.Errorf("the portal asked for %+v", v)
			}
		}
	})
}

func TestAPluginsFormsComeBackWithTheirErrors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := newNotes(h)
	h.plug(n)
	owner := h.as(core.Owner)
	base := "/admin/notes/tenants/" + string(h.harpur)
	send := func(action string, pairs ...string) answer { return owner.post(base+"/actions/"+action, pairs...) }

	again := send("add", "title", "", "text", "Keep <this>", "_page", "/?state=open", "_form", "1").wants(t, 422, "is missing", "Keep &lt;this&gt;", "What is still to do.", `name="_page" value="/?state=open"`)
	if strings.Contains(again.body, "That didn't work") {
		t.Error("the reason isn't beside its field alone")
	}
	n.set(func() {
		v := n.visits[len(n.visits)-1]
		if first := n.visits[len(n.visits)-2]; first.Values["_page"] != nil || first.Values["_form"] != nil {
			t.Error("the plugin is told of the console's own fields")
		}
		if v.Path != "/" || v.Query["state"][0] != "open" || v.Action != "" {
			t.Errorf("drawn again: %+v", v)
		}
	})
	send("close", "note", "1", "_page", "/notes/1").wants(t, 409, "The note is closed already.", "Second coat of paint")

	for next, want := range map[string]string{
		"": base + "/notes/1?x=1", "/": base, "/notes/1": base + "/notes/1", base + "/notes/1?y=2": base + "/notes/1?y=2",
		"/../../tenants": base + "/notes/1?x=1", "//evil.example": base + "/notes/1?x=1", "https://evil.example": base + "/notes/1?x=1", "/admin/users": base + "/admin/users",
	} {
		n.set(func() { n.done = sdk.Done{Next: next, Said: "Note added."} })
		send("add", "title", "Paint", "_page", "/notes/1?x=1").leads(t, want)
	}
	owner.get(base).wants(t, 200, "Note added.")
	for _, from := range []string{"https://evil.example/", "//evil.example", "/../x", "\\x", ""} {
		n.set(func() { n.done = sdk.Done{} })
		send("add", "title", "Paint", "_page", from).leads(t, base)
	}
	n.set(func() { n.err = core.Errorf(core.Forbidden, "You can't.") })
	send("add", "title", "Paint").wants(t, 403, "You can&#39;t.")
}

func TestAPluginsTablesLeaveAsFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := newNotes(h)
	h.plug(n)
	owner := h.as(core.Owner)
	base := "/admin/notes/tenants/" + string(h.harpur)
	owner.get(base+"?state=open").wants(t, 200, `href="`+base+`?format=csv&amp;state=open&amp;table=notes"`)
	file := owner.get(base+"?format=csv&table=notes&state=open&after=x").wants(t, 200)
	want := "\ufeffNote,Cost,Days,Written\r\n'=SUM(0),12.50 EUR,0,2026-11-01 23:30:00\r\n'=SUM(1),12.50 EUR,1,2026-11-01 23:30:00\r\n'=SUM(2),12.50 EUR,2,2026-11-01 23:30:00\r\n"
	if file.body != want || file.header.Get("Content-Disposition") != `attachment; filename="notes.csv"` {
		t.Errorf("%v %q, want %q", file.header, file.body, want)
	}
	n.set(func() {
		if v := n.visits[len(n.visits)-1]; !v.Whole || v.Query["format"] != nil || v.Query["after"] != nil || v.Query["state"] == nil {
			t.Errorf("asked for %+v", v)
		}
	})
	book := owner.get(base+"?format=xlsx&table=notes").wants(t, 200)
	if _, err := zip.NewReader(strings.NewReader(book.body), int64(len(book.body))); err != nil {
		t.Errorf("the workbook is none: %v", err)
	}
	owner.get(base+"?format=csv&table=others").wants(t, 404)
	n.set(func() {
		n.page = func(v host.Visit) (ui.Page, error) {
			odd := ui.Table{Title: "A [very] long: name/of a * table that goes on", Columns: []ui.Column{{Title: "Mixed"}, {Title: "Share"}, {Title: "Short"}}, Totals: ui.Values{nil},
				Rows: []ui.Row{{Cells: ui.Values{ui.Number{Value: 714, Decimals: 1, Unit: "%"}, ui.Meter{Done: 3, Total: 10}}}, {Cells: ui.Values{ui.Text{Text: "-1"}, nil, ui.Badge{Text: "Open"}}}}}
			odd.ID = "odd"
			twin := odd
			return ui.Page{Head: ui.Head{Title: "Odd"}, Blocks: ui.Blocks{ui.Section{Blocks: ui.Blocks{odd, twin}}}}, nil
		}
	})
	if got := owner.get(base+"?format=csv&table=odd-2").wants(t, 200).body; got != "\ufeffMixed,Share,Short\r\n71.4%,3 of 10,\r\n'-1,,Open\r\n" {
		t.Errorf("%q", got)
	}
	owner.get(base+"?format=xlsx&table=odd").wants(t, 200)
	checkMarkup(t, base, owner.get(base).wants(t, 200))
}

func TestWhatAPluginHandsBackIsLookedThrough(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := newNotes(h)
	h.plug(n)
	owner := h.as(core.Owner)
	base := "/admin/notes/tenants/" + string(h.harpur)
	cell := func(v ui.Value) ui.Block { return ui.Details{Items: []ui.Detail{{Label: "x", Value: v}}} }
	show := func(blocks ...ui.Block) answer {
		n.set(func() {
			n.page = func(host.Visit) (ui.Page, error) { return ui.Page{Head: ui.Head{Title: "Trial"}, Blocks: blocks}, nil }
		})
		return owner.get(base)
	}
	for name, bad := range map[string]ui.Block{
		"script":            cell(ui.Link{Text: "x", Href: "javascript:alert(1)"}),
		"another site":      cell(ui.Link{Text: "x", Href: "https://evil.example"}),
		"no scheme":         cell(ui.Link{Text: "x", Href: "//evil.example"}),
		"backslash":         cell(ui.Link{Text: "x", Href: "/\\evil.example"}),
		"control":           cell(ui.Link{Text: "x", Href: "/a\tb"}),
		"external script":   cell(ui.Link{Text: "x", Href: "javascript:alert(1)", External: true}),
		"external data":     cell(ui.Link{Text: "x", Href: "data:text/html,x", External: true}),
		"id":                cell(ui.ID{Text: "x", Href: "https://evil.example"}),
		"button":            cell(ui.Actions{Items: []ui.Action{{Label: "x", Href: "/sign-out", Post: true}}}),
		"foreign button":    ui.Notice{Actions: []ui.Action{{Label: "x", Href: "/admin/other/actions/x", Post: true}}},
		"nested button":     ui.Section{Actions: []ui.Action{{Label: "x", Href: base + "/actions/a/b", Post: true}}},
		"bulk":              ui.Table{Bulk: []ui.Action{{Label: "x", Href: "/admin/users", Post: true}}, Rows: []ui.Row{{}}},
		"form":              ui.Form{Action: "/admin/users/invite"},
		"no action":         ui.Form{},
		"climbing":          ui.Form{Action: base + "/actions/../x"},
		"platform's action": ui.Form{Action: "/admin/notes/actions/add"},
		"asking elsewhere":  ui.Form{Get: true, Action: "https://evil.example"},
		"asking core":       ui.Form{Get: true, Action: "/admin/tenants"},
		"mapping":           ui.Mapping{Action: "/admin/onboarding/new"},
		"upload":            ui.Upload{Action: base + "/actions/add"},
		"asking for a file": ui.Form{Get: true, Fields: []ui.Field{{Kind: ui.FileField, Name: "f"}}},
		"mapping a file":    ui.Mapping{Action: base + "/actions/add", Fields: []ui.Field{{Kind: ui.FileField, Name: "f"}}},
		"picture":           ui.Image{Src: "https://evil.example/pixel.png"},
		"picture of markup": ui.Image{Src: "data:text/html;base64,AAAA"},
		"logo":              ui.Preview{Logo: "https://evil.example/logo.png"},
		"live":              ui.Live{Poll: "/admin/jobs"},
		"reference":         ui.Reference{Document: "/api/openapi.json"},
		"row":               ui.Grid{Blocks: ui.Blocks{ui.Stack{Blocks: ui.Blocks{ui.Table{Rows: []ui.Row{{Href: "javascript:x"}}}}}}},
		"sort":              ui.Table{Columns: []ui.Column{{Title: "x", Sort: &ui.Sort{Href: "https://evil.example"}}}},
		"empty's action":    ui.Empty{Action: &ui.Action{Label: "x", Href: "https://evil.example"}},
		"tab":               ui.Tabs{Items: []ui.Tab{{Label: "x", Href: "javascript:x"}}},
		"stat":              ui.Stats{Items: []ui.Stat{{Label: "x", Href: "https://evil.example", Value: ui.Text{Text: "x"}}}},
		"moment":            ui.Timeline{Items: []ui.Moment{{Title: "x", Href: "https://evil.example"}}},
	} {
		if a := show(bad); a.status != 500 || strings.Contains(a.body, "evil") {
			t.Errorf("%s: %d\n%s", name, a.status, a.main())
		}
	}
	good := show(
		cell(ui.Link{Text: "Docs", Href: "https://docs.example/x", External: true}), cell(ui.Link{Text: "Mail", Href: "mailto:a@b.example", External: true}),
		cell(ui.Link{Text: "Unit", Href: "/admin/tenants/" + string(h.harpur) + "/units"}), cell(ui.Link{Text: "Here", Href: "?state=open"}),
		ui.Image{Src: "data:image/png;base64,AAAA", Alt: "Plan"}, ui.Image{Src: "/api/plugins/notes/plan.png", Alt: "Plan"}, ui.Secret{Label: "Code", Value: "x"},
		ui.Form{Get: true, Fields: []ui.Field{{Name: "state", Label: "State"}}},
		ui.Notice{Title: "Go", Actions: []ui.Action{{Label: "Close", Href: base + "/actions/close", Post: true}}},
	).wants(t, 200, "https://docs.example/x", "data:image/png;base64,AAAA", `name="_page" value="/"`, `action="`+base+`"`)
	checkMarkup(t, base, good)
}

func TestARestingPluginSaysSoInsideTheShell(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := newNotes(h)
	h.plug(n)
	owner, developer := h.as(core.Owner), h.as(core.DeveloperAdmin)
	n.set(func() {
		n.err = core.Errorf(core.Unavailable, "Site notes stopped while it was at work.")
		n.status.State, n.status.NextStart = host.BackingOff, h.clock.Now().Add(90_000_000_000)
	})
	a := owner.get("/admin/notes").wants(t, 503, "Site notes is resting", "Site notes stopped while it was at work.", `href="/admin/notes"`, "See how it stands", "Tenants")
	if a.header.Get("Retry-After") != "90" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	portal := developer.get("/portal/notes/notes/1").wants(t, 503, "Site notes is resting")
	if strings.Contains(portal.body, "/admin/") {
		t.Error("the portal leads to the console")
	}
	owner.post("/admin/notes/actions/add", "title", "x").wants(t, 503, "is resting")
	owner.get("/admin/notes?format=csv&table=notes").wants(t, 503, "is resting")
	if a := owner.do("GET", "/admin/notes", "", "Accept", "application/json").wants(t, 503); !strings.Contains(a.body, `"unavailable"`) {
		t.Error(a.body)
	}
	owner.get("/admin").wants(t, 200)
}

func TestNoPluginCanHaveAWordOfTheConsole(t *testing.T) {
	t.Parallel()
	words := web.Reserved()
	for _, word := range []string{"tenants", "plugins", "tools", "dead-letters", "units", "settings", "users", "jobs", "audit", "onboarding", "logo", "api", "branding"} {
		if !slices.Contains(words, word) {
			t.Errorf("%q isn't reserved: %v", word, words)
		}
	}
	for _, word := range words {
		if word == "" || strings.ContainsAny(word, ":/*") {
			t.Errorf("%q is no word", word)
		}
	}
}
