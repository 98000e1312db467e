package web

import (
	"github.com/google/uuid"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
	"github.com/openhouse-ai/console/ui"
)

// testSource is where events come from that a person sends to try the ledger.
const testSource = "/console/test"

// firstEvent is a call that reports one event.
func firstEvent(base, secret string) string {
	return `curl -H "Authorization: Bearer ` + secret + `" \
  -H "ce-specversion: 1.0" -H "ce-id: first-1" -H "ce-source: /portals/mine" -H "ce-type: ai.openhouse.chat.sent" \
  -H "Content-Type: application/json" -d '` + exampleOf("ai.openhouse.chat.sent") + `' \
  ` + base + `/api/v1/events`
}

func exampleOf(name string) string {
	t, ok := catalogue.Find(name)
	if !ok {
		return "{}"
	}
	return string(t.Example())
}

// howToReport is how a program begins.
func (q *request) howToReport() ui.Blocks {
	return ui.Blocks{ui.Section{
		Title:  "Report usage",
		Lead:   "CloudEvents with a key of this developer, best one whose role is Reporter; traces of OpenTelemetry go to " + q.site.BaseURL + "/v1/traces. Sending the same event again is safe.",
		Blocks: ui.Blocks{ui.Code{Title: "One event", Text: firstEvent(q.site.BaseURL, "$KEY")}},
	}}
}

// sendTest sends the example of a type through the same way as a portal's
// events.
var sendTest = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		p := q.leaf("/usage", "Send a test event")
		p.Head.Lead = "It is a usage event like any other: counted once, and billed if it has a price."
		types := ui.Field{Kind: ui.Select, Name: "type", Label: "Type", Required: true, Hint: "The example of the catalogue is sent, from " + testSource + "."}
		for _, t := range catalogue.All() {
			types.Options = append(types.Options, ui.Option{Value: t.Name, Label: usageName(t.Name)})
		}
		return p, ui.Form{Action: q.Path(), Submit: "Send the event", Fields: []ui.Field{types}, Cancel: &ui.Link{Text: "Cancel", Href: q.base + "/usage"}}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		t, ok := catalogue.Find(sent.Get("type"))
		if !ok {
			return "", "", core.Problems{{Field: "type", Reason: "is not in the catalogue"}}.Err()
		}
		now := q.site.Now()
		id, err := uuid.NewV7()
		if err != nil {
			return "", "", err
		}
		taken, err := q.site.Usage.Take(q.ctx, q.tenant.ID, []usage.Report{{
			Event: core.UsageEvent{Source: testSource, ID: id.String(), Type: t.Name, Time: now, Data: t.Example()},
		}})
		if err != nil {
			return "", "", err
		}
		return q.base + "/usage", "The event is " + string(taken.Results[0].Outcome) + ".", nil
	},
}
