package unitlist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// maxSamples is how many values of a column a report shows.
const maxSamples = 3

// reading is one pass over a table.
type reading struct {
	table  *table
	o      Options
	plan   plan
	report Report
	filter string // folded
	seen   seen

	currency string    // of prices without a symbol
	order    DateOrder // of dates in figures
}

func newReading(t *table, o Options) (*reading, error) {
	o = o.withDefaults()
	if o.Dates != DayFirst && o.Dates != MonthFirst {
		return nil, core.Errorf(core.Invalid, "The order of dates is dmy or mdy, not %q.", o.Dates)
	}
	if strings.TrimSpace(o.Filter) != "" && fold(o.Filter) == "" {
		return nil, core.Problems{{Field: "units.filter", Value: o.Filter, Reason: "The filter has no letters or figures."}}.Err()
	}
	r := &reading{table: t, o: o, plan: makePlan(t.header.cells, o.Mapping), filter: fold(o.Filter), seen: newSeen()}
	r.currency, r.order = o.Currency, o.Dates
	if i, ok := r.plan.single[price]; ok {
		r.currency = currencyOf(t.header.cells[i], o.Currency)
	}
	if i, ok := r.plan.single[soldOn]; ok {
		r.order = orderOf(t.header.cells[i], o.Dates)
	}
	r.describe()
	return r, nil
}

// describe fills what the report says before any row is read.
func (r *reading) describe() {
	t := r.table
	for i := range r.plan.columns {
		c := &r.plan.columns[i]
		for _, row := range t.ahead {
			if i >= len(row.cells) || len(c.Samples) == maxSamples {
				continue
			}
			if v := shorten(clean(row.cells[i])); v != "" && !slices.Contains(c.Samples, v) {
				c.Samples = append(c.Samples, v)
			}
		}
		c.Kind = r.kindOf(c.Samples)
	}
	r.report = Report{
		Format: t.format, Encoding: t.encoding(), Delimiter: t.delimiter, Sheet: t.sheet,
		HeaderLine: t.header.line, Columns: r.plan.columns,
		Errors: []core.FieldError{}, Repeats: []Repeat{},
	}
}

// kindOf says what the values of a column look like.
func (r *reading) kindOf(samples []string) string {
	all := func(is func(string) bool) bool {
		return !slices.ContainsFunc(samples, func(s string) bool { return !is(s) })
	}
	switch {
	case len(samples) == 0:
		return "empty"
	case all(func(s string) bool { return amountForm.MatchString(s) && !grouped.MatchString(s) && len(s) < 5 }):
		return "number"
	case all(func(s string) bool { d, err := parseDate(s, r.order, r.table.epoch); return err == nil && d != "" }):
		return "date"
	case all(func(s string) bool { _, err := parsePrice(s, r.currency, true); return err == nil }):
		return "price"
	case all(func(s string) bool { _, err := parsePostcode(s); return err == nil }):
		return "postcode"
	}
	return "text"
}

// run reads the rows to the end.
func (r *reading) run(ctx context.Context, each func(Row) error) error {
	defer func() { r.report.Encoding = r.table.encoding() }()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec, err := r.table.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if rec.blank() {
			continue
		}
		if r.report.Rows++; r.report.Rows > r.o.MaxRows {
			return &core.Error{
				Code:    core.Invalid,
				Message: fmt.Sprintf("The file has more than %d rows. Split it and import its parts.", r.o.MaxRows),
				Fields:  []core.FieldError{{Field: "units", Reason: fmt.Sprintf("More than %d rows.", r.o.MaxRows)}},
			}
		}
		row, ok := r.take(rec)
		if ok && each != nil {
			if err := each(row); err != nil {
				return err
			}
		}
	}
}

// take counts a record and returns its row if it is good and new.
func (r *reading) take(rec record) (Row, bool) {
	given := r.address(rec)
	if r.filter != "" && !r.keeps(given) {
		return Row{}, false
	}
	r.report.Matched++
	u, problems := r.unit(rec, given)
	if len(problems) > 0 {
		r.report.Rejected++
		for _, p := range problems {
			if len(r.report.Errors) == r.o.MaxErrors {
				r.report.MoreErrors++
				continue
			}
			r.report.Errors = append(r.report.Errors, p)
		}
		return Row{}, false
	}
	key, first := r.seen.add(u, rec.line)
	if first > 0 {
		r.report.Duplicates++
		if len(r.report.Repeats) < r.o.MaxErrors {
			r.report.Repeats = append(r.report.Repeats, Repeat{Line: rec.line, First: first, Address: u.Address})
		}
		return Row{}, false
	}
	r.report.Imported++
	u.Label = r.label(u)
	return Row{Line: rec.line, Unit: u, Key: key}, true
}
