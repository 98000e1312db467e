package usage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"pgregory.net/rapid"
)

func (m *meter) figures(t fataler) (figures []core.Figure) {
	t.Helper()
	ok(t, m.store.View(context.Background(), m.tenant, func(tx *tenants.Tx) (err error) {
		figures, err = m.Figures(context.Background(), tx)
		return err
	}))
	slices.SortFunc(figures, func(a, b core.Figure) int {
		return strings.Compare(a.Development+"/"+a.Period, b.Development+"/"+b.Period)
	})
	return figures
}

func (m *meter) moveTo(t fataler, zone string) {
	t.Helper()
	ok(t, m.store.SaveSettings(context.Background(), m.tenant, core.Settings{TimeZone: zone}))
}

// The day of a scan is the one that it was where the developer is, on both
// sides of midnight, of a change of the clocks and of a year.
func TestScansAreCountedByLocalDays(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	site := core.NewID(core.PrefixDevelopment, noon)
	for n, c := range []struct{ at, development string }{
		{"2025-12-31T23:59:59Z", site},
		{"2026-03-29T00:30:00Z", site}, // half an hour before the clocks go forward
		{"2026-03-29T22:59:00Z", "Harpur Lane"},
		{"2026-03-29T23:00:00Z", ""}, // midnight of the 30th in Dublin
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		ok(t, err)
		m.accept(t, with(scan(fmt.Sprint(n)), func(e *core.UsageEvent) { e.Time, e.Development = at, c.development }))
	}
	m.accept(t, with(scan("chat"), func(e *core.UsageEvent) { e.Type = "ai.openhouse.chat.asked" }))
	for zone, want := range map[string]string{
		"":               "=4 2025=1 2025-12=1 2025-12-31=1 2026=3 2026-03=3 2026-03-29=3",
		"Europe/Dublin":  "=4 2025=1 2025-12=1 2025-12-31=1 2026=3 2026-03=3 2026-03-29=2 2026-03-30=1",
		"Asia/Kolkata":   "=4 2026=4 2026-01=1 2026-01-01=1 2026-03=3 2026-03-29=1 2026-03-30=2",
		"Asia/Kathmandu": "=4 2026=4 2026-01=1 2026-01-01=1 2026-03=3 2026-03-29=1 2026-03-30=2",
	} {
		if zone != "" {
			m.moveTo(t, zone)
		} else if m.figures(t)[0].Value != 4 {
			t.Fatalf("nothing is counted before there are settings")
		}
		var all []string
		of := int64(0)
		for _, f := range m.figures(t) {
			switch {
			case f.Development == "" && zone != "":
				all = append(all, fmt.Sprintf("%s=%d", f.Period, f.Value))
			case f.Development == site && f.Period == "":
				of = f.Value
			}
		}
		equal(t, "of the development", of, 2)
		if zone != "" {
			equal(t, "figures in "+zone, strings.Join(all, " "), want)
		}
	}
}

// Days add up to months, months to years, and years to the total.
func TestScansAddUp(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		m.tenant = m.addTenant(t, fmt.Sprintf("SUM%d", n))
		m.moveTo(t, rapid.SampledFrom([]string{"Europe/Dublin", "Europe/London", "Australia/Lord_Howe", "UTC"}).Draw(t, "zone"))
		times := rapid.SliceOfN(rapid.Int64Range(0, int64(900*24*time.Hour/time.Second)), 0, 60).Draw(t, "times")
		var events []core.UsageEvent
		for i, s := range times {
			events = append(events, with(scan(fmt.Sprint(i)), func(e *core.UsageEvent) { e.Time = noon.Add(time.Duration(s) * time.Second) }))
		}
		if len(events) > 0 {
			m.accept(t, events...)
		}
		sums := map[int]int64{}
		for _, f := range m.figures(t) {
			sums[len(f.Period)] += f.Value
		}
		for _, length := range []int{0, 4, 7, 10} {
			equal(t, fmt.Sprintf("sum of periods of %d letters", length), sums[length], int64(len(times)))
		}
	})
}
