package api_test

import (
	"testing"

	"github.com/openhouse-ai/console/tenants"
)

// stagedAs counts the staged files whose name begins so.
func (c *console) stagedAs(t *testing.T, name string) (n int) {
	t.Helper()
	err := c.app.Tenants.ViewControl(t.Context(), func(tx *tenants.Tx) error {
		return tx.QueryRow(t.Context(), `select count(*) from staged_files where name like ? || '%'`, name).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
