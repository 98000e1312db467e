package access

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const keyColumns = `k.id, k.name, k.role, k.tenant_id, k.hint, k.created_by, k.created_at, k.last_used_at, k.expires_at, k.revoked_at`

const selectKey = `select ` + keyColumns + ` from keys k`

func scanKey(row scanner) (k core.Key, err error) {
	var tenant sql.NullString
	var created int64
	var used, expires, revoked sql.NullInt64
	err = row.Scan(&k.ID, &k.Name, &k.Role, &tenant, &k.Hint, &k.CreatedBy, &created, &used, &expires, &revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return k, errNoKey
	}
	k.Tenant, k.CreatedAt = core.TenantID(tenant.String), moment(created)
	k.LastUsedAt, k.ExpiresAt, k.RevokedAt = maybe(used), maybe(expires), maybe(revoked)
	return k, err
}

func findKey(ctx context.Context, tx *tenants.Tx, id string) (core.Key, error) {
	return scanKey(tx.QueryRow(ctx, selectKey+` where k.id = ?`, id))
}

func findKeyByHash(ctx context.Context, tx *tenants.Tx, hash string) (core.Key, error) {
	return scanKey(tx.QueryRow(ctx, selectKey+` where k.hash = ?`, hash))
}

func insertKey(ctx context.Context, tx *tenants.Tx, k core.Key, hash string) error {
	var expires sql.NullInt64
	if k.ExpiresAt != nil {
		expires = sql.NullInt64{Int64: k.ExpiresAt.UnixMilli(), Valid: true}
	}
	_, err := tx.Exec(ctx, `
		insert into keys (id, name, role, tenant_id, hash, hint, created_by, created_at, expires_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.Name, k.Role, nullable(string(k.Tenant)), hash, k.Hint, k.CreatedBy, k.CreatedAt.UnixMilli(), expires)
	return err
}

func touchKey(ctx context.Context, tx *tenants.Tx, id string, at time.Time) error {
	_, err := tx.Exec(ctx, `update keys set last_used_at = max(coalesce(last_used_at, 0), ?) where id = ?`, at.UnixMilli(), id)
	return err
}

func revokeKey(ctx context.Context, tx *tenants.Tx, id string) error {
	_, err := tx.Exec(ctx, `update keys set revoked_at = ? where id = ?`, tx.Now.UnixMilli(), id)
	return err
}

// keyOrder names the columns that a list of keys can be sorted by.
var keyOrder = map[string]string{
	"": "lower(k.name)", "name": "lower(k.name)", "created": "k.created_at", "used": "coalesce(k.last_used_at, 0)",
}

// keyStates are the conditions of the states that a list can be filtered by;
// each takes the moment that the key is compared with.
var keyStates = map[string]string{
	"active":  `k.revoked_at is null and coalesce(k.expires_at > ?, true)`,
	"expired": `k.revoked_at is null and k.expires_at <= ?`,
	"revoked": `k.revoked_at <= ?`,
}

// listKeys reads one page. Kind is staff or developer.
func listKeys(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[core.Key], error) {
	order, ok := keyOrder[q.Sort]
	if !ok {
		return core.List[core.Key]{}, core.Errorf(core.Invalid, "Keys can't be sorted by %s.", q.Sort)
	}
	state, ok := keyStates[q.Status]
	if !ok && q.Status != "" {
		return core.List[core.Key]{}, core.Errorf(core.Invalid, "Keys have no state %s.", q.Status)
	}
	p := page{columns: keyColumns, from: "keys k", order: order, id: "k.id"}
	p.where(!ok, state, tx.Now.UnixMilli())
	p.where(q.Tenant == "", `k.tenant_id = ?`, q.Tenant)
	p.where(q.Kind == "", `(k.tenant_id is not null) = (? = 'developer')`, q.Kind)
	for _, word := range strings.Fields(strings.ToLower(q.Text)) {
		p.where(false, `instr(lower(k.name), ?) > 0`, word)
	}
	return readPage(ctx, tx, q, p, func(row scanner) (core.Key, string, error) {
		k, err := scanKey(row)
		return k, k.ID, err
	})
}
