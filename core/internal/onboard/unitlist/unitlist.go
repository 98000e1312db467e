// Package unitlist reads the list of units that a developer sends, as CSV in
// any usual encoding or as XLSX, into core.Unit: it finds the header, maps the
// columns, parses the values exactly and leaves out what it has seen before.
// It is a pure reader: it stores nothing and knows no clock.
package unitlist

import (
	"cmp"
	"context"
	"io"

	"github.com/openhouse-ai/console/core"
)

// Limits of one unit list.
const (
	DefaultMaxRows   = 50_000
	DefaultMaxErrors = 100
	MaxBytes         = 64 << 20 // of the file as sent
	PreviewRows      = 20
)

// None is the value of a Mapping's field that leaves the field empty even
// when the file has a column for it.
const None = "-"

// Mapping names the column that fills each field, by its heading in the file.
// Empty: found by synonyms. None: not filled. Address may name several
// columns, joined in that order: "House No + Street + Town".
type Mapping struct {
	Address  string `json:"address,omitempty"`
	Label    string `json:"label,omitempty"`
	County   string `json:"county,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	Price    string `json:"price,omitempty"`
	SoldOn   string `json:"sold_on,omitempty"`
	Kind     string `json:"kind,omitempty"`
	Size     string `json:"size,omitempty"`
	Beds     string `json:"beds,omitempty"`
}

// DateOrder is the order of day and month in a date of figures.
type DateOrder string

// The orders. A heading such as "Sold (mm/dd/yyyy)" beats the option; a date
// that starts with a year of four figures is always year, month, day.
const (
	DayFirst   DateOrder = "dmy"
	MonthFirst DateOrder = "mdy"
)

// Options say how a file is read. The zero value reads every row, in euros,
// day first.
type Options struct {
	Mapping  Mapping
	Filter   string    // keeps the rows whose address contains the text, whatever its case, accents, punctuation and spaces
	Currency string    // ISO 4217, of the tenant; empty: EUR
	Dates    DateOrder // empty: DayFirst
	// Key tells units apart where they are kept, by label and address. Rows that
	// it would take for one get labels by which it doesn't; nil: the reader's own
	// notion is all that counts.
	Key       func(label, address string) string
	MaxRows   int // 0: DefaultMaxRows
	MaxErrors int // errors and repeats listed, the rest is counted; 0: DefaultMaxErrors
}

func (o Options) withDefaults() Options {
	if o.MaxRows <= 0 {
		o.MaxRows = DefaultMaxRows
	}
	if o.MaxErrors <= 0 {
		o.MaxErrors = DefaultMaxErrors
	}
	o.Currency = cmp.Or(o.Currency, "EUR")
	o.Dates = cmp.Or(o.Dates, DayFirst)
	if o.Key == nil {
		o.Key = func(label, _ string) string { return label }
	}
	return o
}

// Row is one good row of the file.
type Row struct {
	Line int       `json:"line"` // of the file, from 1, the header included
	Unit core.Unit `json:"unit"` // without ids and times
	Key  string    `json:"key"`  // identity of the unit: unique among the rows of one reading
}

// Column is one column of the file.
type Column struct {
	Index   int      `json:"index"` // from 0
	Name    string   `json:"name"`  // its heading
	Field   string   `json:"field"` // what it fills; empty: nothing
	Kind    string   `json:"kind"`  // of its first values: text, number, price, date, postcode, empty
	Samples []string `json:"samples"`
}

// Repeat is a row that names a unit of an earlier row.
type Repeat struct {
	Line    int    `json:"line"`
	First   int    `json:"first"` // line of the row that was kept
	Address string `json:"address"`
}

// Report says what was found in a file. Matched is the sum of Imported,
// Duplicates and Rejected; rows that the filter leaves out are not checked.
type Report struct {
	Format     string `json:"format"`    // csv, xlsx
	Encoding   string `json:"encoding"`  // UTF-8, UTF-16 LE, UTF-16 BE, Windows-1252
	Delimiter  string `json:"delimiter"` // of a CSV file; empty: it has one column
	Sheet      string `json:"sheet,omitempty"`
	HeaderLine int    `json:"header_line"`

	Columns []Column `json:"columns"`

	Rows       int `json:"rows"`
	Matched    int `json:"matched"`
	Imported   int `json:"imported"`
	Duplicates int `json:"duplicates"`
	Rejected   int `json:"rejected"`

	Errors     []core.FieldError `json:"errors"`
	MoreErrors int               `json:"more_errors"` // found beyond MaxErrors
	Repeats    []Repeat          `json:"repeats"`
}

// Preview is what the wizard shows before an import: the report that an import
// would give, its first rows, and what keeps the mapping from being used.
type Preview struct {
	Report
	First    []Row             `json:"first"`
	Problems []core.FieldError `json:"problems"`
}

// Read reads a unit list and calls each, in the order of the file, for every
// good row that the filter keeps and that repeats no earlier one; each may be
// nil, to check a file. The name of the file is used in messages alone.
// Errors of rows are in the report. Returns invalid if the file can't be read,
// has no address column, lacks a column that the mapping names or has too many
// rows, which may show only after each was called; otherwise each's own error.
func Read(ctx context.Context, r io.Reader, name string, o Options, each func(Row) error) (Report, error) {
	t, err := openTable(r, name, o.Mapping)
	if err != nil {
		return Report{}, err
	}
	defer t.close()
	p, err := newReading(t, o)
	if err != nil {
		return Report{}, err
	}
	if problems := p.plan.problems; len(problems) > 0 {
		return p.report, &core.Error{Code: core.Invalid, Message: problems[0].Reason, Fields: problems}
	}
	err = p.run(ctx, each)
	return p.report, err
}

// Inspect reads a unit list to its end as Read does and keeps its first
// PreviewRows good rows. A mapping that can't be used is no error here: the
// preview then has the columns and the problems alone.
func Inspect(ctx context.Context, r io.Reader, name string, o Options) (Preview, error) {
	t, err := openTable(r, name, o.Mapping)
	if err != nil {
		return Preview{}, err
	}
	defer t.close()
	p, err := newReading(t, o)
	if err != nil {
		return Preview{}, err
	}
	v := Preview{Problems: append([]core.FieldError{}, p.plan.problems...), First: []Row{}}
	if len(v.Problems) == 0 {
		err = p.run(ctx, func(row Row) error {
			if len(v.First) < PreviewRows {
				v.First = append(v.First, row)
			}
			return nil
		})
	}
	v.Report = p.report
	return v, err
}
