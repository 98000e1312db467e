package cost

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
	"github.com/openhouse-ai/console/ui"
)

// scenery is what every page of a developer's costs is drawn with.
type scenery struct {
	period
	asked    asked
	teller   teller
	settings Settings
	ids      []string          // of the developments
	names    map[string]string // of them
	missing  string            // currency without an exchange rate
	floor    rate.Amount       // below which no variance is a breach
}

func sceneryOf(ctx context.Context, c sdk.Call) (s scenery, err error) {
	s.period = periodOf(c)
	s.asked = s.period.asked(c)
	if s.teller, s.missing, err = tellerOf(ctx, c, c.QueryValue("currency")); err != nil {
		return s, err
	}
	if err = c.Settings(ctx, &s.settings); err != nil {
		return s, err
	}
	s.ids, s.names, err = selectDevelopments(ctx, c)
	return s, err
}

// conversion says in which currency the page is, and why.
func (s scenery) conversion() string {
	if s.missing != "" {
		return "In US dollars: there is no exchange rate for " + s.missing + " yet."
	}
	return s.teller.note()
}

// filters narrow a page to a category and a development.
func (s scenery) filters() []ui.Filter {
	development := ui.Filter{Name: "development", Label: "Development"}
	for _, id := range s.ids {
		development.Options = append(development.Options, ui.Option{Value: id, Label: s.names[id]})
	}
	return []ui.Filter{categoryFilter(), development}
}

// showCosts is what one developer costs: this month against its budget, the
// period by category, and what it is made of.
func showCosts(ctx context.Context, c sdk.Call) (ui.Page, error) {
	s, err := sceneryOf(ctx, c)
	if err != nil {
		return ui.Page{}, err
	}
	by := byDayInFull
	if s.months {
		by = byMonthInFull
	}
	lines, err := selectLines(ctx, c, s.asked, by) // the period is read once, and added up by what each panel shows
	if err != nil {
		return ui.Page{}, err
	}
	days := fold(lines, func(l line) line { return line{Period: l.Period, Category: l.Category} })
	o, err := outlookOf(ctx, c, s.asked.Development)
	if err != nil {
		return ui.Page{}, err
	}
	p := ui.Page{Head: ui.Head{
		Title: "Costs", Lead: "What the use of the portals costs, by the day's price.",
		Segments: s.segments(c, "/"),
		Actions:  []ui.Action{{Label: "By unit", Href: ui.Address(c.URL("/units"), nil)}, {Label: "Estimate against actual", Href: c.URL("/variance")}},
	}}
	budget := budgetOf(s.settings, s.teller)
	if s.asked.Development != "" || s.asked.Category != "" {
		budget = 0 // a budget is for everything of the developer
	}
	standing, err := standingOf(ctx, c, s, days)
	if err != nil {
		return p, err
	}
	p.Blocks = append(o.notices(c, s.teller, budget, s.settings.AlertPercent), standing...)
	p.Blocks = append(p.Blocks, s.stats(c, o, days, budget))
	if chart := s.chart(days, budget); len(chart.Series) > 0 {
		p.Blocks = append(p.Blocks, chart)
	}
	p.Blocks = append(p.Blocks, s.tables(c, lines)...)
	return p, nil
}

// uses counts usage in words: "1,204 uses".
func uses(n int64) string {
	if n == 1 {
		return "1 use"
	}
	return thousands(n) + " uses"
}

// standingOf says what is missing from the figures, and why.
func standingOf(ctx context.Context, c sdk.Call, s scenery, lines []line) (blocks ui.Blocks, err error) {
	var unpriced, pending int64
	for _, l := range lines {
		unpriced, pending = unpriced+l.Unpriced, pending+l.Pending
	}
	rated := " to be rated with the provider's whole account: their part of its free allowance and volume prices is worked out every ten minutes."
	switch {
	case unpriced > 0:
		n := ui.Notice{Tone: ui.Warn, Title: uses(unpriced) + " without a price: these costs are incomplete.",
			Text:    "They are counted as soon as the price book has a row for them.",
			Actions: []ui.Action{{Label: "See what has no price", Href: ui.Address(c.URL("/entries"), nil, "kind", "unpriced")}}}
		if pending > 0 {
			n.Text += " " + uses(pending) + " more are" + rated
		}
		blocks = append(blocks, n)
	case pending > 0:
		blocks = append(blocks, ui.Notice{Tone: ui.Info, Title: uses(pending) + " still to be rated.", Text: "They are" + rated})
	}
	before, err := selectHorizon(ctx, c)
	if err != nil {
		return nil, err
	}
	if horizon := time.UnixMilli(before).In(c.Location()); before > 0 && s.from.Before(horizon) {
		blocks = append(blocks, ui.Notice{Tone: ui.Info, Title: "Costs before " + horizon.Format("2 January 2006") + " stand as they were worked out.",
			Text: "The usage events behind them were erased when their time of retention was over."})
	}
	return blocks, nil
}

// stats are the key figures. Those of the period are what the chart and the
// tables come to; how the month stands is beside them.
func (s scenery) stats(c sdk.Call, o outlook, lines []line, budget rate.Amount) ui.Stats {
	month := ui.Stat{Label: "This month so far", Value: s.teller.money(o.soFar), Versus: "none in the month before", Href: ui.Address(c.URL("/"), c.Query, "period", "month", "from", "", "to", "")}
	if o.before > 0 {
		month.Change, month.Tone = change(o.soFar, o.before)
		month.Versus = "vs the same days before"
	}
	projected := ui.Stat{Label: "Projected month end", Value: ui.Text{Text: "n/a", Muted: true}, Versus: "no complete day yet"}
	if o.known {
		projected.Value, projected.Versus = s.teller.money(o.projected.Amount), "mean of the last "+fmt.Sprint(o.projected.Days)+" days"
		if o.projected.Days == 0 {
			projected.Versus = "mean of last month"
		}
		if o.projected.Low != o.projected.High {
			projected.Versus = s.teller.words(o.projected.Low) + " to " + s.teller.words(o.projected.High)
		}
	}
	var estimate, actual rate.Amount
	var events int64
	billed := false
	for _, l := range lines {
		estimate, actual, events, billed = estimate+l.Estimate, actual+l.Actual, events+l.Events, billed || l.Billed
	}
	bill := ui.Stat{Label: "Billed by providers", Value: ui.Text{Text: "n/a", Muted: true}, Versus: "no bill in this period", Href: c.URL("/variance")}
	if billed {
		bill.Value, bill.Versus = s.teller.money(actual), "estimated "+s.teller.words(estimate)
	}
	used := ui.Stat{Label: "Uses", Value: ui.Number{Value: events}, Versus: s.words(), Href: ui.Address(c.URL("/entries"), nil, "from", s.asked.From, "to", s.to.AddDate(0, 0, -1).Format(time.DateOnly))}
	if s.name != "month" || s.asked.Category != "" {
		stats := ui.Stats{Items: []ui.Stat{{Label: "Estimated", Value: s.teller.money(estimate), Versus: s.words()}, bill, used}}
		if s.asked.Category == "" {
			if o.known {
				month.Change, month.Tone, month.Versus = "", ui.Plain, s.teller.words(o.projected.Amount)+" at its end, projected"
			}
			stats.Items = append(stats.Items, month)
		}
		return stats
	}
	stats := ui.Stats{Items: []ui.Stat{month, projected, bill}}
	if budget > 0 {
		used = s.budget(o, budget)
	}
	stats.Items = append(stats.Items, used)
	return stats
}

// budget is how much of the month's budget is used.
func (s scenery) budget(o outlook, budget rate.Amount) ui.Stat {
	used, tone := percent(o.soFar, budget), ui.Good
	if used >= s.settings.AlertPercent {
		tone = ui.Warn
	}
	if used >= 100 {
		tone = ui.Bad
	}
	return ui.Stat{Label: "Budget of the month", Value: s.teller.money(budget), Change: fmt.Sprintf("%d%% used", used), Tone: tone, Versus: "so far"}
}

// change is how much more one amount is than another; more cost is bad.
func change(now, before rate.Amount) (string, ui.Tone) {
	tenths := int64((float64(now) - float64(before)) / float64(before) * 1000)
	switch {
	case tenths > 0:
		return fmt.Sprintf("+%d.%d%%", tenths/10, tenths%10), ui.Bad
	case tenths < 0:
		return fmt.Sprintf("−%d.%d%%", -tenths/10, -tenths%10), ui.Good
	}
	return "0.0%", ui.Plain
}

// chart stacks the categories, beside the budget's part of a day or a month.
func (s scenery) chart(lines []line, budget rate.Amount) ui.Chart {
	keys, names := s.labels()
	chart := ui.Chart{Title: "By category", Lead: s.words() + ". " + s.conversion(), Kind: ui.Bars, Labels: names, Unit: ui.Unit{Currency: s.teller.currency}}
	place := map[string]int{}
	for i, key := range keys {
		place[key] = i
	}
	exponent := exponentOf(s.teller)
	for _, category := range categories {
		amounts, any := make([]rate.Amount, len(keys)), false
		for _, l := range lines {
			if i, known := place[l.Period]; known && l.Category == category.id && l.Estimate != 0 {
				amounts[i], any = amounts[i]+l.Estimate, true
			}
		}
		if any {
			chart.Series = append(chart.Series, ui.Series{Name: category.name, Values: s.teller.series(amounts, exponent)})
		}
	}
	if budget > 0 && len(chart.Series) > 0 {
		line := make([]rate.Amount, len(keys))
		for i, key := range keys {
			line[i] = budget
			if day, err := time.Parse(time.DateOnly, key); err == nil {
				line[i] = budget / rate.Amount(day.AddDate(0, 1, -day.Day()).Day())
			}
		}
		chart.Series = append(chart.Series, ui.Series{Name: "Budget", Values: s.teller.series(line, exponent), Comparison: true})
	}
	return chart
}

// tables are what the period is made of.
func (s scenery) tables(c sdk.Call, lines []line) ui.Blocks {
	if len(lines) == 0 {
		return ui.Blocks{ui.Empty{Title: "No costs in this period.", Reason: "They appear within a minute of the usage that portals report: conversations, maps, documents.", Icon: ui.IconCosts}}
	}
	return ui.Blocks{
		s.skuTable(c, fold(lines, func(l line) line { return line{Category: l.Category, Provider: l.Provider, SKU: l.SKU, Usage: l.Usage} })),
		s.developmentTable(c, fold(lines, func(l line) line { return line{Development: l.Development} })),
	}
}
