package tenants

import (
	"context"
	"database/sql"
	"time"

	"github.com/openhouse-ai/console/core"
)

// Tx is a transaction on the control database or on one tenant's file. It is
// valid inside the function that received it. Now is one moment for all of it:
// UTC, in whole milliseconds.
type Tx struct {
	tx     *sql.Tx
	Tenant core.TenantID // empty in the control database
	Now    time.Time
}

// Exec runs a statement with parameters. A broken unique constraint comes back
// as a conflict, a full disk or a read-only file as unavailable.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.tx.ExecContext(ctx, query, args...)
}

// Query returns the rows of a query; the caller closes them.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(ctx, query, args...)
}

// QueryRow returns the first row; its Scan answers sql.ErrNoRows without one.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(ctx, query, args...)
}
