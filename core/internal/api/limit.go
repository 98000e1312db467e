package api

import (
	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
)

// platformPerMinute bounds each platform key and each staff member; a tenant's
// keys share the limit of its settings.
const platformPerMinute = 1200

// limit takes a request from its caller's bucket. Usage events have another.
func (a *api) limit(c *fiber.Ctx) error {
	if a.reports(c) {
		return c.Next()
	}
	actor := core.ActorOf(c.UserContext())
	bucket, perMinute := "api "+actor.ID, platformPerMinute
	if actor.ID == "" {
		bucket = "api " + core.OriginOf(c.UserContext()).IPPrefix // nobody yet: one network doesn't lock the others out
	}
	if actor.Tenant != "" {
		settings, err := a.Tenants.Settings(c.UserContext(), actor.Tenant)
		if err != nil {
			return err
		}
		bucket, perMinute = "api "+string(actor.Tenant), settings.RequestsPerMinute
	}
	if ok, after := a.Limiter.Allow(bucket, perMinute, 1, a.Now()); !ok {
		return problem.TooManyRequests{After: after}
	}
	return c.Next()
}
