package sdktest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
	"github.com/openhouse-ai/console/ui"
	"github.com/xuri/excelize/v2"
)

// What a call of the platform publishes is seen by the calls of those for whom
// it was meant, and by no other.
func TestPublished(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, good())
	platform := c.OnPlatform().Call()
	for _, p := range []struct {
		tenant core.TenantID
		key    string
		value  []byte
	}{{"", "rates", []byte("EUR 0.92")}, {c.Tenant, "bill", []byte("120")}, {"", "none", []byte{}}, {c.Tenant, "old", []byte("1")}, {c.Tenant, "old", nil}} {
		if err := platform.Publish(t.Context(), nil, p.tenant, p.key, p.value); err != nil {
			t.Fatal(err)
		}
	}
	seen := func(c *sdktest.Console, after int64) string {
		list, more, err := c.Call().Published(t.Context(), after)
		if err != nil || more {
			t.Fatal(more, err)
		}
		var parts []string
		for _, p := range list {
			parts = append(parts, fmt.Sprintf("%d %s %v %q %v", p.Revision, p.Key, p.Own, p.Value, p.Value == nil))
		}
		return strings.Join(parts, "; ")
	}
	const shared = `1 rates false "EUR 0.92" false; `
	if got, want := seen(c, 0), shared+`2 bill true "120" false; 3 none false "" false; 5 old true "" true`; got != want {
		t.Errorf("the tenant sees %s\nwant %s", got, want)
	}
	if got, want := seen(c.InTenant(c.Other()), 0), shared+`3 none false "" false`; got != want {
		t.Errorf("the other tenant sees %s\nwant %s", got, want)
	}
	if got := seen(c, 5); got != "" {
		t.Errorf("after the last revision the tenant sees %s", got)
	}
	for _, tenant := range []core.TenantID{"", c.Tenant, c.Other()} {
		if err := c.Call().Publish(t.Context(), nil, tenant, "bill", []byte("0")); core.CodeOf(err) != core.Forbidden {
			t.Errorf("a tenant's call publishes for %q: %v", tenant, err)
		}
	}
	if dump := c.OnPlatform().Dump(); !strings.Contains(dump, "key=rates value=EUR 0.92") {
		t.Errorf("the dump of the platform lacks what was published: %s", dump)
	}
}

// A job that follows changes is called when the tenant's file has changed or
// something was published, until it has ended well.
func TestJobFollowsChanges(t *testing.T) {
	t.Parallel()
	var fails error
	c := sdktest.Host(t, with(following(func(ctx context.Context, call sdk.Call) (string, error) {
		list, _, err := call.Published(ctx, 0)
		return fmt.Sprintf("%d published", len(list)), errors.Join(err, fails)
	})))
	wants := func(c *sdktest.Console, why, want string) {
		t.Helper()
		if got, err := c.Job("follow"); got != want || (err != nil) != (fails != nil) {
			t.Errorf("%s: %q, %v; want %q", why, got, err, want)
		}
	}
	other := c.InTenant(c.Other())
	wants(c, "at first", "0 published")
	wants(other, "at first", "0 published")
	wants(c, "nothing has changed", "")
	if _, err := c.Act("make", nil); err != nil {
		t.Fatal(err)
	}
	fails = errors.New("not now")
	wants(c, "it fails", "")
	fails = nil
	wants(c, "it has failed", "0 published")
	wants(c, "it has ended well", "")
	wants(other, "another tenant has changed", "")
	if err := c.OnPlatform().Call().Publish(t.Context(), nil, c.Tenant, "bill", []byte("1")); err != nil {
		t.Fatal(err)
	}
	wants(c, "something was published", "1 published")
	wants(other, "something was published for another tenant", "")
}

// following adds a job that follows changes.
func following(run func(context.Context, sdk.Call) (string, error)) func(*sdk.Plugin) {
	return func(p *sdk.Plugin) {
		p.Jobs = append(p.Jobs, sdk.Job{ID: "follow", Summary: "Follows.", Schedule: "* * * * *", Changed: true, Run: run})
	}
}

// publishing adds a job of the platform that publishes.
func publishing(value func(sdk.Call) []byte) func(*sdk.Plugin) {
	return func(p *sdk.Plugin) {
		p.Jobs = append(p.Jobs, sdk.Job{ID: "share", Summary: "Shares.", Schedule: "0 3 * * *", Scope: sdk.Platform, Run: func(ctx context.Context, c sdk.Call) (string, error) {
			return "", c.Publish(ctx, nil, "", "rates", value(c))
		}})
	}
}

// with is the good plugin, changed.
func with(changes ...func(*sdk.Plugin)) sdk.Plugin {
	p := good()
	for _, change := range changes {
		change(&p)
	}
	return p
}

// Conform runs a job that follows changes twice, though nothing has changed,
// and looks at what was published.
func TestConformSeesWhatIsShared(t *testing.T) {
	t.Parallel()
	same := func(sdk.Call) []byte { return []byte("EUR 0.92") }
	made := func(ctx context.Context, c sdk.Call) (string, error) { return "", makeThing(ctx, c, c.Now) }
	quiet := func(context.Context, sdk.Call) (string, error) { return "", nil }
	for name, c := range map[string]struct {
		plugin sdk.Plugin
		said   string
	}{
		"good":              {with(publishing(same), following(quiet)), ""},
		"another each time": {with(publishing(func(sdk.Call) []byte { return []byte(core.NewSecret(5)) })), "The job share changes something when it runs a second time"},
		"counts twice":      {with(following(made)), "The job follow changes something when it runs a second time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if said := sdktest.Try(t, "jobs may run twice", c.plugin); !strings.Contains(said, c.said) || c.said == "" && said != "" {
				t.Errorf("said %q, want %q", said, c.said)
			}
		})
	}
}

// A form's file comes whole to the action.
func TestActWithAFile(t *testing.T) {
	t.Parallel()
	type list struct {
		List []byte `json:"list" format:"file" accept:".bin" maxLength:"11534336"`
		Logo []byte `json:"logo,omitempty" format:"file" maxLength:"10"`
		Note string `json:"note,omitempty"`
	}
	var got list
	c := sdktest.Host(t, with(func(p *sdk.Plugin) {
		p.Actions = append(p.Actions, sdk.NewAction("import", core.DirectoryWrite, func(_ context.Context, _ sdk.Call, l list) (sdk.Done, error) {
			got = l
			return sdk.Done{Said: "Taken."}, nil
		}))
	}))
	content := bytes.Repeat([]byte{0xff}, 5<<20) // more than a message of the usual size
	if done, err := c.Act("import", url.Values{"list": {sdktest.File(content)}, "note": {"all of it"}}); err != nil || done.Said != "Taken." {
		t.Fatal(done, err)
	}
	if !bytes.Equal(got.List, content) || got.Note != "all of it" {
		t.Errorf("the action got %d bytes", len(got.List))
	}
	for what, sent := range map[string]url.Values{
		"is missing":    {"list": {""}},
		"is larger":     {"list": {sdktest.File([]byte("a,b"))}, "logo": {sdktest.File(make([]byte, 11))}},
		"is not base64": {"list": {"unit,price"}},
		"is too large":  {"list": {sdktest.File(make([]byte, 12<<20))}},
	} {
		_, err := c.Act("import", sent)
		e, ok := err.(*core.Error)
		if !ok || e.Code != core.Invalid || !strings.Contains(fmt.Sprint(e.Message, e.Fields), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if said := sdktest.Try(t, "input is checked", with(func(p *sdk.Plugin) {
		p.Actions = append(p.Actions, sdk.NewAction("import", core.DirectoryWrite, func(context.Context, sdk.Call, list) (sdk.Done, error) { return sdk.Done{}, nil }))
	})); said != "" {
		t.Errorf("of an action with a file is said %q", said)
	}
}

// One route answers JSON, or its table as a file: typed cells in a workbook,
// and no formula in text.
func TestRouteAnswersAFile(t *testing.T) {
	t.Parallel()
	type query struct {
		Format string `query:"format" enum:"csv,xlsx"`
	}
	type costs struct {
		Total int64 `json:"total"`
	}
	at := time.Date(2025, 3, 4, 23, 30, 0, 0, time.UTC)
	c := sdktest.Host(t, with(func(p *sdk.Plugin) {
		p.Routes = append(p.Routes, sdk.NewRoute("GET", "/costs", "Costs", core.DirectoryRead, func(_ context.Context, _ sdk.Call, in *query) (*sdk.Answer[costs], error) {
			if in.Format == "" {
				return &sdk.Answer[costs]{Body: costs{1250}}, nil
			}
			return &sdk.Answer[costs]{Sheet: &sdk.Sheet{Name: "Costs of March", Format: in.Format, Table: ui.Table{
				Columns: []ui.Column{{Title: "What"}, {Title: "Cost"}, {Title: "Calls"}, {Title: "Day"}},
				Rows:    []ui.Row{{Cells: ui.Values{ui.Text{Text: "=1+1"}, ui.Money{Minor: 1250, Currency: "EUR"}, ui.Number{Value: 7}, ui.Time{At: at}}}},
			}}}, nil
		}))
	}))
	var got costs
	if err := c.Route("GET", "/costs", nil).JSON(&got); err != nil || got.Total != 1250 {
		t.Errorf("%v, %v", got, err)
	}
	file := c.Route("GET", "/costs?format=csv", nil)
	if want := "\ufeffWhat,Cost,Calls,Day\r\n'=1+1,12.50 EUR,7,2025-03-04 23:30:00\r\n"; file.Err != nil || string(file.Body) != want {
		t.Errorf("%q, %v, want %q", file.Body, file.Err, want)
	}
	if kind, name := file.Header.Get("Content-Type"), file.Header.Get("Content-Disposition"); kind != "text/csv; charset=utf-8" || name != `attachment; filename="costs-of-march.csv"` {
		t.Errorf("the file is %s, %s", kind, name)
	}
	file = c.Route("GET", "/costs?format=xlsx", nil)
	if name := file.Header.Get("Content-Disposition"); file.Err != nil || name != `attachment; filename="costs-of-march.xlsx"` {
		t.Fatalf("%s, %v", name, file.Err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(file.Body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if cell, err := book.GetCellValue("Costs of March", "A2"); err != nil || cell != "=1+1" {
		t.Errorf("the workbook says %q, %v", cell, err)
	}
	if answer := c.Route("GET", "/costs?format=pdf", nil); answer.Status != 422 {
		t.Errorf("another format: %d %v", answer.Status, answer.Err)
	}
}
