package tenants

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/openhouse-ai/console/core"
)

// stampVersion writes the schema version where the header of the file shows
// it, and empties the write-ahead log, because the header is read without it.
func stampVersion(ctx context.Context, db *sql.DB, version int64) error {
	for _, statement := range []string{
		fmt.Sprintf(`pragma user_version = %d`, version), // a pragma takes no parameters
		`pragma wal_checkpoint(truncate)`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("stamp version: %w", err)
		}
	}
	return nil
}

// findBehind counts the tenants that have a file, and returns those whose row
// says that the file has another schema than this program.
func (s *Store) findBehind(ctx context.Context) (report MigrationReport, behind []core.Tenant, err error) {
	err = s.ViewControl(ctx, func(tx *Tx) error {
		err := tx.QueryRow(ctx, `select count(*) from tenants where status <> 'deleted'`).Scan(&report.Checked)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			select `+tenantColumns+` from tenants
			where status <> 'deleted' and schema_version > 0 and schema_version <> ?
			order by id`, s.schema)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			t, err := scanTenant(rows)
			if err != nil {
				return err
			}
			behind = append(behind, t)
		}
		return rows.Err()
	})
	return report, behind, err
}

// noteMigrated writes to the registry how each migration ended. A failed
// tenant remembers its status and returns to it later.
func (s *Store) noteMigrated(ctx context.Context, tenants []core.Tenant, outcomes []error) error {
	if len(tenants) == 0 {
		return nil
	}
	return s.UpdateControl(ctx, func(tx *Tx) error {
		for i, t := range tenants {
			if err := noteMigrated(ctx, tx, t, s.schema, outcomes[i]); err != nil {
				return fmt.Errorf("note migration of %s: %w", t.ID, err)
			}
		}
		return nil
	})
}

func noteMigrated(ctx context.Context, tx *Tx, t core.Tenant, schema int64, outcome error) error {
	if outcome == nil {
		_, err := tx.Exec(ctx, `
			update tenants set schema_version = ?, status_before = '',
			  status = case when status = 'failed' and status_before <> '' then status_before else status end
			where id = ?`, schema, t.ID)
		return err
	}
	_, err := tx.Exec(ctx, `
		update tenants set status_before = status, status = 'failed', updated_at = ?, version = version + 1
		where id = ? and status <> 'failed'`, tx.Now.UnixMilli(), t.ID)
	return err
}

// placeOf returns the row of a tenant that has a file, and the schema version
// that the registry knows.
func placeOf(ctx context.Context, tx *Tx, id core.TenantID) (t core.Tenant, schema int64, err error) {
	if t, err = findTenant(ctx, tx, id); err != nil {
		return t, 0, err
	}
	err = tx.QueryRow(ctx, `select schema_version from tenants where id = ?`, id).Scan(&schema)
	return t, schema, err
}
