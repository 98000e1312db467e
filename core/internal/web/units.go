package web

import (
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

var unitStatuses = []ui.Option{
	{Value: "not_handed_over", Label: "Not handed over"}, {Value: "handed_over", Label: "Handed over"},
	{Value: "without_homeowner", Label: "Without homeowner"}, {Value: "with_homeowner", Label: "With homeowner"},
	{Value: "not_scanned", Label: "Not scanned"}, {Value: "scanned", Label: "Scanned"},
}

// unitBadge is how far a unit is on its way to its buyer.
func unitBadge(u core.Unit) ui.Badge {
	switch {
	case u.HandedOverAt != nil:
		return ui.Badge{Text: "Handed over", Tone: ui.Good}
	case u.SoldOn != "":
		return ui.Badge{Text: "Sold", Tone: ui.Info}
	}
	return ui.Badge{Text: "Not sold"}
}

// listUnits is the list of all units of a tenant.
func listUnits(q *request) error {
	p := q.tab("/units", "Units", "Every unit of "+q.tenant.Name+", with its code and who lives there.")
	l := q.unitListing("")
	developments, err := q.developmentFilter()
	if err != nil {
		return err
	}
	l.filters = append([]ui.Filter{developments}, l.filters...)
	l.columns = append(l.columns[:1:1], append([]column[core.Unit]{{
		title: "Development", priority: 1, width: 24, cell: func(u core.Unit) ui.Value {
			return ui.Link{Text: u.Development, Href: q.base + "/developments/" + u.DevelopmentID}
		},
	}}, l.columns[1:]...)...)
	if len(developments.Options) == 0 {
		l.none = ui.Empty{Title: "No units yet.", Reason: "Units belong to a development, and there is none.", Icon: ui.IconHome, Action: q.addDevelopment()}
	}
	return l.show(q, p)
}

// unitListing lists the units of one development, or of all with "".
func (q *request) unitListing(development string) listing[core.Unit] {
	l := listing[core.Unit]{
		title: "Units",
		fetch: func(query core.Query) (core.List[core.Unit], error) {
			if development != "" {
				query.Development = development
			}
			return q.site.Units.List(q.ctx, q.tenant.ID, query)
		},
		href:    func(u core.Unit) string { return q.base + "/units/" + u.ID },
		search:  "Label, address or postcode",
		filters: []ui.Filter{{Name: "status", Label: "State", Value: q.query.Get("status"), Options: unitStatuses}},
		none: ui.Empty{
			Title: "No units yet.", Icon: ui.IconHome, Action: q.addUnit(development),
			Reason: "A unit is one home. It gets a code of its own, and labels and letters are printed for it.",
		},
		columns: q.unitColumns(),
	}
	if add := q.addUnit(development); add != nil {
		l.actions = []ui.Action{*add}
	}
	return l
}

func (q *request) unitColumns() []column[core.Unit] {
	return []column[core.Unit]{
		{title: "Unit", sort: "label", width: 30, cell: func(u core.Unit) ui.Value {
			return ui.Link{Text: u.Label, Href: q.base + "/units/" + u.ID, Note: u.Address}
		}},
		{title: "Postcode", priority: 2, cell: func(u core.Unit) ui.Value { return ui.Text{Text: u.Postcode} }},
		{title: "Kind", priority: 2, cell: func(u core.Unit) ui.Value { return ui.Text{Text: u.Kind} }},
		{title: "Price", sort: "price", numeric: true, priority: 1, kind: report.Money, cell: func(u core.Unit) ui.Value {
			if u.Price == nil {
				return nil
			}
			return ui.Money(*u.Price)
		}},
		{title: "State", cell: func(u core.Unit) ui.Value { return unitBadge(u) }},
		{title: "Handed over", sort: "handed_over_at", numeric: true, priority: 2, kind: report.Date, cell: func(u core.Unit) ui.Value { return moment(u.HandedOverAt) }},
		{title: "First scan", sort: "first_scan_at", numeric: true, priority: 2, kind: report.Date, cell: func(u core.Unit) ui.Value { return moment(u.FirstScanAt) }},
		{title: "Homeowners", numeric: true, priority: 1, kind: report.Integer, cell: func(u core.Unit) ui.Value { return ui.Number{Value: int64(u.Homeowners)} }},
	}
}

// moment is a time that may not have come yet: nil is drawn as a dash.
func moment(at *time.Time) ui.Value {
	if at == nil {
		return nil
	}
	return ui.Time{At: *at}
}

func (q *request) addUnit(development string) *ui.Action {
	if !q.changes(core.DirectoryWrite) {
		return nil
	}
	return &ui.Action{Label: "Add unit", Href: ui.Address(q.base+"/units/new", nil, "development", development), Icon: ui.IconPlus, Kind: ui.Primary}
}
