package web

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/openhouse-ai/console/assets"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// mountPublic adds what nobody signs in for and no table of roles covers:
// files of the browser, health, the theme.
func (s *site) mountPublic(app *fiber.App) {
	app.Get(assets.Prefix+"*", s.asset)
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	app.Get("/readyz", s.ready)
	app.Post("/theme", s.setTheme)
}

// asset serves a built file under its hashed name, compressed where the
// browser takes it. The name changes with the content, so it keeps for a year.
func (s *site) asset(c *fiber.Ctx) error {
	file, ok := assets.Open(c.Params("*"))
	if !ok {
		return core.Errorf(core.NotFound, "There is no such file.")
	}
	c.Set(fiber.HeaderContentType, file.Type)
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Vary(fiber.HeaderAcceptEncoding)
	if file.Brotli != nil && strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "br") {
		c.Set(fiber.HeaderContentEncoding, "br")
		return c.Send(file.Brotli)
	}
	return c.Send(file.Body)
}

// ready says whether the process can serve.
func (s *site) ready(c *fiber.Ctx) error {
	if err := s.Ready(); err != nil {
		return c.Status(http.StatusServiceUnavailable).SendString(err.Error() + "\n")
	}
	return c.SendString("ready\n")
}

// setTheme changes the palette for browsers without JavaScript.
func (s *site) setTheme(c *fiber.Ctx) error {
	theme := ui.Theme(c.FormValue("theme"))
	switch theme {
	case ui.Light, ui.Dark, ui.Auto:
	default:
		return core.Errorf(core.Invalid, "There is no such theme.")
	}
	c.Cookie(&fiber.Cookie{Name: ui.ThemeCookie, Value: string(theme), Path: "/", MaxAge: 365 * 24 * 3600, SameSite: fiber.CookieSameSiteLaxMode, Secure: s.secure})
	return c.Redirect(returnTo(c.FormValue("return")), http.StatusSeeOther)
}

// showMetrics is the metrics for a scraper, with a key or a session.
func showMetrics(q *request) error { return adaptor.HTTPHandler(q.site.Metrics)(q.Ctx) }
