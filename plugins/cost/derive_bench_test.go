package cost

import (
	"database/sql"
	"encoding/json"
	"strconv"
	"testing"
	"time"
)

// benchEvents is how many calls of models BenchmarkDerive has priced: over
// thirty days and two hundred units.
const benchEvents = 1_000_000

// reportMany writes calls into the ledger as it would have taken them, but with
// few statements.
func (w world) reportMany(n int) {
	w.t.Helper()
	var ids []string
	for _, u := range append(w.site.Units, w.AddUnits(w.site, 200-len(w.site.Units))...) {
		ids = append(ids, u.ID)
	}
	units, err := json.Marshal(ids)
	w.must(err)
	db, err := sql.Open("sqlite", "file:"+w.File()+"?_pragma=busy_timeout(10000)")
	w.must(err)
	defer db.Close()
	db.SetMaxOpenConns(1) // which has the temporary table
	_, err = db.Exec(`create temp table reporters as select key n, value id from json_each(?); create unique index temp.reporters_by_n on reporters (n)`, string(units))
	w.must(err)
	_, err = db.Exec(`
		insert into usage_events (hour, hash, source, id, type, development_id, unit_id, visitor, time, received_at, body, payload_hash)
		with recursive numbers (i) as (select 0 union all select i + 1 from numbers where i + 1 < ?1),
			calls as (select i, ?3 - (?1 - i) * ?4 / ?1 at, 500 + i * 7919 % 4000 prompt, unhex(printf('%08x%024x', i * 2654435761 % 4294967296, i)) hash from numbers)
		select at / 3600000, hash, 'portal', printf('call-%07d', i), 'ai.openhouse.llm.called', ?5, u.id, '', at, at,
			printf('{"provider":"openai","model":"%s","prompt_tokens":%d,"cached_tokens":%d,"completion_tokens":%d,"reasoning_tokens":64,"service_tier":"default","status":"ok","latency_ms":%d}',
				case i % 3 when 0 then 'gpt-6-luna' when 1 then 'gpt-5-mini' else 'gpt-6.1-terra' end, prompt, prompt / 3, 100 + i % 300, 300 + i % 2000), hash
		from calls c join reporters u on u.n = c.i * 31 % ?2 order by 1, 2`,
		n, len(ids), derivedAt.UnixMilli(), 30*24*time.Hour.Milliseconds(), w.site.Development.ID)
	w.must(err)
	_, err = db.Exec(`insert into usage_hours (hour, events, change) select hour, count(*), row_number() over (order by hour) from usage_events group by hour`)
	w.must(err)
}

// BenchmarkDerive has a million calls priced, beside reading the same rows
// through database/sql without any plugin in between.
func BenchmarkDerive(b *testing.B) {
	w := newWorld(b)
	w.reportMany(benchEvents)
	for b.Loop() {
		w.drop()
		started := time.Now()
		w.derive()
		derived := time.Since(started)

		plain := w.read(b)
		b.ReportMetric(benchEvents/derived.Seconds(), "events/s")
		b.ReportMetric(derived.Seconds()/plain.Seconds(), "plain-reads")
		entries, err := strconv.ParseFloat(w.one(`select count(*) from cost_entries`), 64)
		w.must(err)
		b.ReportMetric(entries, "entries")
	}
	b.ReportMetric(0, "ns/op")
}

// read reads every event as anybody would who has the file.
func (w world) read(b *testing.B) time.Duration {
	db, err := sql.Open("sqlite", "file:"+w.File()+"?mode=ro")
	w.must(err)
	defer db.Close()
	started := time.Now()
	rows, err := db.Query(`select hour, type, development_id, unit_id, time, body from usage_events`)
	w.must(err)
	defer rows.Close()
	n := 0
	for rows.Next() {
		var hour, at int64
		var kind, development, unit, body string
		w.must(rows.Scan(&hour, &kind, &development, &unit, &at, &body))
		n++
	}
	w.must(rows.Err())
	if n != benchEvents {
		b.Fatalf("%d events were read, want %d", n, benchEvents)
	}
	return time.Since(started)
}
