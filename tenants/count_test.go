package tenants_test

import (
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
		tenant, err := s.Find(t.Context(), rapid.SampledFrom(all).Draw(r, "tenant"))
		must(t, err)
		if tenant.Status != core.TenantDeleted {
			tenant.Status = rapid.SampledFrom(states).Draw(r, "status")
			_, err = s.UpdateTenant(t.Context(), tenant)
			must(t, err)
			if rapid.IntRange(0, 19).Draw(r, "remove") == 0 {
				must(t, s.Remove(t.Context(), tenant.ID, "certificate"))
			}
		}
		for _, q := range []core.Query{{}, {Status: "active"}, {Status: "suspended", Region: "uk"}, {Region: "eu-west"}, {Status: "deleted"}} {
			q.Limit = core.MaxLimit
			list, err := s.List(t.Context(), q)
			must(t, err)
			if list.Total != len(list.Items) {
				r.Fatalf("%+v: total %d, but %d tenants", q, list.Total, len(list.Items))
			}
		}
	})
}
