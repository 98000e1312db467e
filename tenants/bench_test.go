package tenants_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// timed returns how long fn takes.
func timed(b *testing.B, fn func() error) time.Duration {
	b.Helper()
	began := time.Now()
	if err := fn(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

func report(b *testing.B, unit string, measured, baseline time.Duration) {
	b.ReportMetric(float64(measured.Microseconds())/1000/float64(b.N), "ms/op")
	b.ReportMetric(float64(baseline)/float64(measured), unit)
	b.ReportMetric(0, "ns/op") // the loop runs both cases
}

func newRow() core.Tenant {
	n := codes.Add(1)
	return core.Tenant{ID: core.NewTenantID(start), Name: fmt.Sprintf("Developer %d", n), Code: fmt.Sprintf("B%d", n),
		Region: "eu-west", Status: core.TenantActive}
}

// BenchmarkCreate makes an empty tenant, against running all migrations on a
// new file.
func BenchmarkCreate(b *testing.B) {
	s := newStore(b)
	dir := b.TempDir()
	var copied, migrated time.Duration
	for i := range b.N {
		copied += timed(b, func() error { return s.Create(b.Context(), newRow()) })
		path := filepath.Join(dir, fmt.Sprintf("%d.db", i))
		migrated += timed(b, func() error { return tenants.MigrateFile(b.Context(), path, "rwc", "tenant") })
		os.Remove(path)
	}
	report(b, "times-faster-than-migrating", copied, migrated)
}

// BenchmarkOpenCold reads one row of a tenant whose file is closed, against
// one whose file is open.
func BenchmarkOpenCold(b *testing.B) {
	s := newStore(b)
	id := newTenant(b, s)
	read := func() error {
		return s.View(b.Context(), id, func(tx *tenants.Tx) error {
			var n int
			return tx.QueryRow(b.Context(), `select count(*) from settings`).Scan(&n)
		})
	}
	var cold, warm time.Duration
	for range b.N {
		s.CloseTenant(b, id)
		cold += timed(b, read)
		warm += timed(b, read)
	}
	report(b, "of-a-cold-read-is-a-warm-one", cold, warm)
}

// BenchmarkList reads a page of 50 tenants out of 10,000, against 100.
func BenchmarkList(b *testing.B) {
	small, large := registryOf(b, 100), registryOf(b, 10_000)
	for _, q := range []struct {
		name  string
		query core.Query
	}{
		{"name", core.Query{Limit: 50}},
		{"created", core.Query{Limit: 50, Sort: "created_at", Desc: true}},
		{"active", core.Query{Limit: 50, Status: "active"}},
		{"region", core.Query{Limit: 50, Region: "uk", Sort: "created_at"}},
		{"text", core.Query{Limit: 50, Text: "developer 42"}},
	} {
		b.Run(q.name, func(b *testing.B) {
			list := func(s *tenants.Store) func() error {
				return func() error { _, err := s.List(b.Context(), q.query); return err }
			}
			var of10000, of100 time.Duration
			for range b.N {
				of10000 += timed(b, list(large))
				of100 += timed(b, list(small))
			}
			report(b, "of-it-takes-100-tenants", of10000, of100)
		})
	}
}

// registryOf returns a store with n rows in its registry, without files.
func registryOf(b *testing.B, n int) *tenants.Store {
	b.Helper()
	s := newStore(b)
	must(b, s.UpdateControl(b.Context(), func(tx *tenants.Tx) error {
		for i := range n {
			t := newRow()
			region := []string{"eu-west", "uk"}[i%2]
			_, err := tx.Exec(b.Context(), `
				insert into tenants (id, name, code, region, status, sort_name, search, schema_version, created_at, updated_at)
				values (?, ?, ?, ?, 'active', ?, ?, 1, ?, ?)`,
				t.ID, t.Name, t.Code, region, tenants.Fold(t.Name), tenants.Fold(t.Name+" "+t.Code), int64(i), int64(i))
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return s
}

// BenchmarkUpdate has 64 callers who store one row each, in shared
// transactions, against one transaction for each row.
func BenchmarkUpdate(b *testing.B) {
	s := newStore(b)
	together, alone := newTenant(b, s), newTenant(b, s)
	withNotes(b, s, together)
	withNotes(b, s, alone)
	const callers, rows = 64, 4
	var grouped, single time.Duration
	for i := range b.N {
		grouped += timed(b, func() error {
			var wg sync.WaitGroup
			for c := range callers {
				wg.Go(func() {
					for r := range rows {
						note(b.Context(), b, s, together, fmt.Sprintf("%d %d %d", i, c, r))
					}
				})
			}
			wg.Wait()
			return nil
		})
		single += timed(b, func() error {
			for r := range callers * rows {
				note(b.Context(), b, s, alone, fmt.Sprintf("%d %d", i, r))
			}
			return nil
		})
	}
	report(b, "times-faster-than-alone", grouped, single)
	b.ReportMetric(float64(b.N*callers*rows)/grouped.Seconds(), "rows/s")
}

func note(ctx context.Context, tb testing.TB, s *tenants.Store, id core.TenantID, text string) {
	tb.Helper()
	if err := s.Update(ctx, id, func(tx *tenants.Tx) error { return addNote(ctx, tx, text) }); err != nil {
		tb.Error(err)
	}
}

// BenchmarkRows stores 1,000 rows in one update.
func BenchmarkRows(b *testing.B) {
	s := newStore(b)
	id := newTenant(b, s)
	withNotes(b, s, id)
	for i := range b.N {
		must(b, s.Update(b.Context(), id, func(tx *tenants.Tx) error {
			for r := range 1000 {
				if err := addNote(b.Context(), tx, fmt.Sprintf("%d %d", i, r)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkOpen opens the storage of a folder that is there already, against a
// new one.
func BenchmarkOpen(b *testing.B) {
	var again, fresh time.Duration
	for range b.N {
		o := options(b.TempDir())
		openAndClose := func() error {
			s, err := tenants.Open(b.Context(), o)
			if err != nil {
				return err
			}
			return s.Close()
		}
		fresh += timed(b, openAndClose)
		again += timed(b, openAndClose)
	}
	report(b, "times-faster-than-a-new-folder", again, fresh)
}
