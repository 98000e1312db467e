package tenants_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func create(t testing.TB, s *tenants.Store, name, code, region string, status core.TenantStatus) core.Tenant {
	t.Helper()
	tenant := core.Tenant{ID: core.NewTenantID(start), Name: name, Code: code, Region: region, Status: status}
	must(t, s.Create(t.Context(), tenant))
	return tenant
}

func TestCreateCanBeRepeated(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	audited := 0
	audit := func(tx *tenants.Tx) error { audited++; return nil }
	tenant := core.Tenant{ID: core.NewTenantID(start), Name: "Harpur Homes", Code: "HARP", Region: "uk"}
	must(t, s.Create(t.Context(), tenant, audit))
	withNotes(t, s, tenant.ID)
	must(t, s.Create(t.Context(), tenant, audit))
	if got := notes(t, s, tenant.ID); got != nil || audited != 1 {
		t.Errorf("notes %v, audited %d times", got, audited)
	}
	stored, err := s.Find(t.Context(), tenant.ID)
	must(t, err)
	if stored.Status != core.TenantProvisioning || stored.Version != 1 || !stored.CreatedAt.Equal(start) {
		t.Errorf("stored %+v", stored)
	}
	other := core.Tenant{ID: core.NewTenantID(start), Name: "Other", Code: "HARP", Region: "uk"}
	wantCode(t, s.Create(t.Context(), other), core.Conflict)
	other = core.Tenant{ID: tenant.ID, Name: "Other", Code: "OTHER", Region: "uk"}
	wantCode(t, s.Create(t.Context(), other), core.Conflict)
}

// TestCreateCompletesWhatACrashLeft takes the file away from under a row, as
// if the process had died between the two.
func TestCreateCompletesWhatACrashLeft(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	tenant := core.Tenant{ID: core.NewTenantID(start), Name: "Harpur Homes", Code: "HARP", Region: "uk"}
	boom := errors.New("boom")
	err := s.Create(t.Context(), tenant, func(*tenants.Tx) error { return boom })
	if !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	_, err = s.Find(t.Context(), tenant.ID)
	wantCode(t, err, core.NotFound)

	must(t, s.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `
			insert into tenants (id, name, code, region, status, sort_name, search, created_at, updated_at)
			values (?, ?, ?, ?, 'provisioning', '', '', 0, 0)`, tenant.ID, tenant.Name, tenant.Code, tenant.Region)
		return err
	}))
	err = s.View(t.Context(), tenant.ID, func(*tenants.Tx) error { return nil })
	wantCode(t, err, core.Unavailable)
	must(t, s.Create(t.Context(), tenant))
	withNotes(t, s, tenant.ID)
}

func TestCreateNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	err := s.Create(t.Context(), core.Tenant{ID: "ten_1", Name: " ", Code: "toolongcode", Region: "uk", Status: "gone"})
	wrong, ok := errors.AsType[*core.Error](err)
	if !ok || wrong.Code != core.Invalid || len(wrong.Fields) != 4 {
		t.Errorf("got %v", err)
	}
	valid := core.Tenant{ID: core.NewTenantID(start), Name: "A", Code: "AA", Region: "mars"}
	wantCode(t, s.Create(t.Context(), valid), core.Invalid)
}

func TestUpdateTenant(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	tenant := create(t, s, "Harpur Homes", "HARP", "uk", core.TenantActive)
	create(t, s, "Lakeside", "LAKE", "uk", core.TenantActive)
	stored, err := s.UpdateTenant(t.Context(), core.Tenant{ID: tenant.ID, Name: "Harpur & Sons", Demo: true, Version: 1})
	must(t, err)
	if stored.Name != "Harpur & Sons" || stored.Code != "HARP" || !stored.Demo || stored.Version != 2 {
		t.Errorf("stored %+v", stored)
	}
	byCode, err := s.FindByCode(t.Context(), "HARP")
	must(t, err)
	if byCode != stored {
		t.Errorf("found %+v", byCode)
	}
	for _, c := range []struct {
		change core.Tenant
		code   core.Code
	}{
		{core.Tenant{Version: 1, Name: "Late"}, core.Conflict},
		{core.Tenant{Code: "LAKE"}, core.Conflict},
		{core.Tenant{Code: "lower"}, core.Invalid},
		{core.Tenant{Region: "eu-west"}, core.Invalid},
		{core.Tenant{Status: core.TenantDeleted}, core.Invalid},
	} {
		c.change.ID = tenant.ID
		_, err := s.UpdateTenant(t.Context(), c.change)
		wantCode(t, err, c.code)
	}
	_, err = s.UpdateTenant(t.Context(), core.Tenant{ID: core.NewTenantID(start), Name: "Nobody"})
	wantCode(t, err, core.NotFound)
}

func TestListPagesThroughEverything(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for i, name := range []string{"Zephyr", "Ábaco", "azure Homes", "Éire Living", "Eden Park", "Öko Haus", "Oak & Ash"} {
		region := []string{"uk", "eu-west"}[i%2]
		create(t, s, name, fmt.Sprintf("C%d", i), region, core.TenantActive)
	}
	gone := create(t, s, "Gone", "GONE", "uk", core.TenantActive)
	must(t, s.Remove(t.Context(), gone.ID, "crt_1"))

	byName := []string{"Ábaco", "azure Homes", "Eden Park", "Éire Living", "Oak & Ash", "Öko Haus", "Zephyr"}
	for _, sort := range []string{"", "name", "code", "region", "status", "created_at"} {
		for _, desc := range []bool{false, true} {
			got := names(t, s, core.Query{Sort: sort, Desc: desc, Limit: 2}, len(byName))
			if sort == "" || sort == "name" {
				want := slices.Clone(byName)
				if desc {
					slices.Reverse(want)
				}
				if !slices.Equal(got, want) {
					t.Errorf("by name, descending %v: %v", desc, got)
				}
			}
			slices.Sort(got)
			if len(slices.Compact(got)) != len(byName) {
				t.Errorf("by %s: %v", sort, got)
			}
		}
	}
	for _, c := range []struct {
		query core.Query
		want  []string
	}{
		{core.Query{Text: "EIRE"}, []string{"Éire Living"}},
		{core.Query{Text: "home azure"}, []string{"azure Homes"}},
		{core.Query{Text: "100%"}, nil},
		{core.Query{Region: "eu-west"}, []string{"Ábaco", "Éire Living", "Öko Haus"}},
		{core.Query{Status: "deleted"}, []string{"Deleted tenant"}},
		{core.Query{Status: "suspended"}, nil},
	} {
		if got := names(t, s, c.query, len(c.want)); !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v", c.query, got)
		}
	}
}

// names collects all pages of a query.
func names(t *testing.T, s *tenants.Store, q core.Query, total int) (all []string) {
	t.Helper()
	for {
		page, err := s.List(t.Context(), q)
		must(t, err)
		if page.Total != total || len(page.Items) > q.PageSize() {
			t.Fatalf("%+v: total %d of %d, page of %d", q, page.Total, total, len(page.Items))
		}
		for _, tenant := range page.Items {
			all = append(all, tenant.Name)
		}
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

func TestListRefusesAForeignCursor(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	create(t, s, "A", "AA", "uk", core.TenantActive)
	create(t, s, "B", "BB", "uk", core.TenantActive)
	page, err := s.List(t.Context(), core.Query{Limit: 1})
	must(t, err)
	for _, q := range []core.Query{
		{After: page.Next, Sort: "code"}, {After: page.Next, Desc: true}, {After: "x"}, {Sort: "name; drop table tenants"},
	} {
		_, err := s.List(t.Context(), q)
		wantCode(t, err, core.Invalid)
	}
}

func TestRemovedTenantStaysAway(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	s := open(t, options(dir))
	tenant := create(t, s, "Harpur Homes", "HARP", "uk", core.TenantActive)
	withNotes(t, s, tenant.ID)
	path := s.PathOf("uk", tenant.ID)
	copied, err := os.ReadFile(path)
	must(t, err)
	audited := 0
	audit := func(*tenants.Tx) error { audited++; return nil }
	must(t, s.Remove(t.Context(), tenant.ID, "crt_1", audit))
	must(t, s.Remove(t.Context(), tenant.ID, "crt_1", audit))
	if audited != 1 {
		t.Errorf("audited %d times", audited)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if _, err := os.Stat(path + suffix); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", suffix, err)
		}
	}
	wantCode(t, s.Create(t.Context(), tenant), core.Conflict)
	create(t, s, "Harpur Again", "HARP", "uk", core.TenantActive) // the code is free again

	// Somebody puts an old copy back and brings the row to life again: the
	// tombstone alone still holds.
	must(t, os.WriteFile(path, copied, 0o600))
	must(t, s.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `update tenants set status = 'active', code = 'BACK' where id = ?`, tenant.ID)
		return err
	}))
	err = s.View(t.Context(), tenant.ID, func(*tenants.Tx) error { return nil })
	wantCode(t, err, core.NotFound)
	must(t, s.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `delete from tenants where id = ?`, tenant.ID)
		return err
	}))
	wantCode(t, s.Create(t.Context(), tenant), core.Conflict)
	must(t, s.ViewControl(t.Context(), func(tx *tenants.Tx) error {
		var kept string
		if err := tx.QueryRow(t.Context(), `select tenant_hmac from tombstones`).Scan(&kept); err != nil {
			return err
		}
		if strings.Contains(kept, string(tenant.ID)) || len(kept) != 64 {
			t.Errorf("the tombstone is %s", kept)
		}
		return nil
	}))
}
