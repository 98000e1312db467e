package sdk

import (
	"net/url"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// Listing is a list on a page: how its entries are shown, found and sorted.
// What is searched, filtered and sorted by is in the address; Call.List reads it.
type Listing[T any] struct {
	ID      string // of the table: letters and dashes
	Title   string
	Path    string // of the page that it is on
	Search  string // what the search box says; empty: no search
	Filters []ui.Filter
	Columns []Column[T]
	Href    func(T) string // of a row; nil: rows lead nowhere
	None    ui.Empty
}

// Column is one column of a listing.
type Column[T any] struct {
	Title    string
	Sort     string // what Call.List says to sort by; empty: not sortable
	Numeric  bool
	Priority int // 0 is shown on a phone, 1 on a tablet, 2 on a desk alone
	Cell     func(T) ui.Value
}

// Table is the table of one page of the list.
func (l Listing[T]) Table(c Call, list core.List[T]) ui.Table {
	query := url.Values(c.Query)
	href := c.URL(l.Path)
	t := ui.Table{ID: l.ID, Title: l.Title, Count: &list.Total, Href: href, Total: list.Total, None: l.None}
	if l.Search != "" {
		t.Search = &ui.Search{Value: query.Get("q"), Placeholder: l.Search}
		t.Filtered = query.Get("q") != ""
	}
	for _, f := range l.Filters {
		f.Value = query.Get(f.Name)
		t.Filters = append(t.Filters, f)
		t.Filtered = t.Filtered || f.Value != ""
	}
	if sort := query.Get("sort"); sort != "" {
		t.Keep = []ui.Hidden{{Name: "sort", Value: sort}}
	}
	for _, column := range l.Columns {
		head := ui.Column{Title: column.Title, Numeric: column.Numeric, Priority: column.Priority}
		if column.Sort != "" {
			head.Sort = ui.SortBy(href, query, column.Sort)
		}
		t.Columns = append(t.Columns, head)
	}
	for _, item := range list.Items {
		t.Rows = append(t.Rows, l.row(item))
	}
	t.Turn(query, list.Next, c.List().PageSize())
	return t
}

func (l Listing[T]) row(item T) ui.Row {
	var row ui.Row
	if l.Href != nil {
		row.Href = l.Href(item)
	}
	for _, column := range l.Columns {
		row.Cells = append(row.Cells, column.Cell(item))
	}
	return row
}
