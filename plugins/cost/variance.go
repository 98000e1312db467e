package cost

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
	"github.com/openhouse-ai/console/ui"
)

// compared is what a SKU was estimated at and what was charged for it, in one
// development and period (H23). Providers whose bills aren't by day are compared
// by month.
type compared struct {
	Period, Development, Provider, SKU string
	Estimated, Actual                  rate.Amount
	rate.Difference
}

// comparedUse is compared before it is split: one usage of a SKU, with
// quantities.
type comparedUse struct {
	compared
	estimated, actual rate.Use
	told              bool // the provider tells a quantity
}

// split says what of the difference comes from another quantity. A provider that
// tells no quantity is taken to have counted the same.
func (u comparedUse) split() compared {
	if !u.told {
		u.actual.Quantity = u.estimated.Quantity
	}
	c := u.compared
	c.Estimated, c.Actual, c.Difference = u.estimated.Amount, u.actual.Amount, rate.Variance(u.estimated, u.actual)
	return c
}

// plus adds two up: what they differ by, and its parts, too (P14).
func (c compared) plus(more compared) compared {
	c.Estimated, c.Actual = c.Estimated+more.Estimated, c.Actual+more.Actual
	c.Total, c.Volume, c.Rate = c.Total+more.Total, c.Volume+more.Volume, c.Rate+more.Rate
	return c
}

// together adds up what has the same key, in the order of keys.
func together(list []compared, key func(compared) compared) (sums []compared) {
	at := map[compared]int{}
	for _, c := range list {
		k := key(c)
		i, known := at[k]
		if !known {
			i = len(sums)
			at[k], sums = i, append(sums, k)
		}
		sums[i] = sums[i].plus(c)
	}
	slices.SortFunc(sums, func(a, b compared) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.Development, b.Development), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.SKU, b.SKU))
	})
	return sums
}

func bySKUOf(c compared) compared         { return compared{Provider: c.Provider, SKU: c.SKU} }
func byDevelopmentOf(c compared) compared { return compared{Development: c.Development} }
func byPeriodOf(c compared) compared      { return compared{Period: c.Period} }
func bySKUMonthOf(c compared) compared {
	return compared{Period: c.Period[:len(monthForm)], Provider: c.Provider, SKU: c.SKU}
}

// finalBefore is the date from which on providers may still change a bill.
func finalBefore(now time.Time) string {
	return now.UTC().AddDate(0, 0, -settles).Format(time.DateOnly)
}

// final reports whether a day, or a whole month, can't change any more.
func final(period, before string) bool {
	if len(period) == len(monthForm) {
		return period < before[:len(monthForm)]
	}
	return period < before
}

// bands are how a variance is said.
var bands = map[rate.Band]ui.Badge{
	rate.OK: {Text: "As estimated", Tone: ui.Good}, rate.Watch: {Text: "Watch", Tone: ui.Info},
	rate.Warn: {Text: "Off", Tone: ui.Warn}, rate.Breach: {Text: "Breach", Tone: ui.Bad},
}

// breachMonths is how many months before the current one are looked at.
const breachMonths = 2

// selectBreaches returns the SKUs whose month is in breach, by the floor at
// least: of days, and of providers' months, that don't change any more.
func selectBreaches(ctx context.Context, c sdk.Call, floor rate.Amount) (list []compared, err error) {
	before, now := finalBefore(c.Now), c.Now.UTC()
	from := time.Date(now.Year(), now.Month()-breachMonths, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	all, _, err := selectCompared(ctx, c, asked{From: from, To: before}, true)
	if err != nil {
		return nil, err
	}
	for _, m := range together(all, bySKUMonthOf) {
		if m.SKU != "" && rate.BandOf(m.Estimated, m.Actual, floor) == rate.Breach && (billedByDay(m.Provider) || final(m.Period, before)) {
			list = append(list, m)
		}
	}
	return list, nil
}

// checkVariance tells of the SKUs in breach: once for each month.
func checkVariance(ctx context.Context, c sdk.Call) (string, error) {
	floor, err := varianceFloor(ctx, c)
	if err != nil {
		return "", err
	}
	list, err := selectBreaches(ctx, c, floor)
	if err != nil || len(list) == 0 {
		return "", err
	}
	told := 0
	err = sdk.Update(ctx, c, func(tx *sql.Tx) error {
		for _, m := range list {
			fresh, err := insertNotice(ctx, tx, m.Period, "variance:"+m.Provider+"/"+m.SKU, c.Now)
			if err != nil {
				return err
			}
			if !fresh {
				continue
			}
			told++
			if err := c.Emit(ctx, tx, "cost.variance.breached", core.Target{Kind: "tenant", ID: string(c.Tenant)}, map[string]string{
				"month": m.Period, "provider": m.Provider, "sku": m.SKU, "currency": "USD",
				"estimated": dollars.decimals(m.Estimated, 6), "charged": dollars.decimals(m.Actual, 6), "volume": dollars.decimals(m.Volume, 6), "rate": dollars.decimals(m.Rate, 6),
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || told == 0 {
		return "", err
	}
	return fmt.Sprintf("SKUs in breach: %d", told), nil
}

// variancePage holds the estimates of one developer against what was charged.
func variancePage(ctx context.Context, c sdk.Call) (ui.Page, error) {
	s, err := sceneryOf(ctx, c)
	if err != nil {
		return ui.Page{}, err
	}
	if s.floor, err = varianceFloor(ctx, c); err != nil {
		return ui.Page{}, err
	}
	byMonth := s.months || c.QueryValue("by") == "month"
	list, waiting, err := selectCompared(ctx, c, s.asked, byMonth)
	if err != nil {
		return ui.Page{}, err
	}
	breaches, err := selectBreaches(ctx, c, s.floor)
	if err != nil {
		return ui.Page{}, err
	}
	p := ui.Page{
		Crumbs: []ui.Link{{Text: "Costs", Href: c.URL("/")}},
		Head: ui.Head{
			Title: "Estimate against actual", Lead: "What use was estimated at, and what the providers have charged for it, of the days that have been billed.",
			Segments: s.segments(c, "/variance"),
		},
	}
	p.Blocks = append(p.Blocks, breachNotice(s, breaches)...)
	total := compared{}
	for _, one := range list {
		total = total.plus(one)
	}
	if len(list) == 0 {
		p.Blocks = append(p.Blocks, ui.Empty{Title: "Nothing of this period has been billed.", Reason: "Bills are imported for all developers together, and shared out by project.", Icon: ui.IconBilling})
		return p, nil
	}
	p.Blocks = append(p.Blocks, varianceStats(s, total, waiting))
	before := finalBefore(c.Now)
	skus := varianceTable(s, "variance-skus", "By SKU", "SKU", together(list, bySKUOf), func(m compared) ui.Value {
		if m.SKU == "" {
			return ui.Text{Text: "Not explained", Note: providerName(m.Provider)}
		}
		return ui.Text{Text: m.SKU, Note: providerName(m.Provider)}
	})
	skus.Href, skus.Keep = c.URL("/variance"), s.kept(c, "by")
	skus.Filters = s.filters()
	skus.Filtered = s.asked.Development != "" || s.asked.Category != ""
	sites := varianceTable(s, "variance-developments", "By development", "Development", together(list, byDevelopmentOf), func(m compared) ui.Value {
		return ui.Text{Text: cmp.Or(s.names[m.Development], m.Development)}
	})
	periods := varianceTable(s, "variance-periods", "By day", "Day", together(list, byPeriodOf), func(m compared) ui.Value {
		text := ui.Text{Text: periodName(m.Period)}
		if !final(m.Period, before) {
			text.Note = "not final"
		}
		return text
	})
	periods.Lead = "Providers may change the last seven days. What isn't billed by day is compared by month."
	if byMonth {
		periods.Title, periods.Columns[0].Title = "By month", "Month"
	}
	if !s.months {
		periods.Views = []ui.Tab{
			{Label: "Days", Href: ui.Address(c.URL("/variance"), c.Query, "by", ""), Current: !byMonth},
			{Label: "Months", Href: ui.Address(c.URL("/variance"), c.Query, "by", "month"), Current: byMonth},
		}
	}
	p.Blocks = append(p.Blocks, skus, sites, periods)
	return p, nil
}

// kept are the values of the address that filtering keeps.
func (s scenery) kept(c sdk.Call, more ...string) (keep []ui.Hidden) {
	for _, name := range append([]string{"period", "from", "to", "currency"}, more...) {
		if value := c.QueryValue(name); value != "" {
			keep = append(keep, ui.Hidden{Name: name, Value: value})
		}
	}
	return keep
}

// periodName is a date or a month for reading.
func periodName(period string) string {
	if day, err := time.Parse(time.DateOnly, period); err == nil {
		return day.Format("2 Jan 2006")
	}
	if month, err := time.Parse(monthForm, period); err == nil {
		return month.Format("January 2006")
	}
	return period
}

func breachNotice(s scenery, breaches []compared) ui.Blocks {
	var items []string
	for _, b := range breaches {
		items = append(items, fmt.Sprintf("%s, %s: estimated %s, charged %s", b.SKU, periodName(b.Period), s.teller.words(b.Estimated), s.teller.words(b.Actual)))
	}
	if len(items) == 0 {
		return nil
	}
	text := "More than 20 percent off, or charged without any use that we know of."
	if s.floor > 0 {
		text = "More than 20 percent off, or charged without any use that we know of, by " + dollars.words(s.floor) + " or more."
	}
	return ui.Blocks{ui.Notice{Tone: ui.Bad, Title: "Some SKUs were charged far from their estimate.", Text: text, Items: firstFew(items)}}
}

func varianceStats(s scenery, total compared, waiting rate.Amount) ui.Stats {
	difference := ui.Stat{Label: "Difference", Value: s.teller.money(total.Total), Versus: strings.ToLower(bands[rate.BandOf(total.Estimated, total.Actual, s.floor)].Text)}
	return ui.Stats{Items: []ui.Stat{
		{Label: "Estimated", Value: s.teller.money(total.Estimated), Versus: "of what has been billed"},
		{Label: "Charged", Value: s.teller.money(total.Actual), Versus: s.words()},
		difference,
		{Label: "Not billed yet", Value: s.teller.money(waiting), Versus: "estimated"},
	}}
}

// varianceTable holds estimates against charges; its totals are the sums of its
// rows.
func varianceTable(s scenery, id, title, first string, list []compared, name func(compared) ui.Value) ui.Table {
	t := ui.Table{ID: id, Title: title, Columns: []ui.Column{
		{Title: first}, {Title: s.teller.column("Estimated"), Numeric: true, Priority: 1}, {Title: s.teller.column("Charged"), Numeric: true}, {Title: s.teller.column("Difference"), Numeric: true}, {Title: "%", Numeric: true, Priority: 1},
		{Title: s.teller.column("By quantity"), Numeric: true, Priority: 2, Hint: "What comes from more or less use, at the estimated price"},
		{Title: s.teller.column("By price"), Numeric: true, Priority: 2, Hint: "What comes from another price, for what was charged"},
		{Title: "State", Priority: 1},
	}}
	total := compared{}
	for _, m := range list {
		total = total.plus(m)
		t.Rows = append(t.Rows, ui.Row{Cells: append(ui.Values{name(m)}, m.cells(s)...)})
	}
	t.Totals = append(ui.Values{ui.Text{Text: "Total"}}, total.cells(s)...)
	return t
}

// cells are the figures of a row.
func (c compared) cells(s scenery) ui.Values {
	t := s.teller
	return ui.Values{t.fine(c.Estimated), t.fine(c.Actual), t.fine(c.Total), c.percent(), t.fine(c.Volume), t.fine(c.Rate), bands[rate.BandOf(c.Estimated, c.Actual, s.floor)]}
}

// percent is the difference in tenths of a percent of the estimate; none without
// an estimate.
func (c compared) percent() ui.Value {
	if c.Estimated == 0 {
		return nil
	}
	tenths := (float64(c.Actual) - float64(c.Estimated)) / float64(max(c.Estimated, -c.Estimated)) * 1000
	if tenths > 1e9 || tenths < -1e9 {
		return nil
	}
	return ui.Number{Value: int64(tenths), Decimals: 1, Unit: "%", Signed: true}
}
