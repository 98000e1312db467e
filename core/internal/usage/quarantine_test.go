package usage_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
	"github.com/openhouse-ai/console/tenants"
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
	m.set(noon.AddDate(0, 0, 3))
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
	decided := m.now()
	equal(t, "decision", line(len(after), after[0].DecidedBy, after[0].Decided), line(1, "usr_1", &decided))

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
		m.set(noon.Add(time.Duration(i/7) * time.Minute))
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
