package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
	"github.com/openhouse-ai/console/core/internal/usage/cloudevents"
)

const aboutEvents = `Takes CloudEvents 1.0 in all three modes: one event as JSON (structured), several as a JSON array (batch), or one whose attributes are ` +
	"`ce-…`" + ` headers and whose data is the body (binary); up to 5,000 events or 5 MiB.

An event is identified for ever by its source and id: the same again has no effect, another payload under them is a conflict, and the first stays. So send again whatever you have no answer for.

A batch answers 200 whatever became of its events; each result says it. A single event answers 200, 202 (quarantined), 409 or 422, with the same body.
An answer means that what it calls accepted is on disk. All keys of a tenant share its limit of events a minute.`

// ingestion registers the operations that take usage events.
func (a *api) ingestion() {
	op := operation{id: "report-events", method: http.MethodPost, path: eventsPath, permission: core.UsageReport, summary: "Report usage events", about: aboutEvents}
	staff, own := op, op
	staff.id, staff.path = "admin-"+op.id, tenantPrefix+op.path
	own.path = ownPrefix + op.path
	for _, op := range []operation{staff, own} {
		described := a.describeRaw(op, a.eventAnswers())
		described.Tags, described.RequestBody = []string{"usage-events"}, a.eventBody()
		described.Parameters = attributeParams()
		if op.path == staff.path {
			described.Parameters = append(described.Parameters, tenantParam())
		} else {
			described.Metadata[tenantKey] = true
		}
		a.addRaw(rawOperation{Operation: described, handle: a.takeEvents})
	}
}

// eventAnswers are the statuses that come with a receipt.
func (a *api) eventAnswers() map[int]*huma.Response {
	answers := map[int]*huma.Response{
		http.StatusRequestEntityTooLarge: a.problemAnswer("More than 5,000 events or 5 MiB; nothing was taken."),
		http.StatusUnsupportedMediaType:  a.problemAnswer("Neither CloudEvents nor JSON; nothing was taken."),
	}
	for status, what := range map[int]string{
		http.StatusOK: "What became of the events.", http.StatusAccepted: "The single event is quarantined.",
		http.StatusConflict: "The single event is in conflict.", http.StatusUnprocessableEntity: "The single event is invalid.",
	} {
		answers[status] = &huma.Response{Description: what, Content: map[string]*huma.MediaType{fiber.MIMEApplicationJSON: {Schema: a.schemaOf(reflect.TypeFor[receipt]())}}}
	}
	return answers
}

// attributeParams are an event's attributes in the binary mode.
func attributeParams() []*huma.Param {
	var params []*huma.Param
	for _, p := range []struct{ name, about, example string }{
		{"ce-specversion", "In the binary mode.", "1.0"},
		{"ce-id", "In the binary mode; best a UUID of version 7.", "01933b5e-8f2a-7c31-9d4e-5a6b7c8d9e0f"},
		{"ce-source", "In the binary mode.", "/portals/leeds"},
		{"ce-type", "In the binary mode.", "ai.openhouse.llm.called"},
		{"ce-time", "In the binary mode; without it the event happened when it came.", "2026-11-22T10:00:00Z"},
		{"ce-subject", "In the binary mode: development, unit and homeowner.", "development/dvt_06f2mkhh1v9c5q7r3s8t0a4b6d"},
	} {
		params = append(params, &huma.Param{Name: p.name, In: "header", Description: p.about, Example: p.example, Schema: &huma.Schema{Type: huma.TypeString}})
	}
	return params
}

// eventBody documents the three modes, with the schema of each type's data and
// an example of each type.
func (a *api) eventBody() *huma.RequestBody {
	var data []*huma.Schema
	events, bare := map[string]*huma.Example{}, map[string]*huma.Example{}
	var batch []any
	for _, t := range catalogue.All() {
		data = append(data, &huma.Schema{Ref: schemaPrefix + schemaName(t)})
		event := exampleEvent(t)
		events[t.Name] = &huma.Example{Summary: t.Meaning, Value: event}
		bare[t.Name] = &huma.Example{Summary: t.Meaning, Value: t.Example()}
		if len(batch) < 2 {
			batch = append(batch, event)
		}
	}
	text := func(about string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: about} }
	a.huma.OpenAPI().Components.Schemas.Map()["CloudEvent"] = &huma.Schema{
		Type: huma.TypeObject, Required: []string{"specversion", "id", "source", "type"}, AdditionalProperties: true,
		Properties: map[string]*huma.Schema{
			"specversion": {Type: huma.TypeString, Enum: []any{"1.0"}},
			"id":          text("With the source, the event's identity for ever; best a UUID of version 7."),
			"source":      text("Who reports it, as a URI reference."),
			"type":        text("One of the catalogue, ai.openhouse.<noun>.<past verb>; any other is quarantined."),
			"time":        {Type: huma.TypeString, Format: "date-time", Description: "When it happened; without it, when it came."},
			"subject":     text("development/dvt_…/unit/unt_…/homeowner/PSEUDONYM, each part optional."),
			"data":        {AnyOf: data},
		},
	}
	event := &huma.Schema{Ref: schemaPrefix + "CloudEvent"}
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		cloudevents.Structured:    {Schema: event, Examples: events},
		cloudevents.Batched:       {Schema: &huma.Schema{Type: huma.TypeArray, Items: event}, Examples: map[string]*huma.Example{"batch": {Value: batch}}},
		fiber.MIMEApplicationJSON: {Schema: &huma.Schema{AnyOf: data}, Examples: bare},
	}}
}

const schemaPrefix = "#/components/schemas/"

// schemaName is a type among the document's schemas: UsageLlmCalled.
func schemaName(t catalogue.Type) string {
	name := "Usage"
	for word := range strings.SplitSeq(strings.TrimPrefix(t.Name, "ai.openhouse."), ".") {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

func exampleEvent(t catalogue.Type) map[string]any {
	return map[string]any{
		"specversion": "1.0", "id": "01933b5e-8f2a-7c31-9d4e-5a6b7c8d9e0f", "source": "/portals/leeds", "type": t.Name,
		"time": "2026-11-22T10:00:00Z", "data": t.Example(),
	}
}

// addTypes puts the schemas of the catalogue among the document's.
func (d *openAPI) addTypes() {
	for _, t := range catalogue.All() {
		d.schemas[schemaName(t)] = json.RawMessage(t.Schema())
	}
}
