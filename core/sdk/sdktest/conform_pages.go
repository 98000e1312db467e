package sdktest

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/render"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// renderer draws pages, as the console does.
var renderer = sync.OnceValues(func() (*render.Renderer, error) { return render.New(render.Options{}) })

// Bounds of how many pages are looked at in one place, and of how often one of
// them, at other addresses: sorted, filtered, of another thing.
const (
	maxVisits       = 150
	maxVisitsOfPage = 6
)

// drawsPages: every page is drawn, for a tenant without data, for a seeded one
// and after something has happened there, in the console and in the portal.
func drawsPages(t testing.TB, p sdk.Plugin, with []Option) {
	for _, seeded := range []bool{false, true} {
		x := begin(t, p, with, seeded)
		where := "in a tenant without data"
		if seeded {
			where = "in a seeded tenant"
		}
		x.scopes(func(c *Console, scope sdk.Scope) { x.crawl(c, scope, where) })
		if !seeded {
			continue
		}
		x.live()
		x.scopes(func(c *Console, scope sdk.Scope) { x.crawl(c, scope, "after something has happened") })
		x.crawl(x.As(core.DeveloperAdmin), sdk.Tenant, "in the portal")
	}
}

// crawl looks at the pages of a scope, and at those that they lead to.
// It returns what they said.
func (x *trial) crawl(c *Console, scope sdk.Scope, where string) (seen []string) {
	var queue []string
	for _, page := range x.manifest.Pages {
		if page.Scope == scope && !strings.Contains(page.Path, "{") && !(page.Hidden && c.Actor.Role.ForDeveloper()) {
			queue = append(queue, page.Path)
		}
	}
	known, visits := map[string]bool{}, map[string]int{}
	for len(queue) > 0 && len(known) < maxVisits {
		path := queue[0]
		queue = queue[1:]
		of := x.pageOf(scope, path)
		if known[path] || visits[of] >= maxVisitsOfPage {
			continue
		}
		known[path] = true
		visits[of]++
		page, err := c.Page(path)
		if core.CodeOf(err) == core.Forbidden && c.Actor.Role.ForDeveloper() && !strings.Contains(err.Error(), "grant") {
			continue
		}
		if err != nil {
			x.t.Errorf("The page %s can't be shown %s: %s", path, where, why(err))
			continue
		}
		x.draw(c, path, where, page)
		if _, err := c.Whole(path); err != nil {
			x.t.Errorf("The page %s can't become a file (Call.Whole) %s: %v", path, where, err)
		}
		text, err := json.Marshal(page)
		if err != nil {
			x.t.Errorf("The page %s can't be written: %v", path, err)
			continue
		}
		seen = append(seen, string(text))
		queue = append(queue, x.links(c, string(text))...)
	}
	return seen
}

// pageOf is the page that an address below the base leads to: its pattern.
func (x *trial) pageOf(scope sdk.Scope, path string) string {
	bare, _, _ := strings.Cut(path, "?")
	for _, page := range x.manifest.Pages {
		if _, matches := sdk.Match(page.Path, bare); matches && page.Scope == scope {
			return page.Path
		}
	}
	return bare
}

// draw renders a page as the browser gets it.
func (x *trial) draw(c *Console, path, where string, page ui.Page) {
	r, err := renderer()
	if err != nil {
		x.t.Fatalf("load the console's templates: %v", err)
	}
	shell := ui.Shell{Locale: "en-IE", Zone: time.UTC, Now: c.Now(), Path: path, Person: ui.Person{Name: c.Actor.Name}}
	if err := r.Page(io.Discard, shell, page); err != nil {
		x.t.Errorf("The page %s can't be drawn %s: %v", path, where, err)
	}
	if page.Title == "" && page.Head.Title == "" {
		x.t.Errorf("The page %s has no title %s: set Head.Title.", path, where)
	}
}

var address = regexp.MustCompile(`"(?:Href|Next|Prev|Sort|Link)":"((?:[^"\\]|\\.)*)"`)

// links are the plugin's own pages that a page leads to.
func (x *trial) links(c *Console, text string) (paths []string) {
	base := c.visit().Base
	for _, found := range address.FindAllStringSubmatch(text, -1) {
		var href string
		if json.Unmarshal([]byte(`"`+found[1]+`"`), &href) != nil {
			continue
		}
		href, _, _ = strings.Cut(href, "#")
		below, ours := strings.CutPrefix(href, base)
		if !ours || below != "" && below[0] != '/' && below[0] != '?' || strings.HasPrefix(below, "/actions/") || strings.HasPrefix(below, "/tenants/") {
			continue
		}
		if below == "" || below[0] == '?' {
			below = "/" + below
		}
		paths = append(paths, below)
	}
	return paths
}

// nobody is an id that nothing has.
const nobody = "nothing-has-this-id"

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// knowsItsIDs: an id that nothing has is not found, and no fault.
func knowsItsIDs(t testing.TB, p sdk.Plugin, with []Option) {
	x := begin(t, p, with, true)
	x.scopes(func(c *Console, scope sdk.Scope) {
		for _, page := range x.manifest.Pages {
			if page.Scope != scope || !strings.Contains(page.Path, "{") {
				continue
			}
			path := parameter.ReplaceAllString(page.Path, nobody)
			if _, err := c.Page(path); core.CodeOf(err) != core.NotFound {
				x.t.Errorf("The page %s of an id that nothing has answers %s, not not_found: return core.Errorf(core.NotFound, …) when there is no such row.", path, said(err))
			}
		}
		for _, r := range x.manifest.Routes {
			if r.Scope != scope || !strings.Contains(r.Path, "{") {
				continue
			}
			path := parameter.ReplaceAllString(r.Path, nobody)
			if answer := c.Route(r.Method, path, x.body(r)); answer.Status != http.StatusNotFound {
				x.t.Errorf("%s %s of an id that nothing has answers %d, not 404: return core.Errorf(core.NotFound, …) when there is no such row.", r.Method, path, answer.Status)
			}
		}
	})
}

func said(err error) string {
	if err == nil {
		return "a page"
	}
	return string(core.CodeOf(err)) + " (" + err.Error() + ")"
}

// checksInput: whatever is sent, the answer is one that a person can act on.
func checksInput(t testing.TB, p sdk.Plugin, with []Option) {
	x := begin(t, p, with, true)
	x.scopes(func(c *Console, scope sdk.Scope) {
		for _, a := range x.manifest.Actions {
			if a.Scope != scope {
				continue
			}
			for name, form := range map[string]map[string][]string{"nothing": {}, "what its schema asks for": x.form(a.ID, a.Schema), "ids that nothing has": x.hollow(a.Schema)} {
				if _, err := c.Act(a.ID, form); faulty(err) {
					x.t.Errorf("The action %s fails when it is sent %s: %s", a.ID, name, why(err))
				}
			}
		}
		for _, r := range x.manifest.Routes {
			if r.Scope != scope || strings.Contains(r.Path, "{") {
				continue
			}
			for name, body := range map[string]any{"nothing": nil, "what its schema asks for": x.body(r), "an empty object": map[string]any{}} {
				if answer := c.Route(r.Method, r.Path, body); answer.Status >= 500 || faulty(answer.Err) {
					x.t.Errorf("%s %s answers %d when it is sent %s: %s", r.Method, r.Path, answer.Status, name, why(answer.Err))
				}
			}
		}
	})
}

// hollow is a form whose texts name nothing.
func (x *trial) hollow(schema sdk.Schema) map[string][]string {
	form := map[string][]string{}
	for name, v := range x.document(schema) {
		if _, text := v.(string); text {
			form[name] = []string{nobody}
		}
	}
	return form
}

// looksOnly: pages, GET routes, plans and figures change nothing.
func looksOnly(t testing.TB, p sdk.Plugin, with []Option) {
	x := begin(t, p, with, true)
	x.live()
	before := x.dumps()
	x.scopes(func(c *Console, scope sdk.Scope) {
		x.crawl(c, scope, "after something has happened")
		for _, r := range x.manifest.Routes {
			if r.Scope == scope && r.Method == http.MethodGet && !strings.Contains(r.Path, "{") {
				answer := c.Route(r.Method, r.Path, nil)
				if faulty(answer.Err) {
					x.t.Errorf("GET %s answers %d: %v A GET route changes nothing, and the console doesn't let it.", r.Path, answer.Status, answer.Err)
				}
			}
		}
		for _, tool := range x.manifest.Tools {
			if tool.Scope == scope {
				_, _ = c.Plan(tool.ID, x.params(tool))
			}
		}
		if scope == sdk.Tenant && len(x.manifest.Metrics) > 0 {
			if _, err := c.RollUp(); err != nil {
				x.t.Errorf("The figures can't be computed: %v A roll-up changes nothing.", err)
			}
		}
	})
	if after := x.dumps(); after != before {
		x.t.Errorf("Looking has changed what the plugin keeps: pages, GET routes, plans and roll-ups only read.%s", difference(before, after))
	}
}
