package app_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite"
)

// BenchmarkEvents: calls of models in batches of 100 over HTTP, into one tenant
// and into 100, beside prepared inserts of the same events into the same schema
// in transactions of the same size and at the same durability. The ratio is of
// the server's processor time an event. One caller has transactions of 100;
// several share them. Target: at most 1.6, and 35,000 events a second.
func BenchmarkEvents(b *testing.B) {
	const events, batches = 100, 400
	for name, tenants := range map[string]int{"one-tenant": 1, "100-tenants": 100} {
		b.Run(name, func(b *testing.B) {
			s, plain := newSink(b, tenants), newRaw(b, tenants)
			s.send(b, 8, events, cloudBatch, batchesOf(b, max(50, tenants), events)) // every file is open
			plain.insert(b, max(50, tenants), events)
			for b.Loop() {
				inserted := plain.insert(b, batches, events)
				alone := s.send(b, 1, events, cloudBatch, batchesOf(b, batches, events))
				busy := s.send(b, 16, events, cloudBatch, batchesOf(b, batches, events))
				inserted.report(b, "raw")
				alone.report(b, "1-caller")
				busy.report(b, "16-callers")
				b.ReportMetric(alone.micros()/inserted.micros(), "1-caller-ratio")
				b.ReportMetric(busy.micros()/inserted.micros(), "16-callers-ratio")
			}
		})
	}
}

// BenchmarkSingleEvents: 64 callers that report one event a request share
// transactions; beside them one that commits each event by itself. Target: at
// least 5 times as many a second.
func BenchmarkSingleEvents(b *testing.B) {
	const requests = 6400
	s, plain := newSink(b, 1), newRaw(b, 1)
	s.send(b, 64, 1, cloudBatch, batchesOf(b, 640, 1))
	for b.Loop() {
		inserted := plain.insert(b, requests/8, 1)
		shared := s.send(b, 64, 1, cloudBatch, batchesOf(b, requests, 1))
		inserted.report(b, "autocommit")
		shared.report(b, "64-callers")
		b.ReportMetric(shared.rate()/inserted.rate(), "times")
	}
}

const cloudBatch = "application/cloudevents-batch+json"

func batchesOf(b *testing.B, n, events int) [][]byte {
	b.Helper()
	bodies := make([][]byte, n)
	for i := range bodies {
		bodies[i] = batchOf(b, events)
	}
	return bodies
}

// data is the data of a call of a model, as a portal reports it: 250 bytes.
const data = `{"provider":"openai","model":"gpt-6.1-sol-2026-10-01","prompt_tokens":%d,"cached_tokens":1024,"cache_write_tokens":0,` +
	`"completion_tokens":312,"reasoning_tokens":64,"service_tier":"default","status":"ok","latency_ms":1840}`

// batchOf is a batch of n events as it travels.
func batchOf(b *testing.B, n int) []byte {
	b.Helper()
	body := []byte("[")
	now := time.Now().UTC()
	for i := range n {
		id, err := uuid.NewV7()
		must(b, err)
		if i > 0 {
			body = append(body, ',')
		}
		body = fmt.Appendf(body, `{"specversion":"1.0","id":"%s","source":"https://portal.harpur.example","type":"ai.openhouse.llm.called","time":"%s",`+
			`"subject":"development/dvt_06f2mkhh1v9c5q7r3s8t0a4b6d/unit/unt_06f2mkhh1v9c5q7r3s8t0a4b6d/homeowner/v%08x","datacontenttype":"application/json","data":`+data+`}`,
			id, now.Format(time.RFC3339Nano), rand.IntN(2000), 1500+i)
	}
	return append(body, ']')
}

func (s *sink) post(tenant int, contentType string, body []byte) (time.Duration, error) {
	r, err := http.NewRequest(http.MethodPost, s.url+"/api/v1/events", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+s.keys[tenant])
	r.Header.Set("Content-Type", contentType)
	start := time.Now()
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	took := time.Since(start)
	if err == nil && (answer.StatusCode != http.StatusOK || !bytes.Contains(text, []byte(`"duplicate":0,"conflict":0,"invalid":0,"quarantined":0`))) {
		err = fmt.Errorf("%d %.300s", answer.StatusCode, text)
	}
	return took, err
}

// load is what a number of requests cost.
type load struct {
	events    int
	wall, cpu time.Duration // of the server
	acks      []time.Duration
}

// send posts bodies of so many events each, by callers at once, the tenants in
// turn.
func (s *sink) send(b *testing.B, callers, events int, contentType string, bodies [][]byte) load {
	b.Helper()
	l := load{events: events * len(bodies), acks: make([]time.Duration, len(bodies))}
	var next atomic.Int64
	var all sync.WaitGroup
	failed := make(chan error, callers)
	start, before := time.Now(), s.processor(b)
	for range callers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(bodies); i = int(next.Add(1)) - 1 {
				var err error
				if l.acks[i], err = s.post(i%len(s.tenants), contentType, bodies[i]); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	l.wall, l.cpu = time.Since(start), s.processor(b)-before
	select {
	case err := <-failed:
		b.Fatal(err)
	default:
	}
	return l
}

func (l load) micros() float64 { return float64(l.cpu.Microseconds()) / float64(l.events) }

func (l load) rate() float64 { return float64(l.events) / l.wall.Seconds() }

func (l load) report(b *testing.B, name string) {
	b.Helper()
	b.ReportMetric(l.rate(), name+"-events/s")
	b.ReportMetric(l.micros(), name+"-cpu-µs/event")
	if len(l.acks) == 0 {
		return
	}
	slices.Sort(l.acks)
	b.ReportMetric(float64(l.acks[len(l.acks)/2].Microseconds())/1000, name+"-p50-ms")
	b.ReportMetric(float64(l.acks[len(l.acks)*99/100].Microseconds())/1000, name+"-p99-ms")
}

// raw is what the door is measured against: prepared inserts, a row at a time,
// into files with the same schema and the same durability.
type raw struct {
	files []*rawFile
}

type rawFile struct {
	db                 *sql.DB
	identities, events *sql.Stmt
}

func newRaw(b *testing.B, n int) raw {
	b.Helper()
	s := &sink{dir: b.TempDir()}
	s.prepare(b, n)
	var r raw
	for _, tenant := range s.tenants {
		found, err := filepath.Glob(filepath.Join(s.dir, "regions", "*", "tenants", string(tenant)+"*.db"))
		must(b, err)
		db, err := sql.Open("sqlite", "file:"+found[0]+"?_txlock=immediate&_pragma=journal_mode(wal)&_pragma=synchronous(full)"+
			"&_pragma=foreign_keys(on)&_pragma=secure_delete(on)&_pragma=cache_size(-8192)&_pragma=wal_autocheckpoint(4000)")
		must(b, err)
		db.SetMaxOpenConns(1)
		b.Cleanup(func() { must(b, db.Close()) })
		f := &rawFile{db: db}
		f.identities, err = db.Prepare(`insert into usage_identities (hash, hour, received_at) values (?, ?, ?)`)
		must(b, err)
		f.events, err = db.Prepare(`
insert into usage_events (hour, hash, source, id, type, development_id, unit_id, visitor, time, received_at, body, payload_hash)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
		must(b, err)
		r.files = append(r.files, f)
	}
	return r
}

// insert writes transactions of so many events each, the files in turn. What
// is inserted is made before.
func (r raw) insert(b *testing.B, transactions, events int) load {
	b.Helper()
	type row struct {
		id   uuid.UUID
		body string
	}
	rows := make([]row, transactions*events)
	for i := range rows {
		id, err := uuid.NewV7()
		must(b, err)
		rows[i] = row{id, fmt.Sprintf(data, 1500+i)}
	}
	l := load{events: len(rows)}
	start, before := time.Now(), ownProcessor()
	for i := range transactions {
		f := r.files[i%len(r.files)]
		tx, err := f.db.Begin()
		must(b, err)
		identities, insert := tx.Stmt(f.identities), tx.Stmt(f.events)
		for _, row := range rows[i*events : (i+1)*events] {
			at := start.UnixMilli()
			_, err := identities.Exec(row.id[:], at/3_600_000, at)
			must(b, err)
			_, err = insert.Exec(at/3_600_000, row.id[:], "https://portal.harpur.example", row.id.String(), "ai.openhouse.llm.called", "dvt_06f2mkhh1v9c5q7r3s8t0a4b6d",
				"unt_06f2mkhh1v9c5q7r3s8t0a4b6d", "v00000421", at, at, row.body, row.id[:])
			must(b, err)
		}
		must(b, tx.Commit())
	}
	l.wall, l.cpu = time.Since(start), ownProcessor()-before
	return l
}
