package cost

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// sitesPage is how many developers one answer by development covers.
const sitesPage = 200

// ofAll adds up all developers from their roll-ups; no file of theirs is opened.
func (r *costReport) ofAll(ctx context.Context, c sdk.Call, a asked, t teller, by string) error {
	if a.Development != "" {
		return &core.Error{Code: core.Invalid, Message: "Ask for one development under its developer.",
			Fields: []core.FieldError{{Field: "development", Value: a.Development, Reason: "is of one developer"}}}
	}
	from, _ := time.Parse(time.DateOnly, a.From) // were checked
	to, _ := time.Parse(time.DateOnly, r.To)
	if by == byDevelopment {
		return r.ofSites(ctx, c, a, t, monthNumber(from), monthNumber(to))
	}
	begin, end := number(from), number(to)
	if by == byMonth {
		begin, end = monthNumber(from), monthNumber(to)
	}
	all, _, err := selectTotals(ctx, c, begin, end)
	if err != nil {
		return err
	}
	for day := from; ; day = day.AddDate(0, 0, 1) {
		period, name := number(day), day.Format(time.DateOnly)
		if by == byMonth {
			period, name = monthNumber(day), day.Format(monthForm)
			day = day.AddDate(0, 1, -day.Day())
		}
		if period > end {
			break
		}
		r.fromTotals(a, t, all, period, name)
		r.Complete = r.Complete && all["cost.unpriced"][period] == 0
	}
	return nil
}

func (r *costReport) fromTotals(a asked, t teller, all totals, period int64, name string) {
	for _, category := range categories {
		estimate, actual := all.amount("cost."+category.id, period), all.amount("cost.actual."+category.id, period)
		if (a.Category == "" || a.Category == category.id) && (estimate != 0 || actual != 0) {
			r.add(costItem{Period: name, Category: category.id}, line{Estimate: estimate, Actual: actual, Billed: actual != 0, Rolled: true}, t)
		}
	}
}

// ofSites is the report by development: of whole months, since that is what is
// rolled up of each development.
func (r *costReport) ofSites(ctx context.Context, c sdk.Call, a asked, t teller, from, to int64) error {
	sites, err := selectSites(ctx, c, from, to, sitesPage, "")
	if err != nil {
		return err
	}
	r.From, r.To = monthStart(from).Format(time.DateOnly), monthStart(to).AddDate(0, 1, -1).Format(time.DateOnly)
	type key struct{ tenant, development, category string }
	var order []key
	found := map[key]*line{}
	for _, s := range sites {
		r.Complete = r.Complete && s.Metric != "cost.unpriced"
		name, actual := strings.CutPrefix(strings.TrimPrefix(s.Metric, "cost."), "actual.")
		if categoryName(name) == name || a.Category != "" && a.Category != name {
			continue
		}
		k := key{s.Tenant, s.Development, name}
		l := found[k]
		if l == nil {
			l = &line{Rolled: true}
			found[k], order = l, append(order, k)
		}
		if value := rate.Amount(s.Value * perFigure); actual {
			l.Actual, l.Billed = l.Actual+value, true
		} else {
			l.Estimate += value
		}
	}
	for _, k := range order {
		r.add(costItem{TenantID: k.tenant, Development: k.development, Category: k.category}, *found[k], t)
	}
	return nil
}

// monthStart is the first day of a month as roll-ups count it.
func monthStart(month int64) time.Time {
	t, _ := time.Parse("200601", strconv.FormatInt(month, 10)) // a number of our own
	return t
}
