package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/ui"
)

// drawReview shows everything that will be made, and what is still wrong.
func drawReview(q *request, d onboard.Draft, problems core.Problems) (ui.Blocks, error) {
	list, err := q.site.Onboarding.Check(q.ctx, d.Provision)
	if err != nil && core.CodeOf(err) != core.Invalid {
		return nil, err
	}
	if err != nil {
		problems = fieldErrors(err, "")
	}
	var blocks ui.Blocks
	if len(problems) > 0 {
		blocks = append(blocks, toCorrect(d, problems))
	}
	answers := ui.Stack{Blocks: ui.Blocks{q.reviewDeveloper(d), q.reviewDevelopment(d, list)}}
	brand := ui.Section{Title: "Brand", Actions: []ui.Action{change(d, "brand")}, Blocks: ui.Blocks{brandPreview(d)}}
	blocks = append(blocks,
		ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{answers, brand}},
		ui.Section{Title: "What will be made", Lead: "In this order, in about a minute.", Blocks: ui.Blocks{q.outcome(d, list)}},
	)
	if len(problems) > 0 {
		return blocks, nil
	}
	return append(blocks, ui.Form{
		Action: stepAddress(d, "start"), Plain: true, Fields: []ui.Field{versionField(d.Version)},
		Submit: "Onboard " + d.Provision.Developer.Name, Cancel: &ui.Link{Text: "Back", Href: stepAddress(d, lastQuestion(d))},
	}), nil
}

func lastQuestion(d onboard.Draft) string {
	if d.Provision.Units.File == "" {
		return "units"
	}
	return "columns"
}

func change(d onboard.Draft, step string) ui.Action {
	return ui.Action{Label: "Change", Href: stepAddress(d, step), Kind: ui.Quiet, Icon: ui.IconEdit}
}

// toCorrect lists what is wrong and leads to the first step that has it.
func toCorrect(d onboard.Draft, problems core.Problems) ui.Notice {
	n := ui.Notice{Tone: ui.Bad, Title: "Some values need correcting", Text: "Nothing has been made yet."}
	first := len(wizardSteps())
	rows := 0
	for _, p := range problems {
		first = min(first, stepAt(stepOf(d, p.Field)))
		if p.Line > 0 {
			rows++
			continue
		}
		n.Items = append(n.Items, strings.TrimSpace(fieldTitle(p.Field)+" "+strings.TrimRight(p.Reason, ".")+"."))
	}
	if rows > 0 {
		n.Items = append(n.Items, plural(rows, "value")+" of the unit list can't be read.")
		first = min(first, stepAt("columns"))
	}
	n.Actions = []ui.Action{{Label: "Correct them", Href: stepAddress(d, wizardSteps()[first].name)}}
	return n
}

// stepOf is the step that asks for a field of the request.
func stepOf(d onboard.Draft, field string) string {
	switch group, _, _ := strings.Cut(field, "."); {
	case group == "developer":
		return "developer"
	case group == "theme" || group == "logo":
		return "brand"
	case d.Provision.Units.File != "" && slices.Contains([]string{"units.filter", "units.mapping", "units.mapping.address"}, field):
		return "columns"
	}
	return "units"
}

var fieldTitles = map[string]string{
	"developer.name": "The name", "developer.code": "The code", "developer.region": "The region", "developer.contact.name": "The contact's name",
	"developer.contact.email": "The contact's e-mail", "developer.portal_url": "The portal address", "theme.primary": "The primary colour",
	"theme.accent": "The accent colour", "theme.logo": "The logo", "logo": "The logo", "development.name": "The development's name",
	"units.file": "The unit list", "units.filter": "The filter",
}

// fieldTitle is a field as a sentence begins with it; reasons of others are
// sentences by themselves.
func fieldTitle(field string) string { return fieldTitles[field] }

func (q *request) reviewDeveloper(d onboard.Draft) ui.Section {
	r := d.Provision.Developer
	items := []ui.Detail{
		{Label: "Name", Value: ui.Text{Text: r.Name}},
		{Label: "Code", Value: ui.Text{Text: r.Code}},
		{Label: "Region", Value: ui.Text{Text: q.regionLabel(r.Region), Note: r.Region}},
		{Label: "Contact", Value: ui.Text{Text: r.Contact.Name, Note: strings.Trim(r.Contact.Email+" · "+r.Contact.Phone, " ·")}},
		{Label: "Codes lead to", Value: ui.Text{Text: cmp.Or(r.PortalURL, "A page in the developer's colours")}},
	}
	if r.Demo {
		items = append(items, ui.Detail{Label: "Kind", Value: ui.Badge{Text: "Demo tenant", Tone: ui.Info}})
	}
	return ui.Section{Title: "Developer", Actions: []ui.Action{change(d, "developer")}, Blocks: ui.Blocks{ui.Details{Items: items}}}
}

func (q *request) reviewDevelopment(d onboard.Draft, list onboard.UnitList) ui.Section {
	r := d.Provision
	items := []ui.Detail{{Label: "Name", Value: ui.Text{Text: r.Development.Name}}, {Label: "Address", Value: orDash(r.Development.Address)}}
	section := ui.Section{Title: "Development and units", Actions: []ui.Action{change(d, "units")}}
	file, ok := q.staged(r.Units.File)
	if !ok {
		items = append(items, ui.Detail{Label: "Unit list", Value: ui.Text{Text: "None", Note: "Units can be added later.", Muted: true}})
		section.Blocks = ui.Blocks{ui.Details{Items: items}}
		return section
	}
	items = append(items,
		ui.Detail{Label: "Unit list", Value: ui.Text{Text: file.Name, Note: fileSize(file.Size) + " · " + plural(list.Rows, "row")}},
		ui.Detail{Label: "Rows kept", Value: ui.Text{Text: keptRows(r.Units.Filter), Note: plural(list.Matched, "row")}},
		ui.Detail{Label: "Units", Value: ui.Number{Value: int64(list.Imported)}},
		ui.Detail{Label: "Left out", Value: ui.Text{Text: leftOut(list)}},
	)
	section.Blocks = ui.Blocks{ui.Details{Items: items}}
	return section
}

func leftOut(list onboard.UnitList) string {
	var parts []string
	if list.Duplicates > 0 {
		parts = append(parts, plural(list.Duplicates, "duplicate"))
	}
	if list.Rejected > 0 {
		parts = append(parts, plural(list.Rejected, "row")+" that can't be read")
	}
	return cmp.Or(strings.Join(parts, ", "), "Nothing")
}

func keptRows(filter string) string {
	if filter == "" {
		return "All"
	}
	return "Address contains “" + filter + "”"
}

func orDash(text string) ui.Value {
	if text == "" {
		return nil
	}
	return ui.Text{Text: text}
}

// outcome is what the run makes, in its order.
func (q *request) outcome(d onboard.Draft, list onboard.UnitList) ui.Details {
	r := d.Provision
	items := []ui.Detail{
		{Label: "Tenant", Value: ui.Text{Text: r.Developer.Name, Note: "A file of its own in " + q.regionLabel(r.Developer.Region)}},
		{Label: "Development", Value: ui.Text{Text: r.Development.Name, Note: plural(list.Imported, "unit")}},
	}
	if list.Imported > 0 {
		items = append(items,
			ui.Detail{Label: "QR pack", Value: ui.Text{Text: plural(list.Imported, "code"), Note: "A4 label sheets, PNG and SVG"}},
			ui.Detail{Label: "Launch kit", Value: ui.Text{Text: plural(list.Imported, "welcome letter"), Note: "A poster, a checklist and the unit list"}},
		)
	}
	items = append(items,
		ui.Detail{Label: "Welcome pack", Value: ui.Text{Text: "An e-mail", Note: "To " + r.Developer.Contact.Email}},
		ui.Detail{Label: "CRM deal", Value: ui.Text{Text: "An event", Note: "For HubSpot, once it is connected"}},
	)
	return ui.Details{Columns: 3, Items: items}
}
