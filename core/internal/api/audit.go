package api

import (
	"context"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
)

type record struct {
	ID      string        `json:"id" example:"aud_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Seq     int64         `json:"seq" doc:"Gapless in its chain, from 1." example:"42"`
	At      time.Time     `json:"at"`
	Actor   recordActor   `json:"actor"`
	Action  string        `json:"action" example:"unit.hand_over"`
	Target  core.Target   `json:"target"`
	Outcome string        `json:"outcome" enum:"ok,denied,failed"`
	Code    string        `json:"code,omitempty" doc:"Of a denied or failed outcome."`
	Reason  string        `json:"reason,omitempty"`
	Changes []change      `json:"changes,omitempty"`
	Origin  *recordOrigin `json:"origin,omitempty" doc:"Where the request came from; for the platform's eyes."`
	Hash    string        `json:"hash" doc:"Of this record and all before it, hexadecimal."`
}

type recordActor struct {
	Kind       string `json:"kind" enum:"staff,developer,homeowner,plugin,system,api_key,anonymous"`
	ID         string `json:"id"`
	OnBehalfOf string `json:"on_behalf_of,omitempty" doc:"During impersonation: the member of staff who really acted."`
}

type recordOrigin struct {
	Request   string `json:"request,omitempty" example:"req_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	IPPrefix  string `json:"ip_prefix,omitempty" doc:"Never a whole address." example:"203.0.113.0/24"`
	UserAgent string `json:"user_agent,omitempty" example:"curl"`
}

type change struct {
	Field    string `json:"field" example:"status"`
	Before   string `json:"before,omitempty"`
	After    string `json:"after,omitempty"`
	Personal bool   `json:"personal,omitempty" doc:"Kept beside the chain, so that it can be erased."`
	Erased   bool   `json:"erased,omitempty" doc:"A personal value is gone."`
}

func shapeRecord(ctx context.Context) func(core.Record) record {
	platform := core.ActorOf(ctx).Tenant == ""
	return func(r core.Record) record {
		out := record{
			ID: r.ID, Seq: r.Seq, At: r.At, Actor: recordActor{Kind: r.Actor.Kind, ID: r.Actor.ID, OnBehalfOf: r.Actor.OnBehalfOf},
			Action: r.Action, Target: r.Target, Outcome: r.Outcome, Code: string(r.Code), Reason: r.Reason, Hash: r.Hash,
		}
		for _, c := range r.Changes {
			out.Changes = append(out.Changes, change{Field: c.Field, Before: c.Before, After: c.After, Personal: c.Personal, Erased: c.Erased})
		}
		if platform && r.Origin != (core.Origin{}) {
			out.Origin = &recordOrigin{Request: r.Origin.Request, IPPrefix: r.Origin.IPPrefix, UserAgent: r.Origin.UserAgent}
		}
		return out
	}
}

type verification struct {
	Intact      bool      `json:"intact" doc:"Nothing was altered, added or left out."`
	First       int64     `json:"first" doc:"The first record that was looked at."`
	Last        int64     `json:"last" doc:"The last one; 0 for an empty chain."`
	Head        string    `json:"head,omitempty" doc:"Hash of the last one, hexadecimal."`
	Checkpoints int       `json:"checkpoints" doc:"Signed statements that the chain was compared with."`
	Erased      int       `json:"erased" doc:"Personal values that a recorded erasure took away."`
	Findings    []finding `json:"findings"`
}

type finding struct {
	Fault string `json:"fault" enum:"broken,short,forged,unexplained"`
	Seq   int64  `json:"seq" doc:"The first record concerned; of forged, the checkpoint's number."`
	Text  string `json:"text"`
}

var faults = map[audit.Fault]string{audit.Broken: "broken", audit.Short: "short", audit.Forged: "forged", audit.Unexplained: "unexplained"}

func shapeReport(r audit.Report) verification {
	out := verification{
		Intact: len(r.Findings) == 0, First: r.First, Last: r.Last, Head: r.Head, Checkpoints: r.Checkpoints, Erased: r.Erased, Findings: []finding{},
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, finding{Fault: faults[f.Fault], Seq: f.Seq, Text: f.Text})
	}
	return out
}

func (a *api) audit() {
	addBoth(a, operation{id: "list-audit-records", method: http.MethodGet, path: "/audit", permission: core.AuditRead, summary: "List the audit log, newest first"},
		func(ctx context.Context, in *struct {
			Timeline
			Actor   string `query:"actor" maxLength:"60" doc:"The id of who acted." example:"usr_06f2mkhh1v9c5q7r3s8t0a4b6d"`
			Action  string `query:"action" maxLength:"60" doc:"What was done." example:"unit.hand_over"`
			Outcome string `query:"outcome" enum:"ok,denied,failed"`
			Target  string `query:"target" maxLength:"60" doc:"The id of what was acted on." example:"unt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
			Text    string `query:"q" maxLength:"200" doc:"Words that a record contains."`
		}) (*pageOutput[record], error) {
			q := in.query()
			q.Actor, q.Kind, q.Status, q.Unit, q.Text = in.Actor, in.Action, in.Outcome, in.Target, in.Text
			list, err := a.Audit.List(ctx, tenantOf(ctx), q)
			return pageOf(list, shapeRecord(ctx)), err
		})
	addBoth(a, operation{id: "verify-audit-log", method: http.MethodGet, path: "/audit/verify", permission: core.AuditRead, summary: "Follow the chain of the audit log and say whether it is whole"},
		func(ctx context.Context, in *struct {
			From time.Time `query:"from" doc:"Nothing before it." example:"2026-03-01T00:00:00Z"`
			To   time.Time `query:"to" doc:"Nothing from here on." example:"2026-04-01T00:00:00Z"`
		}) (*struct{ Body verification }, error) {
			report, err := a.Audit.Verify(ctx, audit.VerifyOptions{Tenant: tenantOf(ctx), From: in.From, To: in.To})
			return &struct{ Body verification }{shapeReport(report)}, err
		})
}
