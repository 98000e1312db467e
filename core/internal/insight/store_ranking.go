package insight

import (
	"context"
	"database/sql"

	"github.com/openhouse-ai/console/tenants"
)

// count counts the tenants of a ranking on all of its pages.
func (o order) count(ctx context.Context, tx *tenants.Tx) (n int, err error) {
	q := o.query
	switch {
	case o.everyone:
		return tenants.Count(ctx, tx, q)
	case q.Text == "" && q.Region == "" && q.Status == "":
		err = tx.QueryRow(ctx, `select count(*) from figure_tenants where demo = 0`).Scan(&n)
	default:
		matching, args := tenants.Matching(q)
		err = tx.QueryRow(ctx, `
			select count(*) from figure_tenants n cross join tenants on tenants.id = n.tenant_id
			where n.demo = 0 and `+matching, args...).Scan(&n)
	}
	return n, err
}

// rows returns the next places of one part of the ranking.
func (o order) rows(ctx context.Context, tx *tenants.Tx, sign, limit int) ([]place, error) {
	if sign == 0 {
		if none, err := o.allHaveFigures(ctx, tx); none || err != nil {
			return nil, err
		}
	}
	statement, args := o.above(sign)
	if sign == 0 {
		statement, args = o.nought()
	}
	matching, more := tenants.Matching(o.query)
	args = append(args, more...)
	if !o.everyone {
		matching += ` and n.demo = 0`
	}
	rows, err := tx.Query(ctx, statement+` and `+matching+o.orderBy(sign)+` limit ?`, append(args, limit)...)
	if err != nil {
		return nil, err
	}
	return scanPlaces(rows)
}

func scanPlaces(rows *sql.Rows) (places []place, err error) {
	defer rows.Close()
	for rows.Next() {
		var p place
		if p.ranked.Tenant, err = tenants.ScanTenant(rows, &p.Value, &p.Number); err != nil {
			return nil, err
		}
		p.ranked.Value = p.Value
		places = append(places, p)
	}
	return places, rows.Err()
}

// above selects from the index of the ranking those whose figure has the sign.
func (o order) above(sign int) (statement string, args []any) {
	statement = `
		select ` + tenants.Columns + `, f.value, f.tenant
		from figures f indexed by figures_ranked
		cross join figure_tenants n on n.number = f.tenant
		cross join tenants on tenants.id = n.tenant_id
		where f.metric = ? and f.period = ? and f.currency = ? and f.development = '' and f.period < 1000000`
	args = []any{o.metric, o.period, o.currency}
	if sign > 0 {
		statement += ` and f.value > 0`
	} else {
		statement += ` and f.value < 0`
	}
	if o.after == nil || o.after.Value == 0 || (o.after.Value > 0) != (sign > 0) {
		return statement, args
	}
	return statement + ` and (f.value, f.tenant) ` + o.beyond() + ` (?, ?)`, append(args, o.after.Value, o.after.Number)
}

// nought selects those without a figure, by their age in the registry.
func (o order) nought() (statement string, args []any) {
	statement = `
		select ` + tenants.Columns + `, 0, n.number
		from figure_tenants n cross join tenants on tenants.id = n.tenant_id
		where not exists (
		  select 1 from figures f
		  where f.tenant = n.number and f.metric = ? and f.development = '' and f.period = ? and f.currency = ?)`
	args = []any{o.metric, o.period, o.currency}
	if o.after == nil || o.after.Value != 0 {
		return statement, args
	}
	return statement + ` and n.number ` + o.beyond() + ` ?`, append(args, o.after.Number)
}

func (o order) beyond() string {
	if o.desc {
		return `<`
	}
	return `>`
}

func (o order) orderBy(sign int) string {
	direction := ` asc`
	if o.desc {
		direction = ` desc`
	}
	if sign == 0 {
		return ` order by n.number` + direction
	}
	return ` order by f.value` + direction + `, f.tenant` + direction
}

// allHaveFigures reports whether no tenant has nought: then nobody looks for
// one among ten thousand.
func (o order) allHaveFigures(ctx context.Context, tx *tenants.Tx) (all bool, err error) {
	const with = `select coalesce(sum(tenants), 0) from figure_totals where metric = ? and period = ? and currency = ?`
	if o.everyone {
		err = tx.QueryRow(ctx, `select (select count(*) from figure_tenants) = (`+with+`)`, o.metric, o.period, o.currency).Scan(&all)
		return all, err
	}
	err = tx.QueryRow(ctx, `select (select count(*) from figure_tenants where demo = 0) = (`+with+` and demo = 0)`,
		o.metric, o.period, o.currency).Scan(&all)
	return all, err
}
