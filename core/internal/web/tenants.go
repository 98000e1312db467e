package web

import (
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// listTenants is the console's list of developer companies.
func listTenants(q *request) error {
	p := ui.Page{Head: ui.Head{Title: "Tenants", Lead: "Every developer company, each in a file of its own."}}
	if q.may(core.Onboard) {
		p.Head.Actions = []ui.Action{{Label: "Onboard developer", Href: "/admin/onboarding/new", Icon: ui.IconPlus, Kind: ui.Primary}}
	}
	totals, err := q.site.Insight.Totals(q.ctx, []string{metricUnits}, "")
	if err != nil {
		return err
	}
	l := q.tenantListing()
	l.lead = "Figures " + q.asOf(totals[metricUnits].Freshness)
	return l.show(q, p)
}

func (q *request) tenantListing() listing[tenantFigures] {
	return listing[tenantFigures]{
		title:   "Tenants",
		fetch:   q.tenantsWithFigures,
		href:    func(t tenantFigures) string { return "/admin/tenants/" + string(t.ID) },
		search:  "Name or code",
		filters: []ui.Filter{q.regionFilter(), statusFilter(q)},
		none: ui.Empty{
			Title: "No tenants yet.", Reason: "A developer becomes a tenant when its onboarding has made its file.", Icon: ui.IconTenant,
			Action: &ui.Action{Label: "Onboard developer", Href: "/admin/onboarding/new", Kind: ui.Primary},
		},
		columns: []column[tenantFigures]{
			{title: "Tenant", sort: "name", width: 34, cell: func(t tenantFigures) ui.Value {
				return ui.Link{Text: t.Name, Href: "/admin/tenants/" + string(t.ID), Monogram: ui.Monogram(t.Name)}
			}},
			{title: "Code", sort: "code", priority: 2, cell: func(t tenantFigures) ui.Value { return ui.Text{Text: t.Code, Muted: true} }},
			{title: "Status", sort: "status", cell: func(t tenantFigures) ui.Value { return tenantBadge(t.Tenant) }},
			{title: "Region", sort: "region", priority: 1, cell: func(t tenantFigures) ui.Value { return ui.Text{Text: q.regionLabel(t.Region)} }},
			{title: "Units", sort: "units", numeric: true, priority: 1, kind: report.Integer, cell: func(t tenantFigures) ui.Value { return figureCell(t.now, metricUnits) }},
			{title: "Activated", sort: "activated", priority: 1, kind: report.Integer, cell: func(t tenantFigures) ui.Value {
				if t.now[metricUnits] == 0 {
					return figureCell(t.now, metricActivated)
				}
				return ui.Meter{Done: t.now[metricActivated], Total: t.now[metricUnits]}
			}},
			{title: "Homeowners", sort: "homeowners", numeric: true, priority: 2, kind: report.Integer, cell: func(t tenantFigures) ui.Value { return figureCell(t.now, metricHomeowners) }},
			{title: "Scans in " + q.site.Now().In(q.zone()).Month().String(), sort: "scans", numeric: true, priority: 1, kind: report.Integer, cell: func(t tenantFigures) ui.Value { return figureCell(t.month, metricScans) }},
			{title: "Since", sort: "created_at", numeric: true, priority: 2, kind: report.Date, cell: func(t tenantFigures) ui.Value { return ui.Time{At: t.CreatedAt} }},
		},
	}
}

func (q *request) regionFilter() ui.Filter {
	f := ui.Filter{Name: "region", Label: "Region", Value: q.query.Get("region")}
	for _, r := range q.site.Tenants.Regions() {
		f.Options = append(f.Options, ui.Option{Value: r.Name, Label: r.Label})
	}
	return f
}

func statusFilter(q *request) ui.Filter {
	f := ui.Filter{Name: "status", Label: "Status", Value: q.query.Get("status")}
	for _, s := range []core.TenantStatus{core.TenantActive, core.TenantProvisioning, core.TenantSuspended, core.TenantFailed} {
		f.Options = append(f.Options, ui.Option{Value: string(s), Label: tenantBadge(core.Tenant{Status: s}).Text})
	}
	return f
}

// regionLabel is a region as people call it.
func (q *request) regionLabel(name string) string {
	for _, r := range q.site.Tenants.Regions() {
		if r.Name == name && r.Label != "" {
			return r.Label
		}
	}
	return name
}

var tenantTones = map[core.TenantStatus]ui.Tone{
	core.TenantActive: ui.Good, core.TenantProvisioning: ui.Info, core.TenantSuspended: ui.Warn, core.TenantFailed: ui.Bad,
}

func tenantBadge(t core.Tenant) ui.Badge {
	text := string(t.Status)
	if text != "" {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	if t.Demo {
		text += " · demo"
	}
	return ui.Badge{Text: text, Tone: tenantTones[t.Status]}
}
