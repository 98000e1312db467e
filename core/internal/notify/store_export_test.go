package notify

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// SetIndexState lets a test leave the index as a crash between two commits
// would.
func SetIndexState(ctx context.Context, tx *tenants.Tx, tenant core.TenantID, id, state string) error {
	_, err := tx.Exec(ctx, `update message_index set state = ?, next_at = 0 where tenant_id = ? and id = ?`, state, tenant, id)
	return err
}
