package cost

import (
	"context"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// showUnits is what each unit's portal cost in one month.
func showUnits(ctx context.Context, c sdk.Call) (ui.Page, error) {
	s, err := sceneryOf(ctx, c)
	if err != nil {
		return ui.Page{}, err
	}
	month, err := monthOf(c)
	if err != nil {
		return ui.Page{}, err
	}
	q, order := c.List(), "5 desc"
	switch q.Sort {
	case "unit":
		order = "3 collate nocase"
	case "events":
		order = "5"
	case "amount", "":
		order = "4"
	}
	if q.Desc || q.Sort == "" {
		order += " desc"
	}
	offset, _ := strconv.Atoi(q.After) // a cursor that is none is the first page
	name := month.Format(monthForm)
	units, total, err := selectUnitCosts(ctx, c, name, s.asked.Development, q.Text, order, c.Limit(), offset)
	if err != nil {
		return ui.Page{}, err
	}
	list := core.List[unitCost]{Items: units, Total: total}
	if next := offset + len(units); next < total {
		list.Next = strconv.Itoa(next)
	}
	end := month.AddDate(0, 1, -1).Format(time.DateOnly)
	behind := func(u unitCost) string {
		return ui.Address(c.URL("/entries"), nil, "unit", u.Unit, "development", u.Development, "from", month.Format(time.DateOnly), "to", end)
	}
	listing := sdk.Listing[unitCost]{
		ID: "units", Title: "Units", Path: "/units", Search: "Unit", Filters: s.filters()[1:], Href: behind,
		None: ui.Empty{Title: "No unit had costs in " + month.Format("January 2006") + ".", Reason: "A unit is named by the events that its portal reports."},
		Columns: []sdk.Column[unitCost]{
			{Title: "Unit", Sort: "unit", Cell: func(u unitCost) ui.Value {
				if u.Label == "" {
					u.Label = "Outside of any unit"
				}
				return ui.Link{Text: u.Label, Note: s.names[u.Development], Href: behind(u)}
			}},
			{Title: "Uses", Sort: "events", Numeric: true, Priority: 1, Cell: func(u unitCost) ui.Value { return ui.Number{Value: u.Events} }},
			{Title: "No price", Numeric: true, Priority: 2, Cell: func(u unitCost) ui.Value { return ui.Number{Value: u.Unpriced} }},
			{Title: s.teller.column("Estimate"), Sort: "amount", Numeric: true, Cell: func(u unitCost) ui.Value { return s.teller.fine(u.Amount) }},
		},
	}
	table := listing.Table(c, list)
	table.Keep = append(table.Keep, ui.Hidden{Name: "month", Value: name})
	return ui.Page{
		Crumbs: []ui.Link{{Text: "Costs", Href: c.URL("/")}},
		Head:   ui.Head{Title: "Costs by unit", Lead: "In " + month.Format("January 2006") + ". " + s.conversion(), Actions: besideMonth(c, "/units", month)},
		Blocks: ui.Blocks{table},
	}, nil
}

// besideMonth leads to the months before and after, up to this one.
func besideMonth(c sdk.Call, path string, month time.Time) (beside []ui.Action) {
	to := func(m time.Time, icon ui.Icon) {
		beside = append(beside, ui.Action{Label: m.Format("January"), Icon: icon, Href: ui.Address(c.URL(path), c.Query, "month", m.Format(monthForm), "after", "")})
	}
	to(month.AddDate(0, -1, 0), "arrow-left")
	if next := month.AddDate(0, 1, 0); !next.After(dayOf(c.Now, c.Location())) {
		to(next, "arrow-right")
	}
	return beside
}

// monthOf is the first day of the month that the address names; this one
// without a name.
func monthOf(c sdk.Call) (time.Time, error) {
	today := dayOf(c.Now, c.Location())
	name := c.QueryValue("month")
	if name == "" {
		return today.AddDate(0, 0, 1-today.Day()), nil
	}
	month, err := time.ParseInLocation(monthForm, name, c.Location())
	if err != nil {
		return time.Time{}, core.Errorf(core.NotFound, "There is no such month.")
	}
	return month, nil
}
