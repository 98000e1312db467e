package google

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/plugins/cost/decimal"
)

// row takes one line of the table.
func (f *file) row(cells []string, line int) {
	r := Row{
		Line: line, Project: f.cell(cells, project), SKU: f.cell(cells, sku), Name: cut(f.cell(cells, name)),
		Kind: cut(f.cell(cells, kind)), Credit: cut(f.cell(cells, credit)), Unit: cut(f.cell(cells, unit)),
	}
	if (r.Project == "" || isTotal(r.Project)) && (r.SKU == "" || isTotal(r.SKU)) && slices.ContainsFunc(cells, isTotal) { // in whichever column is first
		f.total(cells, line)
		return
	}
	bad := func(column, value, reason string) {
		f.problems = append(f.problems, core.FieldError{Field: "file", Line: line, Column: column, Value: cut(value), Reason: reason})
	}
	if f.ended {
		bad("", "", "follows the total")
		return
	}
	cost, err := number(f.cell(cells, unround))
	if err != nil {
		bad("Unrounded Cost", f.cell(cells, unround), "is not a number such as 1,234.56")
		return
	}
	r.Amount = decimal.Text(cost)
	if text := f.cell(cells, amount); text != "" {
		quantity, err := number(text)
		if err != nil {
			bad("Usage amount", text, "is not a number such as 1,234.56")
			return
		}
		r.Quantity = decimal.Text(quantity)
	}
	for _, id := range [][2]string{{"Project ID", r.Project}, {"SKU ID", r.SKU}} {
		if len(id[1]) > maxText {
			bad(id[0], id[1], fmt.Sprintf("has more than %d bytes", maxText))
			return
		}
	}
	if text := f.cell(cells, start); text != "" {
		day, err := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))])
		if err != nil {
			bad("Usage start date", text, "is not a date such as 2026-11-02")
			return
		}
		r.Date = day.Format(time.DateOnly)
	} else {
		f.undated = append(f.undated, len(f.table.Rows))
	}
	_, told := f.at[credit]
	f.table.Net = f.table.Net || r.Credit != "" || !told && cost.Sign() < 0
	f.sum.Add(f.sum, cost)
	f.table.Rows = append(f.table.Rows, r)
}

// isTotal reports whether a cell names the sum below the table.
func isTotal(cell string) bool {
	return slices.Contains([]string{"total", "subtotal", "filtered total", "grand total"}, strings.ToLower(cell))
}

// total takes the line below the table: what stands under the costs, or the
// last number of the line.
func (f *file) total(cells []string, line int) {
	f.ended = true
	last := f.cell(cells, unround)
	for i := len(cells) - 1; i >= 0 && last == ""; i-- {
		if _, err := number(cells[i]); err == nil {
			last = cells[i]
		}
	}
	if last == "" {
		return
	}
	total, err := number(last)
	if err != nil {
		f.problems = append(f.problems, core.FieldError{Field: "file", Line: line, Column: "Unrounded Cost", Value: cut(last), Reason: "is not a number such as 1,234.56"})
		return
	}
	f.table.Total = decimal.Text(total)
}

// close adds up, and gives the rows without a day (tax, rounding) the last one.
func (f *file) close() error {
	if len(f.table.Rows) == 0 {
		return core.Errorf(core.Invalid, "The table has no rows.")
	}
	last := ""
	for _, r := range f.table.Rows {
		last = max(last, r.Date)
	}
	if last == "" {
		return core.Errorf(core.Invalid, "No row of the table has a usage start date.")
	}
	for _, i := range f.undated {
		f.table.Rows[i].Date = last
	}
	f.table.Sum = decimal.Text(f.sum)
	if f.table.Total != "" {
		total, err := decimal.Parse(f.table.Total)
		f.table.Differs = err != nil || new(big.Rat).Abs(total.Sub(total, f.sum)).Cmp(big.NewRat(1, 100)) > 0
	}
	return nil
}

// number reads a number with or without commas between thousands.
func number(text string) (*big.Rat, error) {
	text = strings.ReplaceAll(text, "\u2212", "-") // the typographic minus
	if strings.Contains(text, ",") {
		whole, part, pointed := strings.Cut(text, ".")
		groups := strings.Split(strings.TrimPrefix(whole, "-"), ",")
		for i, group := range groups {
			if i > 0 && len(group) != 3 || len(group) == 0 || len(group) > 3 {
				return nil, decimal.ErrNotNumber
			}
		}
		text = strings.ReplaceAll(whole, ",", "")
		if pointed {
			text += "." + part
		}
	}
	return decimal.Parse(text)
}

// cut bounds a text that is only shown.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "")
}
