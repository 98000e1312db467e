package otlp

import (
	"encoding/hex"
	"math"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
)

// spansOf makes reports of the spans that are calls of models.
func spansOf(traces ptrace.Traces) (Spans, error) {
	var spans Spans
	for _, group := range traces.ResourceSpans().All() {
		resource := group.Resource().Attributes()
		for _, scope := range group.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				of := operationOf(span)
				if of == nil {
					spans.Ignored++
					continue
				}
				if len(spans.Reports) == MaxSpans {
					return Spans{}, ErrTooLarge
				}
				spans.Reports = append(spans.Reports, of.report(span, resource))
			}
		}
	}
	return spans, nil
}

// operation is a usage event that spans are made into.
type operation struct {
	kind   string
	fields []field
}

// field is a field of the event's data and the attributes that it is read from:
// the first that a span has. Others of a span, what people said to a model and
// what it said to them above all, are never looked at.
type field struct {
	name       string
	kind       catalogue.Kind
	attributes []string
	required   bool // unless the call failed: then it is 0
}

var (
	provider = field{"provider", catalogue.Text, []string{"gen_ai.provider.name", "gen_ai.system"}, false}
	model    = field{"model", catalogue.Text, []string{"gen_ai.response.model", "gen_ai.request.model"}, false}
	input    = []string{"gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"}
	output   = []string{"gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"}

	calls = &operation{"ai.openhouse.llm.called", []field{
		provider, model,
		{"prompt_tokens", catalogue.Count, input, true},
		{"cached_tokens", catalogue.Count, []string{"gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"}, false},
		{"cache_write_tokens", catalogue.Count, []string{"gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"}, false},
		{"completion_tokens", catalogue.Count, output, true},
		{"reasoning_tokens", catalogue.Count, []string{"gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"}, false},
		{"service_tier", catalogue.Text, []string{"openai.response.service_tier", "gen_ai.openai.response.service_tier"}, false},
	}}
	embeddings = &operation{"ai.openhouse.embedding.created", []field{
		provider, model, {"tokens", catalogue.Count, input, true},
	}}
)

// aliases are older names of providers.
var aliases = map[string]string{
	"az.ai.openai": "azure.ai.openai", "az.ai.inference": "azure.ai.inference",
	"vertex_ai": "gcp.vertex_ai", "gemini": "gcp.gemini", "xai": "x_ai",
}

// operationOf is what a span reports; nil if it isn't the call of a model, seen
// from the side of the caller. The spans of agents, workflows and tools hold
// such calls and would count them twice.
func operationOf(span ptrace.Span) *operation {
	switch span.Kind() {
	case ptrace.SpanKindServer, ptrace.SpanKindConsumer, ptrace.SpanKindProducer:
		return nil
	}
	attributes := span.Attributes()
	name := textOf(attributes, "gen_ai.operation.name")
	if name == "" && has(attributes, provider.attributes...) { // before the conventions had operations
		if name = textOf(attributes, "llm.request.type"); name == "" && (has(attributes, input...) || has(attributes, output...)) {
			name = "chat"
		}
	}
	switch name {
	case "chat", "text_completion", "completion", "generate_content":
		return calls
	case "embeddings", "embedding":
		return embeddings
	}
	return nil
}

func has(attributes pcommon.Map, names ...string) bool {
	for _, name := range names {
		if _, ok := attributes.Get(name); ok {
			return true
		}
	}
	return false
}

func textOf(attributes pcommon.Map, name string) string {
	if v, ok := attributes.Get(name); ok && v.Type() == pcommon.ValueTypeStr {
		return v.Str()
	}
	return ""
}

// report makes an event of a span.
func (o *operation) report(span ptrace.Span, resource pcommon.Map) usage.Report {
	var problems core.Problems
	trace, id := span.TraceID(), span.SpanID()
	e := core.UsageEvent{
		ID: hex.EncodeToString(trace[:]) + "/" + hex.EncodeToString(id[:]), Type: o.kind,
		Source: sourceOf(&problems, resource), Time: endOf(&problems, span),
	}
	if trace.IsEmpty() {
		problems.Add("traceId", "", "is missing")
	}
	if id.IsEmpty() {
		problems.Add("spanId", "", "is missing")
	}
	subjectOf(&problems, &e, span.Attributes(), resource)
	e.Data = o.data(&problems, span)
	verdict := catalogue.JudgeValid(o.kind, e.Data)
	for _, f := range verdict.Fields {
		o.add(&problems, f)
	}
	if len(problems) > 0 {
		return usage.Report{Event: e, Fields: problems}
	}
	return usage.Report{Event: e, Hold: usage.Hold(verdict.Hold)}
}

// add names the attribute in place of the field that was read from it, once.
func (o *operation) add(problems *core.Problems, wrong core.FieldError) {
	for _, f := range o.fields {
		if wrong.Field == "data."+f.name {
			wrong.Field = f.attributes[0]
		}
	}
	for _, p := range *problems {
		if p.Field == wrong.Field {
			return
		}
	}
	*problems = append(*problems, wrong)
}

// data are the fields of the event, in the order of the catalogue.
func (o *operation) data(problems *core.Problems, span ptrace.Span) []byte {
	attributes, status := span.Attributes(), statusOf(span)
	data := []byte{'{'}
	for _, f := range o.fields {
		value := f.read(problems, attributes)
		if value == nil && f.required && status != "" {
			value = []byte("0")
		}
		if value != nil {
			data = append(append(append(append(append(data, '"'), f.name...), `":`...), value...), ',')
		}
	}
	if status == "" {
		status = "ok"
	}
	data = append(data, `"status":`...)
	data = append(data, quote(problems, "error.type", status)...)
	if start, end := span.StartTimestamp(), span.EndTimestamp(); start > 0 && start <= end {
		data = append(data, `,"latency_ms":`...)
		data = strconv.AppendFloat(data, float64((end-start)/1000)/1000, 'f', -1, 64)
	}
	return append(data, '}')
}

// statusOf is the kind of a call's failure, "" if it didn't fail.
func statusOf(span ptrace.Span) string {
	if kind := textOf(span.Attributes(), "error.type"); kind != "" {
		return kind
	}
	if span.Status().Code() == ptrace.StatusCodeError {
		return "error"
	}
	return ""
}

// read is a field's value as JSON, nil if the span doesn't have it.
func (f field) read(problems *core.Problems, attributes pcommon.Map) []byte {
	for _, name := range f.attributes {
		v, ok := attributes.Get(name)
		if !ok {
			continue
		}
		switch kind := v.Type(); {
		case f.kind == catalogue.Text && kind == pcommon.ValueTypeStr:
			text := v.Str()
			if alias, ok := aliases[text]; ok && f.name == "provider" {
				text = alias
			}
			return quote(problems, name, text)
		case f.kind == catalogue.Count && kind == pcommon.ValueTypeInt:
			return strconv.AppendInt(nil, v.Int(), 10)
		case f.kind == catalogue.Count && kind == pcommon.ValueTypeDouble && v.Double() == math.Trunc(v.Double()) && math.Abs(v.Double()) < 1<<53:
			return strconv.AppendInt(nil, int64(v.Double()), 10) // a language with one kind of number
		case f.kind == catalogue.Text:
			problems.Add(f.attributes[0], "", "is not text")
		default:
			problems.Add(f.attributes[0], "", "is not a whole number")
		}
		return nil
	}
	return nil
}

// quote writes text as JSON. Protobuf lets through what isn't UTF-8.
func quote(problems *core.Problems, name, text string) []byte {
	quoted, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		problems.Add(name, "", "is not valid text")
	}
	return quoted
}

// sourceOf names who reports: the service, with what an address can't hold
// escaped.
func sourceOf(problems *core.Problems, resource pcommon.Map) string {
	name := textOf(resource, "service.name")
	if name == "" {
		name = "unknown_service"
	}
	source := "otlp:" + url.PathEscape(name)
	if len(source) > 200 {
		problems.Add("service.name", "", "is longer than an address of 200 bytes holds")
		return source[:200]
	}
	return source
}

// endOf is the moment at which a call ended.
func endOf(problems *core.Problems, span ptrace.Span) time.Time {
	end := span.EndTimestamp()
	if end == 0 {
		problems.Add("endTimeUnixNano", "", "is missing")
		return time.Time{}
	}
	t := end.AsTime()
	if end > math.MaxInt64 || t.Year() < 2000 {
		problems.Add("endTimeUnixNano", "", "is not a moment of this century")
		return time.Time{}
	}
	return t
}

// subjectOf reads whom a call was made for, from the span or else from what
// sends it.
func subjectOf(problems *core.Problems, e *core.UsageEvent, span, resource pcommon.Map) {
	read := func(name string) string {
		if text := textOf(span, name); text != "" {
			return text
		}
		return textOf(resource, name)
	}
	s := catalogue.Subject{
		Development: read("openhouse.development"), Unit: read("openhouse.unit"), Homeowner: read("openhouse.homeowner"),
	}
	if part, reason := s.Wrong(); part != "" {
		problems.Add("openhouse."+part, "", reason)
		return
	}
	e.Development, e.Unit, e.Visitor = s.Development, s.Unit, s.Homeowner
}
