// Package report writes tables as files for a spreadsheet: XLSX with typed,
// styled columns, and CSV in which no cell can act as a formula.
package report

import (
	"iter"
	"time"

	"github.com/openhouse-ai/console/core"
)

// Kind is the type of a column's values.
type Kind int

// The kinds of columns.
const (
	Text Kind = iota
	Integer
	Money // one currency a column
	Date
	Number // a decimal, without its unit
	Moment // a day and its time
)

// Column is a column of a table. Width is in characters, 16 when it is 0.
type Column struct {
	Title string
	Kind  Kind
	Width float64
}

// Table is what a file shows. Rows may be read once, and stream; a row has a
// value for each column.
type Table struct {
	Name    string // of the sheet: at most 31 characters
	Columns []Column
	Rows    iter.Seq[[]Value]
}

// Value is a typed cell. The zero Value is an empty cell of any column.
type Value struct {
	kind   Kind
	set    bool
	text   string
	link   string
	whole  int64 // of a number: with as many decimals as places says
	places int
	money  core.Money
	day    time.Time
}

// TextValue is a cell of words.
func TextValue(s string) Value { return Value{kind: Text, set: s != "", text: s} }

// LinkValue is a cell of words that opens an address.
func LinkValue(s, url string) Value { return Value{kind: Text, set: s != "", text: s, link: url} }

// IntegerValue is a cell with a whole number.
func IntegerValue(n int64) Value { return Value{kind: Integer, set: true, whole: n} }

// NumberValue is a cell with a decimal: 714 with one decimal is 71.4.
func NumberValue(n int64, decimals int) Value {
	return Value{kind: Number, set: true, whole: n, places: decimals}
}

// MoneyValue is a cell with an amount; nil is an empty one.
func MoneyValue(m *core.Money) Value {
	if m == nil {
		return Value{kind: Money}
	}
	return Value{kind: Money, set: true, money: *m}
}

// DateValue is a cell with a day; the zero time is an empty one.
func DateValue(t time.Time) Value { return Value{kind: Date, set: !t.IsZero(), day: t} }

// MomentValue is a cell with a day and its time; the zero time is an empty one.
func MomentValue(t time.Time) Value { return Value{kind: Moment, set: !t.IsZero(), day: t} }

// check tells a row that does not fit the table's columns.
func (t Table) check(row []Value) error {
	if len(row) != len(t.Columns) {
		return core.Errorf(core.Internal, "A row of %q has %d values for %d columns.", t.Name, len(row), len(t.Columns))
	}
	for i, v := range row {
		if v.set && v.kind != t.Columns[i].Kind {
			return core.Errorf(core.Internal, "The column %q of %q got a value of another kind.", t.Columns[i].Title, t.Name)
		}
	}
	return nil
}
