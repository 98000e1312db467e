// Package web is the console and the portal in the browser: Fiber, its
// middleware, the pages and their actions. A page is a function from a request
// to a ui.Page; it asks the rooms and never a database.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/render"
)

// Options are what the web stands on.
type Options struct {
	Rooms
	Renderer *render.Renderer
	Now      func() time.Time
	Log      *slog.Logger
	BaseURL  string // as browsers reach the console: https://console.example
	Version  string
	Proxies  []string // addresses of reverse proxies whose forwarding headers count
	Dev      bool     // /dev pages
	Clock    Clock    // nil: time is the machine's, and /dev/clock doesn't exist
	Allows   func(core.Role, core.Permission) bool
	Ready    func() error // why the process can't serve, or nil
	// Metrics answers /metrics.
	Metrics http.Handler
	// Streams ends every stream when the process stops.
	Streams context.Context
	// Mount adds further routes behind the same middleware: the API, metrics.
	Mount func(app *fiber.App) error
}

// Clock is a clock that can be moved, in development and tests.
type Clock interface {
	Now() time.Time
	Move(d time.Duration) error
}

// site is the web at work.
type site struct {
	Options
	secure bool // cookies travel over TLS alone
}

// bodyLimit bounds a request's body: an upload and its form, in bytes.
const bodyLimit = 64 << 20

// New returns the web as a Fiber application. Returns an error for a route
// that declares no permission.
func New(options Options) (*fiber.App, error) {
	s := &site{Options: options, secure: isHTTPS(options.BaseURL)}
	app := fiber.New(fiber.Config{
		AppName:                 "OpenHouse Console",
		Immutable:               true, // values outlive the handler: watchers, jobs
		DisableStartupMessage:   true,
		BodyLimit:               bodyLimit,
		ReadBufferSize:          16 << 10,
		ReadTimeout:             60 * time.Second,
		IdleTimeout:             90 * time.Second,
		ErrorHandler:            s.fail,
		EnableTrustedProxyCheck: true,
		TrustedProxies:          options.Proxies,
		EnableIPValidation:      true,
		ProxyHeader:             proxyHeader(options.Proxies),
	})
	app.Use(s.begin, s.recover, s.headers, s.identify, s.sameOrigin)
	s.mountPublic(app)
	if options.Mount != nil {
		if err := options.Mount(app); err != nil {
			return nil, fmt.Errorf("mount the API: %w", err)
		}
	}
	for _, r := range s.routes() {
		if err := s.mount(app, r); err != nil {
			return nil, err
		}
	}
	app.Use(func(c *fiber.Ctx) error { return core.Errorf(core.NotFound, "There is no such page.") })
	return app, nil
}

func proxyHeader(proxies []string) string {
	if len(proxies) == 0 {
		return ""
	}
	return fiber.HeaderXForwardedFor
}
