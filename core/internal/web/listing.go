package web

import (
	"net/url"
	"strconv"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// listing is a list page: where its entries come from and what its columns
// show. The same columns make the table, the CSV and the workbook.
type listing[T any] struct {
	title   string // of the panel; also the export's file name
	lead    string // below it
	fetch   func(core.Query) (core.List[T], error)
	columns []column[T]
	href    func(T) string // of a row; nil: rows lead nowhere
	id      func(T) string // for bulk actions
	filters []ui.Filter
	views   []ui.Tab
	search  string // what the search box says; empty: no search
	actions []ui.Action
	bulk    []ui.Action
	none    ui.Empty
	keep    []string // further query values that the list's links keep
}

// column is one column of a listing.
type column[T any] struct {
	title    string
	sort     string // the key that the room sorts by; empty: not sortable
	numeric  bool
	priority int
	kind     report.Kind // in a file
	width    float64     // in a workbook, in characters; 0 is the usual one
	cell     func(T) ui.Value
	text     func(T) string // in files, in place of the cell; without a cell the column is theirs alone
}

// table builds the page's table from the request's address.
func (l listing[T]) table(q *request) (ui.Table, error) {
	query := q.list()
	list, err := l.fetch(query)
	if err != nil {
		return ui.Table{}, err
	}
	path := q.Path()
	t := ui.Table{
		Title: l.title, Lead: l.lead, Count: &list.Total, Href: path, Views: l.views, Filters: l.filters, Actions: l.actions, Bulk: l.bulk,
		Total: list.Total, None: l.none, Filtered: q.filtered(append(l.names(), l.keep...)...),
		Keep: l.kept(q.query),
	}
	if l.search != "" {
		t.Search = &ui.Search{Value: query.Text, Placeholder: l.search}
	}
	if list.Total > 0 {
		t.Exports = []ui.Link{
			{Text: "CSV", Href: ui.Address(path, q.query, "format", "csv")},
			{Text: "Excel", Href: ui.Address(path, q.query, "format", "xlsx")},
		}
	}
	for _, c := range l.columns {
		if c.cell == nil {
			continue
		}
		head := ui.Column{Title: c.title, Numeric: c.numeric, Priority: c.priority}
		if c.sort != "" {
			head.Sort = ui.SortBy(path, q.query, c.sort)
		}
		t.Columns = append(t.Columns, head)
	}
	for _, item := range list.Items {
		t.Rows = append(t.Rows, l.row(item))
	}
	t.Turn(q.query, list.Next, query.PageSize())
	return t, nil
}

func (l listing[T]) row(item T) ui.Row {
	var row ui.Row
	if l.id != nil {
		row.ID = l.id(item)
	}
	if l.href != nil {
		row.Href = l.href(item)
	}
	for _, c := range l.columns {
		if c.cell != nil {
			row.Cells = append(row.Cells, c.cell(item))
		}
	}
	return row
}

func (l listing[T]) names() []string {
	var names []string
	for _, f := range l.filters {
		names = append(names, f.Name)
	}
	return names
}

// kept are the query values that searching and filtering must not lose.
func (l listing[T]) kept(query url.Values) []ui.Hidden {
	var kept []ui.Hidden
	for _, name := range append([]string{"sort", "limit"}, l.keep...) {
		if value := query.Get(name); value != "" {
			kept = append(kept, ui.Hidden{Name: name, Value: value})
		}
	}
	return kept
}

// show answers with the page around the table, or with the table's export.
func (l listing[T]) show(q *request, p ui.Page, before ...ui.Block) error {
	switch format := q.query.Get("format"); format {
	case "csv", "xlsx":
		return l.export(q, format)
	}
	t, err := l.table(q)
	if err != nil {
		return err
	}
	p.Blocks = append(append(p.Blocks, before...), t)
	return q.show(200, p)
}

// count is a badge's number for a view.
func count(n int) *int { return &n }

// plural is "1 unit" or "20 units".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
