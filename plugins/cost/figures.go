package cost

import (
	"context"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
)

// Roll-ups hold amounts in 10^-6 USD: a day's cost of a development in a
// category is rounded once, half to even, and added up from there.
const amountUnit = "USD 10^-6"

// metrics are the plugin's roll-ups.
var metrics = func() []core.Metric {
	list := []core.Metric{
		{Name: "cost.total", Unit: amountUnit, Meaning: "What use has cost by the price book, pools' shares included, by local day."},
		{Name: "cost.actual", Unit: amountUnit, Meaning: "What providers have charged, by their day."},
		{Name: "cost.tokens", Unit: "tokens", Meaning: "Tokens of language models and embeddings, in and out."},
		{Name: "cost.calls", Unit: "calls", Meaning: "Calls of models that were answered, and requests of maps."},
		{Name: "cost.unpriced", Unit: "events", Meaning: "Usage that has no price in the price book; one event counts for each thing that it has used."},
		{Name: "cost.storage.bytes", Unit: "bytes", Meaning: "What is stored, by the latest day's readings of each store that was measured in the last 35 days.", Level: true},
	}
	for _, c := range categories {
		list = append(list,
			core.Metric{Name: "cost." + c.id, Unit: amountUnit, Meaning: "What use has cost, of the category: " + strings.ToLower(c.name) + "."},
			core.Metric{Name: "cost.actual." + c.id, Unit: amountUnit, Meaning: "What providers have charged, of the category: " + strings.ToLower(c.name) + "."})
	}
	for _, p := range pools {
		list = append(list, core.Metric{
			Name: p.metric(), Unit: p.usage, Meaning: "Use of " + p.sku + " in the provider's month, which is rated on the account's total.", Level: true,
		})
	}
	return list
}()

// Days have figures of their own up to so many before the latest one; months
// and years have all of them.
const (
	daysOfTenant      = 100
	daysOfDevelopment = 31
	daysOfStore       = 35 // one that wasn't measured for longer is gone
)

// poolMonthsKept is how many of the latest months of a pool have figures.
const poolMonthsKept = 13

// figures are what the tenant's file says now.
func figures(ctx context.Context, c sdk.Call) ([]core.Figure, error) {
	sums := tally{}
	latest, err := selectLatestDate(ctx, c)
	if err != nil {
		return nil, err
	}
	if latest == "" {
		return nil, nil
	}
	for _, by := range []figureGrain{
		{months: true, developments: true},
		{from: daysBefore(latest, daysOfTenant)},
		{from: daysBefore(latest, daysOfDevelopment), developments: true},
	} {
		if err := selectFigures(ctx, c, by, sums.add); err != nil {
			return nil, err
		}
	}
	if err := selectStorageLevel(ctx, c, daysBefore(latest, daysOfStore), sums); err != nil {
		return nil, err
	}
	for _, p := range pools {
		if err := poolFigures(ctx, c, p, sums); err != nil {
			return nil, err
		}
	}
	return sums.figures(), nil
}

func daysBefore(date string, days int) string {
	at, _ := time.Parse(time.DateOnly, date) // dates are our own
	return at.AddDate(0, 0, 1-days).Format(time.DateOnly)
}

// figureGrain says what figures are added up by: months, or the days from a
// date on; with developments, or only whole tenants.
type figureGrain struct {
	months, developments bool
	from                 string
}

// figureRow is what a period, a development and a category came to.
type figureRow struct {
	period, development, category             string
	estimate, actual, tokens, calls, unpriced int64
}

// tally adds figures up.
type tally map[core.Figure]int64

func (t tally) put(metric, development, period string, value int64) {
	t[core.Figure{Metric: metric, Development: development, Period: period}] += value
}

// add adds a row to its figures: a month to its year and to all time, too. The
// whole tenant is added up from months with their developments, and from days
// without.
func (t tally) add(by figureGrain, r figureRow) {
	periods := []string{r.period}
	if by.months {
		periods = append(periods, r.period[:4], "")
	}
	var whose []string
	if by.months || !by.developments {
		whose = append(whose, "")
	}
	if by.developments && r.development != "" {
		whose = append(whose, r.development)
	}
	for _, period := range periods {
		for _, development := range whose {
			t.put("cost."+r.category, development, period, r.estimate)
			t.put("cost.total", development, period, r.estimate)
			t.put("cost.actual", development, period, r.actual)
			t.put("cost.actual."+r.category, development, period, r.actual)
			t.put("cost.tokens", development, period, r.tokens)
			t.put("cost.calls", development, period, r.calls)
			t.put("cost.unpriced", development, period, r.unpriced)
		}
	}
}

// mostOfFigure is the largest figure that the console keeps.
const mostOfFigure = 100_000_000_000_000

func (t tally) figures() []core.Figure {
	list := make([]core.Figure, 0, len(t))
	for f, value := range t {
		if f.Value = min(max(value, -mostOfFigure), mostOfFigure); f.Value != 0 {
			list = append(list, f)
		}
	}
	sortFigures(list)
	return list
}

// poolFigures are a pool's quantities of its latest months.
func poolFigures(ctx context.Context, c sdk.Call, p pooledSKU, sums tally) error {
	last, found, err := selectLastPooled(ctx, c, p)
	if err != nil || !found {
		return err
	}
	at := hourOf(last).In(price.Location(p.provider))
	first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, at.Location())
	for n := range poolMonthsKept {
		month := first.AddDate(0, -n, 0).Format(monthForm)
		from, to, err := providerMonth(p.provider, month)
		if err != nil {
			return err
		}
		err = selectPooledSums(ctx, c, p, from, to, func(development string, quantity int64) {
			sums.put(p.metric(), "", month, quantity)
			if development != "" {
				sums.put(p.metric(), development, month, quantity)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
