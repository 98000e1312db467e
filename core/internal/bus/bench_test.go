package bus_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/tenants"
)

// BenchmarkEmit writes events by the thousand; its baseline is the statement
// alone.
func BenchmarkEmit(b *testing.B) {
	now := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	store, err := tenants.Open(b.Context(), tenants.Options{
		Dir:     b.TempDir(),
		Regions: []tenants.Region{{Name: "eu-west"}},
		Now:     func() time.Time { return now },
		Log:     slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	tenant := core.NewTenantID(now)
	if err := store.Create(b.Context(), core.Tenant{ID: tenant, Name: "Harpur Homes", Code: "HARP", Region: "eu-west"}); err != nil {
		b.Fatal(err)
	}
	events := bus.New(bus.Options{Store: store})
	run := func(write func(tx *tenants.Tx) error) float64 {
		before := b.Elapsed()
		for done := 0; done < b.N; done += 1000 {
			err := store.Update(b.Context(), tenant, func(tx *tenants.Tx) error {
				for range min(1000, b.N-done) {
					if err := write(tx); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		return float64(b.Elapsed()-before) / float64(b.N)
	}
	b.ResetTimer()
	plain := run(func(tx *tenants.Tx) error {
		_, err := tx.Exec(b.Context(), `
			insert into events (id, name, subject_kind, subject_id, body, at)
			values (hex(randomblob(13)), 'unit.created', 'unit', 'unt_1', '{}', 0)`)
		return err
	})
	emitted := run(func(tx *tenants.Tx) error {
		return events.Emit(b.Context(), tx, core.Event{Name: "unit.created", Subject: core.Target{Kind: "unit", ID: "unt_1"}})
	})
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(1e9/emitted, "events/s")
	b.ReportMetric(1e9/plain, "plain-rows/s")
}
