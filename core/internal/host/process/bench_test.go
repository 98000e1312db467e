package process_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// BenchmarkStart is a start until the first call is answered.
func BenchmarkStart(b *testing.B) {
	for _, c := range []struct {
		name, kind string
		plain      bool
		parallel   int
	}{
		{"plain", "good", true, 1}, {"TLS", "good", false, 1}, {"bundled in sandbox", "confined", false, 1}, {"outside in sandbox", "launched", false, 1},
		{"five plain", "good", true, 5}, {"five TLS", "good", false, 5}, {"five in sandbox", "confined", false, 5},
	} {
		b.Run(c.name, func(b *testing.B) {
			var memory, own int64
			for b.Loop() {
				started := make([]*process.Process, c.parallel)
				var all sync.WaitGroup
				for i := range started {
					s := spec(b, c.kind)
					if c.plain {
						s = process.Plain(s)
					}
					all.Go(func() {
						p, err := process.Start(b.Context(), s)
						if err != nil {
							b.Error(err)
							return
						}
						started[i] = p
						if _, err := p.Plugin().Describe(b.Context(), &wire.DescribeRequest{}); err != nil {
							b.Error(err)
						}
					})
				}
				all.Wait()
				b.StopTimer()
				for _, p := range started {
					n, err := p.Memory()
					if err != nil {
						b.Fatal(err)
					}
					memory, own = max(memory, n), max(own, proportional(b, p.PID()))
					p.Stop(b.Context())
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(memory)/1e6, "MB-resident")
			b.ReportMetric(float64(own)/1e6, "MB-proportional")
		})
	}
}

// proportional is a process's memory, of what it shares its part alone.
func proportional(b *testing.B, pid int) int64 {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "smaps_rollup"))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
			n, _ := strconv.ParseInt(fields[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

// BenchmarkMemory is one look at what a plugin holds.
func BenchmarkMemory(b *testing.B) {
	p := start(b, spec(b, "good"))
	for b.Loop() {
		if _, err := p.Memory(); err != nil {
			b.Fatal(err)
		}
	}
}
