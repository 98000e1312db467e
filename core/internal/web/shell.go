package web

import (
	"strings"

	"github.com/openhouse-ai/console/core"
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
		shell.Nav = q.visible(portalNav)
	} else {
		shell.Nav = q.visible(consoleNav)
	}
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
	{"Company", "Settings", "/portal/settings", ui.IconSettings, core.SettingsRead},
	{"Company", "Branding", "/portal/branding", ui.IconImage, core.SettingsRead},
	{"Company", "Users", "/portal/users", ui.IconUsers, core.UsersRead},
	{"Company", "Messages", "/portal/messages", ui.IconMail, core.OutboxRead},
	{"Company", "Audit log", "/portal/audit", ui.IconAudit, core.AuditRead},
}

// visible groups the places that the actor may see.
func (q *request) visible(items []navItem) []ui.NavGroup {
	var groups []ui.NavGroup
	for _, item := range items {
		if !q.may(item.permission) {
			continue
		}
		if n := len(groups); n == 0 || groups[n-1].Title != item.group {
			groups = append(groups, ui.NavGroup{Title: item.group})
		}
		group := &groups[len(groups)-1]
		group.Items = append(group.Items, ui.NavItem{Label: item.label, Href: item.href, Icon: item.icon, Current: isCurrent(item.href, q.Path())})
	}
	return groups
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
