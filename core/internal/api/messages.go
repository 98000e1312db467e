package api

import (
	"context"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
)

// MessageEntry is a message as lists show it: nothing that names a person.
type MessageEntry struct {
	ID        string    `json:"id" example:"msg_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	TenantID  string    `json:"tenant_id,omitempty" doc:"Absent for the platform's own." example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Template  string    `json:"template" example:"welcome_pack"`
	State     string    `json:"state" enum:"queued,sending,sent,failed,unknown,held" doc:"Held waits for a mail server; unknown may have been sent."`
	Attempts  int       `json:"attempts"`
	NextAt    string    `json:"next_at,omitempty" format:"date-time"`
	CreatedAt time.Time `json:"created_at"`
}

func shapeMessageEntry(m core.Message) MessageEntry {
	return MessageEntry{ID: m.ID, TenantID: string(m.Tenant), Template: m.Template, State: m.State, Attempts: m.Attempts, NextAt: timeOf(m.NextAt), CreatedAt: m.At}
}

// message is a whole message.
type message struct {
	MessageEntry
	To      string `json:"to" example:"office@harpur.example"`
	From    string `json:"from" example:"console@openhouse.example"`
	Subject string `json:"subject" example:"Harpur Lane is ready"`
	Text    string `json:"text" doc:"Without the links of invitations and passwords, which are their receiver's alone."`
	HTML    string `json:"html" doc:"Like text."`
	SentAt  string `json:"sent_at,omitempty" format:"date-time"`
	Error   string `json:"error,omitempty" doc:"Of the last attempt."`
}

func shapeMessage(m core.Message) message {
	return message{
		MessageEntry: shapeMessageEntry(m), To: m.To, From: m.From, Subject: m.Subject, Text: m.Text, HTML: m.HTML, SentAt: timeOf(m.SentAt), Error: m.Error,
	}
}

type MessageFilter struct {
	Paging
	State    string `query:"state" enum:"queued,sent,failed,unknown,held"`
	Template string `query:"template" maxLength:"60" doc:"What kind of letter it is." example:"welcome_pack"`
}

func (f MessageFilter) query() core.Query {
	q := f.Paging.query()
	q.Status, q.Kind = f.State, f.Template
	return q
}

func (a *api) messages() {
	add(a, operation{id: "platform-list-messages", method: http.MethodGet, path: adminPrefix + "/messages", permission: core.OutboxRead, summary: "List messages of every tenant and the platform"},
		func(ctx context.Context, in *struct {
			MessageFilter
			TenantID string `query:"tenant_id" doc:"Messages of this tenant alone." example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
		}) (*pageOutput[MessageEntry], error) {
			q := in.query()
			q.Tenant = core.TenantID(in.TenantID)
			list, err := a.Messages.List(ctx, q)
			return pageOf(list, shapeMessageEntry), err
		})
	addTenant(a, operation{id: "list-messages", method: http.MethodGet, path: "/messages", permission: core.OutboxRead, summary: "List messages"},
		func(ctx context.Context, in *MessageFilter) (*pageOutput[MessageEntry], error) {
			q := in.query()
			q.Tenant = tenantOf(ctx)
			list, err := a.Messages.List(ctx, q)
			return pageOf(list, shapeMessageEntry), err
		})
	addBoth(a, operation{id: "find-message", method: http.MethodGet, path: "/messages/{id}", permission: core.OutboxRead, summary: "Read a message; the audit log keeps that it was read"},
		func(ctx context.Context, in *IDInput) (*struct{ Body message }, error) {
			m, err := a.Messages.Find(ctx, tenantOf(ctx), in.ID)
			m.Tenant = tenantOf(ctx)
			return &struct{ Body message }{shapeMessage(m)}, err
		})
	addBoth(a, operation{id: "retry-message", method: http.MethodPost, path: "/messages/{id}/retry", permission: core.OutboxRetry, summary: "Send a message again that failed, or may have", status: http.StatusNoContent},
		func(ctx context.Context, in *IDInput) (*struct{}, error) {
			return nil, a.Messages.Retry(ctx, tenantOf(ctx), in.ID)
		})
	addBoth(a, operation{id: "release-message", method: http.MethodPost, path: "/messages/{id}/release", permission: core.OutboxRetry, summary: "Send a message that waited for a mail server", status: http.StatusNoContent},
		func(ctx context.Context, in *IDInput) (*struct{}, error) {
			return nil, a.Messages.Release(ctx, tenantOf(ctx), in.ID)
		})
}
