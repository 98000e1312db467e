package tenants

import (
	"context"

	"github.com/openhouse-ai/console/core"
)

// Columns are what ScanTenant reads: the store of another room selects them
// where it joins the table tenants to what it keeps of them in the control
// database.
const Columns = `tenants.id, tenants.name, tenants.code, tenants.region, tenants.status, tenants.demo, tenants.version, tenants.created_at, tenants.updated_at`

// ScanTenant reads the Columns of a row, and then what is selected behind them.
func ScanTenant(row interface{ Scan(...any) error }, more ...any) (core.Tenant, error) {
	return scanTenant(withMore{row, more})
}

// withMore scans further columns than it is asked for.
type withMore struct {
	row  interface{ Scan(...any) error }
	more []any
}

func (w withMore) Scan(into ...any) error { return w.row.Scan(append(into, w.more...)...) }

// Matching is the condition by which List chooses tenants, and its parameters:
// for a statement whose order comes from elsewhere.
func Matching(q core.Query) (condition string, args []any) { return tenantFilter(q, "+") }

// Count counts the tenants that List would go through, in a control transaction.
func Count(ctx context.Context, tx *Tx, q core.Query) (n int, err error) {
	err = countTenants(ctx, tx, q, &n)
	return n, err
}
