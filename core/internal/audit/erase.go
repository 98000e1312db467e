package audit

import (
	"context"
	"fmt"
	"strconv"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Erase deletes the personal values, and their salts, of every record about a
// target from the transaction's database, and records that it did: the chain
// still verifies, and nobody can guess the values back. Returns how many were
// deleted, and invalid without a reason.
func (l *Log) Erase(ctx context.Context, tx *tenants.Tx, target core.Target, reason string) (int, error) {
	n, err := deleteValues(ctx, tx, target)
	if err != nil {
		return 0, fmt.Errorf("erase audit values of %s %s: %w", target.Kind, target.ID, err)
	}
	return n, l.Record(ctx, tx, core.Entry{
		Action:  erase,
		Target:  target,
		Reason:  reason,
		Changes: []core.Change{{Field: "values", Before: strconv.Itoa(n), After: "0"}},
	})
}
