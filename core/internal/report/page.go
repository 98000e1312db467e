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
// cells have, and columns of buttons are left out. Moments are days and times
// in the zone.
func Of(name string, t ui.Table, zone *time.Location) Table {
	out := Table{Name: sheetName(name)}
	var kept []int
	for i, c := range t.Columns {
		kind, any := columnKind(t.Rows, i)
		if !any && c.Title == "" {
			continue
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
	return row.Cells[i]
}

// columnKind is the kind that all cells of a column have, text for a mixture.
// Any is false for a column that says nothing.
func columnKind(rows []ui.Row, i int) (kind Kind, any bool) {
	currency := ""
	for _, row := range rows {
		cell := cellAt(row, i)
		if _, buttons := cell.(ui.Actions); cell == nil || buttons {
			continue
		}
		found := Text
		switch v := cell.(type) {
		case ui.Number:
			if v.Decimals == 0 {
				found = Integer
			}
		case ui.Money:
			if currency == "" || currency == v.Currency {
				found, currency = Money, v.Currency
			}
		case ui.Time:
			found = Date
		}
		if any && found != kind {
			return Text, true
		}
		kind, any = found, true
	}
	return kind, any
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
	digits := strconv.FormatInt(n.Value, 10)
	if n.Decimals > 0 {
		sign := ""
		if n.Value < 0 {
			sign, digits = "-", digits[1:]
		}
		for len(digits) <= n.Decimals {
			digits = "0" + digits
		}
		digits = sign + digits[:len(digits)-n.Decimals] + "." + digits[len(digits)-n.Decimals:]
	}
	return digits + n.Unit
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
