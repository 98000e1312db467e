package access

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// account is a user with the credentials, which leave the room never.
type account struct {
	core.User
	password                string // PHC string; empty until an invitation is accepted
	totpSecret, totpPending []byte // sealed
	totpStep                int64  // the last one that was used
}

const userColumns = `u.id, u.name, u.email, u.role, u.tenant_id, u.status, u.created_at, u.seen_at, u.version,
	  u.password, u.totp_secret, u.totp_pending, u.totp_step`

const selectUser = `select ` + userColumns + ` from users u`

func scanUser(row scanner) (u account, err error) {
	var tenant sql.NullString
	var created int64
	var seen sql.NullInt64
	err = row.Scan(&u.ID, &u.Name, &u.Email, &u.Role, &tenant, &u.Status, &created, &seen, &u.Version,
		&u.password, &u.totpSecret, &u.totpPending, &u.totpStep)
	if errors.Is(err, sql.ErrNoRows) {
		return u, errNoUser
	}
	u.Tenant, u.TOTP = core.TenantID(tenant.String), len(u.totpSecret) > 0
	u.CreatedAt, u.LastSeenAt = moment(created), maybe(seen)
	return u, err
}

func findUser(ctx context.Context, tx *tenants.Tx, id string) (account, error) {
	return scanUser(tx.QueryRow(ctx, selectUser+` where u.id = ?`, id))
}

func findUserByEmail(ctx context.Context, tx *tenants.Tx, email string) (account, error) {
	return scanUser(tx.QueryRow(ctx, selectUser+` where u.email = ?`, email))
}

func searchText(u core.User) string { return strings.ToLower(u.Name + " " + u.Email) }

func insertUser(ctx context.Context, tx *tenants.Tx, u account) error {
	_, err := tx.Exec(ctx, `
		insert into users (id, name, email, role, tenant_id, status, search, password, created_at, updated_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		u.ID, u.Name, u.Email, u.Role, nullable(string(u.Tenant)), u.Status, searchText(u.User), u.password,
		tx.Now.UnixMilli(), tx.Now.UnixMilli())
	return err
}

// updateUser writes name, role, status and password; the version grows by one.
func updateUser(ctx context.Context, tx *tenants.Tx, u account) error {
	_, err := tx.Exec(ctx, `
		update users set name = ?, role = ?, status = ?, search = ?, password = ?, updated_at = ?, version = version + 1
		where id = ?`,
		u.Name, u.Role, u.Status, searchText(u.User), u.password, tx.Now.UnixMilli(), u.ID)
	return err
}

// updateFactor writes the second factor.
func updateFactor(ctx context.Context, tx *tenants.Tx, u account) error {
	_, err := tx.Exec(ctx, `
		update users set totp_secret = ?, totp_pending = ?, totp_step = ?, updated_at = ?, version = version + 1
		where id = ?`,
		u.totpSecret, u.totpPending, u.totpStep, tx.Now.UnixMilli(), u.ID)
	return err
}

// useStep notes a TOTP step as used; it reports whether it was still unused.
func useStep(ctx context.Context, tx *tenants.Tx, user string, step int64) (bool, error) {
	return changed(tx.Exec(ctx, `update users set totp_step = ? where id = ? and totp_step < ?`, step, user, step))
}

func changed(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// otherOwners counts the active owners besides one.
func otherOwners(ctx context.Context, tx *tenants.Tx, id string) (n int, err error) {
	row := tx.QueryRow(ctx, `select count(*) from users where role = 'owner' and status = 'active' and id <> ?`, id)
	return n, row.Scan(&n)
}

func tenantExists(ctx context.Context, tx *tenants.Tx, id core.TenantID) (found bool, err error) {
	row := tx.QueryRow(ctx, `select exists (select 1 from tenants where id = ? and status <> 'deleted')`, id)
	return found, row.Scan(&found)
}

// userOrder names the columns that a list of users can be sorted by.
var userOrder = map[string]string{
	"": "u.search", "name": "u.search", "email": "u.email", "role": "u.role", "status": "u.status",
	"created": "u.created_at", "seen": "coalesce(u.seen_at, 0)",
}

// listUsers reads one page. Kind is staff or developer.
func listUsers(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[core.User], error) {
	order, ok := userOrder[q.Sort]
	if !ok {
		return core.List[core.User]{}, core.Errorf(core.Invalid, "Users can't be sorted by %s.", q.Sort)
	}
	p := page{columns: userColumns, from: "users u", order: order, id: "u.id"}
	p.where(q.Status == "", `u.status = ?`, q.Status)
	p.where(q.Tenant == "", `u.tenant_id = ?`, q.Tenant)
	p.where(q.Kind == "", `(u.tenant_id is not null) = (? = 'developer')`, q.Kind)
	for _, word := range strings.Fields(strings.ToLower(q.Text)) {
		p.where(false, `instr(u.search, ?) > 0`, word)
	}
	return readPage(ctx, tx, q, p, func(row scanner) (core.User, string, error) {
		u, err := scanUser(row)
		return u.User, u.ID, err
	})
}
