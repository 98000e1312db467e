package keep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// stateColumns read a tenant t and how a plugin stands there, p.
const stateColumns = `t.id, t.name, coalesce(p.off, 0), coalesce(p.reason, ''), coalesce(p.version, 0), coalesce(p.error, ''), coalesce(p.updated_at, 0)`

func scanState(scan func(...any) error, s *TenantState) error {
	var at int64
	err := scan(&s.Tenant, &s.Name, &s.Off, &s.Reason, &s.Version, &s.Error, &at)
	if at > 0 {
		s.UpdatedAt = time.UnixMilli(at).UTC()
	}
	return err
}

func readState(ctx context.Context, tx *tenants.Tx, tenant core.TenantID, plugin string) (s TenantState, err error) {
	err = scanState(tx.QueryRow(ctx, `
		select `+stateColumns+` from tenants t
		left join plugin_tenants p on p.tenant_id = t.id and p.plugin = ?2
		where t.id = ?1 and t.status <> 'deleted'`, tenant, plugin).Scan, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return s, core.Errorf(core.NotFound, "There is no such tenant.")
	}
	if err != nil {
		return s, fmt.Errorf("read state of %s: %w", plugin, err)
	}
	return s, nil
}

func writeSwitch(ctx context.Context, tx *tenants.Tx, tenant core.TenantID, plugin string, off bool, reason string) error {
	_, err := tx.Exec(ctx, `
		insert into plugin_tenants (plugin, tenant_id, off, reason, updated_at) values (?1, ?2, ?3, ?4, ?5)
		on conflict (plugin, tenant_id) do update set off = ?3, reason = ?4, updated_at = ?5`,
		plugin, tenant, off, reason, tx.Now.UnixMilli())
	return err
}

// writeMigrated leaves out a tenant that was deleted meanwhile.
func writeMigrated(ctx context.Context, tx *tenants.Tx, tenant core.TenantID, plugin string, version int64, problem string) error {
	_, err := tx.Exec(ctx, `
		insert into plugin_tenants (plugin, tenant_id, version, error, updated_at)
		select ?1, id, ?3, ?4, ?5 from tenants where id = ?2 and status <> 'deleted'
		on conflict (plugin, tenant_id) do update set version = ?3, error = ?4, updated_at = ?5`,
		plugin, tenant, version, problem, tx.Now.UnixMilli())
	return err
}

func listStates(ctx context.Context, tx *tenants.Tx, plugin string, q core.Query) (page core.List[TenantState], err error) {
	where, args := `where t.status <> 'deleted'`, []any{plugin}
	if q.Tenant != "" {
		where, args = where+` and t.id = ?`, append(args, q.Tenant)
	}
	switch q.Status {
	case "on":
		where += ` and coalesce(p.off, 0) = 0 and coalesce(p.error, '') = ''`
	case "off":
		where += ` and p.off = 1`
	case "broken":
		where += ` and p.error <> ''`
	}
	for _, word := range strings.Fields(q.Text) {
		where, args = where+` and instr(lower(t.name), lower(?)) > 0`, append(args, word)
	}
	from := ` from tenants t left join plugin_tenants p on p.tenant_id = t.id and p.plugin = ? ` + where
	if err := tx.QueryRow(ctx, `select count(*)`+from, args...).Scan(&page.Total); err != nil {
		return page, err
	}
	if q.After != "" {
		from, args = from+` and (t.sort_name, t.id) > (select sort_name, id from tenants where id = ?)`, append(args, q.After)
	}
	rows, err := tx.Query(ctx, `select `+stateColumns+from+` order by t.sort_name, t.id limit ?`, append(args, q.PageSize()+1)...)
	if err != nil {
		return page, err
	}
	defer rows.Close()
	for rows.Next() {
		if len(page.Items) == q.PageSize() {
			page.Next = string(page.Items[len(page.Items)-1].Tenant)
			break
		}
		var s TenantState
		if err := scanState(rows.Scan, &s); err != nil {
			return page, err
		}
		page.Items = append(page.Items, s)
	}
	return page, rows.Err()
}

func readStanding(ctx context.Context, tx *tenants.Tx, plugin string) (map[core.TenantID]TenantState, error) {
	rows, err := tx.Query(ctx, `
		select `+stateColumns+` from plugin_tenants p join tenants t on t.id = p.tenant_id
		where p.plugin = ? and t.status <> 'deleted'`, plugin)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	states := map[core.TenantID]TenantState{}
	for rows.Next() {
		var s TenantState
		if err := scanState(rows.Scan, &s); err != nil {
			return nil, err
		}
		states[s.Tenant] = s
	}
	return states, rows.Err()
}
