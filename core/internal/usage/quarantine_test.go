package usage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
	"github.com/openhouse-ai/console/tenants"
	"pgregory.net/rapid"
)

func (m *meter) held(t fataler, q core.Query) []usage.Held {
	t.Helper()
	list, err := m.Quarantine(context.Background(), m.tenant, q)
	ok(t, err)
	equal(t, "total", list.Total >= len(list.Items), true)
	return list.Items
}

// know makes a held event's type one that the catalogue knows by now.
func (m *meter) know(t fataler, id, kind string) {
	t.Helper()
	ok(t, m.store.Update(context.Background(), m.tenant, func(tx *tenants.Tx) error {
		_, err := tx.Exec(context.Background(), "update usage_quarantine set type = ? where event_id = ?", kind, id)
		return err
	}))
}

func TestRelease(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	old := noon.AddDate(0, 0, -40)
	equal(t, "taken", m.outcomes(t, report("1", at(old)), report("2", unknown)), "quarantined too_late, quarantined unknown_type")
	m.now = noon.AddDate(0, 0, 3)
	late, strange := m.held(t, core.Query{Text: "too_late"})[0], m.held(t, core.Query{Text: "unknown_type"})[0]
	equal(t, "held", line(late.Event.ID, late.State, late.Event.Time, late.Received, late.Decided == nil), line(1, "held", old, noon, true))

	ctx := core.WithActor(t.Context(), core.Actor{Kind: "staff", ID: "usr_1"})
	_, err := m.Release(ctx, m.tenant, []string{late.ID, strange.ID})
	equal(t, "code", core.CodeOf(err), core.Invalid)
	equal(t, "why", strings.Contains(err.Error(), strange.ID+".type is not in the catalogue"), true)
	equal(t, "events after an error", m.list(t, core.Query{}).Total, 0)
	equal(t, "receipts after an error", m.sums(t), "2 = 0 + 0 + 0 + 0 + 2")

	m.records = nil
	before := m.changes(t)
	receipt, err := m.Release(ctx, m.tenant, []string{late.ID})
	ok(t, err)
	equal(t, "receipt", line(receipt.Received, receipt.Accepted, receipt.Results[0].ID), "1 1 1")
	equal(t, "event", m.list(t, core.Query{}).Items[0].Time, old)
	equal(t, "receipts", m.sums(t), "2 = 1 + 0 + 0 + 0 + 1")
	equal(t, "day of the receipt", m.read(t, "select day * 86400000 from usage_receipts where accepted = 1"), line(noon.Truncate(24*time.Hour).UnixMilli()))
	equal(t, "hours", len(before) == 0 && m.changes(t)[old.Unix()/3600] > 0, true)
	equal(t, "record", line(len(m.records), m.records[0].Action, m.records[0].Target), line(1, "usage.release", core.Target{Kind: "usage_event", ID: late.ID}))
	after := m.held(t, core.Query{Status: "released"})
	equal(t, "decision", line(len(after), after[0].DecidedBy, after[0].Decided), line(1, "usr_1", &m.now))

	_, err = m.Release(ctx, m.tenant, []string{late.ID})
	equal(t, "again", core.CodeOf(err), core.Conflict)
	_, err = m.Release(ctx, m.tenant, []string{"hld_none"})
	equal(t, "no such", core.CodeOf(err), core.NotFound)
	_, err = m.Release(ctx, m.tenant, make([]string, 501))
	equal(t, "too many", core.CodeOf(err), core.Invalid)
	equal(t, "the same later", m.outcomes(t, report("1", at(old)), report("1", at(old), by("v2"))), "duplicate, conflict")
}

func TestReleaseType(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	var reports []usage.Report
	for i := range 1203 {
		reports = append(reports, report(line(i), unknown))
	}
	reports[7].Event.Data = json.RawMessage(`{"model":7}`)
	m.take(t, reports)
	m.take(t, []usage.Report{report("other", func(r *usage.Report) { unknown(r); r.Event.Type += "s" })})
	_, err := m.ReleaseType(t.Context(), m.tenant, reports[0].Event.Type)
	equal(t, "unknown still", core.CodeOf(err), core.Invalid)
	for _, r := range reports {
		m.know(t, r.Event.ID, called)
		break
	}
	ok(t, m.store.Update(t.Context(), m.tenant, func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), "update usage_quarantine set type = ? where type = ?", called, reports[0].Event.Type)
		return err
	}))
	m.records = nil
	receipt, err := m.ReleaseType(t.Context(), m.tenant, called)
	ok(t, err)
	equal(t, "receipt", line(receipt.Received, receipt.Accepted, receipt.Quarantined, len(receipt.Results)), "1203 1202 1 1203")
	equal(t, "events", m.list(t, core.Query{}).Total, 1202)
	equal(t, "records", line(len(m.records), m.records[2].Target.ID), line(3, called))
	equal(t, "receipts", m.sums(t), "1204 = 1202 + 0 + 0 + 0 + 2")
	equal(t, "by type", m.read(t, "select type || ' ' || accepted || ' ' || quarantined from usage_receipts order by type"), " 0 2; "+called+" 1202 0")
	left := m.held(t, core.Query{Status: "held", Kind: called})
	equal(t, "left", line(len(left), left[0].Event.ID), "1 7")
	_, err = m.Release(t.Context(), m.tenant, []string{left[0].ID})
	equal(t, "the field", strings.Contains(line(err), left[0].ID+".data.model"), true)
	receipt, err = m.ReleaseType(t.Context(), m.tenant, called)
	ok(t, err)
	equal(t, "again", line(receipt.Received, receipt.Quarantined), "1 1")
}

func TestDismiss(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	m.take(t, []usage.Report{report("1", unknown)})
	id := m.held(t, core.Query{})[0].ID
	ok(t, m.Dismiss(t.Context(), m.tenant, id))
	equal(t, "again", core.CodeOf(m.Dismiss(t.Context(), m.tenant, id)), core.Conflict)
	equal(t, "no such", core.CodeOf(m.Dismiss(t.Context(), m.tenant, "hld_none")), core.NotFound)
	_, err := m.Release(t.Context(), m.tenant, []string{id})
	equal(t, "release", core.CodeOf(err), core.Conflict)
	equal(t, "record", line(len(m.records), m.records[0].Action, m.records[0].Target.ID), line(1, "usage.dismiss", id))
	equal(t, "the same later", m.outcomes(t, report("1", unknown), report("1")), "duplicate, conflict")
	equal(t, "receipts", m.sums(t), "3 = 0 + 1 + 1 + 0 + 1")
}

// Tokens that don't add up are never priced: nobody can release them.
func TestTokensStay(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	odd := report("1", func(r *usage.Report) {
		r.Event.Data = json.RawMessage(strings.Replace(string(r.Event.Data), `"cached_tokens":1024`, `"cached_tokens":9024`, 1))
		r.Hold = usage.HoldTokens
	})
	equal(t, "verdict", catalogue.Judge(called, odd.Event.Data).Hold, catalogue.HoldTokens)
	m.take(t, []usage.Report{odd})
	_, err := m.Release(t.Context(), m.tenant, []string{m.held(t, core.Query{})[0].ID})
	equal(t, "release", core.CodeOf(err), core.Invalid)
}

func TestQuarantinePages(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	for i := range 60 {
		m.now = noon.Add(time.Duration(i/7) * time.Minute)
		m.take(t, []usage.Report{report(line(i), unknown)})
	}
	seen := map[string]bool{}
	q := core.Query{Limit: 7, From: noon.AddDate(1, 0, 0)}
	for {
		list, err := m.Quarantine(t.Context(), m.tenant, q)
		ok(t, err)
		equal(t, "total", list.Total, 60)
		equal(t, "order", slices.IsSortedFunc(list.Items, func(a, b usage.Held) int { return b.Received.Compare(a.Received) }), true)
		for _, h := range list.Items {
			seen[h.Event.ID] = true
		}
		if q.After = list.Next; q.After == "" {
			break
		}
	}
	equal(t, "seen", len(seen), 60)
	_, err := m.Quarantine(t.Context(), m.tenant, core.Query{After: "x"})
	equal(t, "code", core.CodeOf(err), core.Invalid)
}

// fill takes n events an hour apart from a moment on, as they happen.
func (m *meter) fill(t fataler, from time.Time, n int) []usage.Report {
	t.Helper()
	var all []usage.Report
	for i := range n {
		m.now = from.Add(time.Duration(i) * time.Hour)
		r := report(fmt.Sprint(from.Unix(), "-", i), at(m.now))
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
	m.take(t, []usage.Report{report("strange", unknown, at(m.now)), events[71], with2(events[71], by("v2"))})
	whole, err := m.Horizon(t.Context(), m.tenant)
	ok(t, err)
	equal(t, "horizon of a whole ledger", whole.IsZero(), true)

	_, err = m.Retain(t.Context(), m.tenant, 61)
	equal(t, "too few days", core.CodeOf(err), core.Invalid)
	m.now = start.AddDate(0, 0, 62).Add(5 * time.Hour)
	for _, days := range []int{0, 62, 400} {
		n, err := m.Retain(t.Context(), m.tenant, days)
		ok(t, err)
		equal(t, "erased too early", n, 0)
	}
	m.now = m.now.AddDate(0, 0, 2) // the first two days are older than 62 days
	n, err := m.Retain(t.Context(), m.tenant, 62)
	ok(t, err)
	equal(t, "erased", n, 48)
	since, err := m.Horizon(t.Context(), m.tenant)
	ok(t, err)
	equal(t, "horizon", since, start.AddDate(0, 0, 2))
	equal(t, "events", m.list(t, core.Query{}).Total, 24)
	equal(t, "hours", m.read(t, "select count(*) || ' ' || min(hour) from usage_hours"), line(24, since.Unix()/3600))
	equal(t, "conflicts", m.read(t, "select count(*) from usage_conflicts"), "1")
	n, err = m.Retain(t.Context(), m.tenant, 62)
	ok(t, err)
	equal(t, "again", n, 0)

	_, err = m.Reconcile(t.Context(), m.tenant) // forgets the recent identities
	ok(t, err)
	equal(t, "erased and kept ones later", m.outcomes(t, events[0], with2(events[0], by("v2")), events[47], events[48], with2(events[0], at(m.now))),
		"duplicate, conflict, duplicate, duplicate, conflict")
	conflicts, err := m.Conflicts(t.Context(), m.tenant, core.Query{})
	ok(t, err)
	equal(t, "first of an erased one", conflicts.Items[0].First.IsZero(), true)

	m.now = m.now.AddDate(0, 0, 1)
	n, err = m.Retain(t.Context(), m.tenant, 62)
	ok(t, err)
	equal(t, "the third day", n, 24)
	equal(t, "left", m.read(t, "select (select count(*) from usage_events) + (select count(*) from usage_quarantine) + (select count(*) from usage_hours)"), "0")
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
	m.now = noon.AddDate(0, 0, 70)
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

// A run of retention that is interrupted is continued by the next, and what is
// gone is known at every moment.
func TestRetentionIsInterrupted(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	var reports []usage.Report
	for i := range 4500 {
		reports = append(reports, report(line(i), at(noon.Add(time.Duration(i)*time.Second))))
	}
	m.now = noon.AddDate(0, 0, 1)
	m.take(t, reports)
	m.now = noon.AddDate(0, 0, 100)
	for moments := 1; m.list(t, core.Query{}).Total > 0; moments++ {
		ctx, cancel := context.WithCancel(t.Context())
		m.looked = func() {
			if moments--; moments == 0 {
				cancel()
			}
		}
		before := moments
		_, err := m.Retain(ctx, m.tenant, 62)
		m.looked, moments = nil, before
		cancel()
		equal(t, "in the ledger or remembered", m.read(t, "select (select count(*) from usage_events) + (select count(*) from usage_remembered)"), "4500")
		equal(t, "at the end without an error", err == nil, m.list(t, core.Query{}).Total == 0)
	}
	equal(t, "remembered", m.read(t, "select count(*) from usage_remembered"), "4500")
	equal(t, "the same again", m.take(t, reports).Duplicate, 4500)
}

// P3, P17 with people and retention in between: identities are for ever, and
// the sums hold whatever was decided.
func TestLedgerForEver(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		m.tenant, m.now = m.addTenant(t, fmt.Sprintf("EVER%d", n)), noon
		first := map[string]string{} // the visitor of the event that has an id
		received := 0
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			m.now = m.now.Add(time.Duration(rapid.SampledFrom([]int{1, 24, 24 * 40}).Draw(t, "hours")) * time.Hour)
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
