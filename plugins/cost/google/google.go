// Package google reads the cost table that Cloud Billing lets people download:
// a CSV with a preamble, one row for each project, SKU and credit, and a total.
package google

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
)

// Row is one row of the table.
type Row struct {
	Line     int    // in the file
	Date     string // the day on which the usage began: 2026-11-02. A row of several days is kept on its first
	Project  string // empty: tax, adjustments, rounding
	SKU      string // Google's id; empty: the same
	Name     string // of the SKU
	Kind     string // cost type: usage, tax, rounding error
	Credit   string // type of the credit or discount; empty: none
	Amount   string // unrounded, decimal; below zero for a credit
	Quantity string // decimal; empty: not told
	Unit     string
}

// Table is a whole file.
type Table struct {
	Currency string // ISO 4217
	Invoice  string // number; empty: not told
	Rows     []Row
	Net      bool   // credits and discounts are in it; else it shows gross costs alone
	Sum      string // of the rows, decimal
	Total    string // what the file's last row says; empty: it has none
	Differs  bool   // the total is another than the sum, by more than a cent
}

// Bounds of a file.
const (
	maxBytes    = 32 << 20
	maxRows     = 500_000
	maxPreamble = 60
	maxProblems = 20
	maxText     = 300
)

// The columns that are read, in lower case and without their currency.
const (
	project  = "project id"
	sku      = "sku id"
	name     = "sku description"
	kind     = "cost type"
	credit   = "credit type"
	start    = "usage start date"
	amount   = "usage amount"
	unit     = "usage unit"
	unround  = "unrounded cost"
	currency = "currency" // of the preamble
	invoice  = "invoice number"
)

// columns are all that Google's table has, by which its header is found.
var columns = []string{
	"billing account name", "billing account id", "project name", project, "project hierarchy", "service description", "service id", name, sku,
	"consumption model description", credit, kind, start, "usage end date", amount, unit, unround, "cost",
}

// required can't be done without, as people know them.
var required = [][2]string{{project, "Project ID"}, {sku, "SKU ID"}, {start, "Usage start date"}, {unround, "Unrounded Cost"}}

// Read reads a cost table whole. An invalid error names what is missing, or
// line and column of each value that can't be read, twenty of them at most.
func Read(r io.Reader) (Table, error) {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	buffered := bufio.NewReader(limited)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3) // what was peeked at is there
	}
	lines := csv.NewReader(buffered)
	lines.FieldsPerRecord, lines.ReuseRecord = -1, true
	f := file{lines: lines, sum: new(big.Rat)}
	err := f.read()
	if limited.N == 0 {
		return Table{}, core.Errorf(core.Invalid, "The file has more than %d MiB.", maxBytes>>20)
	}
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		err = &core.Error{Code: core.Invalid, Message: "The file is no CSV.", Fields: []core.FieldError{{Field: "file", Line: broken.Line, Reason: broken.Err.Error()}}}
	}
	if err != nil {
		return Table{}, err
	}
	return f.table, nil
}

// file is a table that is being read.
type file struct {
	lines    *csv.Reader
	at       map[string]int // columns by name
	table    Table
	sum      *big.Rat
	undated  []int // rows without a day
	ended    bool  // the total has come
	problems core.Problems
}

// next is the next line with something in it, without blanks around its values.
func (f *file) next() (cells []string, line int, err error) {
	for {
		if cells, err = f.lines.Read(); err != nil {
			return nil, 0, err
		}
		line, _ = f.lines.FieldPos(0)
		some := false
		for i := range cells {
			if !utf8.ValidString(cells[i]) {
				return nil, line, core.Errorf(core.Invalid, "Line %d of the file isn't UTF-8.", line)
			}
			cells[i] = strings.TrimSpace(cells[i])
			some = some || cells[i] != ""
		}
		if some {
			return cells, line, nil
		}
	}
}

func (f *file) read() error {
	if err := f.preamble(); err != nil {
		return err
	}
	for {
		cells, line, err := f.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if len(f.problems) >= maxProblems {
			break
		}
		if len(f.table.Rows) == maxRows {
			return core.Errorf(core.Invalid, "The table has more than %d rows.", maxRows)
		}
		f.row(cells, line)
	}
	if len(f.problems) > 0 {
		return &core.Error{Code: core.Invalid, Message: "Some rows of the table can't be read.", Fields: f.problems}
	}
	return f.close()
}

// preamble reads up to the header, which is known by its names.
func (f *file) preamble() error {
	for range maxPreamble {
		cells, line, err := f.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if at := header(cells); at != nil {
			f.at = at
			return f.complete(line)
		}
		if len(cells) > 1 {
			switch strings.ToLower(cells[0]) {
			case currency:
				f.table.Currency = strings.ToUpper(cells[1])
			case invoice:
				f.table.Invoice = cut(cells[1])
			}
		}
	}
	return core.Errorf(core.Invalid, "The file is no cost table: it has no row with the names of its columns (Project ID, SKU ID, Unrounded Cost and others). Download it in the Google Cloud console from Billing, Cost table.")
}

// header reads the names of the columns; nil when the cells are none.
func header(cells []string) map[string]int {
	at := map[string]int{}
	for i, cell := range cells {
		label, _, _ := strings.Cut(strings.ToLower(cell), "(")
		label = strings.Join(strings.Fields(label), " ")
		if _, twice := at[label]; slices.Contains(columns, label) && !twice {
			at[label] = i
		}
	}
	if len(at) < 3 {
		return nil
	}
	return at
}

// complete says what the table lacks.
func (f *file) complete(line int) error {
	var missing core.Problems
	for _, column := range required {
		if _, there := f.at[column[0]]; !there {
			missing = append(missing, core.FieldError{Field: "file", Line: line, Column: column[1], Reason: "is missing: show this column in the cost table and download it again"})
		}
	}
	if len(missing) > 0 {
		names := make([]string, len(missing))
		for i, m := range missing {
			names[i] = m.Column
		}
		return &core.Error{Code: core.Invalid, Message: fmt.Sprintf("The table lacks the column %s: show it in the cost table and download it again.", strings.Join(names, ", ")), Fields: missing}
	}
	if c := f.table.Currency; len(c) != 3 || strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return core.Errorf(core.Invalid, "The file doesn't say its currency: above the table there should be a line such as Currency,USD.")
	}
	return nil
}

// cell is the value of a column, "" without one.
func (f *file) cell(cells []string, column string) string {
	if i, there := f.at[column]; there && i < len(cells) {
		return cells[i]
	}
	return ""
}
