package otlp_test

import (
	"bytes"
	"compress/gzip"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage/otlp"
)

const (
	site  = "dvt_0123456789abcdefghijklmnop"
	home  = "unt_0123456789abcdefghijklmnop"
	trace = "4bf92f3577b34da6a3ce929d0e0e4736"
)

// attributes of a span or a resource.
type attributes map[string]any

// asked are the attributes of a call as it should be, with others added or in
// place of its own; a nil one is left out.
func asked(changes attributes) attributes {
	all := attributes{
		"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.response.model": "gpt-5-mini",
		"gen_ai.usage.input_tokens": 120, "gen_ai.usage.output_tokens": 30,
	}
	for name, value := range changes {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	return all
}

// request is one with a span for each of the attributes, of a service.
func request(t testing.TB, resource attributes, spans ...attributes) ptraceotlp.ExportRequest {
	t.Helper()
	traces := ptrace.NewTraces()
	group := traces.ResourceSpans().AppendEmpty()
	fill(t, group.Resource().Attributes(), resource)
	scope := group.ScopeSpans().AppendEmpty()
	for i, a := range spans {
		span := scope.Spans().AppendEmpty()
		span.SetTraceID(pcommon.TraceID{0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36})
		span.SetSpanID(pcommon.SpanID{7: byte(i + 1)})
		span.SetKind(ptrace.SpanKindClient)
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(time.Date(2026, 11, 22, 10, 0, 0, 640_250_999, time.UTC)))
		fill(t, span.Attributes(), a)
	}
	return ptraceotlp.NewExportRequestFromTraces(traces)
}

func fill(t testing.TB, m pcommon.Map, all attributes) {
	t.Helper()
	if err := m.FromRaw(all); err != nil {
		t.Fatal(err)
	}
}

// both decodes a request in both encodings, which have to say the same.
func both(t *testing.T, r ptraceotlp.ExportRequest) otlp.Spans {
	t.Helper()
	binary, err := r.MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	spans, err := otlp.Decode(otlp.Protobuf, "", binary)
	if err != nil {
		t.Fatal(err)
	}
	again, err := otlp.Decode(otlp.JSON+"; charset=utf-8", "identity", text)
	if err != nil || !reflect.DeepEqual(spans, again) {
		t.Fatalf("Protobuf says %+v\nJSON says %+v (%v)", spans, again, err)
	}
	return spans
}

func said(fields []core.FieldError) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, f.Field+" "+f.Reason)
	}
	return strings.Join(parts, "; ")
}

// within is a Protobuf message with one field that holds the message.
func within(inside []byte, field byte) []byte {
	b := []byte{field<<3 | 2}
	for n := len(inside); ; n >>= 7 {
		if n < 0x80 {
			return append(append(b, byte(n)), inside...)
		}
		b = append(b, byte(n)|0x80)
	}
}

// nested is a request whose resource has lists in lists.
func nested(depth int) []byte {
	var value []byte
	for range depth / 2 {
		value = within(within(value, 1), 5)
	}
	return within(within(within(within(value, 2), 1), 1), 1)
}

func many(t *testing.T, n int) ptraceotlp.ExportRequest {
	t.Helper()
	spans := make([]attributes, n)
	for i := range spans {
		spans[i] = asked(nil)
	}
	return request(t, nil, spans...)
}

func binary(t testing.TB, r ptraceotlp.ExportRequest) []byte {
	t.Helper()
	body, err := r.MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func packed(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
