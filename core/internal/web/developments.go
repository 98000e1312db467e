package web

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

var developmentStatuses = []ui.Option{{Value: "planned", Label: "Planned"}, {Value: "selling", Label: "Selling"}, {Value: "complete", Label: "Complete"}}

var developmentTones = map[string]ui.Tone{"planned": ui.Plain, "selling": ui.Info, "complete": ui.Good}

func developmentBadge(d core.Development) ui.Badge {
	return ui.Badge{Text: capital(d.Status), Tone: developmentTones[d.Status]}
}

// listDevelopments is the tenant's list of sites.
func listDevelopments(q *request) error {
	p := q.tab("/developments", "Developments", "The sites that "+q.tenant.Name+" builds.")
	l := listing[core.Development]{
		title: "Developments",
		fetch: func(query core.Query) (core.List[core.Development], error) {
			return q.site.Developments.List(q.ctx, q.tenant.ID, query)
		},
		href:    func(d core.Development) string { return q.base + "/developments/" + d.ID },
		search:  "Name or address",
		filters: []ui.Filter{{Name: "status", Label: "Status", Value: q.query.Get("status"), Options: developmentStatuses}},
		none: ui.Empty{
			Title: "No developments yet.", Icon: ui.IconDevelop, Action: q.addDevelopment(),
			Reason: "Units, labels and letters are kept by development, so it comes first.",
		},
		columns: []column[core.Development]{
			{title: "Development", sort: "name", width: 34, cell: func(d core.Development) ui.Value {
				return ui.Link{Text: d.Name, Href: q.base + "/developments/" + d.ID, Note: d.Address}
			}},
			{title: "Status", cell: func(d core.Development) ui.Value { return developmentBadge(d) }},
			{title: "Units", numeric: true, kind: report.Integer, cell: func(d core.Development) ui.Value { return ui.Number{Value: int64(d.Units)} }},
			{title: "Added", sort: "created_at", numeric: true, priority: 2, kind: report.Date, cell: func(d core.Development) ui.Value { return ui.Time{At: d.CreatedAt} }},
		},
	}
	if add := q.addDevelopment(); add != nil {
		l.actions = []ui.Action{*add}
	}
	return l.show(q, p)
}

func (q *request) addDevelopment() *ui.Action {
	if !q.changes(core.DirectoryWrite) {
		return nil
	}
	return &ui.Action{Label: "Add development", Href: q.base + "/developments/new", Icon: ui.IconPlus, Kind: ui.Primary}
}

// development is the one that the address names.
func (q *request) development() (core.Development, error) {
	return q.site.Developments.Find(q.ctx, q.tenant.ID, q.Params("development"))
}

// showDevelopment is one site with its figures, packs and units.
func showDevelopment(q *request) error {
	d, err := q.development()
	if err != nil {
		return err
	}
	address := q.base + "/developments/" + d.ID
	p := q.leaf("/developments", d.Name)
	badge := developmentBadge(d)
	p.Head.Lead, p.Head.Status = d.Address, &badge
	if q.changes(core.DirectoryWrite) {
		remove := ui.Action{Label: "Delete…", Href: address + "/delete", Kind: ui.Quiet, Icon: ui.IconTrash}
		if d.Units > 0 {
			remove.Disabled = "A development with units can't be deleted: it has " + plural(d.Units, "unit") + "."
		}
		p.Head.Actions = []ui.Action{{Label: "Edit", Href: address + "/edit", Icon: ui.IconEdit}, remove}
	}
	units := q.unitListing(d.ID)
	if q.query.Get("format") != "" {
		return units.show(q, p)
	}
	f, err := q.figures(d.ID)
	if err != nil {
		return err
	}
	packs, err := q.packSection(d)
	if err != nil {
		return err
	}
	return units.show(q, p, f.ofDevelopment(q, d.ID), packs)
}

// ofDevelopment are the figures of one development, each leading to its rows.
func (f figures) ofDevelopment(q *request, id string) ui.Stats {
	stats := f.stats(q)
	narrow := "development=" + escape(id)
	stats.Items[0].Versus = "in this development"
	stats.Items[0].Href = q.base + "/units?" + narrow
	stats.Items[1].Href = q.base + "/units?status=handed_over&" + narrow
	stats.Items[2].Href = q.base + "/units?status=scanned&" + narrow
	stats.Items[3].Href = q.base + "/homeowners?status=onboarded&" + narrow
	return stats
}

// developmentsAtGlance is the overview's short list, and what is in it.
func (q *request) developmentsAtGlance() (ui.Table, []core.Development, error) {
	list, err := q.site.Developments.List(q.ctx, q.tenant.ID, core.Query{Limit: shortList})
	if err != nil {
		return ui.Table{}, nil, err
	}
	t := ui.Table{
		ID: "developments", Title: "Developments", Count: &list.Total,
		Columns: []ui.Column{{Title: "Development"}, {Title: "Status", Priority: 1}, {Title: "Units", Numeric: true}},
		None:    ui.Empty{Title: "No developments yet.", Reason: "A development holds the units that are built on one site.", Icon: ui.IconDevelop, Action: q.addDevelopment()},
	}
	if list.Total > len(list.Items) {
		t.Actions = []ui.Action{{Label: "All developments", Href: q.base + "/developments", Kind: ui.Quiet}}
	}
	for _, d := range list.Items {
		href := q.base + "/developments/" + d.ID
		t.Rows = append(t.Rows, ui.Row{Href: href, Cells: ui.Values{
			ui.Link{Text: d.Name, Href: href, Note: d.Address}, developmentBadge(d), ui.Number{Value: int64(d.Units)},
		}})
	}
	return t, list.Items, nil
}

// developmentFilter narrows a list to one of the tenant's developments.
func (q *request) developmentFilter() (ui.Filter, error) {
	f := ui.Filter{Name: "development", Label: "Development", Value: q.query.Get("development")}
	list, err := q.site.Developments.List(q.ctx, q.tenant.ID, core.Query{Limit: core.MaxLimit})
	for _, d := range list.Items {
		f.Options = append(f.Options, ui.Option{Value: d.ID, Label: d.Name})
	}
	return f, err
}
