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

// sitesPage is how many developers one answer by development covers; a file
// covers all.
const sitesPage = 200

// ofAll adds up all developers from their roll-ups; no file of theirs is opened.
func (r *costReport) ofAll(ctx context.Context, c sdk.Call, a asked, t teller, q costQuery, by string) error {
	if a.Development != "" {
		return &core.Error{Code: core.Invalid, Message: "Ask for one development under its developer.",
			Fields: []core.FieldError{{Field: "development", Value: a.Development, Reason: "is of one developer"}}}
	}
	from, _ := time.Parse(time.DateOnly, a.From) // were checked
	to, _ := time.Parse(time.DateOnly, r.To)
	if by == byDay {
		first := dayOf(c.Now, c.Location()).AddDate(0, 0, 1-daysOfTenant)
		if to.Before(first) {
			return &core.Error{Code: core.Invalid, Message: "Ask for days of so long ago by month, or under their developer.",
				Fields: []core.FieldError{{Field: "to", Value: r.To, Reason: "is more than 100 days ago, from when on there are days of all developers"}}}
		}
		if from.Before(first) {
			from, r.From = first, first.Format(time.DateOnly)
		}
		return r.ofTotals(ctx, c, a, t, from, number(from), number(to), by)
	}
	begin, end := monthNumber(from), monthNumber(to)
	r.From, r.To = monthStart(begin).Format(time.DateOnly), monthStart(end).AddDate(0, 1, -1).Format(time.DateOnly)
	if by == byDevelopment {
		return r.ofSites(ctx, c, a, t, begin, end, q.After, sitesPage, q.Format == "csv" || q.Format == "xlsx")
	}
	return r.ofTotals(ctx, c, a, t, from, begin, end, by)
}

// ofTotals is the report by day, or by month, between two periods.
func (r *costReport) ofTotals(ctx context.Context, c sdk.Call, a asked, t teller, from time.Time, begin, end int64, by string) error {
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
// rolled up of each development. It covers so many developers behind one of
// them, or all.
func (r *costReport) ofSites(ctx context.Context, c sdk.Call, a asked, t teller, from, to int64, after string, limit int, all bool) error {
	for {
		sites, next, err := selectSites(ctx, c, from, to, after, limit)
		if err != nil {
			return err
		}
		r.fromSites(a, t, sites)
		if r.Next = next; next == "" || !all {
			return nil
		}
		after = next
	}
}

// fromSites adds a line for each development and category. What a developer has
// used outside of any is what developments leave of the whole.
func (r *costReport) fromSites(a asked, t teller, sites []siteCost) {
	type key struct{ tenant, development, category string }
	var order []key
	found, names := map[key]*line{}, map[string]string{}
	at := func(k key) *line {
		if found[k] == nil {
			found[k], order = &line{Rolled: true}, append(order, k)
		}
		return found[k]
	}
	for _, s := range sites {
		r.Complete = r.Complete && s.Metric != "cost.unpriced"
		name, actual := strings.CutPrefix(strings.TrimPrefix(s.Metric, "cost."), "actual.")
		if categoryName(name) == name || a.Category != "" && a.Category != name {
			continue
		}
		names[s.Tenant] = s.Developer
		value, whole := rate.Amount(s.Value*perFigure), at(key{s.Tenant, "", name})
		if s.Development == "" {
			whole.add(lineOf(value, actual))
			continue
		}
		at(key{s.Tenant, s.Development, name}).add(lineOf(value, actual))
		whole.add(lineOf(-value, actual))
	}
	for _, k := range order {
		l := *found[k]
		item := costItem{TenantID: k.tenant, Tenant: names[k.tenant], Development: k.development, Category: k.category}
		if l.Billed = l.Actual != 0; k.development == "" {
			item.Name = outside
			if l.Estimate == 0 && !l.Billed {
				continue
			}
		}
		r.add(item, l, t)
	}
}

// lineOf is an amount that was estimated, or billed.
func lineOf(value rate.Amount, billed bool) line {
	if billed {
		return line{Actual: value}
	}
	return line{Estimate: value}
}

// monthStart is the first day of a month as roll-ups count it.
func monthStart(month int64) time.Time {
	t, _ := time.Parse("200601", strconv.FormatInt(month, 10)) // a number of our own
	return t
}
