package web

import (
	"strconv"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// createDevelopment adds a site.
var createDevelopment = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		f := developmentForm(core.Development{Status: "selling"})
		f.Action, f.Submit = q.base+"/developments/new", "Add development"
		f.Cancel = &ui.Link{Text: "Cancel", Href: q.base + "/developments"}
		return q.leaf("/developments", "Add development"), f, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		d, err := q.site.Developments.Create(q.ctx, q.tenant.ID, sentDevelopment(sent))
		return q.base + "/developments/" + d.ID, d.Name + " is added. Next come its units.", err
	},
}

// editDevelopment changes a site's name, address and status.
var editDevelopment = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		d, err := q.development()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		address := q.base + "/developments/" + d.ID
		f := developmentForm(d)
		f.Action, f.Cancel = address+"/edit", &ui.Link{Text: "Cancel", Href: address}
		return q.leaf("/developments", "Edit "+d.Name, ui.Link{Text: d.Name, Href: address}), f, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		d := sentDevelopment(sent)
		d.ID = q.Params("development")
		d, err := q.site.Developments.Update(q.ctx, q.tenant.ID, d)
		return q.base + "/developments/" + d.ID, d.Name + " is saved.", err
	},
}

func developmentForm(d core.Development) ui.Form {
	return ui.Form{Guard: true, Fields: []ui.Field{
		{Name: "name", Label: "Name", Value: d.Name, Required: true, Autofocus: d.ID == "", MaxLength: 120, Hint: "As buyers know it: Harpur Lane."},
		{Name: "address", Label: "Address", Value: d.Address, MaxLength: 300, Hint: "Town and county. It is printed on letters and on the landing page."},
		{Kind: ui.Radios, Name: "status", Label: "Status", Value: d.Status, Required: true, Options: []ui.Option{
			{Value: "planned", Label: "Planned", Hint: "Not on sale yet."},
			{Value: "selling", Label: "Selling", Hint: "Units are being sold and handed over."},
			{Value: "complete", Label: "Complete", Hint: "Everything is sold and handed over."},
		}},
		versionField(d.Version),
	}}
}

func sentDevelopment(sent values) core.Development {
	return core.Development{Name: sent.Get("name"), Address: sent.Get("address"), Status: sent.Get("status"), Version: sentVersion(sent)}
}

// versionField carries the version that the person has seen.
func versionField(v int64) ui.Field {
	return ui.Field{Kind: ui.HiddenField, Name: "version", Value: strconv.FormatInt(v, 10)}
}

// sentVersion is what versionField carried. What can't be read is a version
// that nothing has, so that it never passes for "any".
func sentVersion(sent values) int64 {
	v, err := strconv.ParseInt(sent.Get("version"), 10, 64)
	if err != nil {
		return -1
	}
	return v
}

// deletion is a page that names what a removal costs and asks for the name of
// what is removed.
type deletion struct {
	page        ui.Page
	name        string // to be typed
	action      string
	back        string
	verb        string
	consequence string
	blocked     string // why it can't be done; empty: it can
}

func (d deletion) build() (ui.Page, ui.Form, error) {
	if d.blocked != "" {
		return d.page, ui.Form{}, core.Errorf(core.Conflict, "%s", d.blocked)
	}
	return d.page, ui.Form{
		Action: d.action, Submit: d.verb, Danger: true, Consequence: d.consequence, Typed: d.name,
		Cancel: &ui.Link{Text: "Cancel", Href: d.back},
	}, nil
}

// typed returns invalid unless the name was typed.
func typed(sent values, name string) error {
	if sent.Get("confirm") != name {
		return core.Errorf(core.Invalid, "Type %s, exactly as it is written, to confirm.", name)
	}
	return nil
}

// deleteDevelopment removes a site without units.
var deleteDevelopment = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		d, err := q.development()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		address := q.base + "/developments/" + d.ID
		gone := deletion{
			page: q.leaf("/developments", "Delete "+d.Name, ui.Link{Text: d.Name, Href: address}), name: d.Name,
			action: address + "/delete", back: address, verb: "Delete development",
			consequence: "The development and its printed packs go for good. It has no units, so no home and no code is touched.",
		}
		if d.Units > 0 {
			gone.blocked = d.Name + " has " + plural(d.Units, "unit") + ". Delete those first: their codes may be printed."
		}
		return gone.build()
	},
	do: func(q *request, sent values) (string, string, error) {
		d, err := q.development()
		if err == nil {
			err = typed(sent, d.Name)
		}
		if err == nil {
			err = q.site.Developments.Delete(q.ctx, q.tenant.ID, d.ID)
		}
		return q.base + "/developments", d.Name + " is deleted.", err
	},
}
