package web

import (
	"cmp"
	"slices"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/schema"
	"github.com/openhouse-ai/console/ui"
)

// tool is a tool of a plugin.
type tool struct {
	sdk.ToolInfo
	plugin host.Status
}

func (t tool) href() string { return "/admin/tools/" + t.plugin.ID + "/" + t.ID }

// tools are those that the actor may use.
func (q *request) tools() []tool {
	var all []tool
	for _, s := range q.site.Plugins.Plugins() {
		for _, info := range s.Manifest.Tools {
			if q.may(info.Permission) {
				all = append(all, tool{info, s})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b tool) int { return cmp.Compare(a.Title, b.Title) })
	return all
}

// tool returns the tool of the address.
func (q *request) tool() (tool, error) {
	s, err := q.plugin()
	if err != nil {
		return tool{}, err
	}
	i := slices.IndexFunc(s.Manifest.Tools, func(t sdk.ToolInfo) bool { return t.ID == q.Params("tool") })
	if i < 0 {
		return tool{}, core.Errorf(core.NotFound, "There is no such tool.")
	}
	return tool{s.Manifest.Tools[i], s}, q.site.allow(q.actor, s.Manifest.Tools[i].Permission)
}

var toolTabs = []ui.Tab{{Label: "Tools", Href: "/admin/tools"}, {Label: "Runs", Href: "/admin/tools/runs"}}

func (q *request) toolsPage() ui.Page {
	p := ui.Page{Head: ui.Head{Title: "Tools", Lead: "Repairs and bulk changes. Each shows first what it would do, and does it only when you say so."}}
	for _, t := range toolTabs {
		t.Current = q.Path() == t.Href
		if !t.Current && t.Label == "Runs" && !q.may(core.JobsRead) {
			continue
		}
		p.Tabs = append(p.Tabs, t)
	}
	return p
}

// listTools is every tool that the reader may use.
func listTools(q *request) (ui.Page, error) {
	p := q.toolsPage()
	p.Blocks = ui.Blocks{q.toolTable(q.tools())}
	return p, nil
}

func (q *request) toolTable(all []tool) ui.Table {
	t := ui.Table{
		ID: "tools", Title: "Tools", Count: count(len(all)),
		Columns: []ui.Column{{Title: "Tool"}, {Title: "Of", Priority: 1}, {Title: "About"}, {Title: "State", Priority: 1}},
		None:    ui.Empty{Title: "No tools for you.", Reason: "Plugins bring tools along; which of them you see depends on your role.", Icon: ui.IconTools},
	}
	for _, one := range all {
		about := "One tenant"
		if one.Scope == sdk.Platform {
			about = "The platform"
		}
		t.Rows = append(t.Rows, ui.Row{Href: one.href(), Cells: ui.Values{
			ui.Link{Text: one.Title, Href: one.href(), Note: one.Summary}, ui.Text{Text: nameOf(one.plugin)}, ui.Text{Text: about}, pluginBadge(one.plugin),
		}})
	}
	return t
}

// showPluginTools are the tools of one plugin.
func showPluginTools(q *request, s host.Status) (ui.Page, error) {
	p := q.pluginPage(s, "/tools")
	p.Blocks = ui.Blocks{q.toolTable(slices.DeleteFunc(q.tools(), func(t tool) bool { return t.plugin.ID != s.ID }))}
	return p, nil
}

// tenantName is the field of the tenant that a tool is used for.
const tenantField = "_tenant"

// planTool asks for a tool's parameters and makes its plan.
var planTool = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		t, err := q.tool()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		p := ui.Page{
			Title: t.Title, Head: ui.Head{Title: t.Title, Lead: t.Summary},
			Crumbs: []ui.Link{{Text: "Tools", Href: "/admin/tools"}, {Text: nameOf(t.plugin), Href: "/admin/tools"}},
		}
		f := ui.Form{
			Action: q.Path(), Title: "What to do", Lead: "Making the plan changes nothing.", Submit: "Make the plan", Cancel: &ui.Link{Text: "Cancel", Href: "/admin/tools"},
		}
		if t.Scope != sdk.Platform {
			tenants, err := q.tenantOptions(q.query.Get("tenant"))
			if err != nil {
				return p, f, err
			}
			f.Fields = append(f.Fields, ui.Field{Kind: ui.Select, Name: tenantField, Label: "Tenant", Required: true, Placeholder: "Choose a tenant", Options: tenants, Value: q.query.Get("tenant")})
		}
		fields, err := schema.Fields(t.Schema, nil)
		f.Fields = append(f.Fields, fields...)
		return p, f, err
	},
	do: func(q *request, sent values) (string, string, error) {
		t, err := q.tool()
		if err != nil {
			return "", "", err
		}
		tenant := core.TenantID("")
		if t.Scope != sdk.Platform {
			if tenant, err = core.ParseTenantID(sent.Get(tenantField)); err != nil {
				return "", "", core.Problems{{Field: tenantField, Reason: "is missing: choose the tenant"}}.Err()
			}
		}
		params, err := schema.Decode(t.Schema, sent)
		if err != nil {
			return "", "", wholeFields(err)
		}
		run, err := q.site.Plugins.PlanTool(q.ctx, t.plugin.ID, t.ID, tenant, params)
		return toolRunHref(run), "", wholeFields(err)
	},
}

func toolRunHref(r host.ToolRun) string { return "/admin/tools/runs/" + r.ID }

// toolStates are how far the use of a tool is.
var toolStates = map[core.WorkState]string{core.Pending: "Planned", core.Running: "Being applied", core.Done: "Applied", core.Failed: "Failed", core.Cancelled: "Cancelled"}

func toolBadge(r host.ToolRun) ui.Badge {
	return ui.Badge{Text: cmp.Or(toolStates[r.State], capital(string(r.State))), Tone: workTones[r.State]}
}

// listToolRuns is what was done with tools, newest first.
func listToolRuns(q *request) error {
	states := ui.Filter{Name: "status", Label: "State", Value: q.query.Get("status")}
	for _, s := range []core.WorkState{core.Pending, core.Running, core.Done, core.Failed, core.Cancelled} {
		states.Options = append(states.Options, ui.Option{Value: string(s), Label: toolStates[s]})
	}
	plugins := ui.Filter{Name: "kind", Label: "Plugin", Value: q.query.Get("kind")}
	for _, s := range q.site.Plugins.Plugins() {
		plugins.Options = append(plugins.Options, ui.Option{Value: s.ID, Label: nameOf(s)})
	}
	people := q.names()
	return listing[host.ToolRun]{
		title:   "Runs",
		fetch:   func(query core.Query) (core.List[host.ToolRun], error) { return q.site.Plugins.ToolRuns(q.ctx, query) },
		href:    toolRunHref,
		filters: []ui.Filter{plugins, states},
		none:    ui.Empty{Title: "No tool has been used yet.", Reason: "Each plan that is made, and what came of it, shows here.", Icon: ui.IconTools},
		columns: []column[host.ToolRun]{
			{title: "Tool", width: 28, cell: func(r host.ToolRun) ui.Value { return ui.Link{Text: toolTitle(r), Href: toolRunHref(r)} }},
			{title: "State", cell: func(r host.ToolRun) ui.Value { return toolBadge(r) }},
			{title: "For", priority: 1, width: 24, cell: func(r host.ToolRun) ui.Value { return q.tenantCell(r.Tenant) }},
			{title: "What came of it", priority: 1, width: 40, cell: func(r host.ToolRun) ui.Value { return ui.Text{Text: cmp.Or(r.Error, r.Summary), Muted: true} }},
			{title: "By", priority: 2, cell: func(r host.ToolRun) ui.Value { return ui.Text{Text: people.of("user", r.By)} }},
			{title: "Started", numeric: true, kind: report.Date, cell: func(r host.ToolRun) ui.Value { return timeOrNil(r.Run.StartedAt) }},
		},
	}.show(q, q.toolsPage())
}

func toolTitle(r host.ToolRun) string { return cmp.Or(r.Tool.Title, r.Plugin+"."+r.Tool.ID) }
