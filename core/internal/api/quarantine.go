package api

import (
	"context"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
)

type held struct {
	ID         string     `json:"id" example:"hld_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Reason     string     `json:"reason" enum:"unknown_type,too_late,tokens"`
	State      string     `json:"state" enum:"held,released,dismissed"`
	Event      usageEvent `json:"event"`
	ReceivedAt time.Time  `json:"received_at"`
	DecidedAt  *time.Time `json:"decided_at,omitempty"`
	DecidedBy  string     `json:"decided_by,omitempty" doc:"The id of a user or key."`
}

func shapeHeld(h usage.Held) held {
	return held{ID: h.ID, Reason: string(h.Reason), State: string(h.State), Event: shapeUsageEvent(h.Event), ReceivedAt: h.Received, DecidedAt: h.Decided, DecidedBy: h.DecidedBy}
}

type clash struct {
	Event      usageEvent `json:"event" doc:"As it came; it was not taken."`
	FirstAt    *time.Time `json:"first_at,omitempty" doc:"The hour of the event that stays; absent when retention has erased it."`
	ReceivedAt time.Time  `json:"received_at" doc:"When it came last."`
	Times      int        `json:"times" doc:"How often it came."`
}

func shapeClash(c usage.Clash) clash {
	out := clash{Event: shapeUsageEvent(c.Event), ReceivedAt: c.Received, Times: c.Times}
	if !c.First.IsZero() {
		out.FirstAt = &c.First
	}
	return out
}

// released is what became of events that were released.
type released struct {
	Accepted    int `json:"accepted"`
	Duplicate   int `json:"duplicate"`
	Conflict    int `json:"conflict"`
	Quarantined int `json:"quarantined" doc:"Still held: the catalogue doesn't allow them, or retention erases their time within a week."`
}

func shapeReleased(r usage.Receipt) *struct{ Body released } {
	return &struct{ Body released }{released{r.Accepted, r.Duplicate, r.Conflict, r.Quarantined}}
}

func (a *api) quarantine() {
	const path = "/usage-quarantine"
	addTenant(a, operation{id: "list-usage-quarantine", method: http.MethodGet, path: path, permission: core.EventsRead, summary: "List the usage events that a person decides about, the latest first"},
		func(ctx context.Context, in *struct {
			Paging
			State  string `query:"state" enum:"held,released,dismissed"`
			Type   string `query:"type" maxLength:"200" doc:"What was reported." example:"ai.openhouse.llm.called"`
			Reason string `query:"reason" enum:"unknown_type,too_late,tokens"`
		}) (*pageOutput[held], error) {
			q := in.query()
			q.Status, q.Kind, q.Text = in.State, in.Type, in.Reason
			list, err := a.Usage.Quarantine(ctx, tenantOf(ctx), q)
			return pageOf(list, shapeHeld), err
		})
	addTenant(a, operation{id: "release-usage-event", method: http.MethodPost, path: path + "/{id}/release", permission: core.UsageDecide, summary: "Take a quarantined event into the ledger",
		about: "It is held against the catalogue again, and taken at its own time however late it is, unless retention has erased what happened then, or does within a week."},
		func(ctx context.Context, in *IDInput) (*struct{ Body released }, error) {
			taken, err := a.Usage.Release(ctx, tenantOf(ctx), []string{in.ID})
			return shapeReleased(taken), err
		})
	addTenant(a, operation{id: "dismiss-usage-event", method: http.MethodPost, path: path + "/{id}/dismiss", permission: core.UsageDecide, summary: "Decide that a quarantined event is never taken", status: http.StatusNoContent},
		func(ctx context.Context, in *IDInput) (*struct{}, error) {
			return nil, a.Usage.Dismiss(ctx, tenantOf(ctx), in.ID)
		})
	addTenant(a, operation{id: "release-usage-type", method: http.MethodPost, path: path + "/release", permission: core.UsageDecide, summary: "Take all quarantined events of a type into the ledger",
		about: "Those that the catalogue still doesn't allow, and those of a time that retention erases within a week, stay."},
		func(ctx context.Context, in *struct {
			Body struct {
				Type string `json:"type" minLength:"1" maxLength:"200" example:"ai.openhouse.llm.called"`
			}
		}) (*struct{ Body released }, error) {
			taken, err := a.Usage.ReleaseType(ctx, tenantOf(ctx), in.Body.Type)
			return shapeReleased(taken), err
		})
	addTenant(a, operation{id: "list-usage-conflicts", method: http.MethodGet, path: "/usage-conflicts", permission: core.EventsRead, summary: "List events that came under an identity which another one has, the latest first"},
		func(ctx context.Context, in *struct {
			Paging
			Type        string `query:"type" maxLength:"200" doc:"What was reported." example:"ai.openhouse.llm.called"`
			Development string `query:"development" maxLength:"60" doc:"The id of a development."`
			Unit        string `query:"unit" maxLength:"60" doc:"The id of a unit."`
		}) (*pageOutput[clash], error) {
			q := in.query()
			q.Kind, q.Development, q.Unit = in.Type, in.Development, in.Unit
			list, err := a.Usage.Conflicts(ctx, tenantOf(ctx), q)
			return pageOf(list, shapeClash), err
		})
}
