package usage_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
)

// call is the data of a call of a model, as a portal reports it.
const call = `{"provider":"openai","model":"gpt-6.1-sol","prompt_tokens":%d,"cached_tokens":1024,"cache_write_tokens":0,` +
	`"completion_tokens":312,"reasoning_tokens":64,"service_tier":"standard","status":"ok","latency_ms":1840}`

// traffic makes the events of a busy portal: ten a second.
type traffic struct {
	random  *rand.ChaCha8
	ordered bool // ids begin with the time, as UUIDs of version 7 do
	made    int
}

func newTraffic(ordered bool) *traffic {
	return &traffic{random: rand.NewChaCha8([32]byte{7}), ordered: ordered}
}

func (t *traffic) now() time.Time { return noon.Add(time.Duration(t.made) * 100 * time.Millisecond) }

func (t *traffic) id() string {
	var id uuid.UUID
	t.random.Read(id[:])
	version := byte(4)
	if t.ordered {
		version = 7
		ms := t.now().UnixMilli()
		for i := range 6 {
			id[i] = byte(ms >> (40 - 8*i))
		}
	}
	id[6], id[8] = id[6]&15|version<<4, id[8]&63|128
	return id.String()
}

func (t *traffic) reports(n int) []usage.Report {
	reports := make([]usage.Report, n)
	for i := range reports {
		t.made++
		reports[i].Event = core.UsageEvent{
			Source: "https://portal.harpur.example", ID: t.id(), Type: "ai.openhouse.llm.called",
			Development: "dvt_0c8s1lq3m5f7v9hb2d4j6k8n0p", Unit: fmt.Sprintf("unt_0c8s1lq3m5f7v9hb2d4j6k8%03d", t.made%500),
			Visitor: fmt.Sprintf("v%08x", t.made%2000), Time: t.now(), Data: fmt.Appendf(nil, call, 1500+t.made%4000),
		}
	}
	return reports
}

// raw is what the ledger is measured against: a file with the same schema and
// the same durability, and prepared inserts into it, a row at a time.
type raw struct {
	db                 *sql.DB
	identities, events *sql.Stmt
}

func newRaw(b *testing.B) *raw {
	b.Helper()
	dir := b.TempDir()
	m := openMeter(b, dir)
	ok(b, m.store.Close())
	files, err := filepath.Glob(filepath.Join(dir, "regions", "*", "tenants", string(m.tenant)+"*.db"))
	ok(b, err)
	db, err := sql.Open("sqlite", "file:"+files[0]+"?_txlock=immediate&_pragma=journal_mode(wal)&_pragma=synchronous(full)"+
		"&_pragma=foreign_keys(on)&_pragma=secure_delete(on)&_pragma=cache_size(-8192)&_pragma=wal_autocheckpoint(4000)")
	ok(b, err)
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { ok(b, db.Close()) })
	r := &raw{db: db}
	r.identities, err = db.Prepare(`insert into usage_identities (hash, hour, received_at) values (?, ?, ?)`)
	ok(b, err)
	r.events, err = db.Prepare(`
insert into usage_events (hour, hash, source, id, type, development_id, unit_id, visitor, time, received_at, body, payload_hash)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	ok(b, err)
	return r
}

// row is an event with everything computed.
type row struct {
	usage.Report
	hash []byte
}

// rowsOf gives each event a key in the order of its id's bytes: as ordered, or
// as random, as the id is.
func rowsOf(reports []usage.Report) []row {
	rows := make([]row, len(reports))
	for i, r := range reports {
		id := uuid.MustParse(r.Event.ID)
		rows[i] = row{r, id[:]}
	}
	return rows
}

func (r *raw) insert(t fataler, rows []row) {
	t.Helper()
	tx, err := r.db.Begin()
	ok(t, err)
	identities, events := tx.Stmt(r.identities), tx.Stmt(r.events)
	for _, row := range rows {
		e := row.Event
		hour, at := e.Time.UnixMilli()/3600000, e.Time.UnixMilli()
		_, err := identities.Exec(row.hash, hour, at)
		ok(t, err)
		_, err = events.Exec(hour, row.hash, e.Source, e.ID, e.Type, e.Development, e.Unit, e.Visitor, at, at, string(e.Data), row.hash)
		ok(t, err)
	}
	ok(t, tx.Commit())
}

// cost is the time of something, by the clock and of the processors.
type cost struct{ wall, cpu time.Duration }

func (c *cost) of(fn func()) {
	start, before := time.Now(), processors()
	fn()
	c.wall += time.Since(start)
	c.cpu += processors() - before
}

func processors() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func (m *meter) take(t fataler, reports []usage.Report) usage.Receipt {
	t.Helper()
	receipt, err := m.Take(context.Background(), m.tenant, reports)
	ok(t, err)
	return receipt
}

// BenchmarkTake takes batches, against raw inserts in transactions of the same
// size: x-raw is how many times their processor time an event costs.
func BenchmarkTake(b *testing.B) {
	for _, ordered := range []bool{true, false} {
		for _, size := range []int{100, 1000} {
			b.Run(fmt.Sprintf("%s/%d", map[bool]string{true: "ordered", false: "random"}[ordered], size), func(b *testing.B) {
				m, r, load := newMeter(b), newRaw(b), newTraffic(ordered)
				var ours, plain cost
				for b.Loop() {
					reports := load.reports(size)
					rows := rowsOf(reports)
					m.set(load.now())
					ours.of(func() { m.take(b, reports) })
					plain.of(func() { r.insert(b, rows) })
				}
				compare(b, ours, plain, float64(b.N*size))
			})
		}
	}
}

func compare(b *testing.B, ours, plain cost, events float64) {
	b.ReportMetric(events/ours.wall.Seconds(), "events/s")
	b.ReportMetric(ours.cpu.Seconds()*1e6/events, "cpu-us/event")
	b.ReportMetric(plain.cpu.Seconds()*1e6/events, "raw-cpu-us/event")
	b.ReportMetric(ours.cpu.Seconds()/plain.cpu.Seconds(), "x-raw-cpu")
	b.ReportMetric(ours.wall.Seconds()/plain.wall.Seconds(), "x-raw-time")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSingles has 64 callers take one event at a time, which share
// transactions, against raw inserts with a transaction each.
func BenchmarkSingles(b *testing.B) {
	const callers, each = 64, 8
	m, r, load := newMeter(b), newRaw(b), newTraffic(true)
	var ours, plain cost
	for b.Loop() {
		reports := load.reports(callers * each)
		rows := rowsOf(reports)
		m.set(load.now())
		ours.of(func() {
			var all sync.WaitGroup
			for c := range callers {
				all.Go(func() {
					for i := range each {
						if _, err := m.Take(context.Background(), m.tenant, reports[c*each+i:][:1]); err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
		})
		plain.of(func() {
			for i := range rows {
				r.insert(b, rows[i:i+1])
			}
		})
	}
	compare(b, ours, plain, float64(b.N*callers*each))
	b.ReportMetric(plain.wall.Seconds()/ours.wall.Seconds(), "times-autocommit")
}

// BenchmarkTwoMillion fills one file with two million events and compares the
// last tenth with the first, in events a second.
func BenchmarkTwoMillion(b *testing.B) {
	const tenth, size = 200_000, 1000
	for b.Loop() {
		m, load := newMeter(b), newTraffic(true)
		var parts [10]cost
		for i := range parts {
			for range tenth / size {
				reports := load.reports(size)
				m.set(load.now())
				parts[i].of(func() { m.take(b, reports) })
			}
		}
		b.ReportMetric(tenth/parts[0].wall.Seconds(), "first-events/s")
		b.ReportMetric(tenth/parts[9].wall.Seconds(), "last-events/s")
		b.ReportMetric(parts[0].wall.Seconds()/parts[9].wall.Seconds(), "last-over-first")
		b.ReportMetric(parts[0].cpu.Seconds()/parts[9].cpu.Seconds(), "last-over-first-cpu")
	}
}

// BenchmarkListUsage reads the newest page of 100,000 events; the baseline is
// the same page of 1,000.
func BenchmarkListUsage(b *testing.B) {
	small, large := newMeter(b), newMeter(b)
	load := newTraffic(true)
	small.take(b, load.reports(1000))
	for range 100 {
		reports := load.reports(1000)
		large.set(load.now())
		large.take(b, reports)
	}
	for name, q := range map[string]core.Query{"all": {}, "type": {Kind: "ai.openhouse.llm.called"}, "unit": {Unit: "unt_0c8s1lq3m5f7v9hb2d4j6k8007"}} {
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
