package cost

import (
	"bytes"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
)

// spend writes days of cost into the console's tenant, as the derivation would.
func spend(t *testing.T, c *sdktest.Console, rows ...[]any) {
	t.Helper()
	err := sdk.Update(c.Context(), c.Call(), func(tx *sql.Tx) error {
		_, err := sdk.Batch(c.Context(), tx, `insert into cost_days (date, development_id, category, provider, sku, usage, kind, quantity, events, amount) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, rows)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A report adds the days up that were asked for, to the last decimal, and every
// form of it says the same.
func TestReports(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin())
	site := c.Seed().Development
	today := dayOf(c.Now(), time.UTC).Format(time.DateOnly)
	spend(t, c,
		[]any{today, site.ID, "llm", "openai", "gpt-6-luna", "input", "estimate", 1_000_000, 10, 1_500_000_000_000},
		[]any{today, site.ID, "llm", "openai", "gpt-6-luna", "input", "correction", 1_000_000, 10, -500_000_000_000},
		[]any{today, site.ID, "llm", "openai", "gpt-6-luna", "input", "actual", 1_000_000, 0, 1_100_000_000_000},
		[]any{today, "", "maps", "google", "dynamic-maps", "requests", "pooled", 40, 40, nil},
		[]any{today, "", "llm", "openai", "gpt-next", "input", "unpriced", 500, 3, nil},
	)
	var report costReport
	for _, path := range []string{"/daily", "/monthly", "/by-development"} {
		if err := c.Route("GET", path, nil).JSON(&report); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if report.Total.Estimate != "1.000000" || report.Total.Actual != "1.100000" || *report.Total.Unpriced != 3 || *report.Total.Uses != 53 || report.Complete {
			t.Errorf("%s: the total is %+v, complete: %t", path, report.Total, report.Complete)
		}
	}
	if len(report.Items) != 3 || report.Items[2].Name != site.Name {
		t.Errorf("by development: %+v", report.Items)
	}
	if err := c.Route("GET", "/daily?category=maps&from="+today+"&to="+today, nil).JSON(&report); err != nil || len(report.Items) != 1 || report.Complete {
		t.Errorf("of maps: %+v (%v)", report, err)
	}
	file := c.Route("GET", "/daily?format=csv", nil)
	if lines := strings.Split(strings.TrimSpace(string(file.Body)), "\n"); file.Err != nil || len(lines) != 3 || !strings.Contains(lines[1], "1.000000") {
		t.Errorf("the CSV is %q (%v)", file.Body, file.Err)
	}
	if book := c.Route("GET", "/monthly?format=xlsx", nil); !bytes.HasPrefix(book.Body, []byte("PK")) {
		t.Errorf("the workbook begins %q", book.Body[:min(len(book.Body), 4)])
	}
}

// What can't be meant is refused, with the field named.
func TestReportRefuses(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin())
	for query, field := range map[string]string{"from=2026-13-01": "from", "from=2026-11-02&to=2026-11-01": "to", "category=tea": "category", "currency=XTS": "currency"} {
		answer := c.Route("GET", "/daily?"+query, nil)
		if body := string(answer.Body); answer.Status != 422 && core.CodeOf(answer.Err) != core.Invalid || answer.Err == nil && !strings.Contains(body, field) {
			t.Errorf("%s: %d %s (%v)", query, answer.Status, body, answer.Err)
		}
	}
}

// All developers are added up from their roll-ups, by day, month and
// development, and a developer sees their own alone.
func TestReportOfAll(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin())
	other := c.InTenant(c.Other())
	today := dayOf(c.Now(), time.UTC).Format(time.DateOnly)
	for n, each := range []*sdktest.Console{c, other} {
		site := each.Seed().Development
		amount := (n + 1) * 1_000_000_000_000
		spend(t, each,
			[]any{today, site.ID, "llm", "openai", "gpt-6-luna", "input", "estimate", 1, 1, amount},
			[]any{today, site.ID, "llm", "openai", "gpt-6-luna", "input", "actual", 1, 0, amount / 2})
		each.Settle()
	}
	for path, items := range map[string]int{"/daily": 1, "/monthly": 1, "/by-development": 2} {
		var report costReport
		if err := c.OnPlatform().Route("GET", path, nil).JSON(&report); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if len(report.Items) != items || report.Items[0].Uses != nil || report.Total.Estimate != "3.000000" || report.Total.Actual != "1.500000" {
			t.Errorf("%s of all: %+v", path, report)
		}
		if err := other.Route("GET", path, nil).JSON(&report); err != nil || report.Total.Estimate != "2.000000" {
			t.Errorf("%s of one: %+v (%v)", path, report, err)
		}
	}
	page, err := c.OnPlatform().Page("/")
	if err != nil || len(page.Blocks) < 3 {
		t.Errorf("the page of all has %d blocks (%v)", len(page.Blocks), err)
	}
}
