package example

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// showNotes is the list of all notes, with a form for a new one.
func showNotes(ctx context.Context, c sdk.Call) (ui.Page, error) {
	list, err := selectNotes(ctx, c, c.List(), c.Limit())
	if err != nil {
		return ui.Page{}, err
	}
	units, err := selectUnits(ctx, c)
	if err != nil {
		return ui.Page{}, err
	}
	form := c.Form("add-note", "Add a note")
	form.Submit = "Add note"
	unit := form.Field("unit")
	unit.Kind, unit.Hint = ui.Select, ""
	for _, u := range units {
		unit.Options = append(unit.Options, ui.Option{Value: u[0], Label: u[1]})
	}
	return ui.Page{
		Head:   ui.Head{Title: "Site notes", Lead: "What the site team has to remember about a unit."},
		Blocks: ui.Blocks{ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{noteListing(c).Table(c, list), form}}},
	}, nil
}

func noteListing(c sdk.Call) sdk.Listing[note] {
	return sdk.Listing[note]{
		ID: "notes", Title: "Notes", Path: "/", Search: "Words or unit",
		Filters: []ui.Filter{{Name: "status", Label: "Status", Options: []ui.Option{{Value: "open", Label: "Open"}, {Value: "closed", Label: "Closed"}}}},
		None:    ui.Empty{Title: "No notes yet.", Reason: "A note says what has to be done on a unit, until somebody closes it."},
		Href:    func(n note) string { return c.URL("/notes/" + n.ID) },
		Columns: []sdk.Column[note]{
			{Title: "Unit", Sort: "unit", Cell: func(n note) ui.Value { return ui.Link{Text: n.Label, Href: c.URL("/notes/" + n.ID)} }},
			{Title: "Note", Cell: func(n note) ui.Value { return ui.Text{Text: n.Body, Note: n.Author} }},
			{Title: "Status", Cell: func(n note) ui.Value { return n.badge() }},
			{Title: "Written", Sort: "created_at", Numeric: true, Priority: 1, Cell: func(n note) ui.Value { return ui.Time{At: n.CreatedAt} }},
		},
	}
}

func (n note) badge() ui.Badge {
	switch {
	case n.ClosedAt != nil:
		return ui.Badge{Text: "Closed"}
	case n.OverdueAt != nil:
		return ui.Badge{Text: "Overdue", Tone: ui.Warn}
	}
	return ui.Badge{Text: "Open", Tone: ui.Info}
}

// showNote is one note, with a button that closes it.
func showNote(ctx context.Context, c sdk.Call) (ui.Page, error) {
	n, err := findNote(ctx, c, c.Param("note"))
	if err != nil {
		return ui.Page{}, err
	}
	badge := n.badge()
	p := ui.Page{
		Crumbs: []ui.Link{{Text: "Site notes", Href: c.URL("/")}},
		Head:   ui.Head{Title: "Note on " + n.Label, Lead: n.Body, Status: &badge},
		Blocks: ui.Blocks{ui.Section{Title: "About this note", Blocks: ui.Blocks{ui.Details{Items: []ui.Detail{
			{Label: "Written by", Value: ui.Text{Text: n.Author}},
			{Label: "Written", Value: ui.Time{At: n.CreatedAt, Exact: true}},
		}}}}},
	}
	if n.ClosedAt == nil {
		p.Head.Actions = []ui.Action{{
			Label: "Close note", Kind: ui.Primary, Post: true, Href: c.ActionURL("close-note"), Fields: []ui.Hidden{{Name: "note", Value: n.ID}},
		}}
	}
	return p, nil
}

// rollUp computes the plugin's metrics of one tenant.
func rollUp(ctx context.Context, c sdk.Call) ([]core.Figure, error) {
	notes, err := selectAll(ctx, c)
	if err != nil {
		return nil, err
	}
	figures := []core.Figure{{Metric: "example.notes.open"}}
	for _, n := range notes {
		figures = append(figures, sdk.Happened(c, "example.notes.added", n.Development, n.CreatedAt, 1)...)
		if n.ClosedAt == nil {
			figures = append(figures,
				core.Figure{Metric: "example.notes.open", Value: 1},
				core.Figure{Metric: "example.notes.open", Development: n.Development, Value: 1})
		}
	}
	return sdk.Sum(figures), nil
}
