package tenants

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
)

const tenantColumns = `id, name, code, region, status, demo, version, created_at, updated_at`

func scanTenant(row interface{ Scan(...any) error }) (t core.Tenant, err error) {
	var created, updated int64
	err = row.Scan(&t.ID, &t.Name, &t.Code, &t.Region, &t.Status, &t.Demo, &t.Version, &created, &updated)
	t.CreatedAt, t.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return t, err
}

// findTenant reads one row of the registry, the deleted ones too.
func findTenant(ctx context.Context, tx *Tx, id core.TenantID) (core.Tenant, error) {
	t, err := scanTenant(tx.QueryRow(ctx, `select `+tenantColumns+` from tenants where id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return t, errNoTenant
	}
	return t, err
}

func findTenantByCode(ctx context.Context, tx *Tx, code string) (core.Tenant, error) {
	t, err := scanTenant(tx.QueryRow(ctx, `select `+tenantColumns+` from tenants where code = ? and status <> 'deleted'`, code))
	if errors.Is(err, sql.ErrNoRows) {
		return t, errNoTenant
	}
	return t, err
}

func insertTenant(ctx context.Context, tx *Tx, t core.Tenant) error {
	_, err := tx.Exec(ctx, `
		insert into tenants (id, name, code, region, status, demo, sort_name, search, created_at, updated_at)
		values (?, ?, ?, ?, 'provisioning', ?, ?, ?, ?, ?)`,
		t.ID, t.Name, t.Code, t.Region, t.Demo, fold(t.Name), searchText(t), tx.Now.UnixMilli(), tx.Now.UnixMilli())
	return takenCode(err, t.Code)
}

// takenCode turns the broken unique index on codes into a sentence.
func takenCode(err error, code string) error {
	if core.CodeOf(err) == core.Conflict {
		return &core.Error{Code: core.Conflict, Message: "Another developer has this code.",
			Fields: []core.FieldError{{Field: "code", Value: code, Reason: "is taken"}}}
	}
	return err
}

// finishTenant notes that the file of a tenant is in place.
func finishTenant(ctx context.Context, tx *Tx, id core.TenantID, version int64, status core.TenantStatus) error {
	_, err := tx.Exec(ctx, `
		update tenants set schema_version = ?, status = case status when 'provisioning' then ? else status end
		where id = ?`, version, status, id)
	return err
}

func updateTenant(ctx context.Context, tx *Tx, t core.Tenant) error {
	_, err := tx.Exec(ctx, `
		update tenants set name = ?, code = ?, status = ?, demo = ?, sort_name = ?, search = ?,
		  updated_at = ?, version = version + 1
		where id = ?`,
		t.Name, t.Code, t.Status, t.Demo, fold(t.Name), searchText(t), tx.Now.UnixMilli(), t.ID)
	return takenCode(err, t.Code)
}

// buryTenant turns a row of the registry into the trace that an id is used up,
// and forgets its name.
func buryTenant(ctx context.Context, tx *Tx, id core.TenantID, tombstone, certificate string) error {
	_, err := tx.Exec(ctx, `
		update tenants set status = 'deleted', name = 'Deleted tenant', code = '', sort_name = '', search = '',
		  updated_at = ?, version = version + 1
		where id = ?`, tx.Now.UnixMilli(), id)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		`delete from tenant_changes where tenant_id = ?`,
		`delete from tenant_signatures where tenant_id = ?`,
	} {
		if _, err := tx.Exec(ctx, statement, id); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		insert into tombstones (tenant_hmac, certificate_id, deleted_at) values (?, ?, ?)
		on conflict do nothing`, tombstone, certificate, tx.Now.UnixMilli())
	return err
}

func hasTombstone(ctx context.Context, tx *Tx, tombstone string) (found bool, err error) {
	err = tx.QueryRow(ctx, `select exists (select 1 from tombstones where tenant_hmac = ?)`, tombstone).Scan(&found)
	return found, err
}

// tenantOrders maps what a query sorts by to a column with an index.
var tenantOrders = map[string]string{
	"": "sort_name", "name": "sort_name", "code": "code", "region": "region", "status": "status", "created_at": "created_at",
}

// tenantFilter returns the condition of a query and its parameters. Deleted
// tenants are listed only when their status is asked for. Sign is "+" where the
// condition must not choose the index, because another one gives the order.
func tenantFilter(q core.Query, sign string) (where string, args []any) {
	where = `status <> 'deleted'`
	if q.Status == string(core.TenantDeleted) {
		where = `status = 'deleted'`
	} else if q.Status != "" {
		where, args = where+` and `+sign+`status = ?`, append(args, q.Status)
	}
	if q.Region != "" {
		where, args = where+` and `+sign+`region = ?`, append(args, q.Region)
	}
	for _, word := range strings.Fields(fold(q.Text)) {
		where, args = where+` and instr(search, ?) > 0`, append(args, word)
	}
	return where, args
}

// countTenants counts what a query matches: from the kept counts, unless it
// looks for words.
func countTenants(ctx context.Context, tx *Tx, q core.Query, total *int) error {
	where, args := tenantFilter(q, "")
	if len(strings.Fields(fold(q.Text))) > 0 {
		return tx.QueryRow(ctx, `select count(*) from tenants where `+where, args...).Scan(total)
	}
	return tx.QueryRow(ctx, `select coalesce(sum(tenants), 0) from tenant_counts where `+where, args...).Scan(total)
}

// listTenants returns the page of a query that begins after the cursor, with
// the cursor's column beside each row, and the number of all matching rows.
func listTenants(ctx context.Context, tx *Tx, q core.Query, after *cursor) (core.List[core.Tenant], error) {
	var list core.List[core.Tenant]
	column, ok := tenantOrders[q.Sort]
	if !ok {
		return list, core.Errorf(core.Invalid, "Tenants can't be sorted by %q.", q.Sort)
	}
	if err := countTenants(ctx, tx, q, &list.Total); err != nil {
		return list, err
	}
	where, args := tenantFilter(q, "+")
	direction, beyond := `asc`, `>`
	if q.Desc {
		direction, beyond = `desc`, `<`
	}
	if after != nil {
		where, args = fmt.Sprintf(`%s and (%s, id) %s (?, ?)`, where, column, beyond), append(args, after.Value, after.ID)
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(`select %s, %s from tenants where %s order by %s %s, id %s limit ?`,
		tenantColumns, column, where, column, direction, direction), append(args, q.PageSize()+1)...)
	if err != nil {
		return list, err
	}
	defer rows.Close()
	var last cursor
	for rows.Next() {
		if len(list.Items) == q.PageSize() { // one row more than the page: there is a next page
			list.Next = last.encode(q)
			break
		}
		t, err := scanTenant(withColumn{rows, &last.Value})
		if err != nil {
			return list, err
		}
		last.ID = string(t.ID)
		list.Items = append(list.Items, t)
	}
	return list, rows.Err()
}

// withColumn scans one column more than it is asked for.
type withColumn struct {
	rows *sql.Rows
	last *any
}

func (w withColumn) Scan(into ...any) error { return w.rows.Scan(append(into, w.last)...) }
