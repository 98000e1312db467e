package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/ui"
)

// listStats are the counts of a unit list: rows that match are imported,
// repeated or rejected.
func listStats(list onboard.UnitList) ui.Stats {
	stat := func(label string, n int, versus string) ui.Stat {
		return ui.Stat{Label: label, Value: ui.Number{Value: int64(n)}, Versus: versus}
	}
	return ui.Stats{Items: []ui.Stat{
		stat("Rows that match", list.Matched, "of "+plural(list.Rows, "row")),
		stat("To be imported", list.Imported, "as units"),
		stat("Duplicates", list.Duplicates, "of earlier rows"),
		stat("Rejected", list.Rejected, "can't be read"),
	}}
}

// sampleTable is the first units, as they will be imported.
func sampleTable(list onboard.UnitList) ui.Table {
	t := ui.Table{
		ID: "units", Title: "Units as they will be imported", Count: count(list.Imported),
		Columns: []ui.Column{{Title: "Unit"}, {Title: "Kind", Priority: 2}, {Title: "Postcode", Priority: 1}, {Title: "Price", Numeric: true}, {Title: "Sold", Numeric: true, Priority: 1}},
	}
	if len(list.Sample) < list.Imported {
		t.Lead = "The first " + plural(len(list.Sample), "unit") + " of the list."
	}
	for _, u := range list.Sample {
		row := ui.Row{Cells: ui.Values{ui.Text{Text: u.Label, Note: u.Address}, nil, nil, nil, nil}}
		for i, text := range []string{u.Kind, u.Postcode} {
			if text != "" {
				row.Cells[i+1] = ui.Text{Text: text}
			}
		}
		if u.Price != nil {
			row.Cells[3] = ui.Money(*u.Price)
		}
		row.Cells[4] = dayValue(u.SoldOn)
		t.Rows = append(t.Rows, row)
	}
	return t
}

// shownErrors is how many rows of what is wrong a page lists.
const shownErrors = 50

// rejectedTable lists rows that can't be imported, each with its reasons.
func rejectedTable(d onboard.Draft, list onboard.UnitList) ui.Table {
	t := ui.Table{
		ID: "rejected", Title: "Rows that can't be imported", Count: count(list.Rejected),
		Actions: []ui.Action{{Label: "Download all as CSV", Href: stepAddress(d, "errors.csv"), Icon: ui.IconDownload, Download: true}},
		Columns: []ui.Column{{Title: "Line", Numeric: true}, {Title: "Column", Priority: 1}, {Title: "Value", Priority: 1}, {Title: "What is wrong"}},
	}
	for _, e := range list.Errors {
		if e.Line > 0 && len(t.Rows) < shownErrors {
			t.Rows = append(t.Rows, ui.Row{Cells: ui.Values{ui.Number{Value: int64(e.Line)}, ui.Text{Text: e.Column}, ui.Text{Text: e.Value}, ui.Text{Text: sentence(e.Reason)}}})
		}
	}
	if more := len(list.Errors) + list.MoreErrors - len(t.Rows); more > 0 {
		t.Lead = "The first " + plural(len(t.Rows), "error") + "; the file has " + strconv.Itoa(more) + " more."
	}
	return t
}

// repeatsTable lists rows that name a unit of an earlier row.
func repeatsTable(list onboard.UnitList) ui.Table {
	t := ui.Table{
		ID: "duplicates", Title: "Duplicates", Count: count(list.Duplicates), Lead: "Left out: the same address came before.",
		Columns: []ui.Column{{Title: "Line", Numeric: true}, {Title: "Address"}, {Title: "Why"}},
	}
	for _, e := range list.Repeats[:min(len(list.Repeats), shownErrors)] {
		t.Rows = append(t.Rows, ui.Row{Cells: ui.Values{ui.Number{Value: int64(e.Line)}, ui.Text{Text: e.Value}, ui.Text{Text: sentence(e.Reason)}}})
	}
	return t
}

// downloadErrors answers with every row that can't be imported, as CSV.
func downloadErrors(q *request) error {
	d, err := q.draft()
	if err != nil {
		return err
	}
	q.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	q.Set(fiber.HeaderContentDisposition, `attachment; filename="rows-to-correct.csv"`)
	return q.site.Onboarding.Errors(q.ctx, d.Provision, q.Response().BodyWriter())
}
