package directory

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const developmentColumns = `d.id, d.name, d.address, d.status,
  (select count(*) from units u where u.development_id = d.id), d.created_at, d.updated_at, d.version`

var developmentSorts = map[string]string{
	"": "d.sort_key", "name": "d.sort_key", "created_at": "d.id", "updated_at": "d.updated_at",
}

func scanDevelopment(row scanner) (core.Development, error) {
	var d core.Development
	var created, updated int64
	err := row.Scan(&d.ID, &d.Name, &d.Address, &d.Status, &d.Units, &created, &updated, &d.Version)
	d.CreatedAt, d.UpdatedAt = at(created), at(updated)
	return d, err
}

func findDevelopment(ctx context.Context, tx *tenants.Tx, id string) (core.Development, error) {
	d, err := scanDevelopment(tx.QueryRow(ctx, "select "+developmentColumns+" from developments d where d.id = ?", id))
	return d, orNotFound(err, "There is no such development.")
}

func listDevelopments(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[core.Development], error) {
	l := listing{columns: developmentColumns, table: "developments d", id: "d.id", sorts: developmentSorts}
	l.words("d.search", q.Text)
	if q.Status != "" {
		l.and("d.status = ?", q.Status)
	}
	return page(ctx, tx, q, l, scanDevelopment)
}

func insertDevelopment(ctx context.Context, tx *tenants.Tx, d core.Development) error {
	_, err := tx.Exec(ctx, `
insert into developments (id, name, address, status, sort_key, search, created_at, updated_at, version)
values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, d.Name, d.Address, d.Status, sortKey(d.Name), searchText(d.Name, d.Address),
		d.CreatedAt.UnixMilli(), d.UpdatedAt.UnixMilli(), d.Version)
	return err
}

func updateDevelopment(ctx context.Context, tx *tenants.Tx, d core.Development) error {
	_, err := tx.Exec(ctx, `
update developments set name = ?, address = ?, status = ?, sort_key = ?, search = ?, updated_at = ?, version = ?
where id = ?`,
		d.Name, d.Address, d.Status, sortKey(d.Name), searchText(d.Name, d.Address), d.UpdatedAt.UnixMilli(), d.Version, d.ID)
	return err
}

func deleteDevelopment(ctx context.Context, tx *tenants.Tx, id string) error {
	_, err := tx.Exec(ctx, "delete from developments where id = ?", id)
	return err
}

// at is the instant that a column of milliseconds holds.
func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// maybeAt is at for a column that may be null.
func maybeAt(ms sql.Null[int64]) *time.Time {
	if !ms.Valid {
		return nil
	}
	t := at(ms.V)
	return &t
}

// milliseconds is what a column holds of an instant; null for none.
func milliseconds(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMilli()
}

// orNotFound turns a missing row into a not_found error with a sentence.
func orNotFound(err error, sentence string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return core.Errorf(core.NotFound, "%s", sentence)
	}
	return err
}
