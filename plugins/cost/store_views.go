package cost

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// asked says which costs are meant. Dates are local, To is after the last one.
type asked struct {
	From, To              string
	Development, Category string // empty: all
}

// line is what something came to: a day, a month, a development, a SKU.
type line struct {
	Period, Development, Category, Provider, SKU, Usage string // those that it was asked by

	Estimate, Actual rate.Amount
	Billed           bool // the provider has told something
	Rolled           bool // from roll-ups, which count no uses
	Quantity, Events int64
	Unpriced         int64 // events without a price (H20)
	Pending          int64 // events of the account's pools that have not been rated yet
}

// The ways to add costs up.
const (
	byDayInFull   = "date, development_id, category, provider, sku, usage"
	byMonthInFull = "substr(date,1,7), development_id, category, provider, sku, usage"
	byDay         = "date, '', category, '', '', ''"
	byMonth       = "substr(date,1,7), '', category, '', '', ''"
	byDevelopment = "'', development_id, category, '', '', ''"
	byPeriodOfDay = "date, '', '', '', '', ''"
)

// groupOf is what costs are added up by as one text, by which SQLite sorts in
// two thirds of the time that six columns take it. By the date alone it needn't
// sort.
func groupOf(by string) string {
	columns := slices.DeleteFunc(strings.Split(by, ", "), func(column string) bool { return column == "''" })
	return strings.Join(columns, " || char(31) || ")
}

// The kinds by their names are actual, allocation, correction, estimate, pooled
// and unpriced. Each of these is tried on every row: a range is quicker than a
// list.
const (
	isEstimate = `kind between 'allocation' and 'estimate'`
	isUse      = `kind >= 'estimate'`

	// What is rated on the account's total, and the price book has no row of,
	// never will be (H20).
	isUnpriced = `kind = 'unpriced' or kind = 'pooled' and (provider, sku) not in (select provider, sku from cost_price_rows)`
)

// selectLines adds the days up that are asked for.
func selectLines(ctx context.Context, c sdk.Call, a asked, by string) ([]line, error) {
	where, args := `date >= ? and date < ?`, []any{a.From, a.To}
	for _, filter := range [][2]string{{"development_id", a.Development}, {"category", a.Category}} {
		if filter[1] != "" {
			where, args = where+` and `+filter[0]+` = ?`, append(args, filter[1])
		}
	}
	rows, err := c.DB().QueryContext(ctx, `
		select `+by+`,
			coalesce(sum(iif(`+isEstimate+`, amount, 0)), 0),
			coalesce(sum(iif(kind = 'actual', amount, 0)), 0),
			sum(kind = 'actual'),
			sum(iif(`+isUse+`, quantity, 0)),
			sum(iif(`+isUse+`, events, 0)),
			sum(iif(`+isUnpriced+`, events, 0)),
			sum(iif(kind = 'pooled' and not (`+isUnpriced+`) and not exists (
				select 1 from cost_days a where a.kind = 'allocation' and a.date = d.date and a.development_id = d.development_id
					and a.category = d.category and a.provider = d.provider and a.sku = d.sku and a.usage = d.usage), events, 0))
		from cost_days d
		where `+where+` group by `+groupOf(by)+` order by 1, 2, 3, 4, 5, 6`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []line
	for rows.Next() {
		var l line
		var billed int64
		if err := rows.Scan(&l.Period, &l.Development, &l.Category, &l.Provider, &l.SKU, &l.Usage,
			&l.Estimate, &l.Actual, &billed, &l.Quantity, &l.Events, &l.Unpriced, &l.Pending); err != nil {
			return nil, err
		}
		l.Billed = billed > 0
		lines = append(lines, l)
	}
	return lines, rows.Err()
}

// outside is where what no development has used stands.
const outside = "Outside of any development"

// selectDevelopments returns the names of the developments.
func selectDevelopments(ctx context.Context, c sdk.Call) (ids []string, names map[string]string, err error) {
	rows, err := c.DB().QueryContext(ctx, `select id, name from developments order by name collate nocase, id`)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	names = map[string]string{"": outside}
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, nil, err
		}
		ids, names[id] = append(ids, id), name
	}
	return ids, names, rows.Err()
}

// unitCost is what the use of one unit's portal came to in a month.
type unitCost struct {
	Development, Unit, Label string
	Amount                   rate.Amount
	Events, Unpriced         int64
}

// selectUnitCosts returns one page of the units with costs in a month, and how
// many there are.
func selectUnitCosts(ctx context.Context, c sdk.Call, month, development, text, order string, limit, offset int) (units []unitCost, total int, err error) {
	const from = `
		from cost_unit_months m left join units u on u.id = m.unit_id
		where m.month = ?1 and (?2 = '' or m.development_id = ?2) and instr(lower(coalesce(u.label, m.unit_id)), lower(?3)) > 0`
	err = c.DB().QueryRowContext(ctx, `select count(distinct m.development_id || '/' || m.unit_id)`+from, month, development, text).Scan(&total)
	if err != nil {
		return nil, 0, err
	}
	rows, err := c.DB().QueryContext(ctx, `
		select m.development_id, m.unit_id, coalesce(u.label, m.unit_id), sum(m.amount), sum(m.events), sum(m.unpriced)`+from+`
		group by m.development_id, m.unit_id order by `+order+`, m.unit_id, m.development_id limit ?4 offset ?5`, month, development, text, limit, offset)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var u unitCost
		if err := rows.Scan(&u.Development, &u.Unit, &u.Label, &u.Amount, &u.Events, &u.Unpriced); err != nil {
			return nil, 0, err
		}
		units = append(units, u)
	}
	return units, total, rows.Err()
}

// selectDerived returns until when usage has been turned into costs, in
// milliseconds since 1970, and how many changes of the ledger wait.
func selectDerived(ctx context.Context, c sdk.Call) (at, waiting int64, err error) {
	err = c.DB().QueryRowContext(ctx, `
		select coalesce((select value from cost_progress where name = 'derived_at'), 0),
			(select count(*) from usage_hours where change > coalesce((select value from cost_progress where name = 'change'), 0))
				+ (select count(*) from cost_due_hours)`).Scan(&at, &waiting)
	return at, waiting, err
}

// selectHorizon returns the moment before which usage events were erased, in
// milliseconds since 1970; 0 when none were.
func selectHorizon(ctx context.Context, c sdk.Call) (before int64, err error) {
	err = c.DB().QueryRowContext(ctx, `select before from usage_horizon`).Scan(&before)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return before, err
}
