package usage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const size = 1000

// batchOf are events one second apart, as a busy portal reports them.
func batchOf(n int) []core.UsageEvent {
	events := make([]core.UsageEvent, size)
	for i := range events {
		number := n*size + i
		events[i] = core.UsageEvent{
			Source: "portal", ID: fmt.Sprintf("0199%028x", number), Type: "ai.openhouse.chat.asked",
			Development: "dvt_1", Unit: fmt.Sprintf("unt_%d", number%500), Visitor: "v",
			Time: noon.Add(time.Duration(number) * time.Second), Data: json.RawMessage(`{"tokens":812}`),
		}
	}
	return events
}

// BenchmarkAccept takes batches of 1,000 events, each batch a transaction; the
// baseline inserts rows of the same size into the same table one by one,
// without identities, hashes and payloads to look at.
func BenchmarkAccept(b *testing.B) {
	m := newMeter(b)
	var ours, plain time.Duration
	n := 0
	for b.Loop() {
		events := batchOf(n)
		start := time.Now()
		m.accept(b, events...)
		ours += time.Since(start)
		start = time.Now()
		m.insertPlainly(b, m.other, n)
		plain += time.Since(start)
		n++
	}
	b.ReportMetric(float64(n*size)/ours.Seconds(), "events/s")
	b.ReportMetric(float64(n*size)/plain.Seconds(), "plain-rows/s")
	b.ReportMetric(ours.Seconds()/plain.Seconds(), "x-plain")
}

func (m *meter) insertPlainly(b *testing.B, tenant core.TenantID, n int) {
	hash := make([]byte, 16)
	ok(b, m.store.Update(context.Background(), tenant, func(tx *tenants.Tx) error {
		for i, e := range batchOf(n) {
			hash[0], hash[1] = byte(i>>8), byte(i)
			_, err := tx.Exec(context.Background(), `
insert into usage_events (hour, hash, source, id, type, development_id, unit_id, visitor, time, received_at, body, payload_hash)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				n, hash, e.Source, e.ID, e.Type, e.Development, e.Unit, e.Visitor, e.Time.UnixMilli(), 0, string(e.Data), hash)
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// BenchmarkListUsage reads the newest page of 100,000 events; the baseline is
// the same page of 1,000.
func BenchmarkListUsage(b *testing.B) {
	small, large := newMeter(b), newMeter(b)
	small.accept(b, batchOf(0)...)
	for n := range 100 {
		large.accept(b, batchOf(n)...)
	}
	for name, q := range map[string]core.Query{"all": {}, "type": {Kind: "ai.openhouse.chat.asked"}, "unit": {Unit: "unt_7"}} {
		b.Run(name, func(b *testing.B) {
			var took [2]time.Duration
			for b.Loop() {
				for i, m := range []*meter{small, large} {
					start := time.Now()
					m.list(b, q)
					took[i] += time.Since(start)
				}
			}
			b.ReportMetric(float64(took[1].Microseconds())/float64(b.N)/1000, "ms-of-100000")
			b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "x-of-1000")
		})
	}
}
