package cost

import (
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// period is the time that a page is about: local days, half-open.
type period struct {
	name     string // 30d, month, last, 12m; empty: as asked by from and to
	from, to time.Time
	months   bool // drawn by months
}

const monthForm = "2006-01"

// periodOf reads the address: ?period=30d, or ?from=2026-11-01&to=2026-11-30,
// where to is the last day. Without either it is this month.
func periodOf(c sdk.Call) period {
	today := dayOf(c.Now, c.Location())
	first := today.AddDate(0, 0, 1-today.Day())
	p := period{name: c.QueryValue("period"), to: today.AddDate(0, 0, 1)}
	if q := c.List(); p.name == "" && !q.From.IsZero() {
		p.from = q.From
		if !q.To.IsZero() {
			p.to = q.To
		}
		p.months = p.to.Sub(p.from) > 92*24*time.Hour
		return p
	}
	switch p.name {
	case "30d":
		p.from = today.AddDate(0, 0, -29)
	case "last":
		p.from, p.to = first.AddDate(0, -1, 0), first
	case "12m":
		p.from, p.months = first.AddDate(0, -11, 0), true
	default:
		p.name, p.from = "month", first
	}
	return p
}

func dayOf(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// asked is what the stores are asked for.
func (p period) asked(c sdk.Call) asked {
	return asked{p.from.Format(time.DateOnly), p.to.Format(time.DateOnly), c.QueryValue("development"), c.QueryValue("category")}
}

// labels are the days or months of the period, as stores and as people write
// them.
func (p period) labels() (keys, names []string) {
	for t := p.from; t.Before(p.to); {
		if p.months {
			keys, names = append(keys, t.Format(monthForm)), append(names, t.Format("Jan 2006"))
			t = t.AddDate(0, 1, 1-t.Day())
			continue
		}
		keys, names = append(keys, t.Format(time.DateOnly)), append(names, t.Format("2 Jan"))
		t = t.AddDate(0, 0, 1)
	}
	return keys, names
}

// words are the period for reading: "1 to 23 November 2026".
func (p period) words() string {
	last := p.to.AddDate(0, 0, -1)
	switch {
	case p.from.Equal(last):
		return last.Format("2 January 2006")
	case p.from.Format(monthForm) == last.Format(monthForm):
		return p.from.Format("2") + " to " + last.Format("2 January 2006")
	case p.from.Year() == last.Year():
		return p.from.Format("2 January") + " to " + last.Format("2 January 2006")
	}
	return p.from.Format("2 January 2006") + " to " + last.Format("2 January 2006")
}

// segments are the choice of periods, which keeps the filters.
func (p period) segments(c sdk.Call, path string) []ui.Tab {
	var tabs []ui.Tab
	for _, choice := range []struct{ name, label string }{{"month", "This month"}, {"last", "Last month"}, {"30d", "30 days"}, {"12m", "12 months"}} {
		tabs = append(tabs, ui.Tab{
			Label: choice.label, Current: p.name == choice.name,
			Href: ui.Address(c.URL(path), c.Query, "period", choice.name, "from", "", "to", "", "after", ""),
		})
	}
	return tabs
}

// The categories of cost, in the order in which they are stacked.
var categories = []struct{ id, name string }{
	{"llm", "Language models"}, {"embeddings", "Embeddings"}, {"rag", "Indexing"}, {"maps", "Maps"},
	{"geocoding", "Geocoding"}, {"storage", "Storage"}, {"bandwidth", "Bandwidth"}, {"other", "Other"},
}

func categoryName(id string) string {
	for _, c := range categories {
		if c.id == id {
			return c.name
		}
	}
	return id
}

// categoryFilter narrows a page to one category.
func categoryFilter() ui.Filter {
	f := ui.Filter{Name: "category", Label: "Category"}
	for _, c := range categories {
		f.Options = append(f.Options, ui.Option{Value: c.id, Label: c.name})
	}
	return f
}

// askedWell refuses dates and names that are none, naming the field.
func askedWell(from, to, category string) error {
	var problems core.Problems
	for _, f := range []struct{ field, value string }{{"from", from}, {"to", to}} {
		if _, err := time.Parse(time.DateOnly, f.value); f.value != "" && err != nil {
			problems.Add(f.field, f.value, "is no date such as 2026-11-23")
		}
	}
	if from != "" && to != "" && from > to {
		problems.Add("to", to, "is before from")
	}
	if category != "" && categoryName(category) == category {
		problems.Add("category", category, "is not one of the categories")
	}
	return problems.Err()
}
