package web

import (
	"strconv"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// ofListed hands the plugin of the address to a list.
func ofListed(show func(*request, host.Status) error) func(*request) error {
	return func(q *request) error {
		s, err := q.plugin()
		if err != nil {
			return err
		}
		return show(q, s)
	}
}

// pluginTenantBadge is how a plugin stands in one tenant.
func pluginTenantBadge(s host.Status, t host.TenantState) ui.Badge {
	switch {
	case t.Off:
		return ui.Badge{Text: "Off", Tone: ui.Plain}
	case t.Error != "":
		return ui.Badge{Text: "Migration failed", Tone: ui.Bad}
	case t.Version == 0 && len(s.Manifest.Schema) > 0:
		return ui.Badge{Text: "Not used yet", Tone: ui.Info}
	}
	return ui.Badge{Text: "On", Tone: ui.Good}
}

// listPluginTenants is every tenant, and how the plugin stands there.
func listPluginTenants(q *request, s host.Status) error {
	p := q.pluginPage(s, "/tenants")
	if s.Broken > 0 {
		p.Blocks = append(p.Blocks, ui.Notice{
			Tone: ui.Bad, Title: "Its migration failed for " + plural(s.Broken, "tenant") + ".",
			Text:    "There it is off, and nowhere else. Nothing of what the migration did is left in their files.",
			Actions: []ui.Action{{Label: "Show them", Href: pluginHref(s.ID) + "/tenants?status=broken"}},
		})
	}
	return listing[host.TenantState]{
		title: "Tenants",
		fetch: func(query core.Query) (core.List[host.TenantState], error) {
			return q.site.Plugins.Tenants(q.ctx, s.ID, query)
		},
		search: "Name of a tenant",
		filters: []ui.Filter{{Name: "status", Label: "State", Value: q.query.Get("status"), Options: []ui.Option{
			{Value: "on", Label: "On"}, {Value: "off", Label: "Off"}, {Value: "broken", Label: "Migration failed"}}}},
		none: ui.Empty{Title: "No tenants yet.", Reason: "Each tenant can have this plugin switched on or off.", Icon: ui.IconTenant},
		columns: []column[host.TenantState]{
			{title: "Tenant", width: 28, cell: func(t host.TenantState) ui.Value {
				return ui.Link{Text: t.Name, Href: "/admin/tenants/" + string(t.Tenant), Monogram: ui.Monogram(t.Name)}
			}},
			{title: "State", cell: func(t host.TenantState) ui.Value { return pluginTenantBadge(s, t) }},
			{title: "Why", priority: 1, width: 40, cell: func(t host.TenantState) ui.Value { return textOrNil(joinNonEmpty(" ", t.Reason, t.Error)) }},
			{title: "Tables' version", numeric: true, priority: 2, kind: report.Integer, cell: func(t host.TenantState) ui.Value { return ui.Number{Value: t.Version} }},
			{title: "", cell: func(t host.TenantState) ui.Value { return q.switchAction(s, t) }},
		},
	}.show(q, p)
}

func (q *request) switchAction(s host.Status, t host.TenantState) ui.Value {
	if !q.may(core.PluginsWrite) {
		return nil
	}
	label := "Switch off"
	if t.Off {
		label = "Switch on"
	}
	return ui.Actions{Items: []ui.Action{{Label: label, Href: pluginHref(s.ID) + "/tenants/" + string(t.Tenant)}}}
}

// standingOf is how the plugin stands in the tenant of the address.
func (q *request) standingOf(s host.Status) (host.TenantState, error) {
	id, err := core.ParseTenantID(q.Params("tenant"))
	if err != nil {
		return host.TenantState{}, err
	}
	return q.tenantState(s.ID, id)
}

// tenantState is how a plugin stands in a tenant.
func (q *request) tenantState(plugin string, id core.TenantID) (host.TenantState, error) {
	tenant, err := q.site.Tenants.Find(q.ctx, id)
	if err != nil {
		return host.TenantState{}, err
	}
	list, err := q.site.Plugins.Tenants(q.ctx, plugin, core.Query{Tenant: id, Limit: 1})
	if err != nil || len(list.Items) == 0 {
		return host.TenantState{Tenant: id, Name: tenant.Name}, err
	}
	return list.Items[0], nil
}

// switchPlugin switches a plugin off for one tenant, or on again.
var switchPlugin = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		s, err := q.plugin()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		t, err := q.standingOf(s)
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		f := ui.Form{
			Action: q.Path(), Cancel: &ui.Link{Text: "Cancel", Href: pluginHref(s.ID) + "/tenants"},
			Fields: []ui.Field{reasonField("Kept in the audit log."), {Kind: ui.HiddenField, Name: "off", Value: strconv.FormatBool(!t.Off)}},
		}
		title := "Switch off " + nameOf(s) + " for " + t.Name
		f.Submit, f.Danger = "Switch off", true
		f.Consequence = "Its pages, routes and jobs are gone for " + t.Name + " alone. Its data there stays, and its events wait."
		if t.Off {
			title, f.Submit, f.Danger = "Switch on "+nameOf(s)+" for "+t.Name, "Switch on", false
			f.Consequence = "Its tables are brought up to date, and it takes the events that waited."
		}
		return q.pluginLeaf(s, "/tenants", title), f, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		s, err := q.plugin()
		if err != nil {
			return "", "", err
		}
		t, err := q.standingOf(s)
		if err != nil {
			return "", "", err
		}
		off := sent.Get("off") == "true"
		said := nameOf(s) + " is on for " + t.Name + "."
		if off {
			said = nameOf(s) + " is off for " + t.Name + "."
		}
		return pluginHref(s.ID) + "/tenants", said, because(sent, func(reason string) error { return q.site.Plugins.Switch(q.ctx, s.ID, t.Tenant, off, reason) })
	},
}

// listOutside is what a plugin has called outside, newest first.
func listOutside(q *request, s host.Status) error {
	p := q.pluginPage(s, "/outside")
	return listing[host.OutsideCall]{
		title: "Outside calls",
		fetch: func(query core.Query) (core.List[host.OutsideCall], error) {
			return q.site.Plugins.Outside(q.ctx, s.ID, query)
		},
		search: "Host or path",
		filters: []ui.Filter{{Name: "status", Label: "Outcome", Value: q.query.Get("status"), Options: []ui.Option{
			{Value: "ok", Label: "Answered"}, {Value: "failed", Label: "Failed"}}}},
		none: ui.Empty{Title: "It has called nobody.", Reason: "Each call that it makes through the console is recorded here: where to, what came back and how long it took. Never what was sent.", Icon: ui.IconExternal},
		columns: []column[host.OutsideCall]{
			{title: "Host", width: 28, cell: func(c host.OutsideCall) ui.Value { return ui.Text{Text: c.Host, Note: c.Method + " " + c.Path} }},
			{title: "Outcome", width: 24, cell: func(c host.OutsideCall) ui.Value { return outsideBadge(c) }},
			{title: "For", priority: 1, width: 24, cell: func(c host.OutsideCall) ui.Value { return q.tenantCell(c.Tenant) }},
			{title: "Took", numeric: true, priority: 1, cell: func(c host.OutsideCall) ui.Value { return durationCell(c.Took) }},
			{title: "When", numeric: true, kind: report.Date, cell: func(c host.OutsideCall) ui.Value { return ui.Time{At: c.At} }},
		},
	}.show(q, p)
}

func outsideBadge(c host.OutsideCall) ui.Badge {
	switch {
	case c.Error != "":
		return ui.Badge{Text: c.Error, Tone: ui.Bad}
	case c.Status >= 400:
		return ui.Badge{Text: strconv.Itoa(c.Status), Tone: ui.Bad}
	}
	return ui.Badge{Text: strconv.Itoa(c.Status), Tone: ui.Good}
}
