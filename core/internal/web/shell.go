package web

import (
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// plainShell is the shell without navigation: for fragments.
func (q *request) plainShell() ui.Shell {
	shell := ui.Shell{Locale: q.locale(), Zone: q.zone(), Now: q.site.Now(), Theme: q.theme(), Version: q.site.Version, Dev: q.site.Dev}
	if q.portal {
		shell.Accent = ui.Portal
	}
	return shell
}

func (q *request) theme() ui.Theme {
	if q.Ctx == nil { // a stream that outlived its handler
		return ui.Auto
	}
	return themeOf(q.Ctx)
}

// shell is what surrounds the page: navigation by what the actor may do.
func (q *request) shell() (ui.Shell, error) {
	shell := q.plainShell()
	shell.Path, shell.Palette, shell.Toasts = q.OriginalURL(), "/palette", q.toasts()
	shell.State = q.systemState()
	shell.Person = ui.Person{
		Name: q.actor.Name, Email: q.actor.Email, Role: roleName(q.actor.Role), SignOut: "/sign-out",
		Links: []ui.Link{{Text: "Profile and security", Href: "/profile"}},
	}
	if q.portal {
		tenant, err := q.site.Tenants.Find(q.ctx, q.actor.Tenant)
		if err != nil {
			return shell, err
		}
		shell.Brand = &ui.Brand{Name: tenant.Name, Logo: "/portal/logo"}
	}
	shell.Nav = q.visible(q.navigation())
	if q.actor.OnBehalfOf != "" {
		session := q.session()
		shell.Impersonation = &ui.Impersonation{Who: q.actor.Name, Reason: q.actor.Reason, Until: session.ExpiresAt, Exit: "/impersonation/stop"}
	}
	return shell, nil
}

// navItem is one place of the navigation and what it takes to see it.
type navItem struct {
	group, label, href string
	icon               ui.Icon
	permission         core.Permission
}

var consoleNav = []navItem{
	{"Overview", "Home", "/admin", ui.IconHome, core.SignedIn},
	{"Developers", "Tenants", "/admin/tenants", ui.IconTenant, core.TenantsRead},
	{"Developers", "Onboarding", "/admin/onboarding", ui.IconOnboard, core.OnboardRead},
	{"Operate", "Outbox", "/admin/outbox", ui.IconMail, core.OutboxRead},
	{"Operate", "Jobs", "/admin/jobs", ui.IconJobs, core.JobsRead},
	{"Operate", "Tools", "/admin/tools", ui.IconTools, core.SignedIn},
	{"Operate", "Plugins", "/admin/plugins", ui.IconPlug, core.PluginsRead},
	{"Operate", "Dead letters", "/admin/dead-letters", ui.IconIncident, core.PluginsRead},
	{"Operate", "Audit log", "/admin/audit", ui.IconAudit, core.AuditRead},
	{"Access", "Users", "/admin/users", ui.IconUsers, core.UsersRead},
	{"Access", "API keys", "/admin/keys", ui.IconKey, core.KeysRead},
	{"Access", "API", "/admin/api", ui.IconAPI, core.SignedIn},
}

var portalNav = []navItem{
	{"Homes", "Overview", "/portal", ui.IconHome, core.SignedIn},
	{"Homes", "Developments", "/portal/developments", ui.IconDevelop, core.DirectoryRead},
	{"Homes", "Units", "/portal/units", ui.IconTenant, core.DirectoryRead},
	{"Homes", "Homeowners", "/portal/homeowners", ui.IconUser, core.DirectoryRead},
	{"Homes", "Usage", "/portal/usage", ui.IconActivity, core.EventsRead},
	{"Company", "Settings", "/portal/settings", ui.IconSettings, core.SettingsRead},
	{"Company", "Branding", "/portal/branding", ui.IconImage, core.SettingsRead},
	{"Company", "Plugins", "/portal/plugins", ui.IconPlug, core.SettingsRead},
	{"Company", "Users", "/portal/users", ui.IconUsers, core.UsersRead},
	{"Company", "Messages", "/portal/messages", ui.IconMail, core.OutboxRead},
	{"Company", "Audit log", "/portal/audit", ui.IconAudit, core.AuditRead},
}

// navigation is the console's or the portal's own places, and behind them those
// of the plugins.
func (q *request) navigation() []navItem {
	scope, own := sdk.Platform, consoleNav
	if q.portal {
		scope, own = sdk.Tenant, portalNav
	}
	places := q.places(scope)
	pages := map[string]int{}
	for _, place := range places {
		pages[place.Plugin]++
	}
	items := slices.Clone(own)
	for _, place := range places {
		// One page stands among the others; several have a group of their own.
		item := navItem{"Plugins", place.Page.Title, q.placeHref(place), ui.IconPlug, place.Page.Permission}
		if pages[place.Plugin] > 1 {
			item.group = q.pluginName(place.Plugin)
		}
		items = append(items, item)
	}
	slices.SortStableFunc(items[len(own):], func(a, b navItem) int { return strings.Compare(groupOrder(a), groupOrder(b)) })
	return items
}

// groupOrder keeps a group together, the common one first.
func groupOrder(item navItem) string {
	if item.group == "Plugins" {
		return ""
	}
	return item.group
}

// places are the pages of plugins that the actor may see in a navigation.
func (q *request) places(scope sdk.Scope) []host.Place {
	return slices.DeleteFunc(q.site.Plugins.Places(scope, q.portal), func(p host.Place) bool { return !q.may(p.Page.Permission) })
}

// placeHref is the address of a plugin's page: of the platform's, or of the
// tenant that the request is about.
func (q *request) placeHref(p host.Place) string {
	base := "/admin/" + p.Plugin
	if p.Page.Scope != sdk.Platform {
		base = q.pluginBase(p.Plugin)
	}
	return pageAddress(base, p.Page.Path)
}

func (q *request) pluginName(id string) string {
	if status, err := q.site.Plugins.Find(id); err == nil && status.Manifest.Name != "" {
		return status.Manifest.Name
	}
	return id
}

// visible groups the places that the actor may see.
func (q *request) visible(items []navItem) []ui.NavGroup {
	var groups []ui.NavGroup
	current := q.currentPlace(items)
	for _, item := range items {
		if !q.may(item.permission) {
			continue
		}
		if n := len(groups); n == 0 || groups[n-1].Title != item.group {
			groups = append(groups, ui.NavGroup{Title: item.group})
		}
		group := &groups[len(groups)-1]
		group.Items = append(group.Items, ui.NavItem{Label: item.label, Href: item.href, Icon: item.icon, Current: item.href == current})
	}
	return groups
}

// currentPlace is the place that the page belongs to: of several that its
// address begins with, the longest. A plugin's page about a tenant belongs to
// the tenants.
func (q *request) currentPlace(items []navItem) string {
	path, current := q.Path(), ""
	if !q.portal && q.tenant.ID != "" {
		path = "/admin/tenants"
	}
	for _, item := range items {
		if isCurrent(item.href, path) && len(item.href) > len(current) {
			current = item.href
		}
	}
	return current
}

func isCurrent(href, path string) bool {
	if href == "/admin" || href == "/portal" {
		return path == href
	}
	return path == href || strings.HasPrefix(path, href+"/")
}

// systemState is the line at the bottom of the sidebar.
func (q *request) systemState() *ui.State {
	if err := q.site.Ready(); err != nil {
		return &ui.State{Text: "Not ready", Tone: ui.Bad, Href: "/readyz"}
	}
	return &ui.State{Text: "All systems normal", Tone: ui.Good, Href: "/readyz"}
}
