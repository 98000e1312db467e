package cost

import (
	"encoding/json"
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
}

func newWorld(t testing.TB) world {
	t.Helper()
	w := world{sdktest.Host(t, Plugin(), sdktest.At(derivedAt)), t, sdktest.Site{}}
	w.job(w.OnPlatform(), "publish")
	w.site = w.Seed()
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
	rows, err := w.DB().Query(query, args...)
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

func TestDerive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Report(
		w.call("a", 1, "gpt-5-mini", 1_000_000, 400_000, 100_000),
		w.call("b", 1.2, "gpt-5-mini-2025-08-07", 10, 0, 0),
		w.call("c", 25, "gpt-9", 1000, 0, 10),
		w.event("map.loaded", "d", 2, 1, map[string]any{"kind": "dynamic", "count": 3}),
		w.event("geocode.requested", "e", 2, 1, map[string]any{"status": "REQUEST_DENIED"}),
		w.event("llm.called", "f", 2, 1, map[string]any{"provider": "openai", "model": "gpt-5", "prompt_tokens": 0, "completion_tokens": 0, "status": "429"}),
		w.event("chat.sent", "g", 2, 1, map[string]any{}),
		w.event("storage.measured", "h", 26, 1, map[string]any{"store": "documents", "bytes": 3000}),
	)
	t.Log(w.job(w.Console, "derive"))
	t.Log(w.job(w.Console, "derive"))
	for _, table := range []string{"cost_entries", "cost_days", "cost_unit_months"} {
		for _, row := range w.rows("select * from " + table) {
			t.Log(row)
		}
	}
	figures, err := w.RollUp()
	w.must(err)
	for _, f := range figures {
		t.Log(f)
	}
}
