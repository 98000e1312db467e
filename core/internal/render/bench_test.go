package render_test

import (
	"io"
	"testing"
	"time"

	"github.com/openhouse-ai/console/ui"
)

// BenchmarkPage draws a page with figures, a chart, a heatmap and a list of
// 50 tenants. Its baseline, measured in the same run, is an empty page: what
// the shell alone costs.
func BenchmarkPage(b *testing.B) {
	r := newRenderer(b)
	shell, page := ui.SampleShell(ui.Console), ui.SamplePage()
	table := ui.SampleTable()
	for len(table.Rows) < 50 {
		table.Rows = append(table.Rows, table.Rows...)
	}
	table.Rows = table.Rows[:50]
	page.Blocks[len(page.Blocks)-1] = table
	draw := func(page ui.Page) {
		if err := r.Page(io.Discard, shell, page); err != nil {
			b.Fatal(err)
		}
	}
	const rounds = 50
	start := time.Now()
	for range rounds {
		draw(ui.Page{})
	}
	baseline := time.Since(start) / rounds
	b.ReportAllocs()
	for b.Loop() {
		draw(page)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(baseline), "x-empty-page")
}
