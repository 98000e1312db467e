package web

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// paletteSize is how many answers of a kind the palette shows.
const paletteSize = 6

// palette answers the command palette: pages by name, tenants, and what is in
// the tenant that the person looks at; an id or a code leads to its page.
func palette(q *request) error {
	text := strings.TrimSpace(q.query.Get("q"))
	groups := []ui.PaletteGroup{q.pagesNamed(text)}
	if text != "" {
		found, err := q.paletteSearch(text)
		if err != nil {
			return err
		}
		groups = append(found, groups...)
	}
	answer := []ui.PaletteGroup{}
	for _, g := range groups {
		if len(g.Items) > 0 {
			answer = append(answer, g)
		}
	}
	q.Set(fiber.HeaderCacheControl, "no-store")
	return q.JSON(answer)
}

// paletteSearch looks for more than pages, each kind as far as the actor may.
func (q *request) paletteSearch(text string) ([]ui.PaletteGroup, error) {
	var groups []ui.PaletteGroup
	if item, ok := q.byID(text); ok {
		groups = append(groups, ui.PaletteGroup{Title: "By its id", Items: []ui.PaletteItem{item}})
	}
	if !q.portal && q.may(core.TenantsRead) {
		list, err := q.site.Tenants.List(q.ctx, core.Query{Text: text, Limit: paletteSize})
		if err != nil {
			return nil, err
		}
		g := ui.PaletteGroup{Title: "Tenants"}
		for _, t := range list.Items {
			g.Items = append(g.Items, ui.PaletteItem{Label: t.Name, Hint: t.Code, Href: "/admin/tenants/" + string(t.ID)})
		}
		groups = append(groups, g)
	}
	if !q.may(core.DirectoryRead) || !q.lookedAt() {
		return groups, nil
	}
	found, err := q.paletteDirectory(text)
	switch core.CodeOf(err) {
	case "", core.Unavailable: // a tenant that can't be opened now has no answers
		return append(groups, found...), nil
	}
	return groups, err
}

// lookedAt names the tenant of the page that the palette was opened on; for a
// developer's staff it is always their own.
func (q *request) lookedAt() bool {
	id := q.actor.Tenant
	q.base = portalTenant
	if !q.portal {
		u, err := url.Parse(q.Get(fiber.HeaderReferer))
		if err != nil {
			return false
		}
		// /admin/tenants/… and a plugin's /admin/notes/tenants/…
		_, rest, ok := strings.Cut(u.Path, "/tenants/")
		if !ok || !strings.HasPrefix(u.Path, "/admin/") {
			return false
		}
		name, _, _ := strings.Cut(rest, "/")
		if id, err = core.ParseTenantID(name); err != nil {
			return false
		}
		q.base = "/admin/tenants/" + name
	}
	tenant, err := q.site.Tenants.Find(q.ctx, id)
	q.tenant = tenant
	return err == nil
}

// paletteDirectory looks in the tenant's file.
func (q *request) paletteDirectory(text string) ([]ui.PaletteGroup, error) {
	query := core.Query{Text: text, Limit: paletteSize}
	developments, err := q.site.Developments.List(q.ctx, q.tenant.ID, query)
	if err != nil {
		return nil, err
	}
	units, err := q.site.Units.List(q.ctx, q.tenant.ID, query)
	if err != nil {
		return nil, err
	}
	people, err := q.site.Homeowners.List(q.ctx, q.tenant.ID, query)
	if err != nil {
		return nil, err
	}
	groups := []ui.PaletteGroup{{Title: "Developments"}, {Title: "Units"}, {Title: "Homeowners"}}
	for _, d := range developments.Items {
		groups[0].Items = append(groups[0].Items, ui.PaletteItem{Label: d.Name, Hint: plural(d.Units, "unit"), Href: q.base + "/developments/" + d.ID})
	}
	for _, u := range units.Items {
		groups[1].Items = append(groups[1].Items, ui.PaletteItem{Label: u.Label, Hint: u.Development, Href: q.base + "/units/" + u.ID})
	}
	for _, h := range people.Items {
		groups[2].Items = append(groups[2].Items, ui.PaletteItem{Label: h.Name, Hint: h.Unit, Href: q.base + "/homeowners/" + h.ID})
	}
	return groups, nil
}

// byID leads an id, or the code of a label, to its page, where there is one
// that the actor may see.
func (q *request) byID(text string) (ui.PaletteItem, bool) {
	switch {
	case codeShape.MatchString(text):
		return q.byCode(text)
	case !q.portal && core.ValidID(core.PrefixTenant, text):
		t, err := q.site.Tenants.Find(q.ctx, core.TenantID(text))
		return ui.PaletteItem{Label: t.Name, Hint: text, Href: "/admin/tenants/" + text}, err == nil && q.may(core.TenantsRead)
	case !q.portal && core.ValidID(core.PrefixRun, text):
		run, err := q.site.Onboarding.Find(q.ctx, text)
		return ui.PaletteItem{Label: "Onboarding of " + run.Name, Hint: text, Href: "/admin/onboarding/runs/" + text}, err == nil && q.may(core.OnboardRead)
	case !q.portal && core.ValidID(core.PrefixUser, text):
		u, err := q.site.Users.Find(q.ctx, text)
		return ui.PaletteItem{Label: u.Name, Hint: text, Href: "/admin/users/" + text}, err == nil && q.may(core.UsersRead)
	case !q.portal && core.ValidID(core.PrefixKey, text):
		k, err := q.site.Keys.Find(q.ctx, text)
		return ui.PaletteItem{Label: k.Name, Hint: text, Href: "/admin/keys/" + text}, err == nil && q.may(core.KeysRead)
	}
	if !q.may(core.DirectoryRead) || !q.lookedAt() {
		return ui.PaletteItem{}, false
	}
	return q.inDirectory(text)
}

// inDirectory leads an id of the tenant's own nouns to its page.
func (q *request) inDirectory(id string) (ui.PaletteItem, bool) {
	switch {
	case core.ValidID(core.PrefixDevelopment, id):
		d, err := q.site.Developments.Find(q.ctx, q.tenant.ID, id)
		return ui.PaletteItem{Label: d.Name, Hint: id, Href: q.base + "/developments/" + id}, err == nil
	case core.ValidID(core.PrefixUnit, id):
		u, err := q.site.Units.Find(q.ctx, q.tenant.ID, id)
		return ui.PaletteItem{Label: u.Label, Hint: id, Href: q.base + "/units/" + id}, err == nil
	case core.ValidID(core.PrefixHomeowner, id):
		h, err := q.site.Homeowners.Find(q.ctx, q.tenant.ID, id)
		return ui.PaletteItem{Label: h.Name, Hint: id, Href: q.base + "/homeowners/" + id}, err == nil
	}
	return ui.PaletteItem{}, false
}

// byCode leads the code of a printed label to its unit.
func (q *request) byCode(code string) (ui.PaletteItem, bool) {
	id, err := q.site.Units.Locate(q.ctx, code)
	if err != nil || !q.may(core.DirectoryRead) || q.portal && id != q.actor.Tenant {
		return ui.PaletteItem{}, false
	}
	base := portalTenant
	if !q.portal {
		base = "/admin/tenants/" + string(id)
	}
	u, err := q.site.Units.FindByCode(q.ctx, id, code)
	return ui.PaletteItem{Label: u.Label, Hint: "by its code", Href: base + "/units/" + u.ID}, err == nil
}

// pagesNamed are the places of the navigation whose name has the text.
func (q *request) pagesNamed(text string) ui.PaletteGroup {
	g := ui.PaletteGroup{Title: "Go to"}
	for _, group := range q.visible(q.navigation()) {
		for _, item := range group.Items {
			if strings.Contains(strings.ToLower(item.Label), strings.ToLower(text)) {
				g.Items = append(g.Items, ui.PaletteItem{Label: item.Label, Hint: group.Title, Href: item.Href})
			}
		}
	}
	if strings.Contains("profile and security", strings.ToLower(text)) {
		g.Items = append(g.Items, ui.PaletteItem{Label: "Profile and security", Href: "/profile"})
	}
	return g
}
