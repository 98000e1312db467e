package tenants_test

import (
	"slices"
	"testing"

	"github.com/openhouse-ai/console/core"
	"pgregory.net/rapid"
)

// TestTotalsAreRecounted compares the kept counts of a list with the rows that
// it pages through, whatever became of the tenants.
func TestTotalsAreRecounted(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var all []core.TenantID
	rapid.Check(t, func(r *rapid.T) {
		states := []core.TenantStatus{core.TenantActive, core.TenantSuspended}
		if len(all) < 12 {
			code := rapid.StringMatching(`[A-Z]{8}`).Draw(r, "code")
			region := rapid.SampledFrom([]string{"eu-west", "uk"}).Draw(r, "region")
			all = append(all, create(t, s, "Developer "+code, code, region, core.TenantActive).ID)
		}
		i := rapid.IntRange(0, len(all)-1).Draw(r, "tenant")
		tenant, err := s.Find(t.Context(), all[i])
		must(t, err)
		tenant.Status = rapid.SampledFrom(states).Draw(r, "status")
		_, err = s.UpdateTenant(t.Context(), tenant)
		must(t, err)
		if rapid.IntRange(0, 19).Draw(r, "remove") == 0 {
			must(t, s.Remove(t.Context(), tenant.ID, "certificate"))
			all = slices.Delete(all, i, i+1)
		}
		for _, q := range []core.Query{{}, {Status: "active"}, {Status: "suspended", Region: "uk"}, {Region: "eu-west"}} {
			q.Limit = core.MaxLimit
			list, err := s.List(t.Context(), q)
			must(t, err)
			if list.Total != len(list.Items) {
				r.Fatalf("%+v: total %d, but %d tenants", q, list.Total, len(list.Items))
			}
		}
	})
}
