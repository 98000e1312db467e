package usage

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/tenants"
)

// countScans counts scans by the quarters of an hour that they happened in,
// those that retention has erased among them.
func countScans(ctx context.Context, tx *tenants.Tx) ([]quarterCount, error) {
	rows, err := tx.Query(ctx, `
		select time / ?2, development_id, count(*) from usage_events
		where type = ?1 group by 1, 2
		union all
		select quarter, development_id, events from usage_erased_scans`, scanned, quarter.Milliseconds())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var counts []quarterCount
	for rows.Next() {
		var c quarterCount
		var number int64
		if err := rows.Scan(&number, &c.development, &c.events); err != nil {
			return nil, err
		}
		c.start = time.UnixMilli(number * quarter.Milliseconds())
		counts = append(counts, c)
	}
	return counts, rows.Err()
}
