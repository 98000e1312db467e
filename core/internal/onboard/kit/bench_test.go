package kit_test

import (
	"io"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core/internal/onboard/kit"
	"github.com/openhouse-ai/console/core/internal/qr"
)

// BenchmarkLaunchKit makes the launch kit of 500 units. kit/codes is how much
// longer that takes than encoding its codes alone, one after the other.
func BenchmarkLaunchKit(b *testing.B) {
	s := site(500)
	start := time.Now()
	for _, u := range s.Units {
		if _, err := qr.Encode(u.URL); err != nil {
			b.Fatal(err)
		}
	}
	codes := time.Since(start)
	for b.Loop() {
		if err := (kit.Printer{}).LaunchKit(b.Context(), io.Discard, s, nil); err != nil {
			b.Fatal(err)
		}
	}
	whole := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(whole.Milliseconds()), "ms/kit")
	b.ReportMetric(whole.Seconds()/codes.Seconds(), "kit/codes")
}
