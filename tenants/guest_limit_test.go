package tenants_test

import (
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func TestGuestLimits(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	try := func(query string) error {
		return s.GuestView(t.Context(), id, g, func(tx *tenants.GuestTx) error {
			rows, err := tx.Query(t.Context(), query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var n int64
				if err := rows.Scan(&n); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	}
	must(t, try(`select length(zeroblob(20 << 20))`))
	for name, query := range map[string]string{
		"a long value":     `select length(randomblob(21 << 20))`,
		"a long text":      `select length(printf('%*d', 30000000, 1))`,
		"a long list":      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 60) select length(group_concat(hex(zeroblob(200000)))) from n`,
		"a long statement": `select 1 -- ` + strings.Repeat("x", 1<<20),
		"a long pattern":   `select 'x' like '` + strings.Repeat("%x", 600) + `'`,
	} {
		if err := try(query); core.CodeOf(err) != core.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}
