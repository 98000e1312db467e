package tenants_test

import (
	"slices"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func TestChangedTenants(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	s := open(t, options(dir))
	id, quiet := newTenant(t, s), newTenant(t, s)
	withNotes(t, s, id)
	wantChanged(t, s, id)
	settleAll(t, s, id, quiet)
	wantChanged(t, s)

	// A commit between the reading of the figures and their settling.
	before, err := s.Signature(t.Context(), id)
	must(t, err)
	note(t.Context(), t, s, id, "late")
	must(t, s.Settle(t.Context(), id, before))
	wantChanged(t, s, id)
	settleAll(t, s, id)
	wantChanged(t, s)

	// A commit whose mark is lost.
	note(t.Context(), t, s, id, "lost")
	s.Forget(id)
	wantChanged(t, s)
	found, err := s.ScanChanged(t.Context())
	must(t, err)
	if !slices.Equal(found, []core.TenantID{id}) {
		t.Errorf("the scan found %v", found)
	}
	wantChanged(t, s, id)

	// A mark survives an orderly end.
	must(t, s.Close())
	wantChanged(t, open(t, options(dir)), id)
}

func settleAll(t *testing.T, s *tenants.Store, ids ...core.TenantID) {
	t.Helper()
	for _, id := range ids {
		signature, err := s.Signature(t.Context(), id)
		must(t, err)
		must(t, s.Settle(t.Context(), id, signature))
	}
}

func wantChanged(t *testing.T, s *tenants.Store, ids ...core.TenantID) {
	t.Helper()
	changed, err := s.Changed(t.Context())
	must(t, err)
	if !slices.Equal(changed, ids) {
		t.Errorf("changed %v, want %v", changed, ids)
	}
}
