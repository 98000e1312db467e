package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// Of is a drawn table as one for a file: a column has the kind that all its
// cells have, and columns of buttons are left out. What all numbers of a column
// are counted in stands in its heading. Moments are in the zone.
func Of(name string, t ui.Table, zone *time.Location) Table {
	out := Table{Name: sheetName(name)}
	var kept []int
	for i, c := range t.Columns {
		kind, unit, any := columnKind(t.Rows, i)
		if !any && c.Title == "" {
			continue
		}
		if unit != "" && !strings.Contains(c.Title, unit) {
			c.Title += " (" + unit + ")"
		}
		kept = append(kept, i)
		out.Columns = append(out.Columns, Column{Title: c.Title, Kind: kind, Width: columnWidth(kind, c, t.Rows, i)})
	}
	out.Rows = func(yield func([]Value) bool) {
		for _, row := range t.Rows {
			values := make([]Value, len(kept))
			for n, i := range kept {
				values[n] = cellValue(out.Columns[n].Kind, cellAt(row, i), zone)
			}
			if !yield(values) {
				return
			}
		}
	}
	return out
}

func cellAt(row ui.Row, i int) ui.Value {
	if i >= len(row.Cells) {
		return nil
	}
	if m, ok := row.Cells[i].(ui.Meter); ok && m.Total == 100 {
		return ui.Number{Value: m.Done, Unit: "%"}
	}
	return row.Cells[i]
}

// columnKind is the kind that all cells of a column have, and what they are
// counted in; text for a mixture. Any is false for a column that says nothing.
func columnKind(rows []ui.Row, i int) (kind Kind, unit string, any bool) {
	for _, row := range rows {
		cell := cellAt(row, i)
		if _, buttons := cell.(ui.Actions); cell == nil || buttons {
			continue
		}
		found, in := kindOf(cell)
		switch {
		case any && in == unit && (found == Number && kind == Integer || found == Integer && kind == Number):
			found = Number
		case any && (found != kind || in != unit):
			return Text, "", true
		}
		kind, unit, any = found, in, true
	}
	if kind == Money {
		unit = "" // each amount names its currency
	}
	return kind, unit, any
}

// kindOf is the kind of a cell, and what it is counted in: a unit or a currency.
func kindOf(cell ui.Value) (Kind, string) {
	switch v := cell.(type) {
	case ui.Number:
		if v.Decimals > 0 || v.Unit != "" {
			return Number, strings.TrimSpace(v.Unit)
		}
		return Integer, ""
	case ui.Money:
		return Money, v.Currency
	case ui.Time:
		if v.Date {
			return Date, ""
		}
		return Moment, ""
	}
	return Text, ""
}

// cellValue is a cell of a page as a cell of a file.
func cellValue(kind Kind, v ui.Value, zone *time.Location) Value {
	if t, ok := v.(ui.Time); ok && !t.At.IsZero() {
		v = ui.Time{At: t.At.In(zone)}
	}
	if kind != Text {
		return CellValue(kind, v)
	}
	switch v := v.(type) {
	case ui.Number:
		return TextValue(Decimal(v))
	case ui.Money:
		return TextValue(core.Money(v).String())
	case ui.Time:
		if v.At.IsZero() {
			return Value{}
		}
		return TextValue(v.At.Format(time.DateTime))
	case ui.Meter:
		return TextValue(fmt.Sprintf("%d of %d", v.Done, v.Total))
	}
	return CellValue(kind, v)
}

// Decimal is an exact decimal with its unit: 71.4%, 4 ms.
func Decimal(n ui.Number) string {
	return digits(n.Value, n.Decimals) + n.Unit
}

// digits are an exact decimal: 714 with one place is 71.4.
func digits(n int64, places int) string {
	digits := strconv.FormatInt(n, 10)
	if places <= 0 {
		return digits
	}
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for len(digits) <= places {
		digits = "0" + digits
	}
	return sign + digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}

// columnWidth fits the first rows, in characters.
func columnWidth(kind Kind, c ui.Column, rows []ui.Row, i int) float64 {
	if kind != Text {
		return 0
	}
	const least, most, looked = 12, 60, 50
	width := max(least, utf8.RuneCountInString(c.Title)+2)
	for _, row := range rows[:min(len(rows), looked)] {
		switch v := cellAt(row, i).(type) {
		case ui.Text:
			width = max(width, utf8.RuneCountInString(v.Text)+2)
		case ui.Link:
			width = max(width, utf8.RuneCountInString(v.Text)+2)
		}
	}
	return float64(min(width, most))
}

// sheetName is a name that a workbook's sheet can have.
func sheetName(name string) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) || r < ' ' {
			return ' '
		}
		return r
	}, name), "' ")
	const longest = 31
	if runes := []rune(name); len(runes) > longest {
		name = strings.TrimSpace(string(runes[:longest]))
	}
	if name == "" {
		return "Table"
	}
	return name
}

// CellValue is a cell of a page as a cell of a file, of the column's kind; a
// value of another kind is an empty one.
func CellValue(kind Kind, v ui.Value) Value {
	switch v := v.(type) {
	case ui.Number:
		if kind == Integer {
			return IntegerValue(v.Value)
		}
		if kind == Number {
			return NumberValue(v.Value, v.Decimals)
		}
	case ui.Meter:
		if kind == Integer {
			return IntegerValue(v.Done)
		}
	case ui.Money:
		if kind == Money {
			m := core.Money(v)
			return MoneyValue(&m)
		}
	case ui.Time:
		if kind == Date {
			return DateValue(v.At)
		}
		if kind == Moment {
			return MomentValue(v.At)
		}
	case ui.Text:
		return TextValue(v.Text)
	case ui.Link:
		return TextValue(v.Text)
	case ui.Badge:
		return TextValue(v.Text)
	case ui.ID:
		return TextValue(v.Text)
	}
	return Value{}
}
