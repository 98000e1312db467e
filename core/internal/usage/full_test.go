package usage_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/tenants"
)

// bulky are reports with data of some size.
func bulky(batch, n int) []usage.Report {
	reports := make([]usage.Report, n)
	for i := range reports {
		reports[i] = report(fmt.Sprint(batch, "-", i), func(r *usage.Report) {
			r.Event.Data = fmt.Appendf(nil, `{"text":%q}`, strings.Repeat("x", 2000))
		})
	}
	return reports
}

// A file that may not grow is a full disk: the batch that doesn't fit is
// refused as unavailable, nothing of it is written, and it is taken whole when
// there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	ctx := t.Context()
	limit := func(pages int) {
		ok(t, m.store.Update(ctx, m.tenant, func(tx *tenants.Tx) error {
			_, err := tx.Exec(ctx, fmt.Sprintf("pragma max_page_count = %d", pages))
			return err
		}))
	}
	limit(600)
	taken := 0
	var err error
	for err == nil {
		if taken > 100 {
			t.Fatal("the file grows without limit")
		}
		if _, err = m.Take(ctx, m.tenant, bulky(taken, 40)); err == nil {
			taken++
		}
	}
	equal(t, "code", core.CodeOf(err), core.Unavailable)
	equal(t, "sentence", strings.Contains(err.Error(), "The disk is full. Nothing was changed"), true)
	m.whole(t, taken*40)
	limit(1 << 30)
	m.take(t, bulky(taken, 40))
	m.whole(t, (taken+1)*40)
}

// whole checks that everything says the same number of events.
func (m *meter) whole(t fataler, n int) {
	t.Helper()
	equal(t, "events, identities, hours, receipts", m.read(t, `
select (select count(*) from usage_events) || ' ' || (select count(*) from usage_identities) || ' ' ||
  (select sum(events) from usage_hours) || ' ' || (select sum(accepted) from usage_receipts)`), line(n, n, n, n))
}

// Callers at the same time share transactions, and each gets the receipt of its
// own reports; of reports that several send one is accepted.
func TestTogether(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	const callers, rounds = 24, 6
	var mu sync.Mutex
	accepted := map[string]int{}
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for n := range rounds {
				reports := []usage.Report{
					report(fmt.Sprint("own ", c, " ", n)), report(fmt.Sprint("shared ", n)), report("bad", wrong),
					report(fmt.Sprint("mine ", c, " ", n), unknown),
				}
				receipt, err := m.Take(context.Background(), m.tenant, reports)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				for i, r := range receipt.Results {
					if r.ID != reports[i].Event.ID {
						t.Errorf("result %d is of %s, want %s", i, r.ID, reports[i].Event.ID)
					}
					if r.Outcome == usage.Accepted {
						accepted[r.ID]++
					}
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	equal(t, "accepted", len(accepted), callers*rounds+rounds)
	for id, n := range accepted {
		equal(t, id, n, 1)
	}
	sent := callers * rounds
	equal(t, "receipts", m.sums(t), fmt.Sprintf("%d = %d + %d + 0 + %d + %d", 4*sent, sent+rounds, sent-rounds, sent, sent))
	m.whole(t, sent+rounds)
}

// What is wrong with one caller's reports is not the others'.
func TestOneFailsAlone(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	ok(t, m.store.Update(t.Context(), m.tenant, func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `create trigger broken before insert on usage_events when new.id = 'broken' begin select raise(abort, 'broken'); end`)
		return err
	}))
	const callers = 32
	var failed [callers]error
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			id := fmt.Sprint(c)
			if c%8 == 3 {
				id = "broken"
			}
			_, failed[c] = m.Take(context.Background(), m.tenant, []usage.Report{report(id)})
		})
	}
	all.Wait()
	for c, err := range failed {
		equal(t, fmt.Sprintf("caller %d fails", c), err != nil, c%8 == 3)
	}
	m.whole(t, callers-callers/8)
}

// Nothing is taken of a tenant that can't be changed, or isn't there.
func TestTakeIsRefused(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	_, err := m.Take(t.Context(), core.NewTenantID(noon), []usage.Report{report("1")})
	equal(t, "no such tenant", core.CodeOf(err), core.NotFound)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = m.Take(ctx, m.tenant, []usage.Report{report("1")})
	equal(t, "cancelled", err != nil, true)
	equal(t, "events", m.list(t, core.Query{}).Total, 0)
}
