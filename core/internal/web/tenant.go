package web

import (
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// tenantTab is one of the pages about a tenant.
type tenantTab struct {
	path, label string
	permission  core.Permission
}

var tenantTabs = []tenantTab{
	{"", "Overview", core.SignedIn},
	{"/developments", "Developments", core.DirectoryRead},
	{"/units", "Units", core.DirectoryRead},
	{"/homeowners", "Homeowners", core.DirectoryRead},
	{"/messages", "Messages", core.OutboxRead},
	{"/usage", "Usage", core.EventsRead},
	{"/events", "Events", core.EventsRead},
	{"/audit", "Audit log", core.AuditRead},
	{"/settings", "Settings", core.SettingsRead},
	{"/branding", "Branding", core.SettingsRead},
	{"/users", "Users", core.UsersRead},
	{"/plugins", "Plugins", core.SettingsRead},
}

// ofTenant names the tenant of a route that is mounted once.
func ofTenant(handle func(*request) error) func(*request) error {
	return func(q *request) error {
		if err := q.nameTenant(); err != nil {
			return err
		}
		return handle(q)
	}
}

// tab is one of the tenant's pages: for staff under the tenant's name and with
// its tabs, in the portal under the title.
func (q *request) tab(path, title, lead string) ui.Page {
	p := ui.Page{Head: ui.Head{Title: title, Lead: lead}, Blocks: q.standing()}
	if q.portal {
		return p
	}
	badge := tenantBadge(q.tenant)
	p.Title, p.Crumbs = q.tenant.Name, []ui.Link{{Text: "Tenants", Href: "/admin/tenants"}}
	if path != "" {
		p.Title, p.Crumbs = title, append(p.Crumbs, ui.Link{Text: q.tenant.Name, Href: q.base})
	}
	p.Head = ui.Head{
		Title: q.tenant.Name, Monogram: ui.Monogram(q.tenant.Name), Status: &badge,
		Lead: q.tenant.Code + " · " + q.regionLabel(q.tenant.Region),
	}
	for _, t := range tenantTabs {
		if q.may(t.permission) {
			p.Tabs = append(p.Tabs, ui.Tab{Label: t.label, Href: q.base + t.path, Current: t.path == path})
		}
	}
	for _, place := range q.places(sdk.Tenant) {
		p.Tabs = append(p.Tabs, ui.Tab{Label: place.Page.Title, Href: q.placeHref(place)})
	}
	return p
}

// leaf is a page below a tab: one unit, one form. More are the crumbs between.
func (q *request) leaf(path, title string, more ...ui.Link) ui.Page {
	p := ui.Page{Head: ui.Head{Title: title}, Blocks: q.standing()}
	if !q.portal {
		p.Crumbs = []ui.Link{{Text: "Tenants", Href: "/admin/tenants"}, {Text: q.tenant.Name, Href: q.base}}
	}
	for _, t := range tenantTabs {
		if t.path == path {
			p.Crumbs = append(p.Crumbs, ui.Link{Text: t.label, Href: q.base + t.path})
		}
	}
	p.Crumbs = append(p.Crumbs, more...)
	return p
}

// standing says what is out of the ordinary about the tenant.
func (q *request) standing() ui.Blocks {
	switch q.tenant.Status {
	case core.TenantSuspended:
		return ui.Blocks{ui.Notice{Tone: ui.Warn, Title: q.tenant.Name + " is suspended", Text: "Everything can be read. Nothing can be changed, and nobody can sign up, until it is active again."}}
	case core.TenantProvisioning:
		return ui.Blocks{ui.Notice{Tone: ui.Info, Title: "This tenant is being set up", Text: "Its pages fill as the onboarding goes on."}}
	case core.TenantFailed:
		return ui.Blocks{ui.Notice{Tone: ui.Bad, Title: "This tenant's file is behind", Text: "Its migration failed, so its file can't be opened. Nothing is lost; the reason is in the console's log."}}
	}
	return nil
}

// changes reports whether the actor may change this tenant by the permission,
// and the tenant can be changed at all: to leave out what could not be done.
func (q *request) changes(p core.Permission) bool {
	return q.may(p) && q.tenant.Status == core.TenantActive
}

// fileSize is a number of bytes as people read it.
func fileSize(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d kB", (n+500)/1000)
	case n < 1_000_000_000:
		return fmt.Sprintf("%d.%d MB", n/1_000_000, n/100_000%10)
	}
	return fmt.Sprintf("%d.%d GB", n/1_000_000_000, n/100_000_000%10)
}
