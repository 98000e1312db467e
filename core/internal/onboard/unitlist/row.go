package unitlist

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
)

// Longest values of a unit, in characters.
const (
	maxAddress = 300
	maxText    = 120
	maxWord    = 60           // of a county and a kind
	maxLabel   = maxText - 10 // leaves room for what tells it from another
	maxShown   = 80           // of a value in an error
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

func (r *reading) addressHeading() string { return r.plan.columns[r.plan.address[0]].Name }

// address returns the address as the columns give it. Of a record that could
// not be split, it is all there is.
func (r *reading) address(rec record) string {
	if rec.problem != "" {
		return strings.Join(rec.cells, " ")
	}
	parts := make([]string, 0, len(r.plan.address))
	for _, i := range r.plan.address {
		if i >= len(rec.cells) {
			continue
		}
		c := clean(rec.cells[i])
		if i == r.plan.flat || len(r.plan.address) == 1 {
			c = nameNumber(c, r.plan.columns[i].Name)
		}
		if c != "" {
			parts = append(parts, titleCase(c))
		}
	}
	given := joinAddress(parts)
	if l := r.namedLabel(rec); l != "" && !numbered(strings.Fields(fold(given))) && !says(fold(given), fold(l)) {
		given = joinAddress([]string{l, given}) // the plot is the only number there is
	}
	return given
}

func (r *reading) namedLabel(rec record) string {
	return nameNumber(r.cell(rec, label), r.heading(label))
}

func (r *reading) keeps(address string) bool {
	return strings.Contains(fold(address), r.filter)
}

// unit parses the values of a record, all of them whatever is wrong with one.
func (r *reading) unit(rec record, given string) (core.Unit, []core.FieldError) {
	if reason := r.misfit(rec); reason != "" {
		return core.Unit{}, []core.FieldError{{Line: rec.line, Value: shorten(clean(strings.Join(rec.cells, " "))), Reason: reason}}
	}
	c := check{r: r, rec: rec}
	var u core.Unit
	var err error
	u.Postcode, err = parsePostcode(r.cell(rec, postcode))
	c.fail(postcode, err)
	u.Price, err = r.price(r.cell(rec, price))
	c.fail(price, err)
	u.SoldOn, err = parseDate(r.cell(rec, soldOn), r.order, r.table.epoch)
	c.fail(soldOn, err)

	if utf8.RuneCountInString(given) > maxAddress {
		c.note(r.addressHeading(), given, fmt.Sprintf("The address is longer than %d characters.", maxAddress))
		return u, c.problems
	}
	if rest, found := cutPostcode(given); found != "" && (u.Postcode == "" || u.Postcode == found) {
		given, u.Postcode = rest, found
	}
	u.Address = tidyAddress(given)
	c.address(u.Address, given)
	if u.County = tidyCounty(r.cell(rec, county)); u.County == "" {
		u.County = countyOf(u.Address)
	}
	u.Label = r.namedLabel(rec)
	u.Kind = kindText(r.cell(rec, kind))
	u.Size = r.sizeText(rec)
	c.length(label, u.Label, maxText)
	c.length(county, u.County, maxWord)
	c.length(kind, u.Kind, maxWord)
	c.length(size, u.Size, maxText)
	return u, c.problems
}

// misfit says why the cells of a record can't be told apart, or "".
func (r *reading) misfit(rec record) string {
	columns := len(r.plan.columns)
	if rec.problem == "" && len(rec.cells) > columns && filled(rec.cells[columns:]) > 0 {
		return fmt.Sprintf("The row has %d cells and the header %d. A value that contains the delimiter needs quotation marks.",
			len(rec.cells), columns)
	}
	return rec.problem
}

// check collects what is wrong with a record.
type check struct {
	r        *reading
	rec      record
	problems []core.FieldError
}

func (c *check) note(column, value, reason string) {
	c.problems = append(c.problems, core.FieldError{Line: c.rec.line, Column: column, Value: shorten(value), Reason: reason})
}

func (c *check) fail(f field, err error) {
	if err != nil {
		c.note(c.r.heading(f), c.r.cell(c.rec, f), err.Error())
	}
}

func (c *check) length(f field, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		c.note(c.r.heading(f), text, fmt.Sprintf("The text is longer than %d characters.", most))
	}
}

func (c *check) address(address, given string) {
	switch {
	case given == "":
		c.note(c.r.addressHeading(), given, "The address is empty.")
	case strings.IndexFunc(address, unicode.IsLetter) < 0:
		c.note(c.r.addressHeading(), given, "The address has no words.")
	}
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
// and postcode allow: two estates may both have a 28 The Crescent.
func (r *reading) label(u core.Unit) string {
	parts := addressParts(u.Address)
	return r.seen.label(func(more int) string {
		var end []string
		if more > len(parts) && u.Postcode != "" {
			end = []string{u.Postcode}
		}
		more = min(more, len(parts))
		if u.Label != "" {
			return strings.Join(slices.Concat([]string{u.Label}, parts[:more], end), ", ")
		}
		return strings.Join(append([]string{labelOf(u.Address, more)}, end...), ", ")
	}, len(parts)+1, func(l string) string { return r.o.Key(l, u.Address) })
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
