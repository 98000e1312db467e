package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// exportPluginTable asks a plugin for its page with every row, and answers with
// one table of it as a file.
func (q *request) exportPluginTable(g guest, format, id string) error {
	g.visit.Whole = true
	for _, name := range []string{"after", "trail", "limit"} {
		delete(g.visit.Query, name)
	}
	p, err := q.site.Plugins.Page(q.ctx, g.visit)
	if err != nil {
		return q.resting(g, err)
	}
	d := dresser{base: g.visit.Base, here: here(g.visit), query: g.visit.Query}
	if err := d.dress(&p); err != nil {
		return core.Errorf(core.Internal, "%s answered with a page that can't be shown: %v", g.ID, err)
	}
	at := slices.IndexFunc(d.tables, func(t *ui.Table) bool { return t.ID == id })
	if at < 0 {
		return core.Errorf(core.NotFound, "There is no such table on this page.")
	}
	t := d.tables[at]
	name := t.Title
	if name == "" {
		name = t.ID
	}
	body, err := tableBytes(q.ctx, format, q.tableFile(name, *t))
	if err != nil {
		return fmt.Errorf("export %s of %s: %w", id, g.ID, err)
	}
	return q.sendFile(format, name, body)
}

// tableFile is a drawn table as one for a file: a column has the kind that all
// its cells have, and columns of buttons are left out.
func (q *request) tableFile(name string, t ui.Table) report.Table {
	out := report.Table{Name: sheetName(name)}
	var kept []int
	for i, c := range t.Columns {
		kind, any := columnKind(t.Rows, i)
		if !any && c.Title == "" {
			continue
		}
		kept = append(kept, i)
		out.Columns = append(out.Columns, report.Column{Title: c.Title, Kind: kind, Width: columnWidth(kind, c, t.Rows, i)})
	}
	zone := q.zone()
	out.Rows = func(yield func([]report.Value) bool) {
		for _, row := range t.Rows {
			values := make([]report.Value, len(kept))
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
func columnKind(rows []ui.Row, i int) (kind report.Kind, any bool) {
	currency := ""
	for _, row := range rows {
		cell := cellAt(row, i)
		if _, buttons := cell.(ui.Actions); cell == nil || buttons {
			continue
		}
		found := report.Text
		switch v := cell.(type) {
		case ui.Number:
			if v.Decimals == 0 {
				found = report.Integer
			}
		case ui.Money:
			if currency == "" || currency == v.Currency {
				found, currency = report.Money, v.Currency
			}
		case ui.Time:
			found = report.Date
		}
		if any && found != kind {
			return report.Text, true
		}
		kind, any = found, true
	}
	return kind, any
}

// cellValue is a cell of a page as a cell of a file.
func cellValue(kind report.Kind, v ui.Value, zone *time.Location) report.Value {
	if t, ok := v.(ui.Time); ok && !t.At.IsZero() {
		v = ui.Time{At: t.At.In(zone)}
	}
	if kind != report.Text {
		return fileValue(kind, v)
	}
	switch v := v.(type) {
	case ui.Number:
		return report.TextValue(decimalText(v))
	case ui.Money:
		return report.TextValue(core.Money(v).String())
	case ui.Time:
		if v.At.IsZero() {
			return report.Value{}
		}
		return report.TextValue(v.At.Format(time.DateTime))
	case ui.Meter:
		return report.TextValue(fmt.Sprintf("%d of %d", v.Done, v.Total))
	}
	return fileValue(kind, v)
}

// decimalText is an exact decimal with its unit: 71.4%, 4 ms.
func decimalText(n ui.Number) string {
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
func columnWidth(kind report.Kind, c ui.Column, rows []ui.Row, i int) float64 {
	if kind != report.Text {
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
