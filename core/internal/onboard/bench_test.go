package onboard_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/kit"
)

// BenchmarkProvision onboards a developer with 500 units, up to the finished
// launch kit. The baseline is printing the same kit alone, in the same run.
func BenchmarkProvision(b *testing.B) {
	var list strings.Builder
	list.WriteString("Address,Price,Eircode\n")
	for i := range 500 {
		fmt.Fprintf(&list, "\"%d Harpur Park, Harpur Lane, Leixlip, Co. Kildare\",\"€458,150.00\",W23 X%03d\n", i+1, i)
	}
	var provisioning, printing time.Duration
	for b.Loop() {
		c := open(b, b.TempDir())
		var site kit.Site
		c.Onboarding.Printer = printer{Printer: c.Onboarding.Printer, before: func(context.Context) error { return nil }, printed: &site}
		r := request()
		r.Units.File = c.upload(b, "eu-west", "units.csv", list.String())
		started := time.Now()
		run := c.end(b, c.begin(b, r, "").ID)
		provisioning += time.Since(started)
		wantState(b, run, core.Done)
		if len(site.Units) != 500 {
			b.Fatalf("printed %d units, want 500", len(site.Units))
		}
		started = time.Now()
		ok(b, c.Onboarding.Printer.LaunchKit(context.Background(), io.Discard, site, func(int, int) {}))
		printing += time.Since(started)
	}
	b.ReportMetric(provisioning.Seconds()/float64(b.N), "s/developer")
	b.ReportMetric(printing.Seconds()/float64(b.N), "s/kit-alone")
	b.ReportMetric(provisioning.Seconds()/printing.Seconds(), "ratio")
}
