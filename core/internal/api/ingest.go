package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/cloudevents"
)

// Where usage events are reported: below a tenant's prefix, and where exporters
// of OpenTelemetry send their traces.
const (
	eventsPath = "/v1/events"
	tracesPath = "/v1/traces"
)

// receipt is what became of the events of a request.
type receipt struct {
	Received    int             `json:"received" doc:"Always the sum of the others."`
	Accepted    int             `json:"accepted"`
	Duplicate   int             `json:"duplicate" doc:"Came before, and have no effect again."`
	Conflict    int             `json:"conflict" doc:"Another event with the same source and id came before, and stays."`
	Invalid     int             `json:"invalid"`
	Quarantined int             `json:"quarantined" doc:"Kept until a person decides; not billed."`
	Results     []receiptResult `json:"results" doc:"One for each event, in their order."`
}

type receiptResult struct {
	Source  string         `json:"source" example:"/portals/leeds"`
	ID      string         `json:"id" example:"01933b5e-8f2a-7c31-9d4e-5a6b7c8d9e0f"`
	Outcome string         `json:"outcome" enum:"accepted,duplicate,conflict,invalid,quarantined"`
	Status  int            `json:"status" doc:"What a request with this event alone is answered." enum:"200,202,409,422"`
	Fields  []receiptField `json:"fields,omitempty" doc:"What is wrong with an invalid one."`
	Hold    string         `json:"hold,omitempty" doc:"Why one is quarantined." enum:"unknown_type,too_late,tokens"`
}

type receiptField struct {
	Field  string `json:"field" example:"data.prompt_tokens"`
	Reason string `json:"reason" example:"is missing"`
}

// outcomes are the statuses of events.
var outcomes = map[usage.Outcome]int{
	usage.Accepted:    http.StatusOK,
	usage.Duplicate:   http.StatusOK,
	usage.Conflict:    http.StatusConflict,
	usage.Invalid:     http.StatusUnprocessableEntity,
	usage.Quarantined: http.StatusAccepted,
}

// reports tells whether a request reports usage events: those have a limit of
// their own, by events, and events are their own idempotency keys. Who may not
// report them is limited like everybody.
func (a *api) reports(c *fiber.Ctx) bool {
	path := strings.ToLower(strings.TrimRight(c.Path(), "/"))
	return c.Method() == http.MethodPost && isEvents(path) && a.Allows(core.ActorOf(c.UserContext()).Role, core.UsageReport)
}

// isEvents tells the path of events, below /api or of a tenant.
func isEvents(path string) bool {
	if path == ownPrefix+eventsPath || path == tenantPrefix+eventsPath {
		return true
	}
	rest, staff := strings.CutPrefix(path, adminPrefix+"/tenants/")
	_, after, _ := strings.Cut(rest, "/")
	return staff && "/"+after == eventsPath
}

// takeEvents takes CloudEvents in any of their three modes. An answer means
// that what it calls accepted is on disk.
func (a *api) takeEvents(c *fiber.Ctx, tenant core.TenantID) error {
	if encoding := c.Get(fiber.HeaderContentEncoding); encoding != "" && encoding != "identity" {
		return problem.OfStatus(http.StatusUnsupportedMediaType, "Events are sent as they are, without Content-Encoding.", core.OriginOf(c.UserContext()).Request)
	}
	contentType := c.Get(fiber.HeaderContentType)
	reports, wrong := cloudevents.Decode(contentType, func(name string) string { return c.Get(name) }, c.Request().Body())
	if err := a.spendEvents(c.UserContext(), tenant, len(reports)); err != nil {
		return err
	}
	if wrong != nil {
		return unreadable(wrong, core.OriginOf(c.UserContext()).Request)
	}
	taken, err := a.Usage.Take(c.UserContext(), tenant, reports)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if !cloudevents.Batch(contentType) && len(taken.Results) == 1 {
		status = outcomes[taken.Results[0].Outcome]
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Status(status).Send(appendReceipt(make([]byte, 0, 128+128*len(taken.Results)), taken))
}

// spendEvents takes events from the bucket of the tenant, whose keys share it.
// A request that holds none costs as much as one.
func (a *api) spendEvents(ctx context.Context, tenant core.TenantID, events int) error {
	perMinute, err := a.eventLimit(ctx, tenant)
	if err != nil {
		return err
	}
	if ok, after := a.Limiter.Allow("events "+string(tenant), perMinute, max(1, events), a.Now()); !ok {
		return problem.TooManyRequests{After: after}
	}
	return nil
}

// eventLimit is the setting of a tenant. Reading it from the tenant's file
// would be a good part of what a request with one event costs, so it is read
// again once it is a second old, or after a change that came by this API.
func (a *api) eventLimit(ctx context.Context, tenant core.TenantID) (perMinute int, err error) {
	now := a.Now()
	if known, ok := a.limits.Load(tenant); ok && now.Sub(known.(eventLimit).read) < limitFor {
		return known.(eventLimit).perMinute, nil
	}
	settings, err := a.Tenants.Settings(ctx, tenant)
	if err != nil {
		return 0, err
	}
	a.limits.Store(tenant, eventLimit{settings.EventsPerMinute, now})
	return settings.EventsPerMinute, nil
}

// eventLimit is how many events a minute a tenant may report, as it was read.
type eventLimit struct {
	perMinute int
	read      time.Time
}

const limitFor = time.Second

// unreadable is the problem of a request whose events can't be told apart.
func unreadable(err error, request string) error {
	switch {
	case errors.Is(err, cloudevents.ErrTooLarge):
		return problem.OfStatus(http.StatusRequestEntityTooLarge, err.Error(), request)
	case errors.Is(err, cloudevents.ErrMediaType):
		return problem.OfStatus(http.StatusUnsupportedMediaType, err.Error(), request)
	}
	return err
}
