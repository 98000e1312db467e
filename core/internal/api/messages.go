package api

import (
	"context"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
)

// messageEntry is a message as lists show it: nothing that names a person.
type messageEntry struct {
	ID        string    `json:"id" example:"msg_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	TenantID  string    `json:"tenant_id,omitempty" doc:"Absent for the platform's own." example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Template  string    `json:"template" example:"welcome_pack"`
	State     string    `json:"state" enum:"queued,sending,sent,failed,unknown,held" doc:"Held waits for a mail server; unknown may have been sent."`
	Attempts  int       `json:"attempts"`
	NextAt    string    `json:"next_at,omitempty" format:"date-time"`
	CreatedAt time.Time `json:"created_at"`
}

func shapeMessageEntry(m core.Message) messageEntry {
	return messageEntry{ID: m.ID, TenantID: string(m.Tenant), Template: m.Template, State: m.State, Attempts: m.Attempts, NextAt: timeOf(m.NextAt), CreatedAt: m.At}
}

// message is a whole message.
type message struct {
	messageEntry
	To      string `json:"to" example:"office@harpur.example"`
	From    string `json:"from" example:"console@openhouse.example"`
	Subject string `json:"subject" example:"Harpur Lane is ready"`
	Text    string `json:"text,omitempty" doc:"Of the platform's own messages only for whom may change users: they hold links to sign in."`
	HTML    string `json:"html,omitempty" doc:"Like text."`
	SentAt  string `json:"sent_at,omitempty" format:"date-time"`
	Error   string `json:"error,omitempty" doc:"Of the last attempt."`
}

// shapeMessage leaves out the body of invitations and password links: whoever
// reads one could sign in as the person it was written to.
func (a *api) shapeMessage(ctx context.Context, m core.Message) message {
	out := message{messageEntry: shapeMessageEntry(m), To: m.To, From: m.From, Subject: m.Subject, SentAt: timeOf(m.SentAt), Error: m.Error}
	if m.Tenant != "" || a.Allows(core.ActorOf(ctx).Role, core.UsersWrite) {
		out.Text, out.HTML = m.Text, m.HTML
	}
	return out
}

type messageFilter struct {
	paging
	State    string `query:"state" enum:"queued,sent,failed,unknown,held"`
	Template string `query:"template" maxLength:"60" example:"welcome_pack"`
}

func (f messageFilter) query() core.Query {
	q := f.paging.query()
	q.Status, q.Kind = f.State, f.Template
	return q
}

func (a *api) messages() {
	add(a, operation{id: "platform-list-messages", method: http.MethodGet, path: adminPrefix + "/messages", permission: core.OutboxRead, summary: "List messages of every tenant and the platform"},
		func(ctx context.Context, in *struct {
			messageFilter
			TenantID string `query:"tenant_id" example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
		}) (*pageOutput[messageEntry], error) {
			q := in.query()
			q.Tenant = core.TenantID(in.TenantID)
			list, err := a.Messages.List(ctx, q)
			return pageOf(list, shapeMessageEntry), err
		})
	addTenant(a, operation{id: "list-messages", method: http.MethodGet, path: "/messages", permission: core.OutboxRead, summary: "List messages"},
		func(ctx context.Context, in *messageFilter) (*pageOutput[messageEntry], error) {
			q := in.query()
			q.Tenant = tenantOf(ctx)
			list, err := a.Messages.List(ctx, q)
			return pageOf(list, shapeMessageEntry), err
		})
	addBoth(a, operation{id: "find-message", method: http.MethodGet, path: "/messages/{id}", permission: core.OutboxRead, summary: "Read a message; the audit log keeps that it was read"},
		func(ctx context.Context, in *idInput) (*struct{ Body message }, error) {
			return a.findMessage(ctx, in.ID)
		})
	addBoth(a, operation{id: "retry-message", method: http.MethodPost, path: "/messages/{id}/retry", permission: core.OutboxRetry, summary: "Send a message again that failed, or may have", status: http.StatusNoContent},
		func(ctx context.Context, in *idInput) (*struct{}, error) {
			return nil, a.Messages.Retry(ctx, tenantOf(ctx), in.ID)
		})
	addBoth(a, operation{id: "release-message", method: http.MethodPost, path: "/messages/{id}/release", permission: core.OutboxRetry, summary: "Send a message that waited for a mail server", status: http.StatusNoContent},
		func(ctx context.Context, in *idInput) (*struct{}, error) {
			return nil, a.Messages.Release(ctx, tenantOf(ctx), in.ID)
		})
}

func (a *api) findMessage(ctx context.Context, id string) (*struct{ Body message }, error) {
	m, err := a.Messages.Find(ctx, tenantOf(ctx), id)
	if err != nil {
		return nil, err
	}
	m.Tenant = tenantOf(ctx)
	return &struct{ Body message }{a.shapeMessage(ctx, m)}, nil
}
