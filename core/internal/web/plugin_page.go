package web

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// pluginRoutes lie behind all others: what none of them is may be a plugin's.
// Which permission a page or an action needs is the plugin's to say and the
// host's to check.
func pluginRoutes() []route {
	const plugin = "/admin/:plugin"
	return []route{
		{method: get, path: plugin + "/tenants/:tenant", permission: core.SignedIn, handle: ofPlugin(showPluginPage)},
		{method: get, path: plugin + "/tenants/:tenant/*", permission: core.SignedIn, handle: ofPlugin(showPluginPage)},
		{method: post, path: plugin + "/tenants/:tenant/actions/:action", permission: core.SignedIn, handle: ofPlugin(actOnPlugin)},
		{method: get, path: plugin, permission: core.SignedIn, handle: ofPlugin(showPluginPage)},
		{method: get, path: plugin + "/*", permission: core.SignedIn, handle: ofPlugin(showPluginPage)},
		{method: post, path: plugin + "/actions/:action", permission: core.SignedIn, handle: ofPlugin(actOnPlugin)},
		{method: get, path: portalTenant + "/:plugin", permission: core.SignedIn, handle: ofPlugin(showPluginPage)},
		{method: get, path: portalTenant + "/:plugin/*", permission: core.SignedIn, handle: ofPlugin(showPluginPage)},
		{method: post, path: portalTenant + "/:plugin/actions/:action", permission: core.SignedIn, handle: ofPlugin(actOnPlugin)},
	}
}

// Reserved are the words behind /admin and /portal that the console uses
// itself: no plugin can have one of them as its id.
func Reserved() []string {
	var words []string
	for _, r := range (&site{}).routes() {
		p := r.path
		if r.tenant {
			p = portalTenant + p
		}
		for _, prefix := range []string{"/admin/", portalTenant + "/"} {
			rest, ok := strings.CutPrefix(p, prefix)
			if word, _, _ := strings.Cut(rest, "/"); ok && !strings.HasPrefix(word, ":") {
				words = append(words, word)
			}
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// guest is a plugin whose page or action is asked for.
type guest struct {
	host.Status
	visit host.Visit
}

// ofPlugin names the plugin, and the tenant where there is one.
func ofPlugin(handle func(*request, guest) error) func(*request) error {
	return func(q *request) error {
		missing := core.Errorf(core.NotFound, "There is no such page.")
		status, err := q.site.Plugins.Find(q.Params("plugin"))
		if core.CodeOf(err) == core.NotFound {
			return missing
		}
		if err != nil {
			return err
		}
		g := guest{Status: status, visit: host.Visit{
			Plugin: status.ID, Path: "/" + q.Params("*"), Action: q.Params("action"), Scope: sdk.Platform, Base: "/admin/" + status.ID, Portal: q.portal,
		}}
		if q.portal || q.Params("tenant") != "" {
			if err := q.nameTenant(); err != nil {
				return err
			}
			g.visit.Tenant, g.visit.Scope, g.visit.Base = q.tenant, sdk.Tenant, q.pluginBase(status.ID)
		}
		g.visit.Query = pluginQuery(q.query)
		return handle(q, g)
	}
}

// pluginBase is what the addresses of a plugin's pages about the tenant begin with.
func (q *request) pluginBase(id string) string {
	if q.portal {
		return portalTenant + "/" + id
	}
	return "/admin/" + id + "/tenants/" + string(q.tenant.ID)
}

// pluginQuery leaves out what core asks for itself.
func pluginQuery(query url.Values) url.Values {
	kept := url.Values{}
	for name, values := range query {
		if name != "format" && name != "table" {
			kept[name] = values
		}
	}
	return kept
}

// showPluginPage answers with a page of a plugin, or with one of its tables as
// a file.
func showPluginPage(q *request, g guest) error {
	switch format := q.query.Get("format"); format {
	case "csv", "xlsx":
		return q.exportPluginTable(g, format, q.query.Get("table"))
	}
	return q.showGuest(g, http.StatusOK, nil)
}

// showGuest draws the page of the visit. With a refusal, the form that was
// refused is drawn as it was sent.
func (q *request) showGuest(g guest, status int, r *refusal) error {
	p, err := q.site.Plugins.Page(q.ctx, g.visit)
	if err != nil {
		return q.resting(g, err)
	}
	d := dresser{base: g.visit.Base, here: here(g.visit), query: g.visit.Query, refusal: r}
	if err := d.dress(&p); err != nil {
		return core.Errorf(core.Internal, "%s answered with a page that can't be shown: %v", g.ID, err)
	}
	if r != nil && !r.shown {
		p.Blocks = slices.Insert(p.Blocks, 0, ui.Block(r.notice()))
	}
	return q.show(status, q.frame(g, p))
}

// here is the address of a page below its plugin's base, with its query: what
// a form carries along, to come back to.
func here(v host.Visit) string {
	return ui.Address(v.Path, v.Query, "trail", first(v.Query["trail"]), "after", first(v.Query["after"]))
}

// pageAddress is the whole address of a page that is called here.
func pageAddress(base, here string) string {
	if here == "/" || strings.HasPrefix(here, "/?") {
		here = here[1:]
	}
	return base + here
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// frame puts what the console knows around a page of a plugin: the way to it,
// and among a tenant's pages the tenant's name and tabs.
func (q *request) frame(g guest, p ui.Page) ui.Page {
	if p.Title == "" {
		p.Title = p.Head.Title
	}
	if p.Head.Title == "" {
		p.Head.Title = p.Title
	}
	places := q.places(g.visit.Scope)
	at := slices.IndexFunc(places, func(place host.Place) bool {
		return place.Plugin == g.ID && strings.Trim(place.Page.Path, "/") == strings.Trim(g.visit.Path, "/")
	})
	standing := q.standing()
	switch {
	case q.tenant.ID == "" || q.portal && at >= 0:
	case at >= 0:
		p = q.tabOf(places[at], p)
	default:
		var way []ui.Link
		if !q.portal {
			way = []ui.Link{{Text: "Tenants", Href: "/admin/tenants"}, {Text: q.tenant.Name, Href: q.tenantHref()}}
		}
		if i := slices.IndexFunc(places, func(place host.Place) bool { return place.Plugin == g.ID }); i >= 0 {
			way = append(way, ui.Link{Text: places[i].Page.Title, Href: q.placeHref(places[i])})
		}
		for _, crumb := range p.Crumbs {
			if !slices.ContainsFunc(way, func(l ui.Link) bool { return l.Href == strings.TrimSuffix(crumb.Href, "/") }) {
				way = append(way, crumb)
			}
		}
		p.Crumbs = way
	}
	p.Blocks = append(standing, p.Blocks...)
	return p
}

// tabOf makes a page of a plugin one of the tenant's tabs: under the tenant's
// name, with what the plugin says and offers. Its own tabs follow below.
func (q *request) tabOf(place host.Place, p ui.Page) ui.Page {
	tab := q.tab("", "", "")
	for i := range tab.Tabs {
		tab.Tabs[i].Current = tab.Tabs[i].Href == q.placeHref(place)
	}
	tab.Title, tab.Crumbs = p.Title, append(tab.Crumbs, ui.Link{Text: q.tenant.Name, Href: q.tenantHref()})
	tab.Head.Actions, tab.Head.Segments = p.Head.Actions, p.Head.Segments
	if p.Head.Lead != "" {
		tab.Head.Lead = p.Head.Lead
	}
	tab.Blocks = nil
	if len(p.Tabs) > 0 {
		tab.Blocks = ui.Blocks{ui.Tabs{Label: place.Page.Title, Items: p.Tabs}}
	}
	tab.Blocks = append(tab.Blocks, p.Blocks...)
	return tab
}

// tenantHref is where the tenant's pages begin.
func (q *request) tenantHref() string {
	if q.portal {
		return portalTenant
	}
	return "/admin/tenants/" + string(q.tenant.ID)
}

// resting says inside the shell that a plugin takes no requests now, why, and
// when to come back. Other errors are answered as everywhere.
func (q *request) resting(g guest, err error) error {
	told, ok := errors.AsType[*core.Error](err)
	if !ok || told.Code != core.Unavailable || wantsJSON(q.Ctx) {
		return err
	}
	name := g.Manifest.Name
	if name == "" {
		name = g.ID
	}
	pause := problem.New(err, "").RetryAfter
	if wait := g.NextStart.Sub(q.site.Now()); g.State == host.BackingOff && wait > pause {
		pause = wait
	}
	q.Set(fiber.HeaderRetryAfter, strconv.Itoa(max(1, int((pause+time.Second-1)/time.Second))))
	notice := ui.Notice{
		Tone: ui.Warn, Title: told.Message, Text: "Nothing is lost: what it is told of meanwhile waits for it. All other pages work.",
		Actions: []ui.Action{{Label: "Try again", Href: pageAddress(g.visit.Base, here(g.visit)), Icon: ui.IconRefresh}},
	}
	if q.may(core.PluginsRead) && !q.portal {
		notice.Actions = append(notice.Actions, ui.Action{Label: "See how it stands", Href: pluginHref(g.ID), Icon: ui.IconPlug})
	}
	p := ui.Page{Title: name, Head: ui.Head{Title: name + " is resting", Lead: "Please come back in a moment."}, Blocks: ui.Blocks{notice}}
	return q.show(http.StatusServiceUnavailable, q.frame(guest{g.Status, host.Visit{Scope: g.visit.Scope, Path: "/-"}}, p))
}

// Names that core adds to a plugin's forms: the page that a form is on, and
// which of its forms it is.
const (
	pageField = "_page"
	formField = "_form"
)

// actOnPlugin carries out what a form or a button of a plugin's page asks for.
func actOnPlugin(q *request, g guest) error {
	sent, files, wrong := q.pluginForm(g)
	from := g.cameFrom(q, sent)
	delete(sent, pageField)
	number, _ := strconv.Atoi(sent.Get(formField))
	delete(sent, formField)
	var done sdk.Done
	err := wrong
	if err == nil {
		g.visit.Values = files.beside(sent)
		done, err = q.site.Plugins.Act(q.ctx, g.visit)
	}
	if err == nil {
		next := pageAddress(g.visit.Base, from)
		if inside, ok := below(g.visit.Base, done.Next); ok {
			next = inside
		} else if done.Next != "" {
			q.site.Log.WarnContext(q.ctx, "plugin's action leads elsewhere", "plugin", g.ID, "action", g.visit.Action, "next", done.Next)
		}
		return q.goTo(next, clip(done.Said))
	}
	action := g.visit.Base + "/actions/" + g.visit.Action
	g.visit.Action, g.visit.Values = "", nil
	at, query, _ := strings.Cut(from, "?")
	g.visit.Path = at
	g.visit.Query, _ = url.ParseQuery(query)
	if code := core.CodeOf(err); code != core.Invalid && code != core.Conflict {
		return q.resting(g, err)
	}
	return q.showGuest(g, problem.Status(err), &refusal{action: action, number: number, sent: sent, err: err})
}

// longestToast is what the next page still shows of a sentence, in bytes.
const longestToast = 300

func clip(said string) string {
	if len(said) <= longestToast {
		return said
	}
	return strings.ToValidUTF8(said[:longestToast-3], "") + "…"
}

// cameFrom is the page below the base that a form was on: what the form
// carries, or where the browser says that it was.
func (g guest) cameFrom(q *request, sent values) string {
	inside, ok := below(g.visit.Base, sent.Get(pageField))
	if u, err := url.Parse(q.Get(fiber.HeaderReferer)); !ok && err == nil && strings.HasPrefix(u.EscapedPath(), g.visit.Base+"/") {
		inside, ok = below(g.visit.Base, u.RequestURI())
	}
	from := strings.TrimPrefix(inside, g.visit.Base)
	if !ok || !strings.HasPrefix(from, "/") {
		from = "/" + from
	}
	return from
}

// below completes an address of a plugin's page, which may have the base
// already; ok is false for "" and for what would leave the base.
func below(base, to string) (address string, ok bool) {
	u, err := url.Parse(to)
	if err != nil || to == "" || returnTo(to) != to || u.Host != "" || u.Scheme != "" || slices.Contains(strings.Split(u.Path, "/"), "..") {
		return "", false
	}
	at := u.EscapedPath()
	if at != base && !strings.HasPrefix(at, base+"/") {
		at = pageAddress(base, path.Join("/", at))
	}
	if u.RawQuery != "" {
		at += "?" + u.RawQuery
	}
	return at, true
}

// refusal is a form that was sent, and why it was refused.
type refusal struct {
	action string
	number int // of the form on its page, from 1
	sent   values
	err    error
	shown  bool
}

// notice says a refusal where there is no form to say it beside.
func (r *refusal) notice() ui.Notice {
	n := ui.Notice{Tone: ui.Bad, Title: "That didn't work."}
	if e, ok := errors.AsType[*core.Error](r.err); ok {
		n.Title = e.Message
		for _, f := range e.Fields {
			n.Items = append(n.Items, strings.TrimSpace(strings.ReplaceAll(f.Field, "_", " ")+" "+f.Reason))
		}
	}
	return n
}
