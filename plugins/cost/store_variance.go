package cost

import (
	"context"
	"database/sql"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// selectCompared returns estimates beside charges of what has been billed: of
// OpenAI the days that have a bill, of others the months. Waiting is what was
// estimated for the rest. By day, what is billed by day has its date as period.
func selectCompared(ctx context.Context, c sdk.Call, a asked, byMonth bool) (list []compared, waiting rate.Amount, err error) {
	rows, err := c.DB().QueryContext(ctx, `
		with billed as (
			select distinct provider, case when provider = 'openai' then date else substr(date, 1, 7) end as span
			from cost_days where kind = 'actual' and date >= substr(?1, 1, 7) and date < ?2 || '~')
		select b.span is not null,
			case when d.provider = 'openai' and not ?5 then d.date else substr(d.date, 1, 7) end, d.development_id, d.provider, d.sku, d.usage,
			coalesce(sum(case when d.kind in ('estimate', 'pooled') then d.quantity end), 0),
			coalesce(sum(case when d.kind in ('estimate', 'correction', 'allocation') then d.amount end), 0),
			coalesce(sum(case when d.kind = 'actual' then d.quantity end), 0),
			coalesce(sum(case when d.kind = 'actual' then d.amount end), 0)
		from cost_days d left join billed b on b.provider = d.provider and b.span = case when d.provider = 'openai' then d.date else substr(d.date, 1, 7) end
		where d.date >= ?1 and d.date < ?2 and (?3 = '' or d.development_id = ?3) and (?4 = '' or d.category = ?4)
		group by 1, 2, 3, 4, 5, 6 order by 2, 3, 4, 5, 6`, a.From, a.To, a.Development, a.Category, byMonth)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var u comparedUse
		var usage string
		var billed bool
		if err := rows.Scan(&billed, &u.Period, &u.Development, &u.Provider, &u.SKU, &usage,
			&u.estimated.Quantity, &u.estimated.Amount, &u.actual.Quantity, &u.actual.Amount); err != nil {
			return nil, 0, err
		}
		if !billed {
			waiting += u.estimated.Amount
			continue
		}
		u.told = u.actual.Quantity != 0 || u.actual.Amount == 0
		list = append(list, u.split())
	}
	return list, waiting, rows.Err()
}

// insertNotice keeps that a notice was given; fresh is false when it was before.
func insertNotice(ctx context.Context, tx *sql.Tx, month, subject string, at time.Time) (fresh bool, err error) {
	result, err := tx.ExecContext(ctx, `insert into cost_notices (month, subject, given_at) values (?, ?, ?) on conflict do nothing`, month, subject, at.UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
