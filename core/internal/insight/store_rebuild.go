package insight

import (
	"context"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// everyone lists the tenants with a file.
func (i *Insight) everyone(ctx context.Context) (ids []core.TenantID, err error) {
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		rows, err := tx.Query(ctx, `select id from tenants where status <> 'deleted' and schema_version > 0 order by created_at, id`)
		if err != nil {
			return err
		}
		ids, err = scanTenants(rows)
		return err
	})
	return ids, err
}

// beginRebuild makes what is stored of every declared source outdated, unless
// an earlier rebuild has done that and not come to its end.
func (i *Insight) beginRebuild(ctx context.Context) error {
	return i.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		var begun bool
		if err := tx.QueryRow(ctx, `select exists (select 1 from figure_rebuilds where ended_at is null)`).Scan(&begun); err != nil || begun {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into figure_rebuilds (begun_at) values (?)`, tx.Now.UnixMilli()); err != nil {
			return err
		}
		for _, s := range i.declared() {
			if _, err := tx.Exec(ctx, `update figure_sources set version = version + 1 where number = ?`, s.number); err != nil {
				return err
			}
		}
		return tenants.MarkAll(ctx, tx)
	})
}

// endRebuild keeps when the last ones were.
func (i *Insight) endRebuild(ctx context.Context) error {
	return i.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		if _, err := tx.Exec(ctx, `update figure_rebuilds set ended_at = ? where ended_at is null`, tx.Now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from figure_rebuilds where number <= (select max(number) from figure_rebuilds) - 100`)
		return err
	})
}

// outdated lists the tenants of whom a declared source has no figures of its
// present version.
func (i *Insight) outdated(ctx context.Context) (ids []core.TenantID, err error) {
	var numbers []int64
	for _, s := range i.declared() {
		numbers = append(numbers, s.number)
	}
	among, args := places(numbers)
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		rows, err := tx.Query(ctx, `
			select t.tenant_id from figure_tenants t
			where exists (
			  select 1 from figure_sources s left join figure_states st on st.tenant = t.number and st.source = s.number
			  where s.number in `+among+` and coalesce(st.version, 0) < s.version)
			and exists (select 1 from tenants where id = t.tenant_id and schema_version > 0)
			order by t.number`, args...)
		if err != nil {
			return err
		}
		ids, err = scanTenants(rows)
		return err
	})
	return ids, err
}

func metricNames(ctx context.Context, tx *tenants.Tx) (map[int64]string, error) {
	rows, err := tx.Query(ctx, `select number, name from figure_metrics`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names := map[int64]string{}
	for rows.Next() {
		var number int64
		var name string
		if err := rows.Scan(&number, &name); err != nil {
			return nil, err
		}
		names[number] = name
	}
	return names, rows.Err()
}

// summed adds the figures of whole tenants up, as the triggers should have.
const summed = `
	select f.metric, f.period, f.currency, t.demo, sum(f.value), count(*)
	from figures f join figure_tenants t on t.number = f.tenant
	where f.development = ''`

const summedBy = ` group by f.metric, f.period, f.currency, t.demo`

// addUp makes the totals anew, a metric at a time, so that nobody waits long
// for the control database.
func (i *Insight) addUp(ctx context.Context) error {
	var names map[int64]string
	err := i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		names, err = metricNames(ctx, tx)
		return err
	})
	for number := range names {
		if err != nil {
			return err
		}
		err = i.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
			if _, err := tx.Exec(ctx, `delete from figure_totals where metric = ?`, number); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `insert into figure_totals (metric, period, currency, demo, value, tenants)`+summed+` and f.metric = ?`+summedBy, number)
			return err
		})
	}
	return err
}

// totalPlace is where a total is stored.
type totalPlace struct {
	metric, period int64
	currency       string
	demo           bool
}

type totalValue struct{ value, tenants int64 }

// wrongTotals are the totals that aren't the sums of what is stored, in one
// snapshot.
func (i *Insight) wrongTotals(ctx context.Context) (wrong []Difference, err error) {
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		stored, err := totalsBy(ctx, tx, `select metric, period, currency, demo, value, tenants from figure_totals`)
		if err != nil {
			return err
		}
		computed, err := totalsBy(ctx, tx, summed+summedBy)
		if err != nil {
			return err
		}
		names, err := metricNames(ctx, tx)
		if err != nil {
			return err
		}
		for p, was := range stored {
			if computed[p] != was {
				wrong = append(wrong, p.difference(names, was, computed[p]))
			}
		}
		for p, is := range computed {
			if _, ok := stored[p]; !ok {
				wrong = append(wrong, p.difference(names, totalValue{}, is))
			}
		}
		return nil
	})
	return wrong, err
}

func (p totalPlace) difference(names map[int64]string, was, is totalValue) Difference {
	d := Difference{Kind: WrongTotal, Demo: p.demo, Stored: was.value, Computed: is.value}
	d.Metric, d.Period, d.Currency = names[p.metric], decode(p.period), p.currency
	if was.value == is.value {
		d.Metric += " (tenants)"
		d.Stored, d.Computed = was.tenants, is.tenants
	}
	return d
}

func totalsBy(ctx context.Context, tx *tenants.Tx, statement string) (map[totalPlace]totalValue, error) {
	rows, err := tx.Query(ctx, statement)
	if err != nil {
		return nil, fmt.Errorf("add figures up: %w", err)
	}
	defer rows.Close()
	totals := map[totalPlace]totalValue{}
	for rows.Next() {
		var p totalPlace
		var v totalValue
		if err := rows.Scan(&p.metric, &p.period, &p.currency, &p.demo, &v.value, &v.tenants); err != nil {
			return nil, err
		}
		totals[p] = v
	}
	return totals, rows.Err()
}
