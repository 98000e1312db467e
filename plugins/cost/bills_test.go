package cost

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
	"github.com/openhouse-ai/console/plugins/cost/openai/openaitest"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// billed is a console whose OpenAI is a stand-in, on 9 November 2026.
func billed(t *testing.T, s *openaitest.Server) *sdktest.Console {
	t.Helper()
	p := Plugin()
	p.Needs.Egress = append(p.Needs.Egress, s.Host())
	c := sdktest.Host(t, p, sdktest.Network(), sdktest.At(time.Date(2026, 11, 9, 10, 30, 0, 0, time.UTC)))
	if err := c.OnPlatform().SetSettings(map[string]string{"openai_key": openaitest.Key, "openai_base": s.URL + "/v1"}); err != nil {
		t.Fatal(err)
	}
	return c
}

// kept is what the platform keeps and has published, but for the list of
// imports.
func kept(c *sdktest.Console) string {
	var lines []string
	imports := false
	for line := range strings.SplitSeq(c.OnPlatform().Dump(), "\n") {
		if !strings.HasPrefix(line, " ") {
			imports = strings.HasPrefix(line, "cost_imports")
		}
		if !imports {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// shows is a page as text.
func shows(t *testing.T, c *sdktest.Console, path string) string {
	t.Helper()
	page, err := c.Page(path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	text, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// received is what a developer's calls see of bills, by key.
func received(t *testing.T, c *sdktest.Console) map[string][]actual {
	t.Helper()
	all := map[string][]actual{}
	for after, more := int64(0), true; more; {
		list, again, err := c.Call().Published(t.Context(), after)
		if err != nil {
			t.Fatal(err)
		}
		more = again
		for _, p := range list {
			after = p.Revision
			if !strings.HasPrefix(p.Key, actualsPrefix) {
				continue
			}
			delete(all, p.Key)
			if p.Value == nil {
				continue
			}
			var rows []actual
			if err := json.Unmarshal(p.Value, &rows); err != nil || !p.Own {
				t.Fatal(err, p.Own)
			}
			all[p.Key] = rows
		}
	}
	return all
}

func act(t *testing.T, c *sdktest.Console, action string, pairs ...string) {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	if _, err := c.Act(action, values); err != nil {
		t.Fatalf("%s %v: %v", action, values, err)
	}
}

func job(t *testing.T, c *sdktest.Console, id, want string) {
	t.Helper()
	if line, err := c.Job(id); err != nil || !strings.Contains(line, want) {
		t.Fatalf("the job %s says %q, %v; want %q", id, line, err, want)
	}
}

// Whatever OpenAI does, the page says what it was, and nothing is half imported.
func TestOpenAIFaults(t *testing.T) {
	t.Parallel()
	s := openaitest.New(t)
	c := billed(t, s).OnPlatform()
	s.Set(openaitest.Row{Date: "2026-11-02", Project: "proj_a", Line: "gpt-5.4, input", Value: "1.25", Quantity: "500000"})
	job(t, c, "import-openai", "1 rows, 1 changed, 1.25 USD")
	before := kept(c)
	s.Set(openaitest.Row{Date: "2026-11-02", Project: "proj_a", Line: "gpt-5.4, input", Value: "9", Quantity: "500000"})
	for fault, says := range map[openaitest.Fault]string{
		openaitest.TooOften: "too often", openaitest.NoQuota: "out of quota", openaitest.OutOfOrder: "out of order (503)", openaitest.NotAllowed: "api.usage.read",
		openaitest.WebPage: "a web page", openaitest.Truncated: "breaks off in the middle", openaitest.BrokenOff: "broke off", openaitest.WrongObject: "object is", openaitest.Circle: "circles",
		openaitest.NoCursor: "next_page is empty", openaitest.DayTwice: "comes twice", openaitest.MiddleFails: "out of order (500)",
	} {
		s.Break(fault)
		c.Advance(time.Minute)
		if _, err := c.Job("import-openai"); err == nil {
			t.Errorf("%s: the job ended well", fault)
		}
		if after := kept(c); after != before {
			t.Errorf("%s: something was imported", fault)
		}
		if page := shows(t, c, "/bills?status=failed"); !strings.Contains(page, says) {
			t.Errorf("%s: the page doesn't say %q", fault, says)
		}
	}
	s.Break(openaitest.None)
	if err := c.SetSettings(map[string]string{"openai_key": "sk-proj-1", "openai_base": s.URL + "/v1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Act("import-openai", nil); core.CodeOf(err) != core.Forbidden {
		t.Errorf("with a project's key: %s %v", core.CodeOf(err), err)
	}
	if after := kept(c); after != before {
		t.Error("a project's key has imported something")
	}
	if err := c.SetSettings(map[string]string{"openai_key": openaitest.Key, "openai_base": "https://other.example/v1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Job("import-openai"); err == nil || !strings.Contains(shows(t, c, "/bills?status=failed"), "not granted") {
		t.Errorf("a host that wasn't granted: %v", err)
	}
}

// The first import asks for 90 days, others for the last seven and the current
// one; days that change later are taken over, rows that are gone go, and the
// same bill again changes nothing.
func TestOpenAILateDays(t *testing.T) {
	t.Parallel()
	s := openaitest.New(t)
	c := billed(t, s).OnPlatform()
	days := func() (n int) {
		t.Helper()
		asked := s.Asked()
		var first url.Values
		for _, query := range asked {
			if query.Get("page") == "" {
				first = query // of the last import
			}
		}
		from, err := strconv.ParseInt(first.Get("start_time"), 10, 64)
		to, wrong := strconv.ParseInt(first.Get("end_time"), 10, 64)
		if err != nil || wrong != nil || time.Unix(to, 0).UTC().Format(time.DateOnly) != c.Now().AddDate(0, 0, 1).Format(time.DateOnly) {
			t.Fatalf("asked for %v", first)
		}
		return int((to - from) / 86400)
	}
	old := openaitest.Row{Date: "2026-08-20", Project: "proj_a", Line: "gpt-5.4, output", Value: "0.3"}
	s.Set(old, openaitest.Row{Date: "2026-11-03", Project: "proj_a", Line: "gpt-5.4, input", Value: "1"}, openaitest.Row{Date: "2026-11-04", Project: "proj_b", Line: "gpt-5.4, input", Value: "2"})
	job(t, c, "import-openai", "3 rows, 3 changed, 3.3 USD")
	if n := days(); n != 91 {
		t.Errorf("the first import asks for %d days", n)
	}
	before := kept(c)
	c.Advance(24 * time.Hour)
	job(t, c, "import-openai", "2 rows, 0 changed, 3 USD")
	if n := days(); n != 8 || kept(c) != before {
		t.Errorf("the second import asks for %d days, or has changed something", n)
	}
	s.Set(openaitest.Row{Date: "2026-11-03", Project: "proj_a", Line: "gpt-5.4, input", Value: "0.9"}, openaitest.Row{Date: "2026-11-03", Project: "proj_a", Line: "credit", Value: "-0.25"})
	job(t, c, "import-openai", "2 rows, 3 changed, 0.65 USD")
	if page := shows(t, c, "/bills"); !strings.Contains(page, "1 rows of before are gone.") || !strings.Contains(page, `"Minor":65,"Currency":"USD"`) {
		t.Errorf("the page doesn't show what was changed: %s", page)
	}
	c.Advance(30 * 24 * time.Hour) // the key had expired meanwhile
	s.Set()
	job(t, c, "import-openai", "0 rows, 0 changed")
	if n := days(); n != 37 {
		t.Errorf("after 30 days without an import %d days are asked for", n)
	}
	if records := c.Records(); len(records) != 4 || records[0].Action != "cost.bill.import" || records[0].Actor.Kind != "system" {
		t.Errorf("the audit log has %d records", len(records))
	}
}

// What a project was charged goes to the developer whose it is, with all its
// months; a developer that had it before has nothing of it any more.
func TestProjectsAreDevelopers(t *testing.T) {
	t.Parallel()
	s := openaitest.New(t)
	harpur := billed(t, s)
	platform, quayside := harpur.OnPlatform(), harpur.InTenant(harpur.Other())
	s.Set(
		openaitest.Row{Date: "2026-10-31", Project: "proj_a", Line: "gpt-5.4, cached input", Value: "0.5", Quantity: "2000000"},
		openaitest.Row{Date: "2026-11-01", Project: "proj_a", Line: "gpt-5.4, input", Value: "1", Quantity: "400000"},
		openaitest.Row{Date: "2026-11-01", Project: "proj_a", Line: "web search", Value: "7"},
		openaitest.Row{Date: "2026-11-02", Project: "proj_b", Line: "gpt-5.4, output", Value: "3", Quantity: "200000"},
	)
	job(t, platform, "import-openai", "4 rows")
	if len(received(t, harpur))+len(received(t, quayside)) > 0 {
		t.Error("something was told before a project was assigned")
	}
	if page := shows(t, platform, "/bills"); !strings.Contains(page, "Some projects are no developer's.") {
		t.Errorf("the page doesn't say that projects are nobody's: %s", page)
	}
	act(t, platform, "assign-project", "project", "openai/proj_a", "tenant", string(harpur.Tenant))
	got := received(t, harpur)
	quantity, amount := int64(400_000), rate.Amount(rate.USD)
	want := actual{Date: "2026-11-01", Project: "proj_a", Line: "gpt-5.4, input", SKU: "gpt-5.4", Usage: "input", Category: "llm", Quantity: &quantity, Amount: &amount, Currency: "USD", Charged: "1"}
	november := got["actuals/openai/2026-11"]
	if len(got) != 2 || len(november) != 2 || !reflect.DeepEqual(november[0], want) || november[1].Category != "other" || november[1].Quantity != nil {
		t.Errorf("Harpur was told %+v", got)
	}
	if october := got["actuals/openai/2026-10"]; len(october) != 1 || october[0].Usage != "cached" {
		t.Errorf("of October Harpur was told %+v", october)
	}
	page := shows(t, platform, "/bills")
	if !strings.Contains(page, "Some lines of bills are no SKU of ours.") || !strings.Contains(shows(t, platform, "/bills/lines?status=unmapped"), "web search") {
		t.Error("the pages don't show the line that isn't explained")
	}
	act(t, platform, "assign-project", "project", "openai/proj_a", "tenant", string(quayside.Tenant))
	if len(received(t, harpur)) != 0 || !reflect.DeepEqual(received(t, quayside), got) {
		t.Errorf("after it was reassigned Harpur has %+v, Quayside %+v", received(t, harpur), received(t, quayside))
	}
	before := kept(platform)
	act(t, platform, "assign-project", "project", "openai/proj_a", "tenant", string(quayside.Tenant))
	if kept(platform) != before {
		t.Error("assigning a project once more changes something")
	}
	act(t, platform, "assign-project", "project", "openai/proj_a", "tenant", "")
	if len(received(t, quayside)) != 0 {
		t.Error("a project that is nobody's is still told")
	}
	for field, pairs := range map[string][2]string{"project": {"openai/proj_x", string(harpur.Tenant)}, "tenant": {"openai/proj_a", "ten_nobody"}} {
		_, err := platform.Act("assign-project", url.Values{"project": {pairs[0]}, "tenant": {pairs[1]}})
		if e, ok := err.(*core.Error); !ok || len(e.Fields) != 1 || e.Fields[0].Field != field {
			t.Errorf("a wrong %s: %v", field, err)
		}
	}
	if records := platform.Records(); len(records) != 4 || records[1].Action != "cost.project.assign" || records[1].Target.ID != "openai/proj_a" {
		t.Errorf("the audit log has %d records", len(records))
	}
}

// A line is explained once for all bills.
func TestLinesAreExplained(t *testing.T) {
	t.Parallel()
	s := openaitest.New(t)
	c := billed(t, s)
	platform := c.OnPlatform()
	s.Set(openaitest.Row{Date: "2026-11-05", Project: "proj_a", Line: "GPT 5.4 prompts (k)", Value: "1", Quantity: "400.5"})
	job(t, platform, "import-openai", "1 rows")
	act(t, platform, "assign-project", "project", "openai/proj_a", "tenant", string(c.Tenant))
	if got := received(t, c)["actuals/openai/2026-11"]; len(got) != 1 || got[0].SKU != "" || got[0].Category != "other" {
		t.Fatalf("an unknown line was guessed: %+v", got)
	}
	act(t, platform, "map-line", "line", "openai/GPT 5.4 prompts (k)", "sku", "gpt-5.4/input", "category", "llm", "per", "1000")
	if got := received(t, c)["actuals/openai/2026-11"]; len(got) != 1 || got[0].SKU != "gpt-5.4" || got[0].Usage != "input" || got[0].Category != "llm" || *got[0].Quantity != 400_500 {
		t.Errorf("after it was explained: %+v", got)
	}
	job(t, platform, "import-openai", "1 rows, 0 changed")
	if got := received(t, c)["actuals/openai/2026-11"]; got[0].SKU != "gpt-5.4" {
		t.Errorf("the next import forgets it: %+v", got)
	}
	_, err := platform.Act("map-line", url.Values{"line": {"openai/GPT 5.4 prompts (k)"}, "sku": {"gpt-99/input"}, "category": {"llm"}, "per": {"1"}})
	if e, ok := err.(*core.Error); !ok || len(e.Fields) != 1 || e.Fields[0].Field != "sku" {
		t.Errorf("a SKU that nobody knows: %v", err)
	}
}
