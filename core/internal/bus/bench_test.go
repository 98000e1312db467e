package bus_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/tenants"
)

// BenchmarkEmit writes events by the thousand; its baseline is the statement
// alone.
func BenchmarkEmit(b *testing.B) {
	o := newOutbox(b)
	run := func(write func(tx *tenants.Tx) error) float64 {
		before := b.Elapsed()
		o.inThousands(b.N, write)
		return float64(b.Elapsed()-before) / float64(b.N)
	}
	b.ResetTimer()
	plain := run(func(tx *tenants.Tx) error {
		_, err := tx.Exec(b.Context(), `
			insert into events (id, name, subject_kind, subject_id, body, at)
			values (hex(randomblob(13)), 'unit.created', 'unit', 'unt_1', '{}', 0)`)
		return err
	})
	emitted := run(func(tx *tenants.Tx) error { return o.bus.Emit(b.Context(), tx, event("unit.created", "unt_1")) })
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(1e9/emitted, "events/s")
	b.ReportMetric(1e9/plain, "plain-rows/s")
}

// inThousands runs write n times, a thousand in a transaction.
func (o *outbox) inThousands(n int, write func(tx *tenants.Tx) error) {
	o.t.Helper()
	for done := 0; done < n; done += 1000 {
		o.must(o.store.Update(o.t.Context(), o.tenant, func(tx *tenants.Tx) error {
			for range min(1000, n-done) {
				if err := write(tx); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

// BenchmarkDeliver hands events to one subscriber that does nothing; its
// baseline reads the same rows of the outbox.
func BenchmarkDeliver(b *testing.B) {
	o := newOutbox(b)
	told := 0
	o.must(o.bus.Subscribe(b.Context(), bus.Subscriber{Name: "billing", Events: []string{"*"}, Handle: func(context.Context, core.TenantID, core.Event) error {
		told++
		return nil
	}}))
	n := 0
	o.inThousands(b.N, func(tx *tenants.Tx) error {
		n++
		return o.bus.Emit(b.Context(), tx, numbered(n, "unit.created", fmt.Sprint("unt_", n%100)))
	})
	b.ResetTimer()
	o.must(o.store.View(b.Context(), o.tenant, func(tx *tenants.Tx) error { return o.scanAll(tx) }))
	plain := b.Elapsed()
	o.deliver()
	delivered := b.Elapsed() - plain
	if told != b.N {
		b.Fatalf("told of %d events, want %d", told, b.N)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(b.N)/delivered.Seconds(), "events/s")
	b.ReportMetric(float64(b.N)/plain.Seconds(), "plain-rows/s")
}

func (o *outbox) scanAll(tx *tenants.Tx) error {
	rows, err := tx.Query(o.t.Context(), `select seq, id, name, subject_kind, subject_id, body, at from events order by seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e core.Event
		var seq, at int64
		var body string
		if err := rows.Scan(&seq, &e.ID, &e.Name, &e.Subject.Kind, &e.Subject.ID, &body, &at); err != nil {
			return err
		}
	}
	return rows.Err()
}

// BenchmarkDeliverOne emits one event at a time and delivers it, as a tenant
// does that is used by people; its baseline is the emission alone.
func BenchmarkDeliverOne(b *testing.B) {
	o := newOutbox(b)
	o.subscribe("billing", "*")
	var emitted time.Duration
	for b.Loop() {
		before := b.Elapsed()
		o.must(o.emit(event("unit.created", "unt_1")))
		emitted += b.Elapsed() - before
		o.deliver()
	}
	b.ReportMetric(float64((b.Elapsed()-emitted).Nanoseconds())/float64(b.N), "delivery-ns")
	b.ReportMetric(float64(emitted.Nanoseconds())/float64(b.N), "emission-ns")
}
