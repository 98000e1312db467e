package usage_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"pgregory.net/rapid"
)

// fill takes n events an hour apart from a moment on, as they happen.
func (m *meter) fill(t fataler, from time.Time, n int) []usage.Report {
	t.Helper()
	var all []usage.Report
	for i := range n {
		m.set(from.Add(time.Duration(i) * time.Hour))
		r := report(fmt.Sprint(from.Unix(), "-", i), at(m.now()))
		m.take(t, []usage.Report{r})
		all = append(all, r)
	}
	return all
}

func TestRetention(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	events := m.fill(t, start, 72) // three days
	m.take(t, []usage.Report{report("strange", unknown, at(m.now())), events[71], with2(events[71], by("v2"))})
	whole, err := m.Horizon(t.Context(), m.tenant)
	ok(t, err)
	equal(t, "horizon of a whole ledger", whole.IsZero(), true)

	_, err = m.Retain(t.Context(), m.tenant, 61)
	equal(t, "too few days", core.CodeOf(err), core.Invalid)
	m.set(start.AddDate(0, 0, 62).Add(5 * time.Hour))
	for _, days := range []int{0, 62, 400} {
		n, err := m.Retain(t.Context(), m.tenant, days)
		ok(t, err)
		equal(t, "erased too early", n, 0)
	}
	m.set(m.now().AddDate(0, 0, 2)) // the first two days are older than 62 days
	n, err := m.Retain(t.Context(), m.tenant, 62)
	ok(t, err)
	equal(t, "erased", n, 48)
	since, err := m.Horizon(t.Context(), m.tenant)
	ok(t, err)
	equal(t, "horizon", since, start.AddDate(0, 0, 2))
	equal(t, "events", m.list(t, core.Query{}).Total, 24)
	equal(t, "hours, and the events that they had", m.read(t, "select count(*) || ' ' || sum(events) from usage_hours"), "72 72")
	equal(t, "conflicts", m.read(t, "select count(*) from usage_conflicts"), "1")
	n, err = m.Retain(t.Context(), m.tenant, 62)
	ok(t, err)
	equal(t, "again", n, 0)

	_, err = m.Reconcile(t.Context(), m.tenant) // forgets the recent identities
	ok(t, err)
	equal(t, "erased and kept ones later", m.outcomes(t, events[0], with2(events[0], by("v2")), events[47], events[48], with2(events[0], at(m.now()))),
		"duplicate, conflict, duplicate, duplicate, conflict")
	conflicts, err := m.Conflicts(t.Context(), m.tenant, core.Query{})
	ok(t, err)
	equal(t, "first of an erased one", conflicts.Items[0].First.IsZero(), true)

	m.set(m.now().AddDate(0, 0, 1))
	n, err = m.Retain(t.Context(), m.tenant, 62)
	ok(t, err)
	equal(t, "the third day", n, 24)
	equal(t, "left", m.read(t, "select (select count(*) from usage_events) + (select count(*) from usage_quarantine)"), "0")
	equal(t, "dismissed by time", m.outcomes(t, report("strange", unknown, at(start.Add(71*time.Hour)))), "duplicate")
	equal(t, "receipts stay", m.sums(t), "81 = 72 + 5 + 3 + 0 + 1")
}

func with2(r usage.Report, changes ...func(*usage.Report)) usage.Report {
	for _, change := range changes {
		change(&r)
	}
	return r
}

// What happened before the horizon can't be released: nobody could derive
// anything from it that fits the rest.
func TestNothingIsReleasedBehindTheHorizon(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	m.fill(t, noon, 1)
	m.set(noon.AddDate(0, 0, 70))
	m.take(t, []usage.Report{report("late", at(noon))})
	_, err := m.Retain(t.Context(), m.tenant, 62)
	ok(t, err)
	_, err = m.Release(t.Context(), m.tenant, []string{m.held(t, core.Query{})[0].ID})
	equal(t, "code", core.CodeOf(err), core.Invalid)
	equal(t, "why", strings.Contains(err.Error(), ".time is before 2026-03-10"), true)
	receipt, err := m.ReleaseType(t.Context(), m.tenant, called)
	ok(t, err)
	equal(t, "receipt", line(receipt.Received, receipt.Quarantined), "1 1")
}

// What is released stays for a week at least, so that nobody who derives
// something from it comes too late.
func TestNothingIsReleasedThatGoesWithinAWeek(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	m.set(time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC)) // retention reaches 28 February
	week := time.Date(2026, 3, 7, 0, 0, 0, 0, time.UTC)
	m.take(t, []usage.Report{report("gone", at(week.AddDate(0, 0, -8))), report("within a week", at(week.Add(-time.Millisecond))), report("stays", at(week))})
	ok(t, m.store.SaveSettings(t.Context(), m.tenant, core.Settings{TimeZone: "UTC", UsageRetentionDays: 62}))
	receipt, err := m.ReleaseType(t.Context(), m.tenant, called)
	ok(t, err)
	equal(t, "receipt", line(receipt.Received, receipt.Accepted, receipt.Quarantined), "3 1 2")
	equal(t, "released", m.list(t, core.Query{}).Items[0].ID, "stays")
	left := m.held(t, core.Query{Status: "held"})
	_, err = m.Release(t.Context(), m.tenant, []string{left[0].ID, left[1].ID})
	equal(t, "why", strings.Contains(line(err), left[0].ID+".time is before 2026-03-07"), true)
	m.set(m.now().AddDate(0, 0, 7))
	n, err := m.Retain(t.Context(), m.tenant, 62)
	ok(t, err)
	equal(t, "erased within the week", n, 0)
	ok(t, m.store.SaveSettings(t.Context(), m.tenant, core.Settings{TimeZone: "UTC"})) // for ever
	receipt, err = m.ReleaseType(t.Context(), m.tenant, called)
	ok(t, err)
	equal(t, "receipt of a ledger that is kept", line(receipt.Received, receipt.Accepted), "2 2")
}

// A run of retention that is interrupted is continued by the next, and what is
// gone is known at every moment.
func TestRetentionIsInterrupted(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	var reports []usage.Report
	for i := range 4500 {
		reports = append(reports, report(line(i), at(noon.Add(time.Duration(i)*time.Second))))
	}
	m.set(noon.AddDate(0, 0, 1))
	m.take(t, reports)
	m.set(noon.AddDate(0, 0, 100))
	for moments := 1; m.list(t, core.Query{}).Total > 0; moments++ {
		ctx, cancel := context.WithCancel(t.Context())
		left := atomic.Int64{}
		left.Store(int64(moments))
		m.watch(func() {
			if left.Add(-1) == 0 {
				cancel()
			}
		})
		_, err := m.Retain(ctx, m.tenant, 62)
		m.watch(nil)
		cancel()
		equal(t, "in the ledger or remembered", m.read(t, "select (select count(*) from usage_events) + (select count(*) from usage_remembered)"), "4500")
		equal(t, "all erased, if there is no error", err != nil || m.list(t, core.Query{}).Total == 0, true)
	}
	equal(t, "remembered", m.read(t, "select count(*) from usage_remembered"), "4500")
	equal(t, "the same again", m.take(t, reports).Duplicate, 4500)
}

// Figures of scans are the same when their events are gone.
func TestFiguresOutliveEvents(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	m.moveTo(t, "Asia/Kathmandu")
	sites := []string{core.NewID(core.PrefixDevelopment, noon), core.NewID(core.PrefixDevelopment, noon)}
	for i := range 40 {
		m.accept(t, with(scan(fmt.Sprint(i)), func(e *core.UsageEvent) {
			e.Time, e.Development = noon.Add(time.Duration(i)*7*time.Hour), sites[i%2]
		}))
	}
	before := fmt.Sprint(m.figures(t))
	for _, day := range []int{65, 70, 75} {
		m.set(noon.AddDate(0, 0, day))
		_, err := m.Retain(t.Context(), m.tenant, 62)
		ok(t, err)
		equal(t, "figures", fmt.Sprint(m.figures(t)), before)
	}
	equal(t, "events", m.list(t, core.Query{}).Total, 0)
}

// P3, P17 with people and retention in between: identities are for ever, and
// the sums hold whatever was decided.
func TestLedgerForEver(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		m.tenant = m.addTenant(t, fmt.Sprintf("EVER%d", n))
		m.set(noon)
		first := map[string]string{} // the visitor of the event that has an id
		received := 0
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			m.set(m.now().Add(time.Duration(rapid.SampledFrom([]int{1, 24, 24 * 40}).Draw(t, "hours")) * time.Hour))
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				_, err := m.Retain(context.Background(), m.tenant, 62)
				ok(t, err)
			case 1:
				_, err := m.Reconcile(context.Background(), m.tenant)
				ok(t, err)
			case 2:
				_, err := m.ReleaseType(context.Background(), m.tenant, called)
				ok(t, err)
			default:
				// The time of an event is in its payload: of one id it is always the same.
				id := rapid.IntRange(1, 5).Draw(t, "id")
				r := report(line(id), at(noon.AddDate(0, 0, -20*id)), by(rapid.SampledFrom([]string{"v1", "v2"}).Draw(t, "visitor")))
				result := m.take(t, []usage.Report{r}).Results[0]
				received++
				kept, known := first[result.ID]
				switch {
				case !known:
					first[result.ID] = r.Event.Visitor
					equal(t, "the first", result.Outcome == usage.Accepted || result.Outcome == usage.Quarantined, true)
				case kept == r.Event.Visitor:
					equal(t, "the same", result.Outcome, usage.Duplicate)
				default:
					equal(t, "another", result.Outcome, usage.Conflict)
				}
			}
			equal(t, "received", m.tally(t).Received(), received)
		}
	})
}
