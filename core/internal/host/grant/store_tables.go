package grant

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// tables returns a function that says whether a file has a table, a view or an
// index of a name. It looks each time, since other plugins make tables too, and
// through a connection of its own, since SQLite asks while it prepares. When it
// can't know, it says yes: what is there is refused.
func (d *Desk) tables(tenant core.TenantID) func(string) bool {
	return func(name string) bool {
		there := true
		look := func(tx *tenants.Tx) error {
			return tx.QueryRow(context.Background(),
				`select exists (select 1 from sqlite_schema where name = ? collate nocase)`, name).Scan(&there)
		}
		ctx := context.Background()
		if tenant == "" {
			return d.options.Store.ViewControl(ctx, look) != nil || there
		}
		return d.options.Store.View(ctx, tenant, look) != nil || there
	}
}
