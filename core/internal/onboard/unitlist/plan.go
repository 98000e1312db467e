package unitlist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// plan says which column fills which field of this file.
type plan struct {
	columns  []Column
	address  []int         // columns to join, in order
	flat     int           // the one of them with the number of a flat alone, or -1
	single   map[field]int // the other fields
	problems []core.FieldError
}

// names reports whether the mapping names the heading.
func (m Mapping) names(heading string) bool {
	h := clean(heading)
	if h == "" {
		return false
	}
	for _, e := range m.entries() {
		if strings.EqualFold(clean(e.column), h) ||
			e.field == address && slices.ContainsFunc(strings.Split(e.column, " + "), func(part string) bool { return strings.EqualFold(clean(part), h) }) {
			return true
		}
	}
	return false
}

type mappingEntry struct {
	field  field
	column string
}

// entries are the fields of the mapping that are set.
func (m Mapping) entries() []mappingEntry {
	all := []mappingEntry{
		{address, m.Address}, {label, m.Label}, {county, m.County}, {postcode, m.Postcode},
		{price, m.Price}, {soldOn, m.SoldOn}, {kind, m.Kind}, {size, m.Size}, {beds, m.Beds},
	}
	return slices.DeleteFunc(all, func(e mappingEntry) bool { return strings.TrimSpace(e.column) == "" })
}

// makePlan maps the columns: first those that the mapping names, then the rest
// by synonyms.
func makePlan(header []string, m Mapping) plan {
	p := plan{flat: -1, single: map[field]int{}}
	for i, name := range header {
		p.columns = append(p.columns, Column{Index: i, Name: clean(name), Samples: []string{}})
	}
	set := map[field]bool{}
	for _, e := range m.entries() {
		set[e.field] = true
		if strings.TrimSpace(e.column) != None {
			p.assign(e)
		}
	}
	p.guess(set)
	if len(p.address) == 0 && len(p.problems) == 0 {
		if i, ok := p.single[label]; ok && !set[address] {
			p.address = []int{i}
		} else {
			p.problems = append(p.problems, core.FieldError{
				Field:  "units.mapping.address",
				Reason: "No column holds the address; the file has " + p.list() + ".",
			})
		}
	}
	return p
}

// assign gives the columns that the mapping names to their field.
func (p *plan) assign(e mappingEntry) {
	names := []string{e.column}
	if e.field == address && p.find(e.column) < 0 {
		names = strings.Split(e.column, " + ")
	}
	for _, name := range names {
		i := p.find(name)
		if i < 0 {
			p.problems = append(p.problems, core.FieldError{
				Field: "units.mapping." + string(e.field), Value: clean(name),
				Reason: fmt.Sprintf("There is no column %q; the file has %s.", clean(name), p.list()),
			})
			continue
		}
		p.give(i, e.field)
	}
}

func (p *plan) give(i int, f field) {
	p.columns[i].Field = string(f)
	if f == address {
		p.address = append(p.address, i)
		return
	}
	p.single[f] = i
}

// find returns the column of the heading, whatever its case, or -1.
func (p *plan) find(name string) int {
	return slices.IndexFunc(p.columns, func(c Column) bool {
		return c.Name != "" && strings.EqualFold(c.Name, clean(name))
	})
}

// guess gives the columns that are left to the fields that the mapping doesn't
// set. Of several headings for the same, the clearest wins.
func (p *plan) guess(set map[field]bool) {
	best := map[string]int{}
	for i, c := range p.columns {
		s, known := synonyms[heading(c.Name)]
		if !known || c.Field != "" || set[s.field] {
			continue
		}
		if j, taken := best[s.slot()]; !taken || s.rank < synonyms[heading(p.columns[j].Name)].rank {
			best[s.slot()] = i
		}
	}
	chosen := make([]int, 0, len(best))
	for _, i := range best {
		chosen = append(chosen, i)
	}
	part := func(i int) int { return synonyms[heading(p.columns[i].Name)].part }
	slices.SortFunc(chosen, func(i, j int) int { return part(i)*maxColumns + i - part(j)*maxColumns - j })
	number := -1
	for _, i := range chosen {
		s := synonyms[heading(p.columns[i].Name)]
		p.give(i, s.field)
		switch s.part {
		case flatPart:
			p.flat = i
		case numberPart:
			number = i
		}
	}
	if len(p.address) == 1 && p.address[0] == number {
		p.address = nil // numbers alone are no addresses
	}
}

// list names the columns of the file for a message.
func (p *plan) list() string {
	var names []string
	for _, c := range p.columns {
		if c.Name != "" {
			names = append(names, `"`+c.Name+`"`)
		}
	}
	if len(names) == 0 {
		return "no headings"
	}
	if len(names) > 30 {
		names = append(names[:30], "…")
	}
	return strings.Join(names, ", ")
}
