package app_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
)

// TestRealClients lets the clients of others report: the CloudEvents SDK in all
// three modes, and the OpenTelemetry exporters in both encodings.
func TestRealClients(t *testing.T) {
	t.Parallel()
	d := openDoor(t, app.NewTestClock(time.Now()))
	units, err := d.app.Directory.Units.List(t.Context(), d.tenant, core.Query{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("CloudEvents", func(t *testing.T) { d.cloudEvents(t, units.Items[0]) })
	t.Run("OpenTelemetry", func(t *testing.T) { d.openTelemetry(t, units.Items[0]) })
}

// cloudEvents: an event counts once in whatever mode it comes, and who changes
// one is told.
func (d *door) cloudEvents(t *testing.T, unit core.Unit) {
	said, err := d.run(t, []string{"SUBJECT=development/" + unit.DevelopmentID + "/unit/" + unit.ID + "/homeowner/p-7f3a"}, "node", clients+"/cloudevents.mjs")
	if err != nil {
		t.Fatal(err)
	}
	var steps []struct {
		Name    string
		Status  int // 0: the SDK's transport doesn't tell
		Thrown  bool
		Receipt struct {
			Received, Accepted, Duplicate, Conflict, Invalid, Quarantined int
			Results                                                       []struct {
				Outcome string
				Status  int
				Fields  []struct{ Field string }
			}
		}
	}
	if err := json.Unmarshal([]byte(said), &steps); err != nil {
		t.Fatal(err)
	}
	var got []string
	var sum counts
	for _, s := range steps {
		line := fmt.Sprintf("%s: %d", s.Name, s.Status)
		if s.Thrown {
			line += " thrown"
		}
		for _, r := range s.Receipt.Results {
			line += fmt.Sprintf(", %s %d", r.Outcome, r.Status)
			for _, f := range r.Fields {
				line += " " + f.Field
			}
		}
		got = append(got, line)
		for i, n := range (counts{s.Receipt.Received, s.Receipt.Accepted, s.Receipt.Duplicate, s.Receipt.Conflict, s.Receipt.Invalid, s.Receipt.Quarantined}) {
			sum[i] += n
		}
	}
	same(t, "what the SDK's caller is told", got, []string{
		"structured: 0, accepted 200", "structured again: 0, duplicate 200", "the same in binary: 200, duplicate 200", "binary: 0, accepted 200",
		"bytes as data: 200, accepted 200", "bytes in binary: 200, duplicate 200", "batch: 200, accepted 200, duplicate 200, conflict 409",
		"changed, by fetch: 409 thrown, conflict 409", "changed, by the SDK: 0, conflict 409", "invalid: 422 thrown, invalid 422 data.prompt_tokens",
		"unknown: 202, quarantined 202",
	})
	if held := d.counts(t); held != sum || held != (counts{13, 4, 4, 3, 1, 1}) {
		t.Errorf("the ledger received %v, the receipts say %v", held, sum)
	}
	home := " " + unit.DevelopmentID + " " + unit.ID + " p-7f3a "
	same(t, "what the ledger holds", d.events(t, d.tenant), []string{
		"/portals/harpur chat.sent" + home + `{"channel":"portal","characters":84}`,
		"/portals/harpur llm.called" + home + `{"completion_tokens":212,"model":"gpt-5-mini","prompt_tokens":1830,"provider":"openai"}`,
		"/portals/harpur map.loaded" + home + `{"kind":"dynamic"}`,
		"/portals/harpur page.viewed" + home + `{"page":"/documents/{id}"}`,
	})
	list, err := d.app.Usage.List(t.Context(), d.tenant, core.Query{Kind: "ai.openhouse.chat.sent"})
	if err != nil || !list.Items[0].Time.Equal(time.Date(2026, 11, 22, 10, 0, 0, 250_000_000, time.UTC)) {
		t.Errorf("the event is %+v (%v)", list.Items, err)
	}
	d.requests()
}

var spanID = regexp.MustCompile(`[0-9a-f]{32}/[0-9a-f]{16}`)

// openTelemetry: a span counts once in whatever encoding it comes; an exporter
// that has to wait does, and loses nothing.
func (d *door) openTelemetry(t *testing.T, unit core.Unit) {
	before, had := d.counts(t), d.events(t, d.tenant)
	limited, prompt := d.limited(t), "what-does-aoife-owe"
	said, err := d.run(t, []string{"LIMITED_KEY=" + d.keyOf(t, limited), "DEVELOPMENT=" + unit.DevelopmentID, "UNIT=" + unit.ID, "PROMPT=" + prompt}, "node", clients+"/traces.mjs")
	if err != nil {
		t.Fatal(err)
	}
	var steps []struct {
		Name, Error  string
		Code, Status int // Code 0: exported
		Warnings     []string
	}
	if err := json.Unmarshal([]byte(said), &steps); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range steps {
		line := fmt.Sprintf("%s: %d %s %s", s.Name, s.Code, s.Error, strings.Join(s.Warnings, "; "))
		got = append(got, strings.Join(strings.Fields(spanID.ReplaceAllString(line, "")), " "))
	}
	// JSON writes a number of 64 bits as text.
	rejected := func(n string) string {
		return ` Received Partial Success response: {"rejectedSpans":` + n + `,"errorMessage":"Span : gen_ai.response.model is missing."}`
	}
	same(t, "what exporters are told", got, []string{
		"protobuf: 0", "protobuf again: 0", "the same in JSON: 0", "JSON, one without a model: 0" + rejected(`"1"`), "JSON again, in protobuf: 0" + rejected("1"),
		"nothing of models: 0", "no key: 1 Unauthorized", "all of a minute: 0", "one more: 0",
	})
	const protobuf, plain = "/v1/traces application/x-protobuf gzip ", "/v1/traces application/json "
	same(t, "what was asked", d.requests(), []string{
		protobuf + "200", protobuf + "200", plain + "200", plain + "200", protobuf + "200", plain + "200", "/v1/traces application/x-protobuf 401",
		plain + "200", plain + "429", plain + "200",
	})
	if held := d.counts(t).since(before); held != (counts{13, 4, 7, 0, 2, 0}) {
		t.Errorf("the ledger received %v", held)
	}
	embedded, called := "otlp:assistant embedding.created "+unit.DevelopmentID, "otlp:assistant llm.called "+unit.DevelopmentID
	same(t, "what the ledger holds", without(d.events(t, d.tenant), had), []string{
		embedded + ` {"model":"text-embedding-3-small","provider":"openai","status":"ok","tokens":17}`,
		called + " " + unit.ID + ` p-7f3a {"cached_tokens":1024,"completion_tokens":212,"model":"gpt-5-mini-2025-08-07","prompt_tokens":1830,` +
			`"provider":"openai","reasoning_tokens":64,"service_tier":"default","status":"ok"}`,
		called + ` {"completion_tokens":4,"model":"gpt-5-mini","prompt_tokens":9,"provider":"openai","status":"ok"}`,
		called + ` {"completion_tokens":40,"model":"gpt-4o","prompt_tokens":90,"provider":"openai","status":"ok"}`,
	})
	if n := len(d.events(t, limited)); n != 61 {
		t.Errorf("of 61 calls of models, %d came", n)
	}
	if !d.holds(t, "gpt-5-mini-2025-08-07") || d.holds(t, prompt) {
		t.Error("a span's model is not kept, or its prompt is")
	}
}

// limited is a tenant that may report 60 events a minute.
func (d *door) limited(t *testing.T) core.TenantID {
	t.Helper()
	settings, err := d.app.Tenants.Settings(t.Context(), d.tenant)
	if err != nil {
		t.Fatal(err)
	}
	other := core.Tenant{ID: core.NewTenantID(time.Now()), Name: "Few Homes", Code: "FEW", Region: "eu-west", Status: core.TenantActive}
	if err := d.app.Tenants.Create(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	settings.EventsPerMinute, settings.Version = 60, 0
	if err := d.app.Tenants.SaveSettings(t.Context(), other.ID, settings); err != nil {
		t.Fatal(err)
	}
	return other.ID
}

// same compares lists of lines.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\n\nwant:\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
