package qr_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core/internal/qr"
)

// BenchmarkEncodeAll encodes 500 different links; one/all is what encoding one
// after the other takes, in the same run.
func BenchmarkEncodeAll(b *testing.B) {
	texts := make([]string, 500)
	for i := range texts {
		texts[i] = fmt.Sprintf("https://portal.openhouse.example/q/%026d", i)
	}
	start := time.Now()
	for _, text := range texts {
		if _, err := qr.Encode(text); err != nil {
			b.Fatal(err)
		}
	}
	one := time.Since(start)
	for b.Loop() {
		if _, err := qr.EncodeAll(b.Context(), texts, nil); err != nil {
			b.Fatal(err)
		}
	}
	all := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(all.Microseconds())/500, "µs/code")
	b.ReportMetric(one.Seconds()/all.Seconds(), "one/all")
}
