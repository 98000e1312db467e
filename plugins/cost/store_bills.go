package cost

import (
	"context"
	"database/sql"
	"errors"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/decimal"
	"github.com/openhouse-ai/console/plugins/cost/price"
)

// The control database has what every project of every provider was charged.

// selectCharges returns what was charged on a day.
func selectCharges(ctx context.Context, tx *sql.Tx, provider, date string) (list []charge, err error) {
	rows, err := tx.QueryContext(ctx, `
		select date, project, line, quantity, unit, charged, currency from cost_actuals where provider = ? and date = ? order by project, line`, provider, date)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c charge
		if err := rows.Scan(&c.Date, &c.Project, &c.Line, &c.Quantity, &c.Unit, &c.Charged, &c.Currency); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// writeCharges writes the charges that are new or have changed, and removes
// those that are gone.
func writeCharges(ctx context.Context, tx *sql.Tx, provider, imported string, fresh, gone []charge) error {
	rows := make([][]any, len(fresh))
	for i, c := range fresh {
		amount, err := decimal.Parse(c.Charged)
		if err != nil {
			return err
		}
		nano, _ := decimal.Scaled(amount, 9) // fits: 10^-12 does
		rows[i] = []any{provider, c.Date, c.Project, c.Line, c.Quantity, c.Unit, c.Charged, nano, c.Currency, imported}
	}
	if _, err := sdk.Batch(ctx, tx, `
		insert into cost_actuals (provider, date, project, line, quantity, unit, charged, nano, currency, import_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (provider, date, project, line) do update set
			quantity = excluded.quantity, unit = excluded.unit, charged = excluded.charged, nano = excluded.nano, currency = excluded.currency, import_id = excluded.import_id`, rows); err != nil {
		return err
	}
	rows = make([][]any, len(gone))
	for i, c := range gone {
		rows[i] = []any{provider, c.Date, c.Project, c.Line}
	}
	_, err := sdk.Batch(ctx, tx, `delete from cost_actuals where provider = ? and date = ? and project = ? and line = ?`, rows)
	return err
}

// keepLines adds the lines that no bill has had before, with their meaning where
// their exact name is known, and takes over how the provider calls the others.
func keepLines(ctx context.Context, tx *sql.Tx, b bill) error {
	priced, err := selectPriced(ctx, tx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	var rows [][]any
	for _, c := range b.charges {
		if seen[c.Line] {
			continue
		}
		seen[c.Line] = true
		m := knownLine(b.provider, c.Name, c.Unit, priced)
		rows = append(rows, []any{b.provider, c.Line, c.Name, m.SKU, m.Usage, m.Category, m.Per})
	}
	_, err = sdk.Batch(ctx, tx, `
		insert into cost_lines (provider, line, name, sku, usage, category, per) values (?, ?, ?, ?, ?, ?, ?)
		on conflict (provider, line) do update set name = excluded.name where name <> excluded.name`, rows)
	return err
}

// selectPriced returns the SKUs and usages that the price book knows.
func selectPriced(ctx context.Context, db selecter) (map[price.Key]bool, error) {
	keys := seeded()
	rows, err := db.QueryContext(ctx, `select distinct provider, sku, usage from cost_price_rows`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k price.Key
		if err := rows.Scan(&k.Provider, &k.SKU, &k.Usage); err != nil {
			return nil, err
		}
		keys[k] = true
	}
	return keys, rows.Err()
}

// insertImport records an import; the same one again is the same record.
func insertImport(ctx context.Context, tx *sql.Tx, i imported) error {
	state := "done"
	if i.Failed {
		state = "failed"
	}
	_, err := tx.ExecContext(ctx, `
		insert into cost_imports (id, provider, from_date, to_date, rows, changed, amount, currency, net, state, note, digest, imported_at, imported_by)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
		i.ID, i.Provider, i.From, i.To, i.Rows, i.Changed, i.Amount, i.Currency, i.Net, state, i.Note, i.Digest, i.At.UnixMilli(), i.By)
	return err
}

// selectOwners returns whose each project of a provider is, but for developers
// that were deleted.
func selectOwners(ctx context.Context, tx *sql.Tx, provider string) (map[string]core.TenantID, error) {
	rows, err := tx.QueryContext(ctx, `
		select p.project, p.tenant_id from cost_projects p join tenants t on t.id = p.tenant_id where p.provider = ? and t.status <> 'deleted'`, provider)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	owners := map[string]core.TenantID{}
	for rows.Next() {
		var project string
		var tenant core.TenantID
		if err := rows.Scan(&project, &tenant); err != nil {
			return nil, err
		}
		owners[project] = tenant
	}
	return owners, rows.Err()
}

// selectTenantCharges returns what a developer's projects were charged in a
// month, with what it means.
func selectTenantCharges(ctx context.Context, tx *sql.Tx, m billMonth) (list []tenantCharge, err error) {
	rows, err := tx.QueryContext(ctx, `
		select a.date, a.project, a.line, a.quantity, a.unit, a.charged, a.currency, coalesce(l.sku, ''), coalesce(l.usage, ''), coalesce(l.category, 'other'), coalesce(l.per, 1)
		from cost_projects p
		join cost_actuals a on a.provider = p.provider and a.project = p.project and a.date >= ?3 || '-01' and a.date < ?3 || '-32'
		left join cost_lines l on l.provider = a.provider and l.line = a.line
		where p.provider = ?1 and p.tenant_id = ?2 order by a.date, a.project, a.line`, m.Provider, string(m.Tenant), m.Month)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t tenantCharge
		if err := rows.Scan(&t.Date, &t.Project, &t.Line, &t.Quantity, &t.Unit, &t.Charged, &t.Currency, &t.SKU, &t.Usage, &t.Category, &t.Per); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// The months that have to be published anew, by what has changed.
const (
	monthsOfProject = `a.project = ?2`
	monthsOfLine    = `a.line = ?2`
	monthsOfForeign = `a.currency <> 'USD' and a.date >= ?2` // since a date
)

// selectMonths returns the months of developers with charges of a provider that
// are meant.
func selectMonths(ctx context.Context, tx *sql.Tx, provider, meant, value string) (months []billMonth, err error) {
	rows, err := tx.QueryContext(ctx, `
		select distinct p.tenant_id, substr(a.date, 1, 7)
		from cost_actuals a join cost_projects p on p.provider = a.provider and p.project = a.project join tenants t on t.id = p.tenant_id and t.status <> 'deleted'
		where a.provider = ?1 and `+meant, provider, value)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		m := billMonth{Provider: provider}
		if err := rows.Scan(&m.Tenant, &m.Month); err != nil {
			return nil, err
		}
		months = append(months, m)
	}
	return months, rows.Err()
}

// findOwner returns whose a project is, and whether anything was charged to it.
func findOwner(ctx context.Context, tx *sql.Tx, provider, project string) (owner core.TenantID, charged bool, err error) {
	err = tx.QueryRowContext(ctx, `
		select coalesce((select tenant_id from cost_projects where provider = ?1 and project = ?2), ''),
			exists (select 1 from cost_actuals where provider = ?1 and project = ?2)`, provider, project).Scan(&owner, &charged)
	return owner, charged, err
}

// writeOwner makes a project a developer's, or nobody's.
func writeOwner(ctx context.Context, tx *sql.Tx, provider, project string, owner core.TenantID) error {
	if owner == "" {
		_, err := tx.ExecContext(ctx, `delete from cost_projects where provider = ? and project = ?`, provider, project)
		return err
	}
	_, err := tx.ExecContext(ctx, `
		insert into cost_projects (provider, project, tenant_id) values (?, ?, ?)
		on conflict (provider, project) do update set tenant_id = excluded.tenant_id`, provider, project, string(owner))
	return err
}

// findTenant returns the name of a developer that isn't deleted; not_found
// without one.
func findTenant(ctx context.Context, tx *sql.Tx, id core.TenantID) (name string, err error) {
	err = tx.QueryRowContext(ctx, `select name from tenants where id = ? and status <> 'deleted'`, string(id)).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		err = core.Problems{{Field: "tenant", Value: string(id), Reason: "is no developer"}}.Err()
	}
	return name, err
}

// findLine returns what a line means; not_found when no bill has it.
func findLine(ctx context.Context, tx *sql.Tx, provider, line string) (name string, m meaning, err error) {
	err = tx.QueryRowContext(ctx, `select name, sku, usage, category, per from cost_lines where provider = ? and line = ?`, provider, line).
		Scan(&name, &m.SKU, &m.Usage, &m.Category, &m.Per)
	if errors.Is(err, sql.ErrNoRows) {
		err = core.Problems{{Field: "line", Value: line, Reason: "is on no bill"}}.Err()
	}
	return name, m, err
}

func writeMeaning(ctx context.Context, tx *sql.Tx, provider, line string, m meaning) error {
	_, err := tx.ExecContext(ctx, `update cost_lines set sku = ?, usage = ?, category = ?, per = ? where provider = ? and line = ?`,
		m.SKU, m.Usage, m.Category, m.Per, provider, line)
	return err
}
