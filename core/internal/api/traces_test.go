package api_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

const traces = "/v1/traces"

// called is when every call of a model ended: a span is the same each time.
var called = time.Now()

// span is what a call of a model leaves; a model of "" is one that can't be
// priced.
type span struct {
	id    byte
	model string
}

// export is a request of an exporter, with a plain span that is nobody's call.
func export(spans ...span) ptraceotlp.ExportRequest {
	all := ptrace.NewTraces()
	resource := all.ResourceSpans().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.name", "portal")
	scope := resource.ScopeSpans().AppendEmpty()
	add := func(id byte, name string, kind ptrace.SpanKind) ptrace.Span {
		s := scope.Spans().AppendEmpty()
		s.SetTraceID(pcommon.TraceID{1, 2, 3, id})
		s.SetSpanID(pcommon.SpanID{1, 2, id})
		s.SetName(name)
		s.SetKind(kind)
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(called.Add(-time.Second)))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(called))
		return s
	}
	add(200, "GET /homes", ptrace.SpanKindServer)
	for _, one := range spans {
		a := add(one.id, "chat", ptrace.SpanKindClient).Attributes()
		a.PutStr("gen_ai.operation.name", "chat")
		a.PutStr("gen_ai.provider.name", "openai")
		if one.model != "" {
			a.PutStr("gen_ai.request.model", one.model)
		}
		a.PutInt("gen_ai.usage.input_tokens", 812)
		a.PutInt("gen_ai.usage.output_tokens", 12)
	}
	return ptraceotlp.NewExportRequestFromTraces(all)
}

// exported sends what an exporter would, in one of the encodings.
func exported(t *testing.T, key, contentType string, packed bool, status int, spans ...span) ptraceotlp.ExportResponse {
	t.Helper()
	request, answer := export(spans...), ptraceotlp.NewExportResponse()
	body, err := request.MarshalProto()
	if contentType == "application/json" {
		body, err = request.MarshalJSON()
	}
	if err != nil {
		t.Fatal(err)
	}
	header := []string{"Authorization", key}
	if packed {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(body); err != nil || w.Close() != nil {
			t.Fatal("pack the spans")
		}
		body, header = b.Bytes(), append(header, "Content-Encoding", "gzip")
	}
	r := ask(t, "nobody", "POST", traces, sent{contentType, body}, status, header...)
	if got := r.header.Get("Content-Type"); got != contentType {
		t.Errorf("%s is answered as %s", contentType, got)
	}
	if contentType == "application/json" {
		err = answer.UnmarshalJSON([]byte(r.body))
	} else {
		err = answer.UnmarshalProto([]byte(r.body))
	}
	if err != nil {
		t.Fatalf("the answer can't be read: %v: %q", err, r.body)
	}
	return answer
}

// Both encodings, packed and plain: each span once, also when an exporter
// sends its batch again; what can't be counted is a partial success.
func TestTracesAreTaken(t *testing.T) {
	t.Parallel()
	_, key := developer(t, "Span Homes", "SPAN")
	for i, contentType := range []string{"application/x-protobuf", "application/json"} {
		for j, packed := range []bool{false, true} {
			id := byte(10*i + 2*j)
			for range 2 {
				answer := exported(t, key, contentType, packed, http.StatusOK, span{id, "gpt-6.1-sol"}, span{id + 1, "gpt-6.1-sol"})
				if n := answer.PartialSuccess().RejectedSpans(); n != 0 {
					t.Errorf("%s: %d spans are rejected: %s", contentType, n, answer.PartialSuccess().ErrorMessage())
				}
			}
		}
	}
	answer := exported(t, key, "application/json", false, http.StatusOK, span{100, "gpt-6.1-sol"}, span{101, ""})
	if p := answer.PartialSuccess(); p.RejectedSpans() != 1 || p.ErrorMessage() == "" {
		t.Errorf("the span without a model: %d rejected, %q", p.RejectedSpans(), p.ErrorMessage())
	}
	if p := exported(t, key, "application/x-protobuf", false, http.StatusOK).PartialSuccess(); p.RejectedSpans() != 0 {
		t.Errorf("a request without calls of models has %d rejected", p.RejectedSpans())
	}
	receipts := ask(t, "nobody", "GET", "/api/usage-receipts", nil, http.StatusOK, "Authorization", key)
	if got := sums(t, reply{body: string(encoded(t, receipts.value("sum")))}); got != "[18 9 8 0 1 0]" {
		t.Errorf("received, accepted, duplicate, conflict, invalid, quarantined are %s: %s", got, receipts.body)
	}
	events := ask(t, "nobody", "GET", "/api/usage-events?limit=1", nil, http.StatusOK, "Authorization", key)
	if events.text("items.0.type") != "ai.openhouse.llm.called" || events.value("items.0.data.prompt_tokens") != 812.0 {
		t.Errorf("the event is %s", events.body)
	}
}

func TestTracesAreRefusedAsExportersRead(t *testing.T) {
	t.Parallel()
	tenant, key := developer(t, "Few Homes", "FEW")
	for _, c := range []struct {
		name, who, key, contentType, body string
		status                            int
		code                              float64
	}{
		{"no key", "nobody", "", "application/json", "{}", http.StatusUnauthorized, 16},
		{"a key that may not", "developer_viewer", "", "application/json", "{}", http.StatusForbidden, 7},
		{"a platform key", "admin", "", "application/json", "{}", http.StatusNotFound, 5},
		{"no spans", "nobody", key, "application/json", "[", http.StatusBadRequest, 3},
	} {
		r := ask(t, c.who, "POST", traces, sent{c.contentType, []byte(c.body)}, c.status, pairs("Authorization", c.key)...)
		if r.value("code") != c.code || r.text("message") == "" || r.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %s", c.name, r.body)
		}
	}
	if r := ask(t, "nobody", "POST", traces, sent{"application/x-protobuf", []byte{0xff}}, http.StatusBadRequest, "Authorization", key); r.header.Get("Content-Type") != "application/x-protobuf" {
		t.Errorf("bad protobuf is answered as %s", r.header.Get("Content-Type"))
	}
	ask(t, "nobody", "POST", traces, sent{"text/plain", []byte("hello")}, http.StatusUnsupportedMediaType, "Authorization", key)
	ask(t, "admin", "PUT", "/api/admin/tenants/"+tenant+"/settings", changed(t, "/api/admin/tenants/"+tenant, "events_per_minute", 1), http.StatusOK)
	var limited reply
	for id := range byte(3) {
		body, err := export(span{id, "gpt-6.1-sol"}).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		limited = ask(t, "nobody", "POST", traces, sent{"application/json", body}, 0, "Authorization", key)
	}
	if limited.status != http.StatusTooManyRequests || limited.header.Get("Retry-After") == "" || limited.value("code") != 8.0 {
		t.Errorf("past the limit: %d %v %s", limited.status, limited.header, limited.body)
	}
}

// A packed body that unfolds to more than may be held is refused.
func TestAPackedBombIsRefused(t *testing.T) {
	t.Parallel()
	_, key := developer(t, "Bomb Homes", "BOMB")
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	block := []byte(strings.Repeat(" ", 1<<20))
	for range 65 {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := ask(t, "nobody", "POST", traces, sent{"application/json", b.Bytes()}, http.StatusRequestEntityTooLarge, "Authorization", key, "Content-Encoding", "gzip")
	if fmt.Sprint(r.value("code")) != "8" {
		t.Errorf("the refusal is %s", r.body)
	}
}
