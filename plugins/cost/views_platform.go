package cost

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
	"github.com/openhouse-ai/console/ui"
)

func replaceOnce(text, name string) string { return strings.Replace(text, "%", name, 1) }

// showAllCosts is what all developers cost, without opening their files.
func showAllCosts(ctx context.Context, c sdk.Call) (ui.Page, error) {
	month, err := monthOf(c)
	if err != nil {
		return ui.Page{}, err
	}
	first := month.AddDate(0, -11, 0)
	months, demo, err := selectTotals(ctx, c, monthNumber(first), monthNumber(month))
	if err != nil {
		return ui.Page{}, err
	}
	days, _, err := selectTotals(ctx, c, number(month.AddDate(0, -looksBack, 0)), number(month.AddDate(0, 1, -1)))
	if err != nil {
		return ui.Page{}, err
	}
	list, err := developerTable(ctx, c, month, months, demo)
	if err != nil {
		return ui.Page{}, err
	}
	p := ui.Page{
		Head:   ui.Head{Title: "Costs", Lead: "What the use of all developers' portals costs us, in US dollars.", Actions: besideMonth(c, "/", month)},
		Blocks: ui.Blocks{monthStats(c, month, months, days)},
	}
	if chart := yearChart(first, months); len(chart.Series) > 0 {
		p.Blocks = append(p.Blocks, chart)
	}
	p.Blocks = append(p.Blocks, list)
	if n := months["cost.unpriced"][monthNumber(month)]; n > 0 {
		p.Blocks = append(ui.Blocks{ui.Notice{Tone: ui.Warn, Title: fmt.Sprintf("%s in %s without a price: these costs are incomplete.", uses(n), month.Format("January")),
			Text: "They are counted as soon as the price book has a row for them.", Actions: []ui.Action{{Label: "Open the price book", Href: c.URL("/prices")}}}}, p.Blocks...)
	}
	if demo {
		p.Head.Lead += " They are of demo tenants: there is no other yet."
	}
	return p, nil
}

// monthStats are the key figures of a month of all developers.
func monthStats(c sdk.Call, month time.Time, months, days totals) ui.Stats {
	at, before := monthNumber(month), monthNumber(month.AddDate(0, -1, 0))
	estimate, actual := months.amount("cost.total", at), months.amount("cost.actual", at)
	spent := ui.Stat{Label: month.Format("January 2006"), Value: dollars.money(estimate), Versus: "none in the month before"}
	today := dayOf(c.Now, c.Location())
	h := historyOf(days, month, today)
	earlier, than := months.amount("cost.total", before), "vs "+month.AddDate(0, -1, 0).Format("January")
	if month.Format(monthForm) == today.Format(monthForm) {
		spent.Label, than = "This month so far", "vs the same days before"
		earlier = h.before(today)
	}
	if earlier > 0 {
		spent.Change, spent.Tone = change(estimate, earlier)
		spent.Versus = than
	}
	bill := ui.Stat{Label: "Billed by providers", Value: ui.Text{Text: "n/a", Muted: true}, Versus: "no bill of this month", Href: c.URL("/bills")}
	if months["cost.actual"][at] != 0 {
		bill.Value = dollars.money(actual)
		bill.Versus = "estimated " + dollars.words(estimate)
	}
	projected := ui.Stat{Label: "Projected month end", Value: ui.Text{Text: "n/a", Muted: true}, Versus: "the month is over"}
	if spent.Label == "This month so far" {
		projected.Versus = "no complete day yet"
		if to, known := rate.Project(h.month(today)); known {
			projected.Value, projected.Versus = dollars.money(to.Amount), fmt.Sprintf("mean of the last %d days", to.Days)
		}
	}
	return ui.Stats{Items: []ui.Stat{
		spent, projected, bill,
		{Label: "Calls of models and maps", Value: ui.Number{Value: months["cost.calls"][at]}, Versus: compact(months["cost.tokens"][at]) + " tokens"},
	}}
}

// historyOf is the history of all developers' days up to today.
func historyOf(days totals, month, today time.Time) history {
	h := history{map[string]rate.Amount{}, today}
	for day := month.AddDate(0, -looksBack, 0); !day.After(today); day = day.AddDate(0, 0, 1) {
		if a := days.amount("cost.total", number(day)); a != 0 {
			h.byDate[day.Format(time.DateOnly)] = a
			if day.Before(h.since) {
				h.since = day
			}
		}
	}
	return h
}

// compact writes a large number in three digits: "12.4 million".
func compact(n int64) string {
	for _, step := range []struct {
		size int64
		name string
	}{{1_000_000_000, "billion"}, {1_000_000, "million"}} {
		if n >= step.size {
			tenths := n * 10 / step.size
			return fmt.Sprintf("%s.%d %s", thousands(tenths/10), tenths%10, step.name)
		}
	}
	return thousands(n)
}

// yearChart stacks the categories of twelve months.
func yearChart(first time.Time, months totals) ui.Chart {
	chart := ui.Chart{Title: "Twelve months by category", Lead: "Estimates, in US dollars.", Kind: ui.Bars, Unit: ui.Unit{Currency: "USD"}}
	for i := range 12 {
		chart.Labels = append(chart.Labels, first.AddDate(0, i, 0).Format("Jan 2006"))
	}
	for _, category := range categories {
		amounts, any := make([]rate.Amount, 12), false
		for i := range amounts {
			amounts[i] = months.amount("cost."+category.id, monthNumber(first.AddDate(0, i, 0)))
			any = any || amounts[i] != 0
		}
		if any {
			chart.Series = append(chart.Series, ui.Series{Name: category.name, Values: dollars.series(amounts, 2)})
		}
	}
	return chart
}

// developerTable is one page of the developers, the most expensive first. Its
// totals are those of the page's key figures: demo tenants count in neither,
// while there are others.
func developerTable(ctx context.Context, c sdk.Call, month time.Time, months totals, demo bool) (ui.Table, error) {
	mixed := "without demo tenants"
	if demo {
		mixed = ""
	}
	q, order := c.List(), "5 desc"
	columns := map[string]string{"name": "2 collate nocase", "estimate": "5", "before": "6", "actual": "7", "events": "8", "unpriced": "9"}
	if by := columns[q.Sort]; by != "" {
		order = by
		if q.Desc {
			order += " desc"
		}
	}
	offset, _ := strconv.Atoi(q.After) // a cursor that is none is the first page
	items, total, err := selectDeveloperCosts(ctx, c, monthNumber(month), monthNumber(month.AddDate(0, -1, 0)), q.Text, order, c.Limit(), offset)
	if err != nil {
		return ui.Table{}, err
	}
	list := core.List[developerCost]{Items: items, Total: total}
	if next := offset + len(items); next < total {
		list.Next = strconv.Itoa(next)
	}
	href := func(d developerCost) string { return c.URL("/tenants/" + d.Tenant) }
	listing := sdk.Listing[developerCost]{
		ID: "developers", Title: "Developers", Path: "/", Search: "Name or code", Href: href,
		None: ui.Empty{Title: "Nobody had costs in " + month.Format("January 2006") + ".", Icon: ui.IconCosts, Reason: "A developer's costs are rolled up within a minute of the usage that their portals report."},
		Columns: []sdk.Column[developerCost]{
			{Title: "Developer", Sort: "name", Cell: func(d developerCost) ui.Value {
				l := ui.Link{Text: d.Name, Monogram: ui.Monogram(d.Name), Href: href(d), Note: d.Code}
				if d.Demo {
					l.Note += " · demo"
				}
				return l
			}},
			{Title: month.Format("January"), Sort: "estimate", Numeric: true, Cell: func(d developerCost) ui.Value { return dollars.money(d.Estimate) }},
			{Title: month.AddDate(0, -1, 0).Format("January"), Sort: "before", Numeric: true, Priority: 1, Cell: func(d developerCost) ui.Value { return dollars.money(d.Before) }},
			{Title: "Billed", Sort: "actual", Numeric: true, Priority: 1, Cell: func(d developerCost) ui.Value {
				if d.Actual == 0 {
					return nil
				}
				return dollars.money(d.Actual)
			}},
			{Title: "Calls", Sort: "events", Numeric: true, Priority: 2, Cell: func(d developerCost) ui.Value { return ui.Number{Value: d.Events} }},
			{Title: "No price", Sort: "unpriced", Numeric: true, Priority: 2, Cell: func(d developerCost) ui.Value { return ui.Number{Value: d.Unpriced} }},
		},
	}
	table := listing.Table(c, list)
	if q.Text == "" && total > 0 {
		at, before := monthNumber(month), monthNumber(month.AddDate(0, -1, 0))
		table.Totals = ui.Values{ui.Text{Text: "All", Note: mixed}, dollars.money(months.amount("cost.total", at)), dollars.money(months.amount("cost.total", before)), nil,
			ui.Number{Value: months["cost.calls"][at]}, ui.Number{Value: months["cost.unpriced"][at]}}
		if months["cost.actual"][at] != 0 {
			table.Totals[3] = dollars.money(months.amount("cost.actual", at))
		}
	}
	table.Keep = append(table.Keep, ui.Hidden{Name: "month", Value: month.Format(monthForm)})
	return table, nil
}
