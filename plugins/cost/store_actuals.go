package cost

import (
	"context"
	"database/sql"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// deleteActuals removes a month of a provider's bill, and returns the dates
// that it had.
func deleteActuals(ctx context.Context, tx *sql.Tx, provider, month string) (dates []string, err error) {
	from, to := month+"-01", month+"-32"
	rows, err := tx.QueryContext(ctx, `select distinct date from cost_actuals where provider = ? and date >= ? and date < ? order by date`, provider, from, to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var date string
		if err := rows.Scan(&date); err != nil {
			return nil, err
		}
		dates = append(dates, date)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, `delete from cost_actuals where provider = ? and date >= ? and date < ?`, provider, from, to)
	return dates, err
}

func insertActuals(ctx context.Context, tx *sql.Tx, provider string, list []actual) error {
	rows := make([][]any, len(list))
	for i, a := range list {
		var quantity, amount any
		if a.Quantity != nil {
			quantity = *a.Quantity
		}
		if a.Amount != nil {
			amount = int64(*a.Amount)
		}
		rows[i] = []any{provider, a.Date, a.Project, a.Line, a.SKU, a.Usage, a.Category, quantity, amount, a.Currency, a.Charged, a.Allocated}
	}
	_, err := sdk.Batch(ctx, tx, `
		insert into cost_actuals (provider, date, project, line, sku, usage, category, quantity, amount, currency, charged, allocated)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, rows)
	return err
}

// A list of dates is handed to SQLite as JSON. Of a provider that isn't billed
// by day the whole month of each date is meant.
const ofActualDates = `
	(provider = 'openai' and date in (select value from json_each(?1))
	or provider <> 'openai' and substr(date, 1, 7) in (select distinct substr(value, 1, 7) from json_each(?1)))`

// selectCharged adds up what was charged on the dates.
func selectCharged(ctx context.Context, tx *sql.Tx, dates []string) (charged []dayPart, err error) {
	rows, err := tx.QueryContext(ctx, `
		select date, category, provider, sku, usage, coalesce(sum(quantity), 0), sum(amount)
		from cost_actuals where `+ofActualDates+` group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`, jsonList(dates))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d dayPart
		var amount sql.NullInt64
		if err := rows.Scan(&d.Date, &d.Category, &d.Provider, &d.SKU, &d.Usage, &d.Quantity, &amount); err != nil {
			return nil, err
		}
		if amount.Valid {
			a := rate.Amount(amount.Int64)
			d.Amount = &a
		}
		charged = append(charged, d)
	}
	return charged, rows.Err()
}

// selectUseParts adds up what was estimated on the dates, and in their months.
func selectUseParts(ctx context.Context, tx *sql.Tx, dates []string) (parts []usePart, err error) {
	rows, err := tx.QueryContext(ctx, `
		select case provider when 'openai' then date else substr(date, 1, 7) end, provider, sku, usage, development_id, category, sum(amount)
		from cost_days where kind in ('estimate', 'correction', 'allocation') and `+ofActualDates+`
		group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6`, jsonList(dates))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p usePart
		if err := rows.Scan(&p.Period, &p.Provider, &p.SKU, &p.Usage, &p.Development, &p.Category, &p.Amount); err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, rows.Err()
}

// replaceActualDays puts rows in place of those of the dates.
func replaceActualDays(ctx context.Context, tx *sql.Tx, dates []string, parts []dayPart) error {
	list := jsonList(dates)
	if _, err := tx.ExecContext(ctx, `delete from cost_days where kind = 'actual' and `+ofActualDates, list); err != nil {
		return err
	}
	rows := make([][]any, len(parts))
	for i, p := range parts {
		var amount any
		if p.Amount != nil {
			amount = int64(*p.Amount)
		}
		rows[i] = []any{p.Date, p.Development, p.Category, p.Provider, p.SKU, p.Usage, p.Quantity, amount}
	}
	_, err := sdk.Batch(ctx, tx, `
		insert into cost_days (date, development_id, category, provider, sku, usage, kind, quantity, events, amount)
		values (?, ?, ?, ?, ?, ?, 'actual', ?, 0, ?)`, rows)
	return err
}
