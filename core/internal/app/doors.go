package app

import (
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/assets"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/api"
	"github.com/openhouse-ai/console/core/internal/render"
	"github.com/openhouse-ai/console/core/internal/settings"
	"github.com/openhouse-ai/console/core/internal/web"
)

// doors builds what answers requests: the web, with the API behind the same
// middleware.
func (a *App) doors() (*fiber.App, error) {
	if err := assets.Ready(); err != nil {
		return nil, err
	}
	renderer, err := render.New(render.Options{})
	if err != nil {
		return nil, err
	}
	limiter, keeper := access.NewLimiter(), settings.New(a.Tenants, a.Audit)
	server, err := web.New(web.Options{
		Rooms: web.Rooms{
			Tenants: a.Tenants, Settings: keeper, Audit: a.Audit, Events: a.Bus, Usage: a.Usage,
			Developments: a.Directory.Developments, Units: a.Directory.Units, Homeowners: a.Directory.Homeowners,
			Onboarding: a.Onboarding, Users: a.Access.Users, Sessions: a.Access.Sessions, Factors: a.Access.Factors, Keys: a.Access.Keys,
			Limiter: limiter, Jobs: a.Jobs, Messages: a.Outbox, Insight: a.Insight, DeadLetters: a.Bus, Plugins: a.Plugins, Observe: a.metrics.observe,
		},
		Renderer: renderer, Now: a.Clock.now, Log: a.Log, BaseURL: a.BaseURL(), Version: a.Version, Proxies: a.Config.Proxies,
		Dev: a.Config.Development, Clock: a.clock(), Allows: access.Allows, Ready: a.ready, Streams: a.streams, Metrics: a.metrics.handler(),
		Mount: func(server *fiber.App) error {
			return api.Mount(server, api.Options{
				Rooms: api.Rooms{
					Tenants: a.Tenants, Settings: keeper, Audit: a.Audit, Events: a.Bus, Usage: a.Usage,
					Developments: a.Directory.Developments, Units: a.Directory.Units, Homeowners: a.Directory.Homeowners,
					Onboarding: a.Onboarding, Users: a.Access.Users, Keys: a.Access.Keys, Jobs: a.Jobs, Messages: a.Outbox,
					Insight: a.Insight, DeadLetters: a.Bus, Plugins: a.Plugins,
				},
				Allows: access.Allows, Limiter: limiter, Now: a.Clock.now, Log: a.Log, BaseURL: a.BaseURL(), Version: a.Version,
			})
		},
	})
	if err != nil {
		return nil, fmt.Errorf("build the web: %w", err)
	}
	return server, nil
}

// ready says why the process can't serve, or nil.
func (a *App) ready() error {
	if !a.serving.Load() {
		return errors.New("starting or stopping")
	}
	return nil
}

// clock is the test clock as the web moves it; nil with the machine's.
func (a *App) clock() web.Clock {
	if !a.Clock.Movable() {
		return nil
	}
	return mover{a}
}

// mover moves time through everything that falls due on the way.
type mover struct{ app *App }

func (m mover) Now() time.Time { return m.app.Clock.now() }

func (m mover) Move(d time.Duration) error { return m.app.Jobs.Advance(m.app.streams, d) }
