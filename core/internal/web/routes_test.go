package web_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares the text with the file in testdata.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	had, has := strings.Split(string(want), "\n"), strings.Split(text, "\n")
	for _, line := range had {
		if !slices.Contains(has, line) {
			t.Errorf("%s: gone: %s", path, line)
		}
	}
	for _, line := range has {
		if !slices.Contains(had, line) {
			t.Errorf("%s: new: %s (go test -run %s -update, after a look)", path, line, t.Name())
		}
	}
}

// lastPaths are asked for last: failed proofs slow the whole network down, and
// the end of a session ends the walk.
var lastPaths = []string{"/sign-in", "/confirm", "/profile/sessions/end", "/sign-out"}

// table is every route as it is mounted.
func (h *house) table() []web.Row {
	var rows []web.Row
	last := make([]web.Row, len(lastPaths))
	add := func(r web.Row) {
		switch i := slices.Index(lastPaths, r.Path); {
		case i >= 0 && r.Method == "POST":
			last[i] = r
		default:
			rows = append(rows, r)
		}
	}
	for _, r := range web.Table(web.Options{Dev: true, Clock: fixed{h}}) {
		if !r.Tenant {
			add(r)
			continue
		}
		admin, portal := r, r
		admin.Path, portal.Path = web.AdminTenant+r.Path, web.PortalTenant+r.Path
		add(admin)
		add(portal)
	}
	return append(rows, last...)
}

// fixed is a clock that is there and never moves.
type fixed struct{ *house }

func (f fixed) Now() time.Time         { return f.clock.Now() }
func (fixed) Move(time.Duration) error { return nil }

// address fills the places of a path: the tenant with Harpur Homes, all others
// with what the ids have for the folder before it, or with what nobody has.
func (h *house) address(path string, ids map[string]string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		name, isPlace := strings.CutPrefix(part, ":")
		if !isPlace {
			continue
		}
		id, known := ids[parts[i-1]]
		switch {
		case name == "tenant":
			id = string(h.harpur)
		case !known:
			id = "unknown"
		}
		if extension := strings.IndexByte(name, '.'); extension >= 0 {
			id += name[extension:]
		}
		parts[i] = id
	}
	return strings.Join(parts, "/")
}

func TestEveryRouteDeclaresAPermission(t *testing.T) {
	t.Parallel()
	for _, r := range web.Table(web.Options{Dev: true, Clock: fixed{}}) {
		p := core.Permission(r.Permission)
		if p != core.Public && p != core.SignedIn && !slices.Contains(core.Permissions, p) {
			t.Errorf("%s %s declares %q", r.Method, r.Path, p)
		}
	}
}

// TestEveryRouteWithEveryRole asks for every address as everybody. The golden
// file has what was answered; that nobody gets further than their role allows
// is checked against the table of rights itself.
func TestEveryRouteWithEveryRole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Advance(time.Minute)
	people := []*person{h.nobody()}
	for i, role := range core.Roles {
		if role == core.Reporter {
			continue // no person has it
		}
		if i == len(core.Roles)/2 {
			h.clock.Advance(time.Minute) // of one network, no more sign-ins a minute
		}
		people = append(people, h.as(role))
	}
	var lines []string
	for _, r := range h.table() {
		if r.Permission == string(core.Public) {
			h.clock.Advance(35 * time.Second) // some are bounded by network and minute
		}
		answers := map[int][]string{}
		for _, p := range people {
			name := string(p.Role)
			if name == "" {
				name = "nobody"
			}
			if r.Method == "POST" && slices.Contains(lastPaths[:2], r.Path) {
				h.clock.Advance(time.Minute)
			}
			// Addresses of their own, because guessing at one is throttled.
			a := p.do(r.Method, h.address(r.Path, nil), "email="+name+"@nowhere.example")
			answers[a.status] = append(answers[a.status], name)
			h.checkRights(t, r, p, a)
		}
		lines = append(lines, fmt.Sprintf("%-4s %s  [%s]  %s", r.Method, r.Path, r.Permission, grouped(answers)))
	}
	slices.Sort(lines)
	golden(t, "routes.golden", strings.Join(lines, "\n")+"\n")
}

func grouped(answers map[int][]string) string {
	var parts []string
	for status, names := range answers {
		who := strings.Join(names, " ")
		if len(answers) == 1 {
			who = "everybody"
		}
		parts = append(parts, strconv.Itoa(status)+": "+who)
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

// checkRights compares an answer with the table of rights.
func (h *house) checkRights(t *testing.T, r web.Row, p *person, a answer) {
	t.Helper()
	elsewhere := p.Role != "" && (strings.HasPrefix(r.Path, "/admin") && p.Role.ForDeveloper() || strings.HasPrefix(r.Path, "/portal") && !p.Role.ForDeveloper())
	refused := a.status == 403 || a.status == 401 || a.status == 303 && strings.HasPrefix(a.location, "/sign-in?next=")
	switch {
	case a.status >= 500:
		t.Errorf("%s %s as %s: %d\n%s", r.Method, r.Path, p.Role, a.status, a.main())
	case r.Permission == string(core.Public):
	case elsewhere:
		if a.status != 404 {
			t.Errorf("%s %s as %s, who belongs elsewhere: %d", r.Method, r.Path, p.Role, a.status)
		}
	case !access.Allows(p.Role, core.Permission(r.Permission)):
		if !refused {
			t.Errorf("%s %s as %q without %s: %d", r.Method, r.Path, p.Role, r.Permission, a.status)
		}
	case refused && r.Path != "/confirm" && a.status != 403:
		t.Errorf("%s %s as %s, who may: %d", r.Method, r.Path, p.Role, a.status)
	}
}

func TestAnotherTenantsIDsAreUnknown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ids := h.rathmoreIDs()
	for _, p := range []*person{h.as(core.DeveloperAdmin), h.as(core.Owner)} {
		prefix := web.PortalTenant
		if !p.Role.ForDeveloper() {
			prefix = web.AdminTenant
		}
		for _, r := range h.table() {
			rest, ok := strings.CutPrefix(r.Path, prefix)
			if !ok || !strings.Contains(rest, "/:") || !access.Allows(p.Role, core.Permission(r.Permission)) {
				continue
			}
			if a := p.do(r.Method, h.address(r.Path, ids), ""); a.status != 404 {
				t.Errorf("%s %s as %s with another tenant's id: %d", r.Method, r.Path, p.Role, a.status)
			}
		}
	}
}

// rathmoreIDs makes one of everything at the other developer, by the folder
// that it stands in.
func (h *house) rathmoreIDs() map[string]string {
	d, err := h.Directory.Developments.Create(system, h.rathmore, core.Development{Name: "Castlebrook Manor"})
	h.must(err)
	u, err := h.Directory.Units.Create(system, h.rathmore, core.Unit{DevelopmentID: d.ID, Label: "1 Castlebrook Manor", Address: "1 Castlebrook Manor"})
	h.must(err)
	o, err := h.Directory.Homeowners.Create(system, h.rathmore, core.Homeowner{UnitID: u.ID, Name: "Ciara Nolan", Email: "ciara@example.org"})
	h.must(err)
	user, err := h.Access.Users.Create(system, core.User{Name: "Priya Shah", Email: "priya@rathmore.example", Role: core.DeveloperAdmin, Tenant: h.rathmore}, password)
	h.must(err)
	list, err := h.Outbox.List(system, core.Query{Tenant: h.rathmore, Limit: 1})
	h.must(err)
	ids := map[string]string{"developments": d.ID, "units": u.ID, "homeowners": o.ID, "users": user.ID}
	if len(list.Items) > 0 {
		ids["messages"] = list.Items[0].ID
	}
	return ids
}

func TestAnotherSitesFormsAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	for _, r := range h.table() {
		if r.Method == "GET" {
			continue
		}
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}} {
			owner.do(r.Method, h.address(r.Path, nil), "", headers...).wants(t, 403, "came from another site")
		}
	}
	owner.get("/admin").wants(t, 200)
}

func TestPagesCarryTheirHeadersAndNothingInline(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	var headers []string
	for name, values := range owner.get("/admin").header {
		if !slices.Contains([]string{"Date", "Content-Length", "X-Request-Id"}, name) {
			headers = append(headers, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(headers)
	golden(t, "headers.golden", strings.Join(headers, "\n")+"\n")
	for _, p := range []*person{owner, h.as(core.DeveloperAdmin), h.nobody()} {
		for _, r := range h.table() {
			if r.Method == "GET" && !strings.HasSuffix(r.Path, "/stream") {
				checkMarkup(t, r.Path, p.get(h.address(r.Path, nil)))
			}
		}
	}
}

// checkMarkup fails for what the content policy would refuse.
func checkMarkup(t *testing.T, path string, a answer) {
	t.Helper()
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		return
	}
	page, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	ids := map[string]bool{}
	for n := range page.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" || n.Data == "script" && n.FirstChild != nil && !isData(n) {
			t.Errorf("%s has an inline <%s>", path, n.Data)
		}
		for _, attribute := range n.Attr {
			switch {
			case attribute.Key == "style", strings.HasPrefix(attribute.Key, "on"):
				t.Errorf("%s: <%s> has %s", path, n.Data, attribute.Key)
			case attribute.Val == "#ZgotmplZ":
				t.Errorf("%s: <%s %s> has an address that is refused", path, n.Data, attribute.Key)
			case attribute.Key == "id" && ids[attribute.Val]:
				t.Errorf("%s has two elements %q", path, attribute.Val)
			case attribute.Key == "id":
				ids[attribute.Val] = true
			}
		}
	}
}

// isData tells a script that is a figure's numbers from one that runs.
func isData(n *html.Node) bool {
	return slices.Contains(n.Attr, html.Attribute{Key: "type", Val: "application/json"})
}
