package tenants

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/openhouse-ai/console/core"
)

// What the tests, which stand outside of the package, see of its inside.
var (
	BoundOpen    = boundOpen
	OneStatement = oneStatement
	Fold         = fold
	ErrUnknown   = errUnknown
	ErrFull      = errFull
	MigrateFile  = migrateFile
	HeaderOfFile = headerVersion
)

// Commits counts the transactions that have reached the disk while the file of
// a tenant was open.
func (s *Store) Commits(t testing.TB, id core.TenantID) (n int64) {
	t.Helper()
	err := s.files.use(context.Background(), id, func(f *file, _ core.TenantStatus) error {
		n = f.commits.Load()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// OpenTenants counts the tenants whose file is open.
func (s *Store) OpenTenants() int {
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	return s.files.recent.Len()
}

// PathOf is where SQLite finds the file of a tenant.
func (s *Store) PathOf(region string, id core.TenantID) string {
	return filepath.Join(s.roots[region].Name(), tenantPath(id))
}

// OnWriter runs a statement on the writer's connection of a tenant, outside of
// a transaction: a test breaks things with it.
func (s *Store) OnWriter(t testing.TB, id core.TenantID, statement string) {
	t.Helper()
	err := s.files.use(context.Background(), id, func(f *file, _ core.TenantStatus) error {
		_, err := f.writer.Exec(statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// CloseTenant closes the file of one tenant; the next use is a cold one.
func (s *Store) CloseTenant(t testing.TB, id core.TenantID) {
	t.Helper()
	if err := s.files.alone(context.Background(), id, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// Forget loses the mark of a change, as the end of the process does.
func (s *Store) Forget(id core.TenantID) { s.changes.unmark(id) }

// GuestConnections counts the connections to a tenant's file that a guest has
// open.
func (s *Store) GuestConnections(t testing.TB, id core.TenantID, name string) (n int) {
	t.Helper()
	err := s.files.use(context.Background(), id, func(f *file, _ core.TenantStatus) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if p := f.guests[name]; p != nil {
			for _, db := range []*sql.DB{p.readers, p.writer} {
				if db != nil {
					n += db.Stats().OpenConnections
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
