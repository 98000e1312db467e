package web

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

var homeownerStatuses = []ui.Option{{Value: "invited", Label: "Invited"}, {Value: "onboarded", Label: "Onboarded"}, {Value: "left", Label: "Left"}}

var homeownerTones = map[string]ui.Tone{"invited": ui.Info, "onboarded": ui.Good}

func homeownerBadge(h core.Homeowner) ui.Badge {
	return ui.Badge{Text: capital(h.Status), Tone: homeownerTones[h.Status]}
}

// listHomeowners is the list of a tenant's buyers.
func listHomeowners(q *request) error {
	p := q.tab("/homeowners", "Homeowners", "The buyers of "+q.tenant.Name+"'s units.")
	developments, err := q.developmentFilter()
	if err != nil {
		return err
	}
	l := listing[core.Homeowner]{
		title: "Homeowners",
		fetch: func(query core.Query) (core.List[core.Homeowner], error) {
			return q.site.Homeowners.List(q.ctx, q.tenant.ID, query)
		},
		href:    func(h core.Homeowner) string { return q.base + "/homeowners/" + h.ID },
		search:  "Name, e-mail or unit",
		filters: []ui.Filter{developments, {Name: "status", Label: "State", Value: q.query.Get("status"), Options: homeownerStatuses}},
		keep:    []string{"unit"},
		none: ui.Empty{
			Title: "No homeowners yet.", Icon: ui.IconUsers, Action: q.addHomeowner(""),
			Reason: "Buyers sign up on the page that their unit's code leads to. You can also add them by hand.",
		},
		columns: []column[core.Homeowner]{
			{title: "Homeowner", sort: "name", width: 28, cell: func(h core.Homeowner) ui.Value {
				return ui.Link{Text: h.Name, Href: q.base + "/homeowners/" + h.ID, Monogram: ui.Monogram(h.Name)}
			}},
			{title: "Unit", width: 28, cell: func(h core.Homeowner) ui.Value {
				return ui.Link{Text: h.Unit, Href: q.base + "/units/" + h.UnitID}
			}},
			{title: "E-mail", priority: 1, width: 32, cell: func(h core.Homeowner) ui.Value { return ui.Text{Text: h.Email} }},
			{title: "State", sort: "status", cell: func(h core.Homeowner) ui.Value { return homeownerBadge(h) }},
			{title: "Onboarded", sort: "onboarded_at", numeric: true, priority: 2, kind: report.Date, cell: func(h core.Homeowner) ui.Value { return moment(h.OnboardedAt) }},
		},
	}
	if add := q.addHomeowner(""); add != nil {
		l.actions = []ui.Action{*add}
	}
	return l.show(q, p)
}

func (q *request) addHomeowner(unit string) *ui.Action {
	if !q.changes(core.DirectoryWrite) {
		return nil
	}
	return &ui.Action{Label: "Add homeowner", Href: ui.Address(q.base+"/homeowners/new", nil, "unit", unit), Icon: ui.IconPlus, Kind: ui.Primary}
}

// homeowner is the one that the address names.
func (q *request) homeowner() (core.Homeowner, error) {
	return q.site.Homeowners.Find(q.ctx, q.tenant.ID, q.Params("homeowner"))
}

// showHomeowner is one buyer.
func showHomeowner(q *request) (ui.Page, error) {
	h, err := q.homeowner()
	if err != nil {
		return ui.Page{}, err
	}
	address := q.base + "/homeowners/" + h.ID
	badge := homeownerBadge(h)
	p := q.leaf("/homeowners", h.Name)
	p.Head.Monogram, p.Head.Status, p.Head.Lead = ui.Monogram(h.Name), &badge, h.Unit
	if q.changes(core.DirectoryWrite) {
		p.Head.Actions = []ui.Action{
			{Label: "Delete…", Href: address + "/delete", Kind: ui.Quiet, Icon: ui.IconTrash},
			{Label: "Edit", Href: address + "/edit", Icon: ui.IconEdit},
		}
	}
	var consent ui.Value = ui.Text{Text: "Not given yet", Muted: true}
	if h.ConsentAt != nil {
		consent = ui.Time{At: *h.ConsentAt}
	}
	p.Blocks = append(p.Blocks, ui.Section{Title: "About this homeowner", Blocks: ui.Blocks{ui.Details{Items: []ui.Detail{
		{Label: "E-mail", Value: ui.Link{Text: h.Email, Href: "mailto:" + h.Email}},
		{Label: "Unit", Value: ui.Link{Text: h.Unit, Href: q.base + "/units/" + h.UnitID}},
		{Label: "Consent", Value: consent, Hint: consentHint(h)},
		{Label: "Onboarded", Value: moment(h.OnboardedAt)},
		{Label: "Added", Value: ui.Time{At: h.CreatedAt}},
		{Label: "Id", Value: ui.ID{Text: h.ID}},
	}}}})
	return p, nil
}

func consentHint(h core.Homeowner) string {
	if h.ConsentVersion == "" {
		return ""
	}
	return "To the text of version " + h.ConsentVersion + "."
}
