package access

import (
	"context"

	"github.com/openhouse-ai/console/tenants"
)

func insertImpersonation(ctx context.Context, tx *tenants.Tx, v visit) error {
	_, err := tx.Exec(ctx, `
		insert into impersonations (id, staff_id, user_id, tenant_id, reason, started_at) values (?, ?, ?, ?, ?, ?)`,
		v.hash, v.onBehalfOf, v.user.ID, v.user.Tenant, v.reason, v.created.UnixMilli())
	return err
}

const selectImpersonation = `
	select i.id, u.id, u.name, u.email, u.role, i.user_id, i.tenant_id, i.reason
	from impersonations i join users u on u.id = i.staff_id`

// closeImpersonations marks those whose session is gone as ended and returns
// them.
func closeImpersonations(ctx context.Context, tx *tenants.Tx) ([]impersonation, error) {
	ended, err := queryImpersonations(ctx, tx, `
		where i.ended_at is null and not exists (select 1 from sessions s where s.hash = i.id)`)
	if err != nil {
		return nil, err
	}
	for _, i := range ended {
		if _, err := tx.Exec(ctx, `update impersonations set ended_at = ? where id = ?`, tx.Now.UnixMilli(), i.id); err != nil {
			return nil, err
		}
	}
	return ended, nil
}

// untoldImpersonations returns the ended ones that the tenant's log lacks.
func untoldImpersonations(ctx context.Context, tx *tenants.Tx) ([]impersonation, error) {
	return queryImpersonations(ctx, tx, ` where i.ended_at is not null`)
}

func queryImpersonations(ctx context.Context, tx *tenants.Tx, tail string) (list []impersonation, err error) {
	rows, err := tx.Query(ctx, selectImpersonation+tail)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var i impersonation
		if err := rows.Scan(&i.id, &i.staff.ID, &i.staff.Name, &i.staff.Email, &i.staff.Role,
			&i.user, &i.tenant, &i.reason); err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	return list, rows.Err()
}

// deleteImpersonation forgets one that both logs hold.
func deleteImpersonation(ctx context.Context, tx *tenants.Tx, id string) error {
	_, err := tx.Exec(ctx, `delete from impersonations where id = ?`, id)
	return err
}
