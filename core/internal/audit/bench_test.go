package audit_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/tenants"
)

// BenchmarkRecord appends alone, one transaction each, and by the thousand.
// Its baseline is the same transaction with a plain row of the same size.
func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{1, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			h := newHouse(b)
			h.exec(h.one, `create table plain (seq integer primary key, record text) strict`)
			body := string(make([]byte, 350))
			run := func(append func(tx *tenants.Tx) error) float64 {
				before := b.Elapsed()
				for done := 0; done < b.N; done += size {
					h.must(h.update(h.one, func(tx *tenants.Tx) error {
						for range min(size, b.N-done) {
							if err := append(tx); err != nil {
								return err
							}
						}
						return nil
					}))
				}
				return float64(b.Elapsed()-before) / float64(b.N)
			}
			ctx := h.ctx()
			b.ResetTimer()
			plain := run(func(tx *tenants.Tx) error {
				_, err := tx.Exec(ctx, `insert into plain (record) values (?)`, body)
				return err
			})
			audited := run(func(tx *tenants.Tx) error { return h.log.Record(ctx, tx, unitCreated("unt_1")) })
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(1e9/audited, "records/s")
			b.ReportMetric(1e9/plain, "plain-rows/s")
		})
	}
}

// BenchmarkVerify follows a chain of 20,000 records. Its baseline is SHA-256
// over the same bytes, already in memory.
func BenchmarkVerify(b *testing.B) {
	const records = 20_000
	h := newHouse(b)
	for range records / 1000 {
		entries := make([]core.Entry, 1000)
		for i := range entries {
			entries[i] = unitCreated(fmt.Sprint("unt_", i))
		}
		h.record(h.one, entries...)
	}
	h.checkpoint()
	rows := h.rows(h.one)
	b.ResetTimer()
	for range b.N {
		h.verify(audit.VerifyOptions{Tenant: h.one}, 0)
	}
	verified := b.Elapsed()
	for range b.N {
		for _, r := range rows {
			sha256.Sum256([]byte(r.record))
		}
	}
	hashed := b.Elapsed() - verified
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(records*b.N)/verified.Seconds(), "records/s")
	b.ReportMetric(float64(records*b.N)/hashed.Seconds(), "hashes/s")
}

// BenchmarkCheckpoint signs the heads of many chains of which one has moved.
// Its baseline is one record in a transaction of its own.
func BenchmarkCheckpoint(b *testing.B) {
	for _, chains := range []int{100, 10_000} {
		b.Run(fmt.Sprint(chains), func(b *testing.B) {
			h := newHouse(b)
			h.must(h.update("", func(tx *tenants.Tx) error {
				_, err := tx.Exec(b.Context(), `
					with recursive n (i) as (select 0 union all select i + 1 from n where i + 1 < ?)
					insert into audit_heads (position, chain, seq, head) select i, hex(randomblob(32)), 1, randomblob(32) from n`, chains)
				return err
			}))
			b.ResetTimer()
			for range b.N {
				h.record(h.one, unitCreated("unt_1"))
			}
			recorded := b.Elapsed()
			for range b.N {
				b.StopTimer()
				h.record(h.one, unitCreated("unt_1"))
				b.StartTimer()
				h.checkpoint()
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64((b.Elapsed()-recorded).Microseconds())/float64(b.N)/1000, "ms/checkpoint")
			b.ReportMetric(float64(recorded.Microseconds())/float64(b.N)/1000, "ms/record-alone")
		})
	}
}
