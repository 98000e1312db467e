package host_test

import (
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/tenants"
)

// BenchmarkFivePlugins starts five plugins at once, with what they say of
// themselves known from before: target 1.5 s.
func BenchmarkFivePlugins(b *testing.B) {
	ids := []string{"probe", "second", "third", "fourth", "fifth"}
	h := newHouse(b, nil, "plugins: {}\n")
	start := func() (took time.Duration, memory int64) {
		h.write("plugins: {}\n")
		_, err := h.Reload(h.as("owner"))
		h.must(err)
		h.write(only(ids...))
		begin := time.Now()
		_, err = h.Reload(h.as("owner"))
		h.must(err)
		for _, id := range ids {
			h.state(id, host.Ready)
		}
		took = time.Since(begin)
		h.until("their memory is known", func() bool {
			memory = 0
			for _, id := range ids {
				s, _ := h.Find(id)
				if s.Memory == 0 {
					return false
				}
				memory += s.Memory
			}
			return true
		})
		return took, memory
	}
	first, _ := start()
	var total time.Duration
	var memory int64
	for b.Loop() {
		took, used := start()
		total, memory = total+took, used
	}
	b.ReportMetric(total.Seconds()/float64(b.N), "s/five")
	b.ReportMetric(first.Seconds(), "s/first") // their manifests weren't known
	b.ReportMetric(float64(memory)/5/(1<<20), "MB/plugin")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkPage is what the way into a plugin and back costs, with a page that
// holds nothing, against reading the tenant's settings, which is a part of it.
func BenchmarkPage(b *testing.B) {
	h := newHouse(b, nil, only("probe"))
	h.state("probe", host.Ready)
	var pages, reads time.Duration
	n := 0
	for b.Loop() {
		begin := time.Now()
		_, err := h.page("probe", h.ids[0], "hello", "")
		h.must(err)
		pages += time.Since(begin)
		begin = time.Now()
		h.must(h.store.View(b.Context(), h.ids[0], func(tx *tenants.Tx) error {
			_, err := tenants.ReadSettings(b.Context(), tx)
			if core.CodeOf(err) == core.NotFound {
				return nil
			}
			return err
		}))
		reads += time.Since(begin)
		n++
	}
	b.ReportMetric(float64(pages.Microseconds())/float64(n), "µs/page")
	b.ReportMetric(float64(reads.Microseconds())/float64(n), "µs/read")
	b.ReportMetric(float64(pages)/float64(reads), "times")
	b.ReportMetric(0, "ns/op")
}
