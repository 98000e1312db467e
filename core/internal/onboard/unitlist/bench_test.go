package unitlist_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
)

const benchRows = 50_000

// bigList is a register of 50,000 different units.
func bigList() string {
	var b strings.Builder
	b.WriteString("Date of Sale (dd/mm/yyyy),Address,County,Eircode,Price (€),Description of Property\n")
	for i := range benchRows {
		fmt.Fprintf(&b, "\"%02d/02/2023\",\"%d HARPUR PARK, Lane %d, Leixlip\",\"Kildare\",\"\",\"€%d,150.00\",New Dwelling house /Apartment\n",
			i%28+1, i%200+1, i/200, i%800+100)
	}
	return b.String()
}

// BenchmarkRead reads 50,000 units and the same text with encoding/csv alone.
// live-MB is the most that was reachable while the rows went by: what a
// reading holds, its set of seen addresses above all.
func BenchmarkRead(b *testing.B) {
	text := bigList()
	var plain time.Duration
	for b.Loop() {
		start := time.Now()
		r := csv.NewReader(strings.NewReader(text))
		for {
			if _, err := r.Read(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
		plain += time.Since(start)
		report, err := unitlist.Read(b.Context(), strings.NewReader(text), "big.csv", unitlist.Options{}, func(unitlist.Row) error { return nil })
		if err != nil || report.Imported != benchRows {
			b.Fatal(report, err)
		}
	}
	rows := float64(b.N * benchRows)
	own := b.Elapsed() - plain
	b.ReportMetric(rows/own.Seconds(), "rows/s")
	b.ReportMetric(rows/plain.Seconds(), "csv-rows/s")
	b.ReportMetric(own.Seconds()/plain.Seconds(), "times-csv")
	b.ReportMetric(liveMB(b, text), "live-MB")
}

func liveMB(b *testing.B, text string) float64 {
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most, n := before.HeapAlloc, 0
	_, err := unitlist.Read(b.Context(), strings.NewReader(text), "big.csv", unitlist.Options{}, func(unitlist.Row) error {
		if n++; n%10_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return float64(most-before.HeapAlloc) / (1 << 20)
}
