package otlp_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
	"github.com/openhouse-ai/console/core/internal/usage/otlp"
)

// sound checks what holds for every report, whatever was sent.
func sound(t *testing.T, spans otlp.Spans) {
	t.Helper()
	for _, r := range spans.Reports {
		if len(r.Fields) > 0 {
			continue
		}
		e := r.Event
		for _, text := range []string{e.Source, e.ID, e.Visitor, string(e.Data)} {
			if !utf8.ValidString(text) {
				t.Errorf("%q is not valid text", text)
			}
		}
		if !json.Valid(e.Data) || len(e.Source) > 200 || e.Time.Year() < 2000 {
			t.Errorf("past the limits: %+v", r)
		}
		if verdict := catalogue.Judge(e.Type, e.Data); len(verdict.Fields) > 0 || verdict.Hold != string(r.Hold) {
			t.Errorf("%s: %+v, and yet %+v", e.Data, verdict, r)
		}
	}
}

func FuzzDecodeProtobuf(f *testing.F) {
	seed := request(f, attributes{"service.name": "assistant", "openhouse.development": site}, asked(nil),
		asked(attributes{"gen_ai.operation.name": "embeddings", "error.type": "500"}), attributes{"a": []any{map[string]any{"b": 1.5}}})
	f.Add(binary(f, seed))
	f.Add(nested(12))
	f.Fuzz(func(t *testing.T, body []byte) {
		spans, err := otlp.Decode(otlp.Protobuf, "", body)
		sound(t, spans)
		if err != nil {
			return
		}
		r := ptraceotlp.NewExportRequest()
		if err := r.UnmarshalProto(body); err != nil {
			t.Fatalf("the collector refuses what we read: %v", err)
		}
		if again, err := otlp.Decode(otlp.Protobuf, "", binary(t, r)); err != nil || !reflect.DeepEqual(spans, again) {
			t.Errorf("written again it says %+v (%v), was %+v", again, err, spans)
		}
	})
}

func FuzzDecodeJSON(f *testing.F) {
	text, err := request(f, attributes{"service.name": "assistant"}, asked(nil), attributes{"a": []any{1}}).MarshalJSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","endTimeUnixNano":1e18,"kind":"3"}]}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		spans, err := otlp.Decode(otlp.JSON, "", body)
		if err == nil && !json.Valid(body) {
			t.Errorf("%q is not JSON", body)
		}
		sound(t, spans)
	})
}
