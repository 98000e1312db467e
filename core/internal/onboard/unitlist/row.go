package unitlist

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
)

// Longest values of a unit, in characters.
const (
	maxAddress = 300
	maxText    = 120
	maxShown   = 80 // of a value in an error
)

// cell returns the cleaned value of a field's column, "" if there is none.
func (r *reading) cell(rec record, f field) string {
	if i, ok := r.plan.single[f]; ok && i < len(rec.cells) {
		return clean(rec.cells[i])
	}
	return ""
}

func (r *reading) heading(f field) string {
	if i, ok := r.plan.single[f]; ok {
		return r.plan.columns[i].Name
	}
	return ""
}

// address returns the address as the columns give it. Of a record that could
// not be split, it is all there is.
func (r *reading) address(rec record) string {
	if rec.problem != "" {
		return strings.Join(rec.cells, " ")
	}
	parts := make([]string, 0, len(r.plan.address))
	for _, i := range r.plan.address {
		if i < len(rec.cells) {
			if c := clean(rec.cells[i]); c != "" {
				parts = append(parts, c)
			}
		}
	}
	given := joinAddress(parts)
	if l := r.namedLabel(rec); l != "" && !hasDigit(given) && !says(fold(given), fold(l)) {
		given = strings.TrimSuffix(l+", "+given, ", ") // the plot is the only number there is
	}
	return given
}

func (r *reading) namedLabel(rec record) string {
	return namedLabel(r.cell(rec, label), r.heading(label))
}

func (r *reading) keeps(address string) bool {
	return strings.Contains(fold(address), r.filter)
}

// unit parses the values of a record, all of them whatever is wrong with one.
func (r *reading) unit(rec record, given string) (core.Unit, []core.FieldError) {
	if rec.problem == "" && len(rec.cells) > len(r.plan.columns) && filled(rec.cells[len(r.plan.columns):]) > 0 {
		rec.problem = fmt.Sprintf("The row has %d cells and the header %d. A value that contains the delimiter needs quotation marks.",
			len(rec.cells), len(r.plan.columns))
	}
	if rec.problem != "" {
		return core.Unit{}, []core.FieldError{{Line: rec.line, Value: shorten(clean(strings.Join(rec.cells, " "))), Reason: rec.problem}}
	}
	var problems []core.FieldError
	note := func(column, value string, reason string) {
		problems = append(problems, core.FieldError{Line: rec.line, Column: column, Value: shorten(value), Reason: reason})
	}
	check := func(f field, err error) {
		if err != nil {
			note(r.heading(f), r.cell(rec, f), err.Error())
		}
	}
	var u core.Unit
	var err error
	u.Postcode, err = parsePostcode(r.cell(rec, postcode))
	check(postcode, err)
	u.Price, err = r.price(r.cell(rec, price))
	check(price, err)
	u.SoldOn, err = parseDate(r.cell(rec, soldOn), r.order, r.table.epoch)
	check(soldOn, err)

	rest, found := cutPostcode(given)
	if u.Postcode == "" {
		u.Postcode = found
	}
	u.Address = tidyAddress(rest)
	if problem := r.addressProblem(u.Address); problem != "" {
		note(r.plan.columns[r.plan.address[0]].Name, given, problem)
	}
	if u.County = tidyCounty(r.cell(rec, county)); u.County == "" {
		u.County = countyOf(u.Address)
	}
	u.Kind = kindText(r.cell(rec, kind))
	u.Size = r.sizeText(rec)
	for _, v := range []struct {
		field field
		text  string
	}{{label, r.namedLabel(rec)}, {county, u.County}, {kind, u.Kind}, {size, u.Size}} {
		if utf8.RuneCountInString(v.text) > maxText {
			note(r.heading(v.field), v.text, fmt.Sprintf("The text is longer than %d characters.", maxText))
		}
	}
	return u, problems
}

func (r *reading) addressProblem(address string) string {
	switch {
	case fold(address) == "":
		return "The address is empty."
	case utf8.RuneCountInString(address) > maxAddress:
		return fmt.Sprintf("The address is longer than %d characters.", maxAddress)
	}
	return ""
}

// price parses an amount; without a symbol it is in the currency of the
// heading, which may not be the tenant's either.
func (r *reading) price(s string) (*core.Money, error) {
	if r.currency != r.o.Currency && amountForm.MatchString(s) {
		s = r.currency + " " + s
	}
	return parsePrice(s, r.o.Currency, r.table.epoch != 0)
}

// label is the unit's name on site, unique in the file as far as its address
// allows: two estates may both have a 28 The Crescent.
func (r *reading) label(rec record, u core.Unit) string {
	named := r.namedLabel(rec)
	parts := addressParts(u.Address)
	return r.seen.label(func(more int) string {
		if named == "" {
			return labelOf(u.Address, more)
		}
		return strings.Join(append([]string{named}, parts[:more]...), ", ")
	}, len(parts))
}

// kinds are what coded and bilingual sources say for a kind.
var kinds = map[string]string{
	"d": "Detached", "s": "Semi-detached", "t": "Terraced", "f": "Flat", "o": "Other",
	"new dwelling house apartment":         "New house or apartment",
	"second hand dwelling house apartment": "Second-hand house or apartment",
	"teach arasan conaithe nua":            "New house or apartment",
	"teach arasan conaithe athaimhe":       "Second-hand house or apartment",
}

func kindText(s string) string {
	if k, ok := kinds[fold(s)]; ok {
		return k
	}
	return s
}

var bareNumber = regexp.MustCompile(`^\d+(?:[.,]\d+)?$`)

// sizeText joins bedrooms and area. Bare numbers get the unit of the heading.
func (r *reading) sizeText(rec record) string {
	var parts []string
	if b := r.cell(rec, beds); b != "" {
		if bareNumber.MatchString(b) {
			b += " bed"
		}
		parts = append(parts, b)
	}
	if a := r.cell(rec, size); a != "" {
		if bareNumber.MatchString(a) {
			a += areaUnit(r.heading(size))
		}
		parts = append(parts, a)
	}
	return strings.Join(parts, ", ")
}

var (
	squareMetres = regexp.MustCompile(`\b(?:sq m|sqm|m2|sq metres|square metres)\b`)
	squareFeet   = regexp.MustCompile(`\b(?:sq ft|sqft|ft2|sq feet|square feet)\b`)
)

func areaUnit(heading string) string {
	h := fold(heading)
	switch {
	case squareMetres.MatchString(h):
		return " m²"
	case squareFeet.MatchString(h):
		return " sq ft"
	}
	return ""
}

// shorten cuts a value for a message.
func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	return string([]rune(s)[:maxShown-1]) + "…"
}
