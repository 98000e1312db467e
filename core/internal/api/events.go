package api

import (
	"context"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
)

type event struct {
	ID      string         `json:"id" example:"evt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Name    string         `json:"name" example:"unit.handed_over"`
	Subject core.Target    `json:"subject" doc:"What it is about."`
	Data    map[string]any `json:"data,omitempty"`
	At      time.Time      `json:"at"`
}

func shapeEvent(e core.Event) event {
	return event{ID: e.ID, Name: e.Name, Subject: e.Subject, Data: object(e.Data), At: e.At}
}

type usageEvent struct {
	Source        string         `json:"source" doc:"With the id, the event's identity for ever." example:"console"`
	ID            string         `json:"id"`
	Type          string         `json:"type" example:"ai.openhouse.qr.scanned"`
	DevelopmentID string         `json:"development_id,omitempty" example:"dvt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	UnitID        string         `json:"unit_id,omitempty" example:"unt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Visitor       string         `json:"visitor,omitempty" doc:"A pseudonym."`
	At            time.Time      `json:"at"`
	Data          map[string]any `json:"data,omitempty"`
}

func shapeUsageEvent(e core.UsageEvent) usageEvent {
	return usageEvent{Source: e.Source, ID: e.ID, Type: e.Type, DevelopmentID: e.Development, UnitID: e.Unit, Visitor: e.Visitor, At: e.Time, Data: object(e.Data)}
}

func (a *api) events() {
	addTenant(a, operation{id: "list-events", method: http.MethodGet, path: "/events", permission: core.EventsRead, summary: "List what has happened, newest first"},
		func(ctx context.Context, in *struct {
			Timeline
			Name    string `query:"name" maxLength:"80" doc:"What happened." example:"unit.handed_over"`
			Subject string `query:"subject" maxLength:"60" doc:"The id of what it is about." example:"unt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
			Text    string `query:"q" maxLength:"200" doc:"Words that an event contains."`
		}) (*pageOutput[event], error) {
			q := in.query()
			q.Kind, q.Unit, q.Text = in.Name, in.Subject, in.Text
			list, err := a.Events.List(ctx, tenantOf(ctx), q)
			return pageOf(list, shapeEvent), err
		})
}

func (a *api) usageEvents() {
	addTenant(a, operation{id: "list-usage-events", method: http.MethodGet, path: "/usage-events", permission: core.EventsRead, summary: "List what portals and landing pages reported, newest first"},
		func(ctx context.Context, in *struct {
			Timeline
			Type        string `query:"type" maxLength:"120" doc:"What was reported." example:"ai.openhouse.qr.scanned"`
			Development string `query:"development" maxLength:"60" doc:"The id of a development."`
			Unit        string `query:"unit" maxLength:"60" doc:"The id of a unit."`
		}) (*pageOutput[usageEvent], error) {
			q := in.query()
			q.Kind, q.Development, q.Unit = in.Type, in.Development, in.Unit
			list, err := a.Usage.List(ctx, tenantOf(ctx), q)
			return pageOf(list, shapeUsageEvent), err
		})
}
