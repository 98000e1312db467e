package jobs

import (
	"context"

	"github.com/openhouse-ai/console/tenants"
)

// listVisits returns every active tenant with the mark of its last visit that
// ended well; an empty one: there was none.
func listVisits(ctx context.Context, tx *tenants.Tx, job string) ([]visit, error) {
	rows, err := tx.Query(ctx, `
		select t.id, coalesce(v.mark, '')
		from tenants t left join job_visits v on v.job = ? and v.tenant_id = t.id
		where t.status = 'active' order by t.id`, job)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []visit
	for rows.Next() {
		var v visit
		if err := rows.Scan(&v.tenant, &v.mark); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// insertVisits keeps the marks of visits; those of tenants that were deleted
// meanwhile are left out.
func insertVisits(ctx context.Context, tx *tenants.Tx, job string, visits []visit) error {
	for _, v := range visits {
		_, err := tx.Exec(ctx, `
			insert into job_visits (job, tenant_id, mark) select ?, id, ? from tenants where id = ? and status <> 'deleted'
			on conflict (job, tenant_id) do update set mark = excluded.mark`, job, v.mark, v.tenant)
		if err != nil {
			return err
		}
	}
	return nil
}
