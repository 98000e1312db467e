package keep

import (
	"context"
	"database/sql"
	"errors"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// writePublication stores a value under the plugin's next revision, unless it
// is there already. The writer of the control database is alone, so that no
// revision comes before one that was read.
func writePublication(ctx context.Context, tx *tenants.Tx, plugin string, tenant core.TenantID, key string, value []byte) error {
	if tenant != "" {
		var exists int
		err := tx.QueryRow(ctx, `select 1 from tenants where id = ? and status <> 'deleted'`, tenant).Scan(&exists)
		if errors.Is(err, sql.ErrNoRows) {
			return core.Errorf(core.NotFound, "There is no such developer.")
		}
		if err != nil {
			return err
		}
	}
	result, err := tx.Exec(ctx, `
		insert into plugin_publications (plugin, tenant_id, key, value, revision, published_at)
		select ?1, ?2, ?3, ?4, 1 + coalesce((select max(revision) from plugin_publications where plugin = ?1), 0), ?5
		where exists (select 1 from plugin_publications where plugin = ?1 and tenant_id = ?2 and key = ?3)
		  or ?4 is not null and (select count(*) from plugin_publications where plugin = ?1 and tenant_id = ?2) < ?6
		on conflict (plugin, tenant_id, key) do update
		set value = excluded.value, revision = excluded.revision, published_at = excluded.published_at
		where value is not excluded.value`,
		plugin, tenant, key, value, tx.Now.UnixMilli(), MaxPublications)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil || value == nil {
		return err
	}
	var there int
	err = tx.QueryRow(ctx, `select 1 from plugin_publications where plugin = ? and tenant_id = ? and key = ?`, plugin, tenant, key).Scan(&there)
	if errors.Is(err, sql.ErrNoRows) {
		return core.Errorf(core.Invalid, "A plugin publishes at most %d keys for one developer, and as many for all.", MaxPublications)
	}
	return err
}

// listRevisions finds one page of what a tenant sees, and one more.
func listRevisions(ctx context.Context, tx *tenants.Tx, plugin string, tenant core.TenantID, after int64) (revisions []int64, err error) {
	rows, err := tx.Query(ctx, `
		select revision from (select revision from plugin_publications where plugin = ?1 and tenant_id = '' and revision > ?3 order by revision limit ?4)
		union
		select revision from (select revision from plugin_publications where plugin = ?1 and tenant_id = ?2 and revision > ?3 order by revision limit ?4)
		order by revision limit ?4`, plugin, tenant, after, pagePublished+1)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var revision int64
		if err := rows.Scan(&revision); err != nil {
			return nil, err
		}
		revisions = append(revisions, revision)
	}
	return revisions, rows.Err()
}

func readPublication(ctx context.Context, tx *tenants.Tx, plugin string, revision int64) (p Publication, err error) {
	var withdrawn bool
	err = tx.QueryRow(ctx, `
		select key, tenant_id <> '', value, value is null, revision from plugin_publications where plugin = ? and revision = ?`, plugin, revision).
		Scan(&p.Key, &p.Own, &p.Value, &withdrawn, &p.Revision)
	if p.Value == nil && !withdrawn {
		p.Value = []byte{}
	}
	return p, err
}

func readSights(ctx context.Context, tx *tenants.Tx, plugin string) (map[core.TenantID]Sight, error) {
	var all Sight
	err := tx.QueryRow(ctx, `
		select coalesce((select max(revision) from plugin_publications where plugin = ?1 and tenant_id = ''), 0),
			coalesce((select version from plugin_settings where plugin = ?1), 0)`, plugin).Scan(&all.Revision, &all.Settings)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		select t.id,
			coalesce((select max(revision) from plugin_publications where plugin = ?1 and tenant_id = t.id), 0),
			t.id in (select tenant_id from plugin_tenants where plugin = ?1 and off = 1)
		from tenants t where t.status <> 'deleted'`, plugin)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	sights := map[core.TenantID]Sight{}
	for rows.Next() {
		var tenant core.TenantID
		s := all
		if err := rows.Scan(&tenant, &s.Revision, &s.Off); err != nil {
			return nil, err
		}
		s.Revision = max(s.Revision, all.Revision)
		sights[tenant] = s
	}
	return sights, rows.Err()
}
