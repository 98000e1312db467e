package tenants

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
)

// insertMarks notes changed tenants; one that is noted keeps its time. Rows of
// tenants that were removed meanwhile are not made again.
func insertMarks(ctx context.Context, tx *Tx, marks map[core.TenantID]time.Time) error {
	for id, at := range marks {
		_, err := tx.Exec(ctx, `
			insert into tenant_changes (tenant_id, changed_at)
			select id, ?2 from tenants where id = ?1 and status <> 'deleted'
			on conflict (tenant_id) do nothing`, id, at.UnixMilli())
		if err != nil {
			return err
		}
	}
	return nil
}

// followMoves replaces the settled signatures that have moved. A tenant that
// was settled with another one was changed, and stays so.
func followMoves(ctx context.Context, tx *Tx, moves map[core.TenantID]move) error {
	for id, m := range moves {
		_, err := tx.Exec(ctx, `update tenant_signatures set signature = ?3 where tenant_id = ?1 and signature = ?2`, id, m.before, m.after)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) listMarks(ctx context.Context) (ids []core.TenantID, err error) {
	err = s.ViewControl(ctx, func(tx *Tx) error {
		rows, err := tx.Query(ctx, `select tenant_id from tenant_changes order by changed_at, tenant_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id core.TenantID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return rows.Err()
	})
	return ids, err
}

// settle stores the signature that figures were computed from, and takes the
// mark away when it is still the current one.
func settle(ctx context.Context, tx *Tx, id core.TenantID, computed string, current bool) error {
	result, err := tx.Exec(ctx, `
		insert into tenant_signatures (tenant_id, signature, settled_at)
		select id, ?2, ?3 from tenants where id = ?1 and status <> 'deleted'
		on conflict (tenant_id) do update set signature = ?2, settled_at = ?3`, id, computed, tx.Now.UnixMilli())
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, error(errNoTenant))
	}
	if !current {
		return nil
	}
	_, err = tx.Exec(ctx, `delete from tenant_changes where tenant_id = ?`, id)
	return err
}

// Settled returns the signature that a tenant was settled with, in a control
// transaction; empty: never.
func Settled(ctx context.Context, tx *Tx, id core.TenantID) (signature string, err error) {
	err = tx.QueryRow(ctx, `select signature from tenant_signatures where tenant_id = ?`, id).Scan(&signature)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return signature, err
}

// MarkAll marks every tenant with a file as changed, in a control transaction:
// what was computed of it is to be computed again. It wakes nobody.
func MarkAll(ctx context.Context, tx *Tx) error {
	_, err := tx.Exec(ctx, `
		insert into tenant_changes (tenant_id, changed_at)
		select id, ? from tenants where status <> 'deleted' and schema_version > 0
		on conflict (tenant_id) do nothing`, tx.Now.UnixMilli())
	return err
}

// listRegions says where the files of the tenants lie.
func (s *Store) listRegions(ctx context.Context) (regions map[string][]core.TenantID, err error) {
	regions = map[string][]core.TenantID{}
	err = s.ViewControl(ctx, func(tx *Tx) error {
		rows, err := tx.Query(ctx, `select id, region from tenants where status <> 'deleted' and schema_version > 0`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id core.TenantID
			var region string
			if err := rows.Scan(&id, &region); err != nil {
				return err
			}
			regions[region] = append(regions[region], id)
		}
		return rows.Err()
	})
	return regions, err
}

// settledTenant is a tenant with a file and the signature that its figures
// were computed from; empty: never.
type settledTenant struct {
	id        core.TenantID
	region    string
	signature string
}

func (s *Store) listSettled(ctx context.Context) (settled []settledTenant, err error) {
	err = s.ViewControl(ctx, func(tx *Tx) error {
		rows, err := tx.Query(ctx, `
			select t.id, t.region, coalesce(s.signature, '')
			from tenants t left join tenant_signatures s on s.tenant_id = t.id
			where t.status <> 'deleted' and t.schema_version > 0`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var t settledTenant
			if err := rows.Scan(&t.id, &t.region, &t.signature); err != nil {
				return err
			}
			settled = append(settled, t)
		}
		return rows.Err()
	})
	return settled, err
}
