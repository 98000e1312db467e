package cost

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
)

// derivedAt is when the tests of derivation look at costs.
var derivedAt = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is a console with the seeded price book and a development.
type world struct {
	*sdktest.Console
	t    testing.TB
	site sdktest.Site
	db   *sql.DB // the developer's file
}

func newWorld(t testing.TB) world {
	t.Helper()
	w := world{sdktest.Host(t, Plugin(), sdktest.At(derivedAt)), t, sdktest.Site{}, nil}
	w.job(w.OnPlatform(), "publish")
	w.site, w.db = w.Seed(), w.DB()
	return w
}

func (w world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w world) job(c *sdktest.Console, id string) string {
	w.t.Helper()
	line, err := c.Job(id)
	w.must(err)
	return line
}

// derive runs the job until nothing is left to do.
func (w world) derive() {
	w.t.Helper()
	for w.job(w.Console, "derive") != "" {
	}
}

// event is a usage event of a unit, some hours before derivedAt.
func (w world) event(kind, id string, hoursAgo float64, unit int, data map[string]any) core.UsageEvent {
	body, err := json.Marshal(data)
	w.must(err)
	return core.UsageEvent{
		Source: "portal", ID: id, Type: "ai.openhouse." + kind, Development: w.site.Development.ID, Unit: w.site.Units[unit].ID,
		Time: derivedAt.Add(-time.Duration(hoursAgo * float64(time.Hour))), Data: body,
	}
}

func (w world) call(id string, hoursAgo float64, model string, prompt, cached, completion int64) core.UsageEvent {
	return w.event("llm.called", id, hoursAgo, 0, map[string]any{
		"provider": "openai", "model": model, "prompt_tokens": prompt, "cached_tokens": cached, "completion_tokens": completion,
	})
}

// rows are the rows of a query as texts.
func (w world) rows(query string, args ...any) (list []string) {
	w.t.Helper()
	rows, err := w.db.Query(query, args...)
	w.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	w.must(err)
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		w.must(rows.Scan(into...))
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = fmt.Sprint(v)
		}
		list = append(list, strings.Join(texts, " "))
	}
	w.must(rows.Err())
	return list
}

// derived is everything that is derived.
func (w world) derived() string {
	w.t.Helper()
	var all []string
	for _, table := range []string{"cost_entries", "cost_days", "cost_unit_months", "cost_readings", "cost_allocations", "cost_due", "cost_due_hours"} {
		all = append(all, table)
		all = append(all, slices.Sorted(slices.Values(w.rows("select * from "+table)))...)
	}
	return strings.Join(all, "\n")
}

// one is the only value of a query.
func (w world) one(query string, args ...any) (value string) {
	w.t.Helper()
	var found sql.NullString
	w.must(w.db.QueryRow(query, args...).Scan(&found))
	return found.String
}

// drop removes everything that is derived, and how far the derivation was.
func (w world) drop() {
	w.t.Helper()
	for _, table := range []string{"cost_entries", "cost_days", "cost_unit_months", "cost_readings", "cost_allocations", "cost_due", "cost_due_hours"} {
		_, err := w.db.Exec("delete from " + table)
		w.must(err)
	}
	_, err := w.db.Exec("delete from cost_progress where name = 'change'")
	w.must(err)
	_, err = w.db.Exec("insert into cost_due (part, period, provider, sku) select distinct 'bill', date, '', '' from cost_actuals union select distinct 'pool', month, provider, sku from cost_shares")
	w.must(err)
}

// again derives everything anew, and checks that it is what it was (P18).
func (w world) again() {
	w.t.Helper()
	derived := w.derived()
	w.drop()
	w.derive()
	if again := w.derived(); again != derived {
		w.t.Errorf("derived again it is\n%s\nand was\n%s", again, derived)
	}
}

// sums checks that the sums are those of the entries and allocations, and that
// nothing is left to be derived.
func (w world) sums() error {
	w.t.Helper()
	var wrong []error
	for what, queries := range map[string][2]string{
		"days": {
			`select date, development_id, category, provider, sku, usage, kind, sum(quantity), sum(events), sum(amount) from cost_entries group by 1, 2, 3, 4, 5, 6, 7`,
			`select * from cost_days where kind not in ('allocation', 'actual')`,
		},
		"allocations": {
			`select date, development_id, category, provider, sku, usage, sum(quantity), sum(amount) from cost_allocations group by 1, 2, 3, 4, 5, 6`,
			`select date, development_id, category, provider, sku, usage, quantity, amount from cost_days where kind = 'allocation'`,
		},
		"units": {
			`select substr(date, 1, 7), development_id, unit_id, category, sum(q), sum(e), sum(a), sum(u) from (
				select date, development_id, unit_id, category, iif(kind = 'correction', 0, quantity) q, iif(kind = 'correction', 0, events) e,
					coalesce(amount, 0) a, iif(kind = 'unpriced', events, 0) u from cost_entries
				union all select date, development_id, unit_id, category, 0, 0, amount, 0 from cost_allocations) group by 1, 2, 3, 4`,
			`select * from cost_unit_months`,
		},
		"due": {`select 1 where false`, `select hour from cost_due_hours union all select part from cost_due`},
	} {
		want, got := w.rows(queries[0]), w.rows(queries[1])
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			wrong = append(wrong, fmt.Errorf("%s are\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n")))
		}
	}
	return errors.Join(wrong...)
}
