package otlp_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/otlp"
)

// TestCalls reads attributes old and new.
func TestCalls(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, kind, data string
		span             attributes
	}{
		{"new names", "llm.called", `{"provider":"openai","model":"gpt-5-mini-2025-08-07","prompt_tokens":1830,"cached_tokens":1024,"cache_write_tokens":5,` +
			`"completion_tokens":212,"reasoning_tokens":64,"service_tier":"default","status":"ok","latency_ms":640.25}`, attributes{
			"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5-mini", "gen_ai.response.model": "gpt-5-mini-2025-08-07",
			"gen_ai.usage.input_tokens": 1830, "gen_ai.usage.output_tokens": 212, "gen_ai.usage.cache_read.input_tokens": 1024,
			"gen_ai.usage.cache_creation.input_tokens": 5, "gen_ai.usage.reasoning.output_tokens": 64, "openai.response.service_tier": "default",
			"gen_ai.input.messages": "What does Aoife owe?", "gen_ai.output.messages": []any{map[string]any{"role": "assistant"}}, "gen_ai.system_instructions": "secret",
		}},
		{"old names", "llm.called", `{"provider":"azure.ai.openai","model":"gpt-4o","prompt_tokens":9,"cached_tokens":3,"cache_write_tokens":2,` +
			`"completion_tokens":4,"reasoning_tokens":1,"service_tier":"scale","status":"ok","latency_ms":640.25}`, attributes{
			"gen_ai.system": "az.ai.openai", "gen_ai.request.model": "gpt-4o", "gen_ai.usage.prompt_tokens": 9, "gen_ai.usage.completion_tokens": 4,
			"gen_ai.usage.cache_read_input_tokens": 3, "gen_ai.usage.cache_creation_input_tokens": 2, "gen_ai.usage.reasoning_tokens": 1,
			"gen_ai.openai.response.service_tier": "scale", "gen_ai.prompt": "hello",
		}},
		{"new before old", "llm.called", `{"provider":"anthropic","model":"gpt-5-mini","prompt_tokens":120,"completion_tokens":30,"status":"ok","latency_ms":640.25}`, asked(attributes{
			"gen_ai.provider.name": "anthropic", "gen_ai.system": "openai", "gen_ai.usage.prompt_tokens": 1, "gen_ai.request.model": "other",
		})},
		{"numbers of a language with one kind of them", "llm.called", `{"provider":"openai","model":"gpt-5-mini","prompt_tokens":120,"completion_tokens":30,"status":"ok","latency_ms":640.25}`,
			asked(attributes{"gen_ai.usage.input_tokens": 120.0, "gen_ai.operation.name": "text_completion"})},
		{"generated content", "llm.called", `{"provider":"gcp.vertex_ai","model":"gpt-5-mini","prompt_tokens":120,"completion_tokens":30,"status":"ok","latency_ms":640.25}`,
			asked(attributes{"gen_ai.operation.name": "generate_content", "gen_ai.provider.name": "vertex_ai"})},
		{"a type of request", "llm.called", `{"provider":"openai","model":"gpt-5-mini","prompt_tokens":120,"completion_tokens":30,"status":"ok","latency_ms":640.25}`,
			asked(attributes{"gen_ai.operation.name": nil, "llm.request.type": "completion"})},
		{"embeddings", "embedding.created", `{"provider":"x_ai","model":"text-embedding-3-small","tokens":17,"status":"ok","latency_ms":640.25}`, attributes{
			"gen_ai.operation.name": "embeddings", "gen_ai.system": "xai", "gen_ai.request.model": "text-embedding-3-small", "gen_ai.usage.input_tokens": 17,
		}},
		{"a failure", "llm.called", `{"provider":"openai","model":"gpt-5-mini","prompt_tokens":0,"completion_tokens":0,"status":"429","latency_ms":640.25}`,
			asked(attributes{"error.type": "429", "gen_ai.usage.input_tokens": nil, "gen_ai.usage.output_tokens": nil})},
		{"a failure that cost something", "llm.called", `{"provider":"openai","model":"gpt-5-mini","prompt_tokens":120,"completion_tokens":0,"status":"timeout","latency_ms":640.25}`,
			asked(attributes{"error.type": "timeout", "gen_ai.usage.output_tokens": nil})},
	} {
		spans := both(t, request(t, attributes{"service.name": "assistant"}, test.span))
		if len(spans.Reports) != 1 || spans.Ignored != 0 {
			t.Errorf("%s: %+v", test.name, spans)
			continue
		}
		want := usage.Report{Event: core.UsageEvent{
			Source: "otlp:assistant", ID: trace + "/0000000000000001", Type: "ai.openhouse." + test.kind,
			Time: time.Date(2026, 11, 22, 10, 0, 0, 640_250_999, time.UTC), Data: []byte(test.data),
		}}
		if !reflect.DeepEqual(spans.Reports[0], want) {
			t.Errorf("%s:\n got %+v %s\nwant %+v %s", test.name, spans.Reports[0], spans.Reports[0].Event.Data, want, test.data)
		}
	}
}

// TestIgnored names what holds calls of models and would count them twice, and
// what has nothing to do with them.
func TestIgnored(t *testing.T) {
	t.Parallel()
	spans := []attributes{{"http.request.method": "GET"}, {}, {"gen_ai.system": "openai"}, {"gen_ai.usage.input_tokens": 5}, asked(attributes{"gen_ai.operation.name": nil, "llm.request.type": "rerank"})}
	for _, name := range []string{"invoke_agent", "create_agent", "invoke_workflow", "execute_tool", "retrieval", "plan"} {
		spans = append(spans, asked(attributes{"gen_ai.operation.name": name}))
	}
	if got := both(t, request(t, nil, spans...)); len(got.Reports) != 0 || got.Ignored != len(spans) {
		t.Errorf("%+v", got)
	}
	for kind, counts := range map[ptrace.SpanKind]bool{
		ptrace.SpanKindClient: true, ptrace.SpanKindInternal: true, ptrace.SpanKindUnspecified: true,
		ptrace.SpanKindServer: false, ptrace.SpanKindConsumer: false, ptrace.SpanKindProducer: false,
	} {
		r := request(t, nil, asked(nil))
		r.Traces().ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).SetKind(kind)
		if got := both(t, r); len(got.Reports) == 1 != counts {
			t.Errorf("%v: %+v", kind, got)
		}
	}
}

func TestWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		resource attributes
		span     attributes
		want     string
	}{
		{"no tokens", nil, asked(attributes{"gen_ai.usage.input_tokens": nil, "gen_ai.usage.output_tokens": nil}), "gen_ai.usage.input_tokens is missing; gen_ai.usage.output_tokens is missing"},
		{"half the tokens", nil, asked(attributes{"gen_ai.usage.output_tokens": nil}), "gen_ai.usage.output_tokens is missing"},
		{"no model", nil, asked(attributes{"gen_ai.response.model": nil}), "gen_ai.response.model is missing"},
		{"no model of a failure", nil, asked(attributes{"gen_ai.response.model": nil, "error.type": "500"}), "gen_ai.response.model is missing"},
		{"no provider", nil, asked(attributes{"gen_ai.provider.name": nil}), "gen_ai.provider.name is missing"},
		{"an empty model", nil, asked(attributes{"gen_ai.response.model": ""}), "gen_ai.response.model is empty"},
		{"less than nothing", nil, asked(attributes{"gen_ai.usage.input_tokens": -1}), "gen_ai.usage.input_tokens is negative"},
		{"more than all", nil, asked(attributes{"gen_ai.usage.input_tokens": 1 << 53}), "gen_ai.usage.input_tokens is more than 9007199254740991"},
		{"a fraction", nil, asked(attributes{"gen_ai.usage.input_tokens": 1.5}), "gen_ai.usage.input_tokens is not a whole number"},
		{"a text", nil, asked(attributes{"gen_ai.usage.input_tokens": "120"}), "gen_ai.usage.input_tokens is not a whole number"},
		{"a number", nil, asked(attributes{"gen_ai.response.model": 5}), "gen_ai.response.model is not text"},
		{"a long model", nil, asked(attributes{"gen_ai.response.model": strings.Repeat("m", 201)}), "gen_ai.response.model is longer than 200 characters"},
		{"an endless model", nil, asked(attributes{"gen_ai.response.model": strings.Repeat("m", 70<<10)}), "data is longer than 64 KiB"},
		{"a long service", attributes{"service.name": strings.Repeat("é", 40)}, asked(nil), "service.name is longer than an address of 200 bytes holds"},
		{"an e-mail", attributes{"openhouse.homeowner": "aoife@example.com"}, asked(nil), "openhouse.homeowner is an e-mail address; send a pseudonym"},
		{"a foreign unit", nil, asked(attributes{"openhouse.unit": "12"}), "openhouse.unit is not the id of a unit"},
	} {
		spans := both(t, request(t, test.resource, asked(nil), test.span))
		if len(spans.Reports) != 2 || said(spans.Reports[1].Fields) != test.want {
			t.Errorf("%s: %+v, want %s", test.name, spans, test.want)
		}
	}
	for name, change := range map[string]func(ptrace.Span){
		"traceId is missing":                              func(s ptrace.Span) { s.SetTraceID(pcommon.TraceID{}) },
		"spanId is missing":                               func(s ptrace.Span) { s.SetSpanID(pcommon.SpanID{}) },
		"endTimeUnixNano is missing":                      func(s ptrace.Span) { s.SetEndTimestamp(0) },
		"endTimeUnixNano is not a moment of this century": func(s ptrace.Span) { s.SetEndTimestamp(1<<64 - 1) },
	} {
		r := request(t, nil, asked(nil))
		change(r.Traces().ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0))
		if spans := both(t, r); len(spans.Reports) != 1 || said(spans.Reports[0].Fields) != name {
			t.Errorf("%+v, want %s", spans, name)
		}
	}
}

func TestHeld(t *testing.T) {
	t.Parallel()
	spans := both(t, request(t, nil, asked(attributes{"gen_ai.usage.cache_read.input_tokens": 121})))
	if len(spans.Reports) != 1 || spans.Reports[0].Hold != usage.HoldTokens || spans.Reports[0].Fields != nil {
		t.Errorf("%+v", spans)
	}
}

// TestSubject reads whom a call was for, each part from the span or else from
// the resource.
func TestSubject(t *testing.T) {
	t.Parallel()
	spans := both(t, request(t, attributes{"service.name": "a/b c", "openhouse.development": site, "openhouse.homeowner": "p-1"},
		asked(attributes{"openhouse.unit": home, "openhouse.homeowner": "p-2"}), asked(nil)))
	got, other := spans.Reports[0].Event, spans.Reports[1].Event
	if got.Source != "otlp:a%2Fb%20c" || got.Development != site || got.Unit != home || got.Visitor != "p-2" {
		t.Errorf("%+v", got)
	}
	if other.Development != site || other.Unit != "" || other.Visitor != "p-1" {
		t.Errorf("%+v", other)
	}
	if nobody := both(t, request(t, nil, asked(nil))).Reports[0].Event; nobody.Source != "otlp:unknown_service" {
		t.Errorf("%+v", nobody)
	}
}

func TestFailedByStatus(t *testing.T) {
	t.Parallel()
	r := request(t, nil, asked(attributes{"gen_ai.usage.output_tokens": nil}))
	span := r.Traces().ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	span.Status().SetCode(ptrace.StatusCodeError)
	span.SetStartTimestamp(span.EndTimestamp() + 1) // a clock that was set back: no latency
	const want = `{"provider":"openai","model":"gpt-5-mini","prompt_tokens":120,"completion_tokens":0,"status":"error"}`
	if got := both(t, r).Reports[0]; string(got.Event.Data) != want || got.Fields != nil {
		t.Errorf("%+v %s", got, got.Event.Data)
	}
}

// TestJSON goes through the rules of OTLP's JSON.
func TestJSON(t *testing.T) {
	t.Parallel()
	const body = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"later":{"unknown":[1]},
"scopeSpans":[{"spans":[{"traceId":"4BF92F3577B34DA6A3CE929D0E0E4736","spanId":"00f067aa0ba902b7","kind":3,"flags":257,"newer":true,
"startTimeUnixNano":"1795341600000000000","endTimeUnixNano":%s,"attributes":[
{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
{"key":"gen_ai.response.model","value":{"stringValue":"m"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":%s}},
{"key":"gen_ai.usage.output_tokens","value":{"intValue":2}}]}]}]}]}`
	for _, test := range []struct{ end, tokens string }{{`"1795341601000000000"`, `"7"`}, {`1795341601000000000`, `7`}} {
		spans, err := otlp.Decode(otlp.JSON, "", fmt.Appendf(nil, body, test.end, test.tokens))
		if err != nil || len(spans.Reports) != 1 {
			t.Fatalf("%+v %v", spans, err)
		}
		const want = `{"provider":"openai","model":"m","prompt_tokens":7,"completion_tokens":2,"status":"ok","latency_ms":1000}`
		if got := spans.Reports[0]; got.Event.ID != trace+"/00f067aa0ba902b7" || string(got.Event.Data) != want || len(got.Fields) > 0 {
			t.Errorf("%+v %s", got, got.Event.Data)
		}
	}
	for _, empty := range []string{`{}`, ` {"resourceSpans":[]} `, `{"resourceSpans":[{"scopeSpans":[]}]}`} {
		if spans, err := otlp.Decode(otlp.JSON, "", []byte(empty)); err != nil || spans.Reports != nil || spans.Ignored != 0 {
			t.Errorf("%s: %+v %v", empty, spans, err)
		}
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	span := `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":%q}]}]}]}`
	for _, test := range []struct {
		name, media, packing string
		body                 []byte
		want                 error // nil: any that is invalid
	}{
		{"text", "text/plain", "", []byte("{}"), otlp.ErrMediaType},
		{"nothing said", "", "", nil, otlp.ErrMediaType},
		{"another packing", otlp.JSON, "br", []byte("{}"), otlp.ErrMediaType},
		{"not packed", otlp.JSON, "gzip", []byte("{}"), nil},
		{"packed in part", otlp.JSON, "gzip", packed(t, []byte(`{"resourceSpans":[]}`))[:20], nil},
		{"a bomb", otlp.Protobuf, "gzip", packed(t, make([]byte, 64<<20+1)), otlp.ErrTooLarge},
		{"too long", otlp.Protobuf, "", make([]byte, 64<<20+1), otlp.ErrTooLarge},
		{"no JSON", otlp.JSON, "", []byte(`{"resourceSpans":`), nil},
		{"no object", otlp.JSON, "", []byte(`[]`), nil},
		{"two objects", otlp.JSON, "", []byte(`{}{}`), nil},
		{"a name twice", otlp.JSON, "", []byte(`{"a":1,"a":1}`), nil},
		{"not UTF-8", otlp.JSON, "", []byte("{\"a\":\"\xff\"}"), nil},
		{"JSON of a depth", otlp.JSON, "", []byte(`{"a":` + strings.Repeat("[", 101) + strings.Repeat("]", 101) + "}"), otlp.ErrTooLarge},
		{"JSON of too many parts", otlp.JSON, "", []byte(`{"a":[` + strings.Repeat("{},", 500_000) + "{}]}"), otlp.ErrTooLarge},
		{"half an id", otlp.JSON, "", fmt.Appendf(nil, span, "4bf9"), nil},
		{"an id in base64", otlp.JSON, "", fmt.Appendf(nil, span, "S/kvNXezTaajzpKdDg5HNg=="), nil},
		{"no Protobuf", otlp.Protobuf, "", []byte("hello"), nil},
		{"Protobuf of a depth", otlp.Protobuf, "", nested(200), otlp.ErrTooLarge},
		{"Protobuf of a great depth", otlp.Protobuf, "", nested(5_000), otlp.ErrTooLarge},
		{"Protobuf of too many parts", otlp.Protobuf, "", within(within(bytes.Repeat([]byte{2<<3 | 2, 0}, 500_001), 2), 1), otlp.ErrTooLarge},
		{"too many calls", otlp.Protobuf, "", binary(t, many(t, 5001)), otlp.ErrTooLarge},
	} {
		spans, err := otlp.Decode(test.media, test.packing, test.body)
		if core.CodeOf(err) != core.Invalid || test.want != nil && !errors.Is(err, test.want) || spans.Reports != nil {
			t.Errorf("%s: %+v %v", test.name, spans, err)
		}
	}
	if spans, err := otlp.Decode(otlp.Protobuf, "gzip", packed(t, binary(t, many(t, 5000)))); err != nil || len(spans.Reports) != 5000 {
		t.Errorf("%d reports, %v", len(spans.Reports), err)
	}
	if spans, err := otlp.Decode(otlp.Protobuf, "", nil); err != nil || spans.Reports != nil {
		t.Errorf("an empty request: %+v %v", spans, err)
	}
	if _, err := otlp.Decode(otlp.Protobuf, "", nested(90)); err != nil {
		t.Errorf("deep, and deep enough: %v", err)
	}
}

// TestAnswer lets the collector's own code read what is said to exporters.
func TestAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rejected int
		message  string
	}{{0, ""}, {3, "Span 1: gen_ai.response.model is missing."}, {0, "Said \"all\" the same\xff."}} {
		for _, media := range []string{otlp.Protobuf, otlp.JSON} {
			response := ptraceotlp.NewExportResponse()
			read := response.UnmarshalProto
			if media == otlp.JSON {
				read = response.UnmarshalJSON
			}
			if err := read(otlp.Answer(media, test.rejected, test.message)); err != nil {
				t.Fatal(err)
			}
			got := response.PartialSuccess()
			if got.RejectedSpans() != int64(test.rejected) || got.ErrorMessage() != strings.ToValidUTF8(test.message, "\uFFFD") {
				t.Errorf("%s: %d %q", media, got.RejectedSpans(), got.ErrorMessage())
			}
		}
	}
}
