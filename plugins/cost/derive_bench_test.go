package cost

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
)

// benchEvents is how many calls of models BenchmarkDerive has priced: over
// thirty days and two hundred units.
const benchEvents = 1_000_000

func (w world) reportMany(n int) {
	units := append(w.site.Units, w.AddUnits(w.site, 200-len(w.site.Units))...)
	models := []string{"gpt-6-luna", "gpt-5-mini", "gpt-6.1-terra"}
	var events []core.UsageEvent
	for i := range n {
		prompt := 500 + i*7919%4000
		events = append(events, core.UsageEvent{
			Source: "portal", ID: fmt.Sprintf("call-%07d", i), Type: "ai.openhouse.llm.called",
			Development: w.site.Development.ID, Unit: units[i*31%len(units)].ID,
			Time: derivedAt.Add(-time.Duration(n-i) * 30 * 24 * time.Hour / time.Duration(n)),
			Data: fmt.Appendf(nil, `{"provider":"openai","model":%q,"prompt_tokens":%d,"cached_tokens":%d,"completion_tokens":%d,"reasoning_tokens":64,"service_tier":"default","status":"ok","latency_ms":%d}`,
				models[i%len(models)], prompt, prompt/3, 100+i%300, 300+i%2000),
		})
		if len(events) == 50_000 || i == n-1 {
			w.Report(events...)
			events = events[:0]
		}
	}
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
