package cloudevents_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/openhouse-ai/console/core/internal/usage/cloudevents"
)

// batchOf is a request with calls of models, of about 600 bytes each.
func batchOf(n int) []byte {
	events := make([]string, n)
	for i := range events {
		events[i] = event("id", fmt.Sprintf(`"0199b2a0-7c3e-7abc-8def-%012d"`, i), "type", `"ai.openhouse.llm.called"`,
			"subject", `"development/`+site+`/unit/`+home+`/homeowner/p-1234567890"`,
			"data", `{"provider":"openai","model":"gpt-5-mini-2025-08-07","prompt_tokens":1830,"cached_tokens":1024,"cache_write_tokens":0,`+
				`"completion_tokens":212,"reasoning_tokens":64,"service_tier":"default","status":"ok","latency_ms":640.25}`)
	}
	return []byte("[" + strings.Join(events, ",") + "]")
}

// spent is the processor's time that this process has had: what a machine that
// does something else meanwhile can't distort as much.
func spent() int64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// BenchmarkDecode reads and checks a hundred calls of models, beside what the
// standard library takes to see that they are JSON.
func BenchmarkDecode(b *testing.B) {
	body := batchOf(100)
	for _, run := range []struct {
		name string
		once func() error
	}{
		{"batch", func() error { _, err := cloudevents.Decode(cloudevents.Batched, none, body); return err }},
		{"baseline", func() error {
			var all []map[string]json.RawMessage
			return json.Unmarshal(body, &all)
		}},
	} {
		b.Run(run.name, func(b *testing.B) {
			b.ReportAllocs()
			before := spent()
			for b.Loop() {
				if err := run.once(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(spent()-before)/float64(b.N)/100, "cpu-ns/event")
		})
	}
}
