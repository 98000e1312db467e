package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/bus"
)

// DeadLetters are events that a plugin did not take.
type DeadLetters interface {
	DeadLetters(ctx context.Context, q core.Query) (core.List[bus.DeadLetter], error)
	FindDeadLetter(ctx context.Context, tenant core.TenantID, id string) (bus.DeadLetter, error)
	RetryDead(ctx context.Context, tenant core.TenantID, id string) error
	DropDead(ctx context.Context, tenant core.TenantID, id, reason string) error
}

// DeadLetterEntry is a letter as lists show it.
type DeadLetterEntry struct {
	ID       string    `json:"id" example:"evt_06f2mkhh1v9c5q7r3s8t0a4b6d.example"`
	TenantID string    `json:"tenant_id" example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Plugin   string    `json:"plugin" doc:"Which did not take it." example:"example"`
	Event    string    `json:"event" example:"unit.handed_over"`
	State    string    `json:"state" enum:"dead,waiting,dropped" doc:"Waiting is queued again."`
	Attempts int       `json:"attempts"`
	FirstAt  time.Time `json:"first_at"`
	LastAt   time.Time `json:"last_at"`
}

type deadLetter struct {
	DeadLetterEntry
	Subject  core.Target `json:"subject"`
	Error    string      `json:"error,omitempty" doc:"Of the last attempt."`
	Failures []failure   `json:"failures" doc:"Every attempt, oldest first."`
	Data     any         `json:"data,omitempty" doc:"What the event says, for those who may read events."`
}

type failure struct {
	At    time.Time `json:"at"`
	Error string    `json:"error"`
}

func shapeLetterEntry(l bus.DeadLetter) DeadLetterEntry {
	return DeadLetterEntry{
		ID: l.ID, TenantID: string(l.Tenant), Plugin: l.Subscriber, Event: l.Event.Name, State: l.State, Attempts: l.Attempts, FirstAt: l.FirstAt, LastAt: l.LastAt,
	}
}

func (a *api) shapeLetter(ctx context.Context, l bus.DeadLetter) deadLetter {
	out := deadLetter{DeadLetterEntry: shapeLetterEntry(l), Subject: l.Event.Subject, Error: l.Error, Failures: []failure{}}
	for _, try := range l.Errors {
		out.Failures = append(out.Failures, failure{try.At, try.Error})
	}
	if a.Allows(core.ActorOf(ctx).Role, core.EventsRead) && json.Valid(l.Event.Data) {
		out.Data = l.Event.Data
	}
	return out
}

// LetterInput names a letter of a tenant.
type LetterInput struct {
	TenantID string `path:"tenant_id" doc:"The tenant's id."`
	IDInput
}

func (a *api) deadLetters() {
	const path = tenantPrefix + "/dead-letters/{id}"
	add(a, operation{id: "list-dead-letters", method: http.MethodGet, path: adminPrefix + "/dead-letters", permission: core.PluginsRead, summary: "List events that a plugin did not take"},
		func(ctx context.Context, in *struct {
			Sorting
			Plugin   string `query:"plugin" doc:"The id of a plugin." example:"example"`
			State    string `query:"state" enum:"dead,waiting,dropped"`
			TenantID string `query:"tenant_id" doc:"Those of this tenant alone."`
		}) (*pageOutput[DeadLetterEntry], error) {
			q := in.query()
			q.Kind, q.Status, q.Tenant = in.Plugin, in.State, core.TenantID(in.TenantID)
			list, err := a.DeadLetters.DeadLetters(ctx, q)
			return pageOf(list, shapeLetterEntry), err
		})
	add(a, operation{id: "find-dead-letter", method: http.MethodGet, path: path, permission: core.PluginsRead, summary: "Read an event that a plugin did not take, with every attempt"},
		func(ctx context.Context, in *LetterInput) (*struct{ Body deadLetter }, error) {
			l, err := a.DeadLetters.FindDeadLetter(ctx, tenantOf(ctx), in.ID)
			return &struct{ Body deadLetter }{a.shapeLetter(ctx, l)}, err
		})
	add(a, operation{id: "retry-dead-letter", method: http.MethodPost, path: path + "/retry", permission: core.PluginsWrite, summary: "Queue an event again", status: http.StatusNoContent},
		func(ctx context.Context, in *LetterInput) (*struct{}, error) {
			return nil, a.DeadLetters.RetryDead(ctx, tenantOf(ctx), in.ID)
		})
	add(a, operation{id: "drop-dead-letter", method: http.MethodPost, path: path + "/drop", permission: core.PluginsWrite, summary: "Give an event up", status: http.StatusNoContent,
		about: "It is kept as dropped and can still be queued again."},
		func(ctx context.Context, in *struct {
			LetterInput
			Body Because
		}) (*struct{}, error) {
			return nil, a.DeadLetters.DropDead(ctx, tenantOf(ctx), in.ID, in.Body.Reason)
		})
}
