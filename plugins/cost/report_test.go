package cost

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
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
	shelve(t, c, "google", "dynamic-maps")
	var report costReport
	for _, path := range []string{"/daily", "/monthly", "/by-development"} {
		report = costReport{} // what an answer leaves out isn't what the one before said
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
	report = costReport{}
	if err := c.Route("GET", "/daily?category=maps&from="+today+"&to="+today, nil).JSON(&report); err != nil || len(report.Items) != 1 || report.Complete {
		t.Errorf("of maps: %+v (%v)", report, err)
	}
	// What has no price, and what isn't rated yet, is not nothing (H20).
	if maps := report.Items[0]; maps.Estimate != "" || *maps.Pending != 40 || *maps.Unpriced != 0 {
		t.Errorf("maps that aren't rated: %+v", maps)
	}
	file := c.Route("GET", "/daily?format=csv", nil)
	lines := strings.Split(strings.TrimSpace(string(file.Body)), "\r\n")
	if file.Err != nil || len(lines) != 3 || !strings.HasSuffix(lines[1], ",llm,1.000000,1.100000,13,3,0") || !strings.HasSuffix(lines[2], ",maps,,,40,0,40") {
		t.Errorf("the CSV is %q (%v)", lines, file.Err)
	}
	if book := c.Route("GET", "/monthly?format=xlsx", nil); !bytes.HasPrefix(book.Body, []byte("PK")) {
		t.Errorf("the workbook begins %q", book.Body[:min(len(book.Body), 4)])
	}
}

// What can't be meant is refused, with the field named.
func TestReportRefuses(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin())
	for query, field := range map[string]string{"from=2026-13-01": "from", "from=2026-11-02&to=2026-11-01": "to", "from=2199-01-01": "to", "category=tea": "category", "development=dvt_0": "development", "currency=XTS": "currency"} {
		answer := c.Route("GET", "/daily?"+query, nil)
		said := string(answer.Body)
		if refused, ok := errors.AsType[*core.Error](answer.Err); ok {
			said += fmt.Sprint(refused.Fields)
		}
		if answer.Status != 422 && core.CodeOf(answer.Err) != core.Invalid || !strings.Contains(said, field) {
			t.Errorf("%s: %d %s (%v)", query, answer.Status, said, answer.Err)
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
	var report costReport
	longAgo := "from=2020-01-01&to=" + c.Now().AddDate(0, 0, -101).Format(time.DateOnly)
	if answer := c.OnPlatform().Route("GET", "/daily?"+longAgo, nil); core.CodeOf(answer.Err) != core.Invalid || !strings.Contains(fmt.Sprint(answer.Err.(*core.Error).Fields), "to") {
		t.Errorf("days of long ago: %v", answer.Err)
	}
	if err := c.OnPlatform().Route("GET", "/daily?from=2020-01-01", nil).JSON(&report); err != nil || report.From != c.Now().AddDate(0, 0, -99).Format(time.DateOnly) || report.Total.Estimate != "3.000000" {
		t.Errorf("days since long ago: %+v (%v)", report, err)
	}
	if err := c.OnPlatform().Route("GET", "/monthly?from="+today+"&to="+today, nil).JSON(&report); err != nil || report.From != today[:8]+"01" || report.To <= today && c.Now().AddDate(0, 0, 1).Day() != 1 {
		t.Errorf("a month of all is whole: %+v (%v)", report, err)
	}
	page, err := c.OnPlatform().Page("/")
	if err != nil || len(page.Blocks) < 3 {
		t.Errorf("the page of all has %d blocks (%v)", len(page.Blocks), err)
	}
}

// Developments of all developers add up to what months come to: what was used
// outside of any is among them. An answer covers so many developers, a file all.
func TestReportOfAllByDevelopment(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin())
	other := c.InTenant(c.Other())
	today := dayOf(c.Now(), time.UTC).Format(time.DateOnly)
	for _, each := range []*sdktest.Console{c, other} {
		spend(t, each,
			[]any{today, each.Seed().Development.ID, "llm", "openai", "gpt-6-luna", "input", "estimate", 1, 1, 2_000_000_000_000},
			[]any{today, "", "llm", "openai", "gpt-6-luna", "input", "estimate", 1, 1, 1_000_000_000_000},
			[]any{today, "", "rag", "openai", "gpt-9", "input", "unpriced", 1, 1, nil})
		each.Settle()
	}
	var report costReport
	if err := c.OnPlatform().Route("GET", "/by-development", nil).JSON(&report); err != nil || report.Total.Estimate != "6.000000" || report.Complete || len(report.Items) != 4 || report.Next != "" {
		t.Fatalf("%+v (%v)", report, err)
	}
	for i, item := range report.Items {
		if alone := item.Development == ""; alone != (item.Name == outside) || alone != (i%2 == 0) || item.Tenant == "" || item.Estimate != map[bool]string{true: "1.000000", false: "2.000000"}[alone] {
			t.Errorf("line %d is %+v", i, item)
		}
	}
	month := monthNumber(c.Now())
	var first, behind, whole costReport
	for _, of := range []struct {
		report *costReport
		after  string
		all    bool
	}{{&first, "", false}, {&behind, report.Items[0].TenantID, false}, {&whole, "", true}} {
		if err := of.report.ofSites(c.Context(), c.OnPlatform().Call(), asked{}, dollars, month, month, of.after, 1, of.all); err != nil {
			t.Fatal(err)
		}
	}
	if len(first.Items) != 2 || first.Next != report.Items[0].TenantID || len(behind.Items) != 2 || behind.Next != "" || behind.Items[0].TenantID != report.Items[2].TenantID {
		t.Errorf("one developer at a time: %+v, %+v", first, behind)
	}
	if len(whole.Items) != 4 || whole.Next != "" {
		t.Errorf("of all developers: %+v", whole)
	}
}
