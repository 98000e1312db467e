package tenants_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

var (
	start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	codes atomic.Int64
)

var regions = []tenants.Region{{Name: "eu-west", Label: "Ireland"}, {Name: "uk", Label: "United Kingdom"}}

func options(dir string) tenants.Options {
	return tenants.Options{Dir: dir, Regions: regions, Now: func() time.Time { return start }, TombstoneKey: []byte("key of the test")}
}

func open(t testing.TB, o tenants.Options) *tenants.Store {
	t.Helper()
	s, err := tenants.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// prepared is a folder that a store has been opened in once; TestMain removes
// it. Opening a copy takes a fraction of running all migrations again.
var prepared = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "tenants"); err != nil {
		return "", err
	}
	s, err := tenants.Open(context.Background(), options(dir))
	if err != nil {
		return dir, err
	}
	return dir, s.Close()
})

// newDir returns a folder that a store can be opened in.
func newDir(t testing.TB) string {
	t.Helper()
	from, err := prepared()
	must(t, err)
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(from)))
	return dir
}

func newStore(t testing.TB) *tenants.Store {
	t.Helper()
	return open(t, options(newDir(t)))
}

// newTenant creates an active tenant with a code of its own.
func newTenant(t testing.TB, s *tenants.Store) core.TenantID {
	t.Helper()
	n := codes.Add(1)
	tenant := core.Tenant{ID: core.NewTenantID(start), Name: fmt.Sprintf("Developer %d", n), Code: fmt.Sprintf("T%d", n),
		Region: "eu-west", Status: core.TenantActive}
	if err := s.Create(t.Context(), tenant); err != nil {
		t.Fatal(err)
	}
	return tenant.ID
}

// addNote adds a row to a table that the tests make for themselves.
func addNote(ctx context.Context, tx *tenants.Tx, text string) error {
	_, err := tx.Exec(ctx, `insert into notes (text) values (?)`, text)
	return err
}

func withNotes(t testing.TB, s *tenants.Store, id core.TenantID) {
	t.Helper()
	must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `create table notes (text text not null unique) strict`)
		return err
	}))
}

func notes(t testing.TB, s *tenants.Store, id core.TenantID) (list []string) {
	t.Helper()
	must(t, s.View(t.Context(), id, func(tx *tenants.Tx) error {
		rows, err := tx.Query(t.Context(), `select text from notes order by text`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			list = append(list, text)
		}
		return rows.Err()
	}))
	return list
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantCode checks that an error has a code and a sentence that ends.
func wantCode(t testing.TB, err error, code core.Code) {
	t.Helper()
	if got := core.CodeOf(err); got != code {
		t.Fatalf("error %v has code %q, want %q", err, got, code)
	}
}
