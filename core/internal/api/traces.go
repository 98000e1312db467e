package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage/otlp"
)

const aboutTraces = `Takes OTLP/HTTP, protobuf or JSON, also gzip, and reads GenAI spans: each becomes one usage event. Other spans are left alone.
The same span again has no effect. Answers, also refusals, are in the encoding of the request.`

// traces registers what exporters of OpenTelemetry send to.
func (a *api) traces() {
	op := a.describeRaw(operation{id: "report-traces", method: http.MethodPost, path: tracesPath, permission: core.UsageReport, summary: "Report usage as OpenTelemetry traces", about: aboutTraces}, traceAnswers())
	op.Tags, op.Parameters, op.Metadata[tenantKey] = []string{"usage-events"}, nil, true
	op.RequestBody = &huma.RequestBody{Required: true, Description: "An ExportTraceServiceRequest.", Content: traceContent("An ExportTraceServiceRequest of OTLP 1.")}
	a.addRaw(rawOperation{Operation: op, handle: a.takeTraces, refuse: a.refuseTraces})
}

// takeTraces takes the calls of language models out of OpenTelemetry's traces.
func (a *api) takeTraces(c *fiber.Ctx, tenant core.TenantID) error {
	contentType := c.Get(fiber.HeaderContentType)
	spans, wrong := otlp.Decode(contentType, c.Get(fiber.HeaderContentEncoding), c.Request().Body())
	if err := a.spendEvents(c.UserContext(), tenant, len(spans.Reports)); err != nil {
		return err
	}
	if wrong != nil {
		return wrong
	}
	var rejected int
	var why string
	if len(spans.Reports) > 0 {
		taken, err := a.Usage.Take(c.UserContext(), tenant, spans.Reports)
		if err != nil {
			return err
		}
		rejected, why = otlp.Rejected(taken)
	}
	c.Set(fiber.HeaderContentType, traceType(contentType))
	return c.Send(otlp.Answer(contentType, rejected, why))
}

// refuseTraces answers an error as a google.rpc.Status. Exporters send again
// after 429 and 503 alone; what can't be read is 400 to them.
func (a *api) refuseTraces(c *fiber.Ctx, err error) error {
	p := a.problem(c.UserContext(), err)
	status, contentType := p.Status, c.Get(fiber.HeaderContentType)
	switch {
	case errors.Is(err, otlp.ErrTooLarge):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, otlp.ErrMediaType):
		status = http.StatusUnsupportedMediaType
	case status == http.StatusUnprocessableEntity:
		status = http.StatusBadRequest
	}
	for name, values := range p.GetHeaders() {
		c.Set(name, values[0])
	}
	c.Set(fiber.HeaderContentType, traceType(contentType))
	return c.Status(status).Send(otlp.Refusal(contentType, status, p.Detail))
}

// traceType is the content type of an answer: that of the request, Protobuf
// when it has none of the two.
func traceType(contentType string) string {
	if strings.HasPrefix(contentType, otlp.JSON) {
		return otlp.JSON
	}
	return otlp.Protobuf
}

// traceContent are the two encodings of a body.
func traceContent(about string) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{
		otlp.JSON:     {Schema: &huma.Schema{Type: huma.TypeObject, Description: about}},
		otlp.Protobuf: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary", Description: about}},
	}
}

// traceAnswers are success and the refusals that exporters know.
func traceAnswers() map[int]*huma.Response {
	answers := map[int]*huma.Response{http.StatusOK: {
		Description: "An ExportTraceServiceResponse. With a partialSuccess, some spans were rejected; sending them again is of no use.",
		Content:     traceContent("An ExportTraceServiceResponse of OTLP 1."),
	}}
	for status, about := range map[int]string{
		http.StatusBadRequest: "The traces can't be read.", http.StatusUnauthorized: "No key.", http.StatusForbidden: "The key may not report.",
		http.StatusNotFound: "Not the key of a tenant.", http.StatusRequestEntityTooLarge: "More than 64 MiB, or than 5,000 calls of models.",
		http.StatusUnsupportedMediaType: "Neither encoding of OTLP.", http.StatusTooManyRequests: "Come back after Retry-After.",
		http.StatusServiceUnavailable: "Come back after Retry-After.",
	} {
		answers[status] = &huma.Response{Description: about, Content: traceContent("A google.rpc.Status.")}
	}
	return answers
}
