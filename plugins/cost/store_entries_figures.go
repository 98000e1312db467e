package cost

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// selectLatestDate returns the latest date with costs; "" without any.
func selectLatestDate(ctx context.Context, c sdk.Call) (date string, err error) {
	err = c.DB().QueryRowContext(ctx, `select coalesce(max(date), '') from cost_days`).Scan(&date)
	return date, err
}

// micro is a sum of amounts in 10^-6 USD, half to even.
const micro = `(x / 1000000 + iif(abs(x % 1000000) > 500000 or abs(x % 1000000) = 500000 and x / 1000000 % 2 <> 0, sign(x), 0))`

// dayCosts are the figures of each date, development and category.
const dayCosts = `
	select date, development_id development, category,
		coalesce(sum(iif(kind in ('estimate', 'correction', 'allocation'), amount, 0)), 0) x,
		coalesce(sum(iif(kind = 'actual', amount, 0)), 0) a,
		sum(iif(kind in ('estimate', 'unpriced') and usage in ('input', 'cached', 'cache_write', 'output'), quantity, 0)) tokens,
		sum(iif(kind in ('estimate', 'unpriced', 'pooled') and (usage = 'requests' or usage = 'output' or usage = 'input' and category <> 'llm'), events, 0)) calls,
		sum(iif(` + isUnpriced + `, events, 0)) unpriced
	from cost_days where date >= ?1 group by 1, 2, 3`

// selectFigures adds the days up by a grain.
func selectFigures(ctx context.Context, c sdk.Call, by figureGrain, fn func(figureGrain, figureRow)) error {
	period, development := "date", "''"
	if by.months {
		period = "substr(date, 1, 7)"
	}
	if by.developments {
		development = "development"
	}
	rows, err := c.DB().QueryContext(ctx, `
		select `+period+`, `+development+`, category, sum(e), sum(a), sum(tokens), sum(calls), sum(unpriced) from (
			select date, development, category, e, `+micro+` a, tokens, calls, unpriced from (
				select date, development, category, `+micro+` e, a x, tokens, calls, unpriced from (`+dayCosts+`)))
		group by 1, 2, 3`, by.from)
	return each(rows, err, func(scan func(...any) error) error {
		var r figureRow
		err := scan(&r.period, &r.development, &r.category, &r.estimate, &r.actual, &r.tokens, &r.calls, &r.unpriced)
		fn(by, r)
		return err
	})
}

// selectStorageLevel adds up what is stored: of each store that was measured
// since a date the mean of its latest day.
func selectStorageLevel(ctx context.Context, c sdk.Call, since string, sums tally) error {
	rows, err := c.DB().QueryContext(ctx, `
		select r.development_id, sum(r.bytes) / sum(r.readings) from cost_readings r
		join (select development_id d, unit_id u, store s, max(date) latest from cost_readings where date >= ?1 group by 1, 2, 3) l
			on l.d = r.development_id and l.u = r.unit_id and l.s = r.store and l.latest = r.date
		where r.date >= ?1 group by r.development_id, r.unit_id, r.store`, since)
	return each(rows, err, func(scan func(...any) error) error {
		var development string
		var bytes int64
		err := scan(&development, &bytes)
		sums.put("cost.storage.bytes", "", "", bytes)
		if development != "" {
			sums.put("cost.storage.bytes", development, "", bytes)
		}
		return err
	})
}

// selectLastPooled returns the last hour in which a pool was used.
func selectLastPooled(ctx context.Context, c sdk.Call, p pooledSKU) (hour int64, found bool, err error) {
	var last sql.NullInt64
	err = c.DB().QueryRowContext(ctx, `select max(hour) from cost_entries where provider = ? and sku = ? and kind = 'pooled'`, p.provider, p.sku).Scan(&last)
	return last.Int64, last.Valid, err
}

// selectPooledSums adds a pool's quantities up by development.
func selectPooledSums(ctx context.Context, c sdk.Call, p pooledSKU, from, to int64, fn func(development string, quantity int64)) error {
	rows, err := c.DB().QueryContext(ctx, `select development_id, sum(quantity) from cost_entries
		where provider = ? and sku = ? and hour >= ? and hour < ? and kind = 'pooled' group by 1`, p.provider, p.sku, from, to)
	return each(rows, err, func(scan func(...any) error) error {
		var development string
		var quantity int64
		err := scan(&development, &quantity)
		fn(development, quantity)
		return err
	})
}

func sortFigures(list []core.Figure) {
	slices.SortFunc(list, func(a, b core.Figure) int {
		return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Development, b.Development), cmp.Compare(a.Period, b.Period))
	})
}
