package web

import (
	"net/http"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// createHomeowner adds a buyer to the unit that the address names.
var createHomeowner = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		u, err := q.site.Units.Find(q.ctx, q.tenant.ID, q.query.Get("unit"))
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		p := q.leaf("/homeowners", "Add homeowner of "+u.Label)
		return p, ui.Form{
			Action: ui.Address(q.base+"/homeowners/new", nil, "unit", u.ID), Submit: "Add homeowner", Guard: true,
			Cancel: &ui.Link{Text: "Cancel", Href: q.base + "/units/" + u.ID},
			Lead:   "They count as onboarded once they have signed up with the code and agreed to how their data is kept.",
			Fields: homeownerFields(core.Homeowner{}),
		}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		unit := q.query.Get("unit")
		h, err := q.site.Homeowners.Create(q.ctx, q.tenant.ID, core.Homeowner{UnitID: unit, Name: sent.Get("name"), Email: sent.Get("email")})
		return q.base + "/units/" + unit, h.Name + " is added.", err
	},
}

// newHomeowner asks for the unit first, where the address names none.
func newHomeowner(q *request) error {
	if q.query.Get("unit") != "" {
		return createHomeowner.show(q)
	}
	p := q.leaf("/homeowners", "Whose home is it?")
	p.Head.Lead = "Choose the unit that the homeowner belongs to."
	l := q.unitListing("")
	l.actions = nil
	to := func(u core.Unit) string { return ui.Address(q.base+"/homeowners/new", nil, "unit", u.ID) }
	l.href = to
	l.columns = []column[core.Unit]{
		{title: "Unit", sort: "label", cell: func(u core.Unit) ui.Value { return ui.Link{Text: u.Label, Href: to(u), Note: u.Address} }},
		{title: "Development", priority: 1, cell: func(u core.Unit) ui.Value { return ui.Text{Text: u.Development} }},
		{title: "Homeowners", numeric: true, cell: func(u core.Unit) ui.Value { return ui.Number{Value: int64(u.Homeowners)} }},
	}
	t, err := l.table(q)
	if err != nil {
		return err
	}
	t.Exports = nil
	p.Blocks = append(p.Blocks, t)
	return q.show(http.StatusOK, p)
}

// editHomeowner corrects a name or an address, or notes that somebody left.
var editHomeowner = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		h, err := q.homeowner()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		address := q.base + "/homeowners/" + h.ID
		fields := append(homeownerFields(h), ui.Field{
			Kind: ui.Radios, Name: "status", Label: "State", Value: h.Status, Required: true,
			Options: []ui.Option{
				{Value: h.Status, Label: capital(h.Status), Hint: "As it is now."},
				{Value: "left", Label: "Left", Hint: "They have moved out; what they agreed to is kept."},
			},
		}, versionField(h.Version))
		if h.Status == "left" {
			fields = append(homeownerFields(h), versionField(h.Version))
		}
		return q.leaf("/homeowners", "Edit "+h.Name, ui.Link{Text: h.Name, Href: address}), ui.Form{
			Action: address + "/edit", Guard: true, Cancel: &ui.Link{Text: "Cancel", Href: address}, Fields: fields,
		}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		h, err := q.site.Homeowners.Update(q.ctx, q.tenant.ID, core.Homeowner{
			ID: q.Params("homeowner"), Name: sent.Get("name"), Email: sent.Get("email"), Status: sent.Get("status"), Version: sentVersion(sent),
		})
		return q.base + "/homeowners/" + h.ID, h.Name + " is saved.", err
	},
}

func homeownerFields(h core.Homeowner) []ui.Field {
	return []ui.Field{
		{Name: "name", Label: "Name", Value: h.Name, Required: true, Autofocus: h.ID == "", MaxLength: 120},
		{Kind: ui.EmailField, Name: "email", Label: "E-mail", Value: h.Email, Required: true, MaxLength: 254},
	}
}

// deleteHomeowner removes a person with everything that names them here.
var deleteHomeowner = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		h, err := q.homeowner()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		address := q.base + "/homeowners/" + h.ID
		return deletion{
			page: q.leaf("/homeowners", "Delete "+h.Name, ui.Link{Text: h.Name, Href: address}), name: h.Name,
			action: address + "/delete", back: address, verb: "Delete homeowner",
			consequence: "Name, e-mail and consent go for good. The unit and its code stay, so the person can sign up again.",
		}.build()
	},
	do: func(q *request, sent values) (string, string, error) {
		h, err := q.homeowner()
		if err == nil {
			err = typed(sent, h.Name)
		}
		if err == nil {
			err = q.site.Homeowners.Delete(q.ctx, q.tenant.ID, h.ID)
		}
		return q.base + "/homeowners", "The homeowner is deleted.", err
	},
}
