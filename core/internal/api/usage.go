package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
)

// eventType is one type of the catalogue.
type eventType struct {
	Type    string          `json:"type" example:"ai.openhouse.llm.called"`
	Meaning string          `json:"meaning"`
	Schema  json.RawMessage `json:"schema" doc:"The JSON Schema (2020-12) of its data."`
	Example json.RawMessage `json:"example" doc:"Data as it has it."`
}

func shapeEventType(t catalogue.Type) eventType {
	return eventType{Type: t.Name, Meaning: t.Meaning, Schema: t.Schema(), Example: t.Example()}
}

type eventTypeList struct {
	Items []eventType `json:"items"`
}

func (a *api) usageTypes() {
	addBoth(a, operation{id: "list-event-types", method: http.MethodGet, path: "/event-types", permission: core.SignedIn, summary: "List the types of usage events, each with the schema of its data"},
		func(context.Context, *struct{}) (*struct{ Body eventTypeList }, error) {
			out := eventTypeList{Items: []eventType{}}
			for _, t := range catalogue.All() {
				out.Items = append(out.Items, shapeEventType(t))
			}
			return &struct{ Body eventTypeList }{out}, nil
		})
	addBoth(a, operation{id: "find-event-type", method: http.MethodGet, path: "/event-types/{type}", permission: core.SignedIn, summary: "Read one type of usage events"},
		func(_ context.Context, in *struct {
			Type string `path:"type" doc:"Its name." example:"ai.openhouse.llm.called"`
		}) (*struct{ Body eventType }, error) {
			t, ok := catalogue.Find(in.Type)
			if !ok {
				return nil, core.Errorf(core.NotFound, "The catalogue has no such type of usage events.")
			}
			return &struct{ Body eventType }{shapeEventType(t)}, nil
		})
}

// tally is what became of the events of a type that came on a day.
type tally struct {
	Day         string     `json:"day,omitempty" format:"date" doc:"In UTC, when they came."`
	Type        string     `json:"type" doc:"Empty: unknown, or unreadable." example:"ai.openhouse.llm.called"`
	Received    int        `json:"received" doc:"Always the sum of the others."`
	Accepted    int        `json:"accepted"`
	Duplicate   int        `json:"duplicate"`
	Conflict    int        `json:"conflict"`
	Invalid     int        `json:"invalid"`
	Quarantined int        `json:"quarantined" doc:"Held, or dismissed; a released one is accepted."`
	LastAt      *time.Time `json:"last_at,omitempty"`
}

func shapeTally(t usage.Tally) tally {
	out := tally{Type: t.Type, Received: t.Received(), Accepted: t.Accepted, Duplicate: t.Duplicate, Conflict: t.Conflict, Invalid: t.Invalid, Quarantined: t.Quarantined}
	if !t.Day.IsZero() {
		out.Day = t.Day.Format(time.DateOnly)
	}
	if !t.Last.IsZero() {
		out.LastAt = &t.Last
	}
	return out
}

type tallyList struct {
	Items   []tally    `json:"items" doc:"The latest day first."`
	Sum     tally      `json:"sum"`
	Horizon *time.Time `json:"horizon,omitempty" doc:"Events before it were erased by retention."`
}

type refusal struct {
	Source     string         `json:"source"`
	ID         string         `json:"id"`
	Type       string         `json:"type"`
	ReceivedAt time.Time      `json:"received_at"`
	Fields     []receiptField `json:"fields" doc:"What is wrong with it."`
}

func shapeRefusal(r usage.Refusal) refusal {
	out := refusal{Source: r.Source, ID: r.ID, Type: r.Type, ReceivedAt: r.Received, Fields: []receiptField{}}
	for _, f := range r.Fields {
		out.Fields = append(out.Fields, receiptField{f.Field, f.Reason})
	}
	return out
}

func (a *api) usageReceipts() {
	addTenant(a, operation{id: "count-usage-receipts", method: http.MethodGet, path: "/usage-receipts", permission: core.EventsRead, summary: "Count what was reported and what became of it, by day and type"},
		func(ctx context.Context, in *struct {
			Days int `query:"days" minimum:"1" maximum:"400" default:"30" doc:"How many days, today included."`
		}) (*struct{ Body tallyList }, error) {
			tallies, err := a.Usage.Receipts(ctx, tenantOf(ctx), in.Days)
			if err != nil {
				return nil, err
			}
			out := tallyList{Items: []tally{}, Sum: shapeTally(usage.Sum(tallies))}
			for _, t := range tallies {
				out.Items = append(out.Items, shapeTally(t))
			}
			horizon, err := a.Usage.Horizon(ctx, tenantOf(ctx))
			if !horizon.IsZero() {
				out.Horizon = &horizon
			}
			return &struct{ Body tallyList }{out}, err
		})
	addTenant(a, operation{id: "list-usage-refusals", method: http.MethodGet, path: "/usage-refusals", permission: core.EventsRead, summary: "List the latest events that could not be taken, with the fields that are wrong"},
		func(ctx context.Context, _ *struct{}) (*pageOutput[refusal], error) {
			refusals, err := a.Usage.Refusals(ctx, tenantOf(ctx))
			return pageOf(core.List[usage.Refusal]{Items: refusals, Total: len(refusals)}, shapeRefusal), err
		})
}
