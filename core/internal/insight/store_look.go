package insight

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// metric is a metric's place in the control database.
type metric struct {
	number int64
	source int64
	owner  string // the source's name
}

func metricNamed(ctx context.Context, tx *tenants.Tx, name string) (m metric, err error) {
	err = tx.QueryRow(ctx, `
		select m.number, m.source, s.name from figure_metrics m join figure_sources s on s.number = m.source
		where m.name = ?`, name).Scan(&m.number, &m.source, &m.owner)
	if errors.Is(err, sql.ErrNoRows) {
		return m, core.Problems{{Field: "metric", Value: name, Reason: "is no metric that is counted"}}.Err()
	}
	return m, err
}

// sum reads what the triggers have added up.
func sum(ctx context.Context, tx *tenants.Tx, metric, period int64, total *Total) error {
	rows, err := tx.Query(ctx, `select currency, demo, value, tenants from figure_totals where metric = ? and period = ?`, metric, period)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var currency string
		var demo bool
		var value int64
		var n int
		if err := rows.Scan(&currency, &demo, &value, &n); err != nil {
			return err
		}
		switch {
		case demo && currency == "":
			total.Demo = value
		case demo:
		case currency == "":
			total.Value, total.Tenants = value, total.Tenants+n
		default:
			if total.Amounts == nil {
				total.Amounts = map[string]int64{}
			}
			total.Amounts[currency] = value
			total.Tenants = max(total.Tenants, n)
		}
	}
	return rows.Err()
}

// places are the question marks of a list, and its entries as arguments.
func places[T any](list []T) (marks string, args []any) {
	for _, v := range list {
		args = append(args, v)
	}
	return "(" + strings.TrimSuffix(strings.Repeat("?, ", len(list)), ", ") + ")", args
}

func ofTenants(ctx context.Context, tx *tenants.Tx, names []string, period int64, ids []core.TenantID, into map[core.TenantID]map[string]int64) error {
	if len(ids) == 0 || len(names) == 0 {
		return nil
	}
	metrics, named := places(names)
	among, listed := places(ids)
	rows, err := tx.Query(ctx, `
		select t.tenant_id, m.name, coalesce(f.value, 0)
		from figure_tenants t
		cross join figure_metrics m
		cross join figure_states st on st.tenant = t.number and st.source = m.source and st.computed_at is not null
		left join figures f on f.tenant = t.number and f.metric = m.number and f.development = '' and f.period = ? and f.currency = ''
		where m.name in `+metrics+` and t.tenant_id in `+among, slices.Concat([]any{period}, named, listed)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id core.TenantID
		var name string
		var value int64
		if err := rows.Scan(&id, &name, &value); err != nil {
			return err
		}
		if into[id] == nil {
			into[id] = map[string]int64{}
		}
		into[id][name] = value
	}
	return rows.Err()
}

func ofTenant(ctx context.Context, tx *tenants.Tx, tenant core.TenantID, names []string, period int64) ([]core.Figure, error) {
	statement := `
		select m.name, f.development, f.period, f.currency, f.value
		from figure_tenants t join figures f on f.tenant = t.number join figure_metrics m on m.number = f.metric
		where t.tenant_id = ? and f.period = ?`
	args := []any{tenant, period}
	if len(names) > 0 {
		marks, more := places(names)
		statement, args = statement+` and m.name in `+marks, append(args, more...)
	}
	rows, err := tx.Query(ctx, statement+` order by m.name, f.development, f.currency`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var figures []core.Figure
	for rows.Next() {
		var f core.Figure
		var period int64
		if err := rows.Scan(&f.Metric, &f.Development, &period, &f.Currency, &f.Value); err != nil {
			return nil, err
		}
		f.Period = decode(period)
		figures = append(figures, f)
	}
	return figures, rows.Err()
}

// series reads the stored points, by currency and period. Days, months and
// years are numbers of different lengths, so a span holds one grain alone.
func series(ctx context.Context, tx *tenants.Tx, metric int64, tenant core.TenantID, from, to int64) ([]Point, error) {
	statement, args := `
		select currency, period, value from figure_totals
		where metric = ? and period between ? and ? and demo = 0 order by currency, period`, []any{metric, from, to}
	if tenant != "" {
		statement, args = `
			select f.currency, f.period, f.value from figure_tenants t join figures f on f.tenant = t.number
			where t.tenant_id = ? and f.metric = ? and f.development = '' and f.period between ? and ?
			order by f.currency, f.period`, []any{tenant, metric, from, to}
	}
	rows, err := tx.Query(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var points []Point
	for rows.Next() {
		var p Point
		var period int64
		if err := rows.Scan(&p.Currency, &period, &p.Value); err != nil {
			return nil, err
		}
		p.Period = decode(period)
		points = append(points, p)
	}
	return points, rows.Err()
}

// moment is a stored time; none is the zero one.
func moment(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}
