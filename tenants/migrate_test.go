package tenants_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// TestMigrateGoesOnWithoutABrokenTenant sets three tenants back to the time
// before the last migration, one of them so that it can't be migrated.
func TestMigrateGoesOnWithoutABrokenTenant(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	s := open(t, options(dir))
	good, broken, current := newTenant(t, s), newTenant(t, s), newTenant(t, s)
	rewind(t, s, good, `pragma user_version = 0`) // goose finds nothing to do and stamps the file again
	rewind(t, s, broken, `delete from goose_tenant where version_id > 0`)
	must(t, s.Close())

	s = open(t, options(dir))
	nothing := func(*tenants.Tx) error { return nil }
	must(t, s.Update(t.Context(), good, nothing))
	must(t, s.Update(t.Context(), current, nothing))
	wantCode(t, s.Update(t.Context(), broken, nothing), core.Unavailable)
	tenant, err := s.Find(t.Context(), broken)
	must(t, err)
	if tenant.Status != core.TenantFailed {
		t.Errorf("the broken tenant is %s", tenant.Status)
	}
	report, err := s.Migrate(t.Context())
	must(t, err)
	if report.Checked != 3 || report.Migrated != 0 || len(report.Failed) != 1 || report.Failed[0].Tenant != broken {
		t.Errorf("reported %+v", report)
	}

	repair(t, s, broken)
	report, err = s.Migrate(t.Context())
	must(t, err)
	if report.Migrated != 1 || len(report.Failed) != 0 {
		t.Errorf("reported %+v", report)
	}
	must(t, s.Update(t.Context(), broken, nothing))
	if tenant, err = s.Find(t.Context(), broken); err != nil || tenant.Status != core.TenantActive {
		t.Errorf("the repaired tenant is %s: %v", tenant.Status, err)
	}
}

// rewind makes a tenant look as if a migration were pending.
func rewind(t *testing.T, s *tenants.Store, id core.TenantID, statement string) {
	t.Helper()
	must(t, s.Update(t.Context(), id, func(*tenants.Tx) error { return nil }))
	s.OnWriter(t, id, statement)
	s.OnWriter(t, id, `pragma user_version = 0`)
	s.CloseTenant(t, id)
	must(t, s.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `update tenants set schema_version = 1 where id = ?`, id)
		return err
	}))
}

// repair puts a fresh file in the place of a broken one.
func repair(t *testing.T, s *tenants.Store, id core.TenantID) {
	t.Helper()
	must(t, os.Remove(s.PathOf("eu-west", id)))
	must(t, tenants.MigrateFile(t.Context(), s.PathOf("eu-west", id), "rwc", "tenant"))
}

func TestTemplateIsBuiltOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "template-0123456789abcdef.db"), []byte("of an older program"), 0o600))
	must(t, open(t, options(dir)).Close())
	before := template(t, dir)
	must(t, open(t, options(dir)).Close())
	after := template(t, dir)
	if before.Name() != after.Name() || !before.ModTime().Equal(after.ModTime()) {
		t.Errorf("%s became %s", before.Name(), after.Name())
	}
}

// template describes the one template in a folder.
func template(t *testing.T, dir string) os.FileInfo {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*template*"))
	must(t, err)
	building, err := filepath.Glob(filepath.Join(dir, "building*"))
	must(t, err)
	if len(names) != 1 || len(building) != 0 {
		t.Fatalf("the folder holds %v %v", names, building)
	}
	info, err := os.Stat(names[0])
	must(t, err)
	return info
}

func TestFileOfANewerProgramIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	rewind(t, s, id, `pragma foreign_keys`)
	must(t, s.Update(t.Context(), id, func(*tenants.Tx) error { return nil }))
	s.OnWriter(t, id, `pragma user_version = 99999`)
	s.CloseTenant(t, id)
	err := s.View(t.Context(), id, func(*tenants.Tx) error { return nil })
	wantCode(t, err, core.Unavailable)
}
