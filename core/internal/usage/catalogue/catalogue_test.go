package catalogue_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
)

func TestTypes(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^ai\.openhouse\.[a-z]+\.[a-z]+$`)
	sentence := regexp.MustCompile(`^[A-Z].*[.…]$`)
	var names []string
	for _, kind := range catalogue.All() {
		names = append(names, strings.TrimPrefix(kind.Name, "ai.openhouse."))
		if !form.MatchString(kind.Name) || !sentence.MatchString(kind.Meaning) {
			t.Errorf("%s: %q", kind.Name, kind.Meaning)
		}
		found, ok := catalogue.Find(kind.Name)
		if !ok || found.Name != kind.Name {
			t.Errorf("%s is not found", kind.Name)
		}
		if len(kind.Fields) > 16 {
			t.Errorf("%s has %d fields, more than a judgement holds", kind.Name, len(kind.Fields))
		}
		for _, f := range kind.Fields {
			if !sentence.MatchString(f.Meaning) {
				t.Errorf("%s.%s: %q is no sentence", kind.Name, f.Name, f.Meaning)
			}
		}
		example := kind.Example()
		if verdict := catalogue.Judge(kind.Name, example); len(verdict.Fields) > 0 || verdict.Hold != "" {
			t.Errorf("the example of %s, %s, is refused: %+v", kind.Name, example, verdict)
		}
	}
	want := strings.Fields(`bandwidth.measured chat.sent document.downloaded document.ingested document.viewed embedding.created
feedback.given geocode.requested http.served llm.called map.loaded page.viewed place.requested qr.scanned rag.indexed session.started storage.measured`)
	if !slices.Equal(names, want) {
		t.Errorf("the catalogue has\n%v, want\n%v", names, want)
	}
	if _, ok := catalogue.Find("ai.openhouse.llm"); ok {
		t.Error("a part of a name is found")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const tokens = `"prompt_tokens":5,"completion_tokens":1`
	for _, test := range []struct{ kind, data, want string }{
		{"llm.called", `{"provider":"openai","model":"m",` + tokens + `}`, ""},
		{"llm.called", ` { "model" : "m" , "provider" : "openai", ` + tokens + ` } `, ""},
		{"llm.called", `{"provider":"openai","model":"m",` + tokens + `,"cached_tokens":null,"mine":{"a":[1]}}`, ""},
		{"llm.called", `{"provider":"openai","\u006dodel":"m",` + tokens + `}`, ""},
		{"llm.called", ``, "data.provider is missing; data.model is missing; data.prompt_tokens is missing; data.completion_tokens is missing"},
		{"llm.called", `null`, "data.provider is missing; data.model is missing; data.prompt_tokens is missing; data.completion_tokens is missing"},
		{"llm.called", `{"provider":"","model":null,` + tokens + `}`, "data.provider is empty; data.model is missing"},
		{"llm.called", `{"provider":1,"model":"m","prompt_tokens":"5","completion_tokens":-1}`,
			"data.provider is not text; data.prompt_tokens is not a whole number in digits; data.completion_tokens is negative"},
		{"llm.called", `{"provider":"o","model":"m","prompt_tokens":1.5,"completion_tokens":1e2}`,
			"data.prompt_tokens is not a whole number in digits; data.completion_tokens is not a whole number in digits"},
		{"llm.called", `{"provider":"o","model":"m","prompt_tokens":9007199254740991,"completion_tokens":9007199254740992}`,
			"data.completion_tokens is more than 9007199254740991"},
		{"llm.called", `{"provider":"o","model":"m","prompt_tokens":` + strings.Repeat("9", 4000) + `,"completion_tokens":0}`,
			"data.prompt_tokens is more than 9007199254740991"},
		{"llm.called", `{"provider":"o","model":"a\u0000b",` + tokens + `}`, "data.model holds a control character"},
		{"llm.called", `{"provider":"o","model":"a` + "\x7f" + `b",` + tokens + `}`, "data.model holds a control character"},
		{"llm.called", `{"provider":"o","model":"m",` + tokens + `,"regional":"yes"}`, "data.regional is not true or false"},
		{"llm.called", `{"provider":"o","model":"m",` + tokens + `,"regional":true,"latency_ms":0.25}`, ""},
		{"llm.called", `{"provider":"o","model":"m",` + tokens + `,"latency_ms":-0.5}`, "data.latency_ms is negative"},
		{"llm.called", `{"provider":"o","model":"m",` + tokens + `,"latency_ms":1e999}`, "data.latency_ms is more than 9007199254740991"},
		{"llm.called", `{"provider":"o","model":"m",` + tokens + `,"latency_ms":[]}`, "data.latency_ms is not a number"},
		{"llm.called", `{"model":"m","model":"n"}`, "data is not JSON: duplicate object member name at byte 13"},
		{"llm.called", `{"model":"` + "\xff" + `"}`, "data is not JSON: invalid UTF-8 at byte 10"},
		{"llm.called", `{"model":`, "data is not JSON: unexpected EOF at byte 9"},
		{"llm.called", `{} {}`, "data is more than one JSON value"},
		{"llm.called", `[]`, "data is not an object"},
		{"llm.called", `"` + strings.Repeat("a", 64<<10) + `"`, "data is longer than 64 KiB"},
		{"llm.called", `{"mine":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "data is nested deeper than 100 levels"},
		{"nobody.knows", strings.Repeat("[", 101) + strings.Repeat("]", 101), "data is nested deeper than 100 levels"},
		{"nobody.knows", `{"a":1,}`, "data is not JSON: invalid character '}' at start of string (expecting '\"') at byte 7"},
		{"nobody.knows", `"text"`, ""},
		{"map.loaded", `{"kind":"paper"}`, "data.kind is none of dynamic, static, tiles, embed, sdk"},
		{"map.loaded", `{"kind":"sdk","count":0}`, "data.count is less than 1"},
		{"geocode.requested", `{"status":"ok"}`, "data.status is none of OK, ZERO_RESULTS, OVER_QUERY_LIMIT, OVER_DAILY_LIMIT, REQUEST_DENIED, INVALID_REQUEST, UNKNOWN_ERROR"},
		{"feedback.given", `{"rating":6,"recommend":0}`, "data.rating is more than 5"},
		{"http.served", `{"route":"/","method":"GET","status":99,"latency_ms":1}`, "data.status is less than 100"},
		{"http.served", `{"route":"` + strings.Repeat("é", 201) + `","method":"GET","status":200,"latency_ms":1}`, "data.route is longer than 200 characters"},
		{"http.served", `{"route":"` + strings.Repeat("é", 200) + `","method":"GET","status":200,"latency_ms":1}`, ""},
		{"session.started", ``, ""},
		{"qr.scanned", `{"user_agent":"Mozilla/5.0 (iPhone) Safari/605"}`, ""}, // as the landing page writes it
	} {
		kind := "ai.openhouse." + test.kind
		if got := said(catalogue.Judge(kind, []byte(test.data)).Fields); got != test.want {
			t.Errorf("%s %.80s:\n got %s\nwant %s", test.kind, test.data, got, test.want)
		}
		if known, ok := catalogue.Find(kind); ok && said(known.Check([]byte(test.data))) != test.want {
			t.Errorf("%s %.80s: Check says something else", test.kind, test.data)
		}
	}
}

func said(fields []core.FieldError) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, f.Field+" "+f.Reason)
	}
	return strings.Join(parts, "; ")
}

func TestHold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ kind, data, want string }{
		{"nobody.knows", `{}`, "unknown_type"},
		{"nobody.knows", `{`, ""},
		{"llm.called", `{}`, ""},
		{"embedding.created", `{"provider":"o","model":"m","tokens":0}`, ""},
	} {
		if got := catalogue.Judge("ai.openhouse."+test.kind, []byte(test.data)).Hold; got != test.want {
			t.Errorf("%s %s is held for %q, want %q", test.kind, test.data, got, test.want)
		}
	}
}

// TestTokens is billing.md H19: tokens whose parts are more than the whole are
// for a person, all others are not.
func TestTokens(t *testing.T) {
	t.Parallel()
	called, _ := catalogue.Find("ai.openhouse.llm.called")
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.OneOf(rapid.Int64Range(0, 6), rapid.Int64Range(0, 1<<53-1))
		prompt, cached, write := count.Draw(t, "prompt"), count.Draw(t, "cached"), count.Draw(t, "write")
		completion, reasoning := count.Draw(t, "completion"), count.Draw(t, "reasoning")
		data := fmt.Sprintf(`{"cached_tokens":%d,"provider":"o","model":"m","cache_write_tokens":%d,"prompt_tokens":%d,"completion_tokens":%d,"reasoning_tokens":%d}`,
			cached, write, prompt, completion, reasoning)
		want := ""
		if prompt-cached-write < 0 || completion < reasoning {
			want = "tokens"
		}
		if got := called.Hold([]byte(data)); got != want || called.Check([]byte(data)) != nil {
			t.Fatalf("%s is held for %q, want %q", data, got, want)
		}
	})
}

func FuzzJudge(f *testing.F) {
	for _, kind := range catalogue.All() {
		f.Add(kind.Name, []byte(kind.Example()))
	}
	f.Add("ai.openhouse.llm.called", []byte(`{"provider":"\ud83d\ude00","model":"\u0000","prompt_tokens":-0,"latency_ms":1E+2}`))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		verdict := catalogue.Judge(kind, data)
		if verdict.Hold != "" && len(verdict.Fields) > 0 {
			t.Errorf("%s %q is wrong and held: %+v", kind, data, verdict)
		}
		for _, field := range verdict.Fields {
			if field.Field != "data" && !strings.HasPrefix(field.Field, "data.") || field.Reason == "" {
				t.Errorf("%s %q: %+v", kind, data, field)
			}
		}
	})
}
