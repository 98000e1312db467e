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

const called = "ai.openhouse.llm.called"

// report is a call of a model as the decoders hand it on.
func report(id string, changes ...func(*usage.Report)) usage.Report {
	known, _ := catalogue.Find(called)
	r := usage.Report{Event: core.UsageEvent{
		Source: "portal", ID: id, Type: called, Development: "dvt_1", Unit: "unt_1", Visitor: "v1", Time: noon, Data: known.Example(),
	}}
	for _, change := range changes {
		change(&r)
	}
	return r
}

func at(t time.Time) func(*usage.Report) { return func(r *usage.Report) { r.Event.Time = t } }

func by(visitor string) func(*usage.Report) {
	return func(r *usage.Report) { r.Event.Visitor = visitor }
}

// unknown is a report of a type that the catalogue doesn't have.
func unknown(r *usage.Report) { r.Event.Type, r.Hold = "ai.openhouse.tea.made", usage.HoldUnknownType }

// wrong is a report that its decoder found something wrong with.
func wrong(r *usage.Report) {
	r.Fields = []core.FieldError{{Field: "data.model", Reason: "is missing"}}
}

// outcomes are those of reports taken together, in one word each.
func (m *meter) outcomes(t fataler, reports ...usage.Report) string {
	t.Helper()
	var words []string
	for _, r := range m.take(t, reports).Results {
		words = append(words, strings.Trim(string(r.Outcome)+" "+string(r.Hold), " "))
	}
	return strings.Join(words, ", ")
}

// read is the first column of a query of the tenant's file, in one line.
func (m *meter) read(t fataler, query string) string {
	t.Helper()
	var found []string
	ok(t, m.store.View(context.Background(), m.tenant, func(tx *tenants.Tx) error {
		rows, err := tx.Query(context.Background(), query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			found = append(found, text)
		}
		return rows.Err()
	}))
	return strings.Join(found, "; ")
}

// tally is what the receipts of the tenant come to.
func (m *meter) tally(t fataler) usage.Tally {
	t.Helper()
	tallies, err := m.Receipts(context.Background(), m.tenant, 100_000)
	ok(t, err)
	for _, row := range tallies {
		if min(row.Accepted, row.Duplicate, row.Conflict, row.Invalid, row.Quarantined) < 0 {
			t.Fatalf("a receipt is below nothing: %+v", row)
		}
	}
	return usage.Sum(tallies)
}

func (m *meter) sums(t fataler) string {
	t.Helper()
	s := m.tally(t)
	return fmt.Sprintf("%d = %d + %d + %d + %d + %d", s.Received(), s.Accepted, s.Duplicate, s.Conflict, s.Invalid, s.Quarantined)
}

// The time of an event counts until two minutes ahead and 35 days late; the
// same report again is the same, whatever became of its time.
func TestTimes(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	late := noon.Add(-35 * 24 * time.Hour)
	for i, c := range []struct {
		name     string
		reported time.Time
		want     string
		counts   time.Time
	}{
		{"now", noon, "accepted", noon},
		{"none", time.Time{}, "accepted", noon},
		{"two minutes ahead", noon.Add(2 * time.Minute), "accepted", noon.Add(2 * time.Minute)},
		{"a part of a ms more", noon.Add(2*time.Minute + time.Microsecond), "accepted", noon.Add(2 * time.Minute)},
		{"a ms more", noon.Add(2*time.Minute + time.Millisecond), "accepted", noon},
		{"a year ahead", noon.AddDate(1, 0, 0), "accepted", noon},
		{"35 days", late, "accepted", late},
		{"a ms later", late.Add(-time.Millisecond), "quarantined too_late", late.Add(-time.Millisecond)},
		{"years", noon.AddDate(-5, 0, 0), "quarantined too_late", noon.AddDate(-5, 0, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			m.set(noon)
			m.tenant = m.addTenant(t, fmt.Sprintf("TIME%d", i))
			first := report("1", at(c.reported))
			equal(t, "first", m.outcomes(t, first), c.want)
			got := m.read(t, "select time from usage_events union all select time from usage_quarantine")
			equal(t, "time", got, fmt.Sprint(c.counts.UnixMilli()))
			for _, later := range []time.Duration{0, time.Hour, 20 * 24 * time.Hour, 34 * 24 * time.Hour} {
				m.set(noon.Add(later))
				equal(t, "again after "+later.String(), m.outcomes(t, first, report("1", at(c.reported), by("v2"))), "duplicate, conflict")
			}
			equal(t, "at another time", m.outcomes(t, report("1", at(noon.Add(time.Second)))), "conflict")
			equal(t, "receipts", m.sums(t), map[string]string{
				"accepted": "10 = 1 + 4 + 5 + 0 + 0", "quarantined too_late": "10 = 0 + 4 + 5 + 0 + 1",
			}[c.want])
		})
	}
}

func TestEveryOutcome(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	receipt := m.take(t, []usage.Report{
		report("1"), report("2"), report("1"), report("1", by("v2")), report("3", wrong), report("4", unknown), report("4", unknown),
		report("4"), report("", by("v1")), report("5", func(r *usage.Report) { r.Hold = usage.HoldTokens }), report("2", unknown),
		report("6", func(r *usage.Report) {
			r.Event.Data = json.RawMessage(strings.Repeat("[", 101) + strings.Repeat("]", 101))
		}),
	})
	var got string
	for _, r := range receipt.Results {
		got += strings.TrimSpace(fmt.Sprint(r.ID, " ", r.Outcome, " ", r.Hold))
		for _, f := range r.Fields {
			got += " " + f.Field
		}
		got += "; "
	}
	equal(t, "results", got, "1 accepted; 2 accepted; 1 duplicate; 1 conflict; 3 invalid data.model; 4 quarantined unknown_type; "+
		"4 duplicate; 4 conflict; invalid id; 5 quarantined tokens; 2 conflict; 6 invalid data; ")
	receipt.Results = nil
	equal(t, "receipt", fmt.Sprintf("%+v", receipt), "{Received:12 Accepted:2 Duplicate:2 Conflict:3 Invalid:3 Quarantined:2 Results:[]}")
	equal(t, "receipts", m.sums(t), "12 = 2 + 2 + 3 + 3 + 2")
	equal(t, "by type", m.read(t, `select type || ' ' || accepted || duplicate || conflict || invalid || quarantined from usage_receipts order by type`),
		" 01101; "+called+" 21231")
	refusals, err := m.Refusals(t.Context(), m.tenant)
	ok(t, err)
	equal(t, "refusals", line(len(refusals), refusals[2].ID, refusals[2].Fields), "3 3 [{data.model 0   is missing}]")
	nothing, err := m.Take(t.Context(), m.other, nil)
	ok(t, err)
	equal(t, "nothing", fmt.Sprint(nothing), fmt.Sprint(usage.Receipt{Results: []usage.Result{}}))
}

// The latest 200 refused events are kept, and nothing of them that isn't text.
func TestRefusalsAreTheLatest(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	var reports []usage.Report
	for i := range 430 {
		reports = append(reports, report(fmt.Sprint(i), wrong, func(r *usage.Report) { r.Event.Source = "\xff" + strings.Repeat("é", 150) }))
	}
	for part := range slices.Chunk(reports, 250) {
		m.take(t, part)
	}
	refusals, err := m.Refusals(t.Context(), m.tenant)
	ok(t, err)
	equal(t, "kept", line(len(refusals), refusals[0].ID, refusals[199].ID), "200 429 230")
	equal(t, "source", refusals[0].Source, strings.Repeat("é", 99))
	equal(t, "receipts", m.sums(t), "430 = 0 + 0 + 0 + 430 + 0")
}

// drawReport draws one of few identities, so that all outcomes come together.
func drawReport(t *rapid.T) usage.Report {
	r := report(rapid.SampledFrom([]string{"1", "2", "3", "4", "5", "6"}).Draw(t, "id"))
	r.Event.Visitor = rapid.SampledFrom([]string{"v1", "v1", "v1", "v2"}).Draw(t, "visitor")
	r.Event.Time = noon.Add(-time.Duration(rapid.SampledFrom([]int{0, 0, 1, 2, 24 * 40}).Draw(t, "hours ago")) * time.Hour)
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		unknown(&r)
	case 1:
		wrong(&r)
	case 2:
		r.Hold = usage.HoldTokens
	case 3:
		r.Event.Time = time.Time{}
	}
	return r
}

// P17: everything received is accounted for, in each answer and in the sums of
// all; and each outcome is where the receipts say.
func TestReceiptsAddUp(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		m.tenant = m.addTenant(t, fmt.Sprintf("ADD%d", n))
		m.set(noon)
		sent := 0
		var all usage.Tally
		for range rapid.IntRange(1, 5).Draw(t, "batches") {
			m.set(m.now().Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "hours")) * time.Hour))
			reports := rapid.SliceOfN(rapid.Custom(drawReport), 1, 30).Draw(t, "reports")
			receipt := m.take(t, reports)
			equal(t, "received", receipt.Received, len(reports))
			equal(t, "results", len(receipt.Results), len(reports))
			counts := map[usage.Outcome]int{}
			for _, r := range receipt.Results {
				counts[r.Outcome]++
			}
			equal(t, "outcomes", fmt.Sprint(receipt.Accepted, receipt.Duplicate, receipt.Conflict, receipt.Invalid, receipt.Quarantined),
				fmt.Sprint(counts[usage.Accepted], counts[usage.Duplicate], counts[usage.Conflict], counts[usage.Invalid], counts[usage.Quarantined]))
			equal(t, "sum", receipt.Accepted+receipt.Duplicate+receipt.Conflict+receipt.Invalid+receipt.Quarantined, receipt.Received)
			sent += len(reports)
			all.Accepted += receipt.Accepted
			all.Conflict += receipt.Conflict
			all.Quarantined += receipt.Quarantined
		}
		sum := m.tally(t)
		equal(t, "received", sum.Received(), sent)
		equal(t, "stored", m.read(t, `select (select count(*) from usage_events) || ' ' || (select coalesce(sum(times), 0) from usage_conflicts) || ' ' || (select count(*) from usage_quarantine)`),
			fmt.Sprint(sum.Accepted, sum.Conflict, sum.Quarantined))
		equal(t, "answered", fmt.Sprint(sum.Accepted, sum.Conflict, sum.Quarantined), fmt.Sprint(all.Accepted, all.Conflict, all.Quarantined))
		equal(t, "hours", m.read(t, `select coalesce(sum(events), 0) from usage_hours`), m.read(t, `select count(*) from usage_events`))
	})
}

// P3: reports in any order, any number of times, in any batches, leave the same
// ledger.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		distinct := map[string]usage.Report{}
		for _, r := range rapid.SliceOfN(rapid.Custom(drawReport), 1, 12).Draw(t, "reports") {
			if len(r.Fields) == 0 {
				distinct[r.Event.ID] = r // one payload for an identity: the first stays, and here is no first
			}
		}
		var reports []usage.Report
		for _, r := range distinct {
			reports = append(reports, r)
		}
		slices.SortFunc(reports, func(a, b usage.Report) int { return strings.Compare(a.Event.ID, b.Event.ID) })
		var ledgers [2]string
		for i := range ledgers {
			n++
			m.tenant = m.addTenant(t, fmt.Sprintf("ORD%d", n))
			m.set(noon)
			again := slices.Clone(reports)
			if i == 1 && len(reports) > 0 {
				for range rapid.IntRange(0, 20).Draw(t, "repetitions") {
					again = append(again, rapid.SampledFrom(reports).Draw(t, "again"))
				}
				again = rapid.Permutation(again).Draw(t, "order")
			}
			for len(again) > 0 {
				size := rapid.IntRange(1, len(again)).Draw(t, "batch")
				m.take(t, again[:size])
				again = again[size:]
			}
			ledgers[i] = m.read(t, `
select hex(hash) || hour || source || id || type || development_id || unit_id || visitor || time || received_at || body || hex(payload_hash) from usage_events order by hour, hash`) +
				m.read(t, `select hex(hash) || hex(payload_hash) || type || time || body || reason || state from usage_quarantine order by hash`) +
				m.read(t, `select day || type || accepted || quarantined from usage_receipts where accepted + quarantined > 0 order by 1`) +
				m.read(t, `select hour || ' ' || events from usage_hours order by 1`)
		}
		equal(t, "ledger", ledgers[1], ledgers[0])
	})
}

// Every accepted event raises the change of its hour above what anybody has
// read before, and no change is taken back.
func TestHoursTellChanges(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		m.tenant = m.addTenant(t, fmt.Sprintf("HOUR%d", n))
		m.set(noon)
		seen := map[string]bool{}
		for range rapid.IntRange(1, 6).Draw(t, "batches") {
			before := m.changes(t)
			mark := int64(0)
			for _, change := range before {
				mark = max(mark, change)
			}
			m.take(t, rapid.SliceOfN(rapid.Custom(drawReport), 0, 8).Draw(t, "reports"))
			after := m.changes(t)
			for hour, change := range before {
				if after[hour] < change {
					t.Fatalf("the change of hour %d fell from %d to %d", hour, change, after[hour])
				}
			}
			for _, e := range m.list(t, core.Query{}).Items {
				if hour := e.Time.Unix() / 3600; !seen[e.ID] && after[hour] <= mark {
					t.Fatalf("the change of hour %d is %d, and %d was read before its event %s came", hour, after[hour], mark, e.ID)
				}
				seen[e.ID] = true
			}
		}
	})
}

func (m *meter) changes(t fataler) map[int64]int64 {
	t.Helper()
	changes := map[int64]int64{}
	for _, pair := range strings.Split(m.read(t, `select hour || ' ' || change from usage_hours`), "; ") {
		var hour, change int64
		if _, err := fmt.Sscan(pair, &hour, &change); err == nil {
			changes[hour] = change
		}
	}
	return changes
}
