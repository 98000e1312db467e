package keep

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func insertBody(ctx context.Context, tx *tenants.Tx, r Run) error {
	_, err := tx.Exec(ctx, `insert into plugin_runs (id, params, plan) values (?, ?, ?)`, r.ID, string(r.Params), string(r.Plan))
	return err
}

func replaceBody(ctx context.Context, tx *tenants.Tx, r Run) error {
	_, err := tx.Exec(ctx, `update plugin_runs set plan = ?2, summary = '', error = '' where id = ?1`, r.ID, string(r.Plan))
	return err
}

func endBody(ctx context.Context, tx *tenants.Tx, r Run) error {
	_, err := tx.Exec(ctx, `update plugin_runs set summary = ?2, error = ?3 where id = ?1`, r.ID, r.Summary, r.Error)
	return err
}

func readBody(ctx context.Context, tx *tenants.Tx, r *Run) error {
	var params, plan []byte
	err := tx.QueryRow(ctx, `select params, plan, summary, error from plugin_runs where id = ?`, r.ID).Scan(&params, &plan, &r.Summary, &r.Error)
	r.Params, r.Plan = params, plan
	if errors.Is(err, sql.ErrNoRows) {
		return errNoRun
	}
	if err == nil && r.State == core.Failed && r.Error == "" {
		r.Error = "The console ended while it was at work."
	}
	return err
}

func insertRun(ctx context.Context, tx *tenants.Tx, r Run) error {
	_, err := tx.Exec(ctx, `
		insert into tool_runs (id, plugin, tool, tenant_id, state, hash, created_by, created_at, updated_at)
		values (?1, ?2, ?3, nullif(?4, ''), 'pending', ?5, ?6, ?7, ?7)`,
		r.ID, r.Plugin, r.Tool, r.Tenant, r.Hash, r.By, tx.Now.UnixMilli())
	return err
}

func startRun(ctx context.Context, tx *tenants.Tx, r Run) error {
	result, err := tx.Exec(ctx, `
		update tool_runs set state = 'running', hash = ?2, done = 0, total = 0, started_at = ?3, ended_at = null, updated_at = ?3
		where id = ?1 and state in ('pending', 'failed', 'cancelled') and not exists (
			select 1 from tool_runs o where o.state = 'running' and o.plugin = tool_runs.plugin and o.tool = tool_runs.tool
			and o.tenant_id is tool_runs.tenant_id)`, r.ID, r.Hash, tx.Now.UnixMilli())
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil {
		return err
	}
	return core.Errorf(core.Conflict, "This tool is at work here already. Wait until it has ended.")
}

func moveRun(ctx context.Context, tx *tenants.Tx, id string, done, total int64) error {
	_, err := tx.Exec(ctx, `
		update tool_runs set done = ?2, total = ?3, updated_at = ?4 where id = ?1 and state = 'running'`,
		id, done, total, tx.Now.UnixMilli())
	return err
}

func endRun(ctx context.Context, tx *tenants.Tx, r Run) error {
	_, err := tx.Exec(ctx, `
		update tool_runs set state = ?2, done = ?3, total = ?4, ended_at = ?5, updated_at = ?5 where id = ?1`,
		r.ID, r.State, r.Done, r.Total, tx.Now.UnixMilli())
	return err
}

func failRunning(ctx context.Context, tx *tenants.Tx) (int64, error) {
	result, err := tx.Exec(ctx, `
		update tool_runs set state = 'failed', ended_at = ?1, updated_at = ?1 where state = 'running'`, tx.Now.UnixMilli())
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

const runColumns = `id, plugin, tool, coalesce(tenant_id, ''), state, hash, done, total, created_by, created_at, started_at, ended_at`

func scanRun(scan func(...any) error, r *Run) error {
	var created int64
	var started, ended *int64
	err := scan(&r.ID, &r.Plugin, &r.Tool, &r.Tenant, &r.State, &r.Hash, &r.Done, &r.Total, &r.By, &created, &started, &ended)
	r.CreatedAt = time.UnixMilli(created).UTC()
	if started != nil {
		r.StartedAt = time.UnixMilli(*started).UTC()
	}
	if ended != nil {
		r.EndedAt = time.UnixMilli(*ended).UTC()
	}
	return err
}

func readRun(ctx context.Context, tx *tenants.Tx, id string) (r Run, err error) {
	err = scanRun(tx.QueryRow(ctx, `select `+runColumns+` from tool_runs where id = ?`, id).Scan, &r)
	if errors.Is(err, sql.ErrNoRows) {
		err = errNoRun
	}
	return r, err
}

func listRuns(ctx context.Context, tx *tenants.Tx, q core.Query) (page core.List[Run], err error) {
	where, args := `true`, []any{}
	for _, f := range []struct{ condition, value string }{
		{` and plugin = ?`, q.Kind}, {` and state = ?`, q.Status}, {` and tenant_id = ?`, string(q.Tenant)},
	} {
		if f.value != "" {
			where, args = where+f.condition, append(args, f.value)
		}
	}
	if err := tx.QueryRow(ctx, `select count(*) from tool_runs where `+where, args...).Scan(&page.Total); err != nil {
		return page, err
	}
	if q.After != "" {
		where, args = where+` and id < ?`, append(args, q.After)
	}
	rows, err := tx.Query(ctx, `select `+runColumns+` from tool_runs where `+where+` order by id desc limit ?`, append(args, q.PageSize()+1)...)
	if err != nil {
		return page, err
	}
	defer rows.Close()
	for rows.Next() {
		if len(page.Items) == q.PageSize() {
			page.Next = page.Items[len(page.Items)-1].ID
			break
		}
		var r Run
		if err := scanRun(rows.Scan, &r); err != nil {
			return page, err
		}
		page.Items = append(page.Items, r)
	}
	return page, rows.Err()
}
