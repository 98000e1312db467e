package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core/internal/app"
)

// example is a fenced block of a document.
type example struct {
	section, language, text string
}

// fence is a heading, or a block.
var fence = regexp.MustCompile("(?ms)^## ([^\n]+)$|^```([a-z]+)\n(.*?)^```$")

func examples(t *testing.T, path string) (all []example) {
	t.Helper()
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	section := ""
	for _, found := range fence.FindAllStringSubmatch(string(document), -1) {
		if found[1] != "" {
			section = found[1]
			continue
		}
		if found[2] != "" {
			all = append(all, example{section, found[2], found[3]})
		}
	}
	return all
}

// effect is what an example does: whom it asks, and what is in the ledger then.
type effect struct {
	example
	requests, events []string
}

// promised are the effects of the examples in docs/usage-events.md, in their
// order.
func promised() []effect {
	const (
		structured, batched = "/api/v1/events application/cloudevents+json 200", "/api/v1/events application/cloudevents-batch+json 200"
		binary, traces      = "/api/v1/events application/json 200", "/v1/traces application/x-protobuf gzip 200"
		called              = `/portals/leeds llm.called p-7f3a {"completion_tokens":212,"latency_ms":640,"model":"gpt-5-mini","prompt_tokens":1830,"provider":"openai"}`
	)
	return []effect{
		{example{"One event", "sh", ""}, []string{structured}, []string{`/portals/leeds map.loaded {"kind":"dynamic"}`}},
		{example{"The three modes", "sh", ""}, []string{batched}, []string{
			`/portals/leeds geocode.requested {"status":"OK"}`,
			`/portals/leeds llm.called {"cached_tokens":1024,"completion_tokens":212,"model":"gpt-5-mini","prompt_tokens":1830,"provider":"openai"}`,
		}},
		{example{"The three modes", "sh", ""}, []string{binary}, []string{`/portals/leeds chat.sent p-7f3a {"channel":"portal","characters":84}`}},
		{example{"CloudEvents SDK for JavaScript", "js", ""}, []string{binary, batched}, []string{called, called, called}},
		{example{"OpenTelemetry", "sh", ""}, []string{traces}, []string{
			`otlp:assistant llm.called {"completion_tokens":4,"model":"gpt-5-mini","prompt_tokens":9,"provider":"openai","status":"ok"}`,
		}},
		{example{"OpenTelemetry", "js", ""}, []string{traces}, []string{
			`otlp:assistant llm.called p-7f3a {"cached_tokens":1024,"completion_tokens":212,"model":"gpt-5-mini","prompt_tokens":1830,"provider":"openai","status":"ok"}`,
		}},
	}
}

// TestDocsAsWritten runs each example of docs/usage-events.md as it is written:
// it ends well, and does what it says.
func TestDocsAsWritten(t *testing.T) {
	t.Parallel()
	d, all := openDoor(t, app.NewClock()), examples(t, "../../../docs/usage-events.md")
	wants, said := promised(), ""
	for _, e := range all {
		switch {
		case e.language == "json":
			sameJSON(t, said, e.text)
			continue
		case len(wants) == 0 || wants[0].example != (example{e.section, e.language, ""}):
			t.Fatalf("nobody says what this example under %q does:\n%s", e.section, e.text)
		}
		said = d.keeps(t, e, wants[0])
		wants = wants[1:]
	}
	if len(wants) > 0 {
		t.Errorf("the document lacks examples: %v", wants)
	}
	if again, err := d.follow(t, all[0]); err != nil || receipts(t, again) != (counts{1, 0, 1}) {
		t.Errorf("the first example sent again: %s (%v)", again, err)
	}
	d.key = "of-nobody"
	for _, e := range all {
		if e.language != "js" {
			continue
		}
		_, err := d.follow(t, e)
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || !strings.Contains(err.Error(), "401") {
			t.Errorf("with a wrong key the example under %q says: %v", e.section, err)
		}
	}
}

// keeps follows an example, and compares what it does with what is promised.
func (d *door) keeps(t *testing.T, e example, promise effect) (said string) {
	t.Helper()
	before, had := d.counts(t), d.events(t, d.tenant)
	d.requests()
	said, err := d.follow(t, e)
	if err != nil {
		t.Fatalf("the example under %q: %v\n%s", e.section, err, e.text)
	}
	same(t, e.section+": what was asked", d.requests(), promise.requests)
	same(t, e.section+": what the ledger took", without(d.events(t, d.tenant), had), promise.events)
	n, held := len(promise.events), d.counts(t).since(before)
	if held != (counts{n, n}) {
		t.Errorf("%s: the ledger received %v, want %d events, all accepted", e.section, held, n)
	}
	if e.section != "OpenTelemetry" && receipts(t, said) != held {
		t.Errorf("%s: the ledger received %v, the receipts say %s", e.section, held, said)
	}
	return said
}

func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var a, b any
	if err := errors.Join(json.Unmarshal([]byte(got), &a), json.Unmarshal([]byte(want), &b)); err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("the answer is %s (%v), the document says %s", got, err, want)
	}
}

// follow runs an example as it is written. One that sets up an exporter is
// followed by a service that has no other settings.
func (d *door) follow(t *testing.T, e example) (said string, err error) {
	t.Helper()
	packages, err := filepath.Abs(clients)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case e.language == "sh" && strings.Contains(e.text, "export OTEL_"):
		return d.run(t, nil, "bash", "-euc", e.text+"node '"+filepath.Join(packages, "environment.mjs")+"'")
	case e.language == "sh":
		return d.run(t, nil, "bash", "-euc", e.text)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "example.mjs")
	if err := errors.Join(os.Symlink(filepath.Join(packages, "node_modules"), filepath.Join(dir, "node_modules")), os.WriteFile(file, []byte(e.text), 0o600)); err != nil {
		t.Fatal(err)
	}
	return d.run(t, nil, "node", file)
}

// receipts adds up those that a client printed.
func receipts(t *testing.T, said string) (sum counts) {
	t.Helper()
	for rest := []byte(said); ; {
		at := bytes.Index(rest, []byte(`{"received"`))
		if at < 0 {
			return sum
		}
		var r struct{ Received, Accepted, Duplicate, Conflict, Invalid, Quarantined int }
		decoder := json.NewDecoder(bytes.NewReader(rest[at:]))
		if err := decoder.Decode(&r); err != nil {
			t.Fatal(err)
		}
		for i, n := range (counts{r.Received, r.Accepted, r.Duplicate, r.Conflict, r.Invalid, r.Quarantined}) {
			sum[i] += n
		}
		rest = rest[at+int(decoder.InputOffset()):]
	}
}

// without is a list without the elements of another, each taken once.
func without(all, some []string) []string {
	for _, s := range some {
		if i := slices.Index(all, s); i >= 0 {
			all = slices.Delete(all, i, i+1)
		}
	}
	return all
}
