package directory

import (
	"context"

	"github.com/openhouse-ai/console/tenants"
)

// countByDevelopment counts the developments, and what each has, from the index
// that the lists of units count by.
func countByDevelopment(ctx context.Context, tx *tenants.Tx) (developments int64, counts []unitCounts, err error) {
	if err := tx.QueryRow(ctx, "select count(*) from developments").Scan(&developments); err != nil {
		return 0, nil, err
	}
	rows, err := tx.Query(ctx, "select development_id, count(*), count(first_scan_at), sum(homeowners) from units group by development_id")
	if err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c unitCounts
		if err := rows.Scan(&c.development, &c.units, &c.activated, &c.homeowners); err != nil {
			return 0, nil, err
		}
		counts = append(counts, c)
	}
	return developments, counts, rows.Err()
}
