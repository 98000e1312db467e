package cost

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/decimal"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"github.com/openhouse-ai/console/ui"
)

// billSum is what a provider has charged in a month, in 10^-9 of the currency.
type billSum struct {
	Provider, Month, Currency  string
	Charged, Unowned, Unmapped int64 // of it: no developer's; of developers, without a meaning
	Unassigned                 int64 // no developer's, though a project's
	Unconverted                int64 // charges of a currency without a rate
}

// selectBillSums adds up what was charged since a date, latest month first.
func selectBillSums(ctx context.Context, db selecter, since string) (sums []billSum, err error) {
	rows, err := db.QueryContext(ctx, `
		with quoted as (
			select currency, min(date) as since from (select base as currency, date from cost_rates union all select quote, date from cost_rates) group by currency)
		select a.provider, substr(a.date, 1, 7), a.currency, sum(a.nano),
			coalesce(sum(case when t.id is null then a.nano end), 0),
			coalesce(sum(case when t.id is null and a.project <> '' then a.nano end), 0),
			coalesce(sum(case when t.id is not null and coalesce(l.category, 'other') = 'other' then a.nano end), 0),
			sum(a.currency <> 'USD' and coalesce(max(r.since, d.since), '~') > a.date)
		from cost_actuals a left join quoted r on r.currency = a.currency left join quoted d on d.currency = 'USD'
		left join cost_projects p on p.provider = a.provider and p.project = a.project
		left join tenants t on t.id = p.tenant_id and t.status <> 'deleted'
		left join cost_lines l on l.provider = a.provider and l.line = a.line
		where a.date >= ? group by 1, 2, 3 order by 2 desc, 1, 3`, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s billSum
		if err := rows.Scan(&s.Provider, &s.Month, &s.Currency, &s.Charged, &s.Unowned, &s.Unassigned, &s.Unmapped, &s.Unconverted); err != nil {
			return nil, err
		}
		sums = append(sums, s)
	}
	return sums, rows.Err()
}

// selectLastDay returns the day after the last one that was imported whole; empty
// when none was.
func selectLastDay(ctx context.Context, db selecter, provider string) (day string, err error) {
	rows, err := db.QueryContext(ctx, `select coalesce(max(to_date), '') from cost_imports where provider = ? and state = 'done'`, provider)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&day); err != nil {
			return "", err
		}
	}
	return day, rows.Err()
}

// turn gives a page of a list its cursor.
func turn[T any](list *core.List[T], q core.Query) {
	from, _ := strconv.Atoi(q.After) // a cursor that is none is the first page
	if next := from + len(list.Items); next < list.Total {
		list.Next = strconv.Itoa(next)
	}
}

func offset(q core.Query) int {
	from, _ := strconv.Atoi(q.After)
	return max(0, from)
}

// selectImports returns one page of the imports, latest first.
func selectImports(ctx context.Context, c sdk.Call, q core.Query, limit int) (list core.List[imported], err error) {
	if err := c.DB().QueryRowContext(ctx, `select count(*) from cost_imports where ?1 = '' or state = ?1`, q.Status).Scan(&list.Total); err != nil {
		return list, err
	}
	rows, err := c.DB().QueryContext(ctx, `
		select id, provider, from_date, to_date, rows, changed, amount, currency, net, state = 'failed', note, digest, imported_at, imported_by
		from cost_imports where ?1 = '' or state = ?1 order by imported_at desc, id limit ?2 offset ?3`, q.Status, limit, offset(q))
	if err != nil {
		return list, err
	}
	defer rows.Close()
	for rows.Next() {
		var i imported
		var at int64
		if err := rows.Scan(&i.ID, &i.Provider, &i.From, &i.To, &i.Rows, &i.Changed, &i.Amount, &i.Currency, &i.Net, &i.Failed, &i.Note, &i.Digest, &at, &i.By); err != nil {
			return list, err
		}
		i.At = time.UnixMilli(at).UTC()
		list.Items = append(list.Items, i)
	}
	turn(&list, q)
	return list, rows.Err()
}

// billProject is a project with whose it is, and what it was charged in 12
// months, in 10^-9 of the currency.
type billProject struct {
	Provider, Project, Tenant, Developer string
	Charged                              int64
	Currency, Last                       string
}

// selectProjects returns one page of the projects, nobody's first.
func selectProjects(ctx context.Context, c sdk.Call, q core.Query, limit int) (list core.List[billProject], err error) {
	const from = `
		from (select provider, project, currency, sum(nano) as charged, max(date) as last from cost_actuals where date >= ?1 and project <> '' group by 1, 2, 3) a
		left join cost_projects p on p.provider = a.provider and p.project = a.project
		left join tenants t on t.id = p.tenant_id and t.status <> 'deleted'
		where (?2 = '' or (?2 = 'assigned') = (t.id is not null)) and instr(lower(a.project || ' ' || coalesce(t.name, '')), lower(?3)) > 0`
	since := c.Now.UTC().AddDate(-1, 0, 0).Format(time.DateOnly)
	if err := c.DB().QueryRowContext(ctx, `select count(*)`+from, since, q.Status, q.Text).Scan(&list.Total); err != nil {
		return list, err
	}
	rows, err := c.DB().QueryContext(ctx, `
		select a.provider, a.project, coalesce(t.id, ''), coalesce(t.name, ''), a.charged, a.currency, a.last`+from+`
		order by t.id is not null, a.provider, a.project, a.currency limit ?4 offset ?5`, since, q.Status, q.Text, limit, offset(q))
	if err != nil {
		return list, err
	}
	defer rows.Close()
	for rows.Next() {
		var p billProject
		if err := rows.Scan(&p.Provider, &p.Project, &p.Tenant, &p.Developer, &p.Charged, &p.Currency, &p.Last); err != nil {
			return list, err
		}
		list.Items = append(list.Items, p)
	}
	turn(&list, q)
	return list, rows.Err()
}

// selectTenants returns the developers as choices, by name.
func selectTenants(ctx context.Context, db selecter) (options []ui.Option, err error) {
	rows, err := db.QueryContext(ctx, `select id, name || ' (' || code || ')' from tenants where status <> 'deleted' order by name collate nocase, id limit 5000`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var o ui.Option
		if err := rows.Scan(&o.Value, &o.Label); err != nil {
			return nil, err
		}
		options = append(options, o)
	}
	return options, rows.Err()
}

// billLine is a line of a provider's bills.
type billLine struct {
	Provider, Line, Name string
	meaning
}

// selectBillLines returns one page of the lines, those without a meaning first.
func selectBillLines(ctx context.Context, c sdk.Call, q core.Query, limit int) (list core.List[billLine], err error) {
	const from = `
		from cost_lines where (?1 = '' or (?1 = 'unmapped') = (sku = '' and category = 'other')) and instr(lower(line || ' ' || name || ' ' || sku), lower(?2)) > 0`
	if err := c.DB().QueryRowContext(ctx, `select count(*)`+from, q.Status, q.Text).Scan(&list.Total); err != nil {
		return list, err
	}
	rows, err := c.DB().QueryContext(ctx, `
		select provider, line, name, sku, usage, category, per`+from+` order by sku <> '' or category <> 'other', provider, name, line limit ?3 offset ?4`, q.Status, q.Text, limit, offset(q))
	if err != nil {
		return list, err
	}
	defer rows.Close()
	for rows.Next() {
		var l billLine
		if err := rows.Scan(&l.Provider, &l.Line, &l.Name, &l.SKU, &l.Usage, &l.Category, &l.Per); err != nil {
			return list, err
		}
		list.Items = append(list.Items, l)
	}
	turn(&list, q)
	return list, rows.Err()
}

// pricedOptions are the SKUs of the price book as choices.
func pricedOptions(priced map[price.Key]bool) []ui.Option {
	labels := map[string]string{}
	for k := range priced {
		labels[k.SKU+"/"+k.Usage] = providerName(k.Provider) + ": " + k.SKU + ", " + k.Usage
	}
	options := make([]ui.Option, 0, len(labels))
	for _, value := range slices.Sorted(maps.Keys(labels)) {
		options = append(options, ui.Option{Value: value, Label: labels[value]})
	}
	return options
}

// minorOf is a decimal in minor units of its currency, rounded half to even.
func minorOf(amount, currency string) (int64, bool) {
	r, err := decimal.Parse(amount)
	if err != nil || currency == "" {
		return 0, false
	}
	return decimal.Scaled(r, core.Exponent(currency))
}
