package cost

import (
	"cmp"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// usageNames are what is paid for, as people say it.
var usageNames = map[string]string{
	"input": "Input tokens", "cached": "Cached tokens", "cache_write": "Cache writes", "output": "Output tokens",
	"requests": "Requests", "bytes": "Bytes out", "byte_months": "Stored bytes",
}

func usageName(usage string) string {
	if name := usageNames[usage]; name != "" {
		return name
	}
	return usage
}

// used names what was used: "gpt-6-luna, input tokens".
func used(sku, usage string) string { return sku + ", " + strings.ToLower(usageName(usage)) }

// usesHint says why there are more uses than events.
const usesHint = "An event counts once for each thing that it used: a call of a model for its input, its cached input and its output"

// skuTable is what was used, by SKU, the most expensive first.
func (s scenery) skuTable(c sdk.Call, lines []line) ui.Table {
	t := ui.Table{
		ID: "skus", Title: "By what was used", Href: c.URL("/"), Keep: s.keep(), Filters: s.chosen(c, categoryFilter()), Filtered: s.asked.Category != "",
		Columns: []ui.Column{
			{Title: "Used"}, {Title: "Category", Priority: 2}, {Title: "Quantity", Numeric: true, Priority: 1}, {Title: "Uses", Numeric: true, Priority: 2, Hint: usesHint},
			{Title: s.teller.column("Estimate"), Numeric: true}, {Title: s.teller.column("Billed"), Numeric: true, Priority: 1}, {Title: "State", Priority: 1},
		},
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(b.Estimate, a.Estimate) })
	var total line
	for _, l := range lines {
		total.add(l)
		name := ui.Link{Text: used(l.SKU, l.Usage), Href: s.entries(c, "sku", l.SKU, "usage", l.Usage)}
		if l.SKU == "" {
			name.Text = "Not told apart"
		}
		row := ui.Row{Cells: ui.Values{name, ui.Text{Text: categoryName(l.Category)}, ui.Number{Value: l.Quantity}, ui.Number{Value: l.Events}, s.teller.fine(l.Estimate), nil, nil}}
		if l.Estimate == 0 && l.Unpriced+l.Pending == l.Events {
			row.Cells[4] = nil // it isn't nothing: it is not known
		}
		if l.Billed {
			row.Cells[5] = s.teller.fine(l.Actual)
		}
		row.Cells[6] = l.badge()
		t.Rows = append(t.Rows, row)
	}
	t.Totals = ui.Values{ui.Text{Text: "All"}, nil, nil, ui.Number{Value: total.Events}, s.teller.fine(total.Estimate), nil, nil}
	if total.Billed {
		t.Totals[5] = s.teller.fine(total.Actual)
	}
	return t
}

// fold adds lines up by what of them is named; their order is that of the names.
func fold(lines []line, name func(line) line) []line {
	places := map[line]int{}
	var sums []line
	for _, l := range lines {
		key := name(l)
		place, known := places[key]
		if !known {
			place = len(sums)
			places[key], sums = place, append(sums, key)
		}
		sums[place].add(l)
	}
	slices.SortFunc(sums, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.Development, b.Development), cmp.Compare(a.Category, b.Category),
			cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Usage, b.Usage))
	})
	return sums
}

func (l *line) add(m line) {
	l.Estimate, l.Actual, l.Billed, l.Rolled = l.Estimate+m.Estimate, l.Actual+m.Actual, l.Billed || m.Billed, l.Rolled || m.Rolled
	l.Quantity, l.Events, l.Unpriced, l.Pending = l.Quantity+m.Quantity, l.Events+m.Events, l.Unpriced+m.Unpriced, l.Pending+m.Pending
}

// badge says what is missing from a line's estimate.
func (l line) badge() ui.Value {
	switch {
	case l.Unpriced > 0:
		return ui.Badge{Text: "No price", Tone: ui.Warn}
	case l.Pending > 0:
		return ui.Badge{Text: "Being rated", Tone: ui.Info}
	case l.Events == 0 && l.Billed:
		return ui.Badge{Text: "Billed alone"}
	}
	return nil
}

// developmentTable is where it was used.
func (s scenery) developmentTable(c sdk.Call, lines []line) ui.Table {
	t := ui.Table{
		ID: "developments", Title: "By development",
		Columns: []ui.Column{
			{Title: "Development"}, {Title: "Uses", Numeric: true, Priority: 1, Hint: usesHint}, {Title: s.teller.column("Estimate"), Numeric: true},
			{Title: s.teller.column("Billed"), Numeric: true, Priority: 1}, {Title: "Share", Numeric: true, Priority: 2},
		},
	}
	var total line
	for _, l := range lines {
		total.add(l)
	}
	for _, l := range lines {
		name := s.names[l.Development]
		if name == "" {
			name = "A development that was removed"
		}
		row := ui.Row{Cells: ui.Values{ui.Text{Text: name}, ui.Number{Value: l.Events}, s.teller.fine(l.Estimate), nil, nil}}
		if l.Development != "" {
			row.Cells[0] = ui.Link{Text: name, Href: ui.Address(c.URL("/"), c.Query, "development", l.Development, "after", "")}
		}
		if l.Billed {
			row.Cells[3] = s.teller.fine(l.Actual)
		}
		if total.Estimate > 0 && l.Estimate >= 0 {
			row.Cells[4] = ui.Meter{Done: percent(l.Estimate, total.Estimate), Total: 100}
		}
		t.Rows = append(t.Rows, row)
	}
	t.Totals = ui.Values{ui.Text{Text: "All"}, ui.Number{Value: total.Events}, s.teller.fine(total.Estimate), nil, nil}
	if total.Billed {
		t.Totals[3] = s.teller.fine(total.Actual)
	}
	return t
}

// keep are the values of the address that filters must not lose.
func (s scenery) keep() []ui.Hidden {
	kept := []ui.Hidden{}
	if s.name != "" {
		return append(kept, ui.Hidden{Name: "period", Value: s.name})
	}
	return append(kept, ui.Hidden{Name: "from", Value: s.asked.From}, ui.Hidden{Name: "to", Value: s.to.AddDate(0, 0, -1).Format("2006-01-02")})
}

// chosen fills in what a filter is set to, and adds the developments.
func (s scenery) chosen(c sdk.Call, more ...ui.Filter) []ui.Filter {
	all := append(more, s.filters()[1])
	for i := range all {
		all[i].Value = c.QueryValue(all[i].Name)
	}
	return all
}

// entries is the address of the entries behind a figure of the page.
func (s scenery) entries(c sdk.Call, pairs ...string) string {
	all := append([]string{"from", s.asked.From, "to", s.to.AddDate(0, 0, -1).Format("2006-01-02"), "development", s.asked.Development, "category", s.asked.Category}, pairs...)
	return ui.Address(c.URL("/entries"), nil, all...)
}

// unitOf is the decimal unit of a price: "1,000,000 input tokens".
func unitOf(per int64, usage string) string {
	return thousands(per) + " " + strings.ToLower(usageName(usage))
}
