package cost

import (
	"context"
	"database/sql"
	"math"

	"github.com/openhouse-ai/console/core/sdk"
)

// selectErased adds up what is left of hours whose events were erased: the
// quantities of their entries, and the readings of storage.
func selectErased(ctx context.Context, c sdk.Call, hours []dueHour, m *meter) error {
	numbers := make([]int64, len(hours))
	left := map[int64]bool{}
	for i, h := range hours {
		numbers[i] = h.hour
	}
	found := remains{}
	rows, err := c.DB().QueryContext(ctx, `select hour, date, development_id, unit_id, category, provider, sku, usage, tier, band, price_row, quantity, events
		from cost_entries where hour in (select value from json_each(?)) and usage <> 'byte_months'`, jsonList(numbers))
	err = each(rows, err, func(scan func(...any) error) error {
		var b bucket
		var n amountOf
		var row string
		err := scan(&b.hour, &b.date, &b.development, &b.unit, &b.category, &b.key.Provider, &b.key.SKU, &b.key.Usage, &b.key.Tier, &b.key.Band, &row, &n.quantity, &n.events)
		if found[b] == nil {
			found[b] = map[string]amountOf{}
		}
		found[b][row], left[b.hour] = n, true
		return err
	})
	if err != nil {
		return err
	}
	m.restore(found)
	rows, err = c.DB().QueryContext(ctx, `select hour, date, development_id, unit_id, store, bytes, readings
		from cost_readings where hour in (select value from json_each(?))`, jsonList(numbers))
	err = each(rows, err, func(scan func(...any) error) error {
		var r reading
		var n amountOf
		err := scan(&r.hour, &r.date, &r.development, &r.unit, &r.store, &n.quantity, &n.events)
		left[r.hour], m.stored[r] = true, n
		return err
	})
	for _, h := range hours {
		if !left[h.hour] && h.events > 0 {
			m.lose(h)
		}
	}
	return err
}

// selectExtent counts what a rebuild works on: hours from the horizon on with
// their events, and entries, before an hour.
func selectExtent(ctx context.Context, c sdk.Call, before, horizon int64) (hours, events, entries int64, err error) {
	err = c.DB().QueryRowContext(ctx, `select count(*), coalesce(sum(events), 0), (select count(*) from cost_entries where hour < ?1)
		from usage_hours where hour < ?1 and hour >= ?2`, before, horizon).Scan(&hours, &events, &entries)
	return hours, events, entries, err
}

// insertAllDue notes everything as due.
func insertAllDue(ctx context.Context, tx *sql.Tx, horizon int64) error {
	if err := insertHoursFrom(ctx, tx, math.MinInt32, horizon); err != nil {
		return err
	}
	for _, statement := range []string{
		`insert into cost_due (part, period, provider, sku) select distinct 'storage', substr(date, 1, 7), '', '' from cost_readings where true on conflict do nothing`,
		`insert into cost_due (part, period, provider, sku) select distinct 'pool', month, provider, sku from cost_shares where true on conflict do nothing`,
		`insert into cost_due (part, period, provider, sku) select distinct 'bill', date, '', '' from cost_actuals where true on conflict do nothing`,
		`insert into cost_due (part, period, provider, sku) select 'sum', month, '', '' from (select substr(date, 1, 7) month from cost_days
			union select month from cost_unit_months union select substr(date, 1, 7) from cost_entries) where true on conflict do nothing`,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
