package cost

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// A figure of the roll-ups is in 10^-6 USD, an amount in 10^-12.
const perFigure = 1_000_000

// totals are what a metric came to in all real tenants, by period.
type totals map[string]map[int64]int64 // metric → period

// number is a period as roll-ups count it: 20261123, 202611.
func number(day time.Time) int64 {
	return int64(day.Year())*10000 + int64(day.Month())*100 + int64(day.Day())
}

func monthNumber(day time.Time) int64 { return number(day) / 100 }

// selectTotals returns the totals of the plugin's metrics between two periods
// of one grain, both included. A console that has none but demo tenants shows
// theirs, and demo says so.
func selectTotals(ctx context.Context, c sdk.Call, from, to int64) (all totals, demo bool, err error) {
	if demo, err = selectDemo(ctx, c); err != nil {
		return nil, false, err
	}
	rows, err := c.DB().QueryContext(ctx, `
		select m.name, t.period, t.value from figure_metrics m join figure_totals t on t.metric = m.number
		where m.name >= 'cost.' and m.name < 'cost/' and t.period between ? and ? and t.currency = '' and t.demo = ?`, from, to, demo)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	all = totals{}
	for rows.Next() {
		var metric string
		var period, value int64
		if err := rows.Scan(&metric, &period, &value); err != nil {
			return nil, false, err
		}
		if all[metric] == nil {
			all[metric] = map[int64]int64{}
		}
		all[metric][period] = value
	}
	return all, demo, rows.Err()
}

// selectDemo reports whether the console has none but demo tenants.
func selectDemo(ctx context.Context, c sdk.Call) (demo bool, err error) {
	err = c.DB().QueryRowContext(ctx, `
		select not exists (select 1 from figure_tenants where demo = 0) and exists (select 1 from figure_tenants)`).Scan(&demo)
	return demo, err
}

func (t totals) amount(metric string, period int64) rate.Amount {
	return rate.Amount(t[metric][period] * perFigure)
}

// developerCost is what one developer came to in a month.
type developerCost struct {
	Tenant, Name, Code       string
	Demo                     bool
	Estimate, Before, Actual rate.Amount
	Events, Unpriced         int64
}

// selectDeveloperCosts returns one page of the developers with costs in a
// month, and how many there are.
func selectDeveloperCosts(ctx context.Context, c sdk.Call, month, before int64, text, order string, limit, offset int) (list []developerCost, total int, err error) {
	const from = `
		from figure_metrics m join figures f on f.metric = m.number and f.development = '' and f.period = ?1 and f.period < 1000000 and f.currency = ''
			join figure_tenants n on n.number = f.tenant join tenants t on t.id = n.tenant_id
		where m.name = 'cost.total' and instr(lower(t.name || ' ' || t.code), lower(?2)) > 0`
	const beside = `coalesce((select g.value from figures g join figure_metrics k on k.number = g.metric
		where g.tenant = f.tenant and k.name = '%' and g.development = '' and g.period = `
	if err := c.DB().QueryRowContext(ctx, `select count(*)`+from, month, text).Scan(&total); err != nil {
		return nil, 0, err
	}
	of := func(metric, period string) string {
		return replaceOnce(beside, metric) + period + ` and g.currency = ''), 0)`
	}
	rows, err := c.DB().QueryContext(ctx, `
		select t.id, t.name, t.code, t.demo, f.value, `+of("cost.total", "?3")+`, `+of("cost.actual", "?1")+`, `+of("cost.calls", "?1")+`, `+of("cost.unpriced", "?1")+from+`
		order by `+order+`, t.id limit ?4 offset ?5`, month, text, before, limit, offset)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var d developerCost
		var estimate, earlier, actual int64
		if err := rows.Scan(&d.Tenant, &d.Name, &d.Code, &d.Demo, &estimate, &earlier, &actual, &d.Events, &d.Unpriced); err != nil {
			return nil, 0, err
		}
		d.Estimate, d.Before, d.Actual = rate.Amount(estimate*perFigure), rate.Amount(earlier*perFigure), rate.Amount(actual*perFigure)
		list = append(list, d)
	}
	return list, total, rows.Err()
}

// siteCost is what one development of one developer came to in a metric; without
// a development, the whole developer.
type siteCost struct {
	Tenant, Developer, Development, Metric string
	Value                                  int64
}

// selectSites adds up the figures of developments from one month to another, for
// so many developers behind one of them: real ones, or, where there are none,
// those of the demo. The whole developer comes before the developments. Next is
// the last of them when there are more.
func selectSites(ctx context.Context, c sdk.Call, from, to int64, after string, limit int) (sites []siteCost, next string, err error) {
	demo, err := selectDemo(ctx, c)
	if err != nil {
		return nil, "", err
	}
	const developers = `from tenants d join figure_tenants e on e.tenant_id = d.id where d.id > ?1 and e.demo = ?2`
	err = c.DB().QueryRowContext(ctx, `select coalesce(max(id), '') from (select d.id `+developers+` order by d.id limit ?3)
		having (select count(*) `+developers+`) > ?3`, after, demo, limit).Scan(&next)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, "", err
	}
	rows, err := c.DB().QueryContext(ctx, `
		select t.id, t.name, f.development, m.name, sum(f.value)
		from tenants t join figure_tenants n on n.tenant_id = t.id join figures f on f.tenant = n.number join figure_metrics m on m.number = f.metric
		where t.id in (select d.id `+developers+` order by d.id limit ?3)
			and m.name >= 'cost.' and m.name < 'cost/' and f.period between ?4 and ?5 and f.currency = ''
		group by t.id, f.development, m.name order by t.id, f.development, m.name`, after, demo, limit, from, to)
	return sites, next, each(rows, err, func(scan func(...any) error) error {
		var s siteCost
		err := scan(&s.Tenant, &s.Developer, &s.Development, &s.Metric, &s.Value)
		sites = append(sites, s)
		return err
	})
}
