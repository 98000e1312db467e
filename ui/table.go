package ui

// Table is a list: views, search and filters held in the address, sortable
// columns, totals, paging, exports and bulk actions. Everything works as
// plain links and forms.
type Table struct {
	ID    string // of the element; empty: "table"
	Title string
	Count *int // beside the title
	Lead  string

	Href    string   // address of the list without its query
	Keep    []Hidden // query values that searching and filtering keep
	Views   []Tab    // saved views as chips
	Search  *Search
	Filters []Filter
	Actions []Action
	Exports []Link // CSV, XLSX of what is filtered

	Columns []Column
	Rows    []Row
	Totals  Values   // nil: no totals row; else one for each column, nil for none
	Bulk    []Action // posted with the chosen rows' ids as "id"

	From, To, Total int    // "1-25 of n"; Total 0: not shown
	Prev, Next      string // addresses; empty: none

	None     Empty // shown without rows when nothing has been made yet
	Filtered bool  // without rows: "nothing matches", with a link to Href
}

// Search is the text filter of a list; "/" focuses it.
type Search struct {
	Name        string // empty: "q"
	Value       string
	Placeholder string
}

// Filter is a choice that narrows a list.
type Filter struct {
	Name    string
	Label   string
	Value   string
	Options []Option // "any" is added in front
}

// Column is a column of a table. A phone shows priority 0 alone, a tablet 0
// and 1, a desk everything.
type Column struct {
	Title    string
	Numeric  bool // right-aligned, tabular figures
	Priority int  // 0, 1 or 2
	Hint     string
	Sort     *Sort
}

// Sort is the link of a column's title.
type Sort struct {
	Href      string    // sorts by the column, or turns its direction
	Direction Direction // as the list is sorted now; empty: by another column
}

// Direction is the order of a sorted column.
type Direction string

// The directions.
const (
	Ascending  Direction = "ascending"
	Descending Direction = "descending"
)

// Row is one entry of a table.
type Row struct {
	ID    string // sent by bulk actions
	Href  string // a click anywhere on the row goes there
	Cells Values // one for each column; nil is drawn as a dash
}
