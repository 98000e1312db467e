package api

import (
	"bytes"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/problem"
)

// routePolicy lets what a plugin answers be looked at and do nothing, should a
// browser open it as a page.
const routePolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

// pluginRoute hands a request that is no operation of core's to the plugin that
// owns its address. The host checks the permission and names the tenant.
func (a *api) pluginRoute(c *fiber.Ctx) error {
	path := c.Path()
	if !a.Plugins.Owns(path) {
		return c.Next()
	}
	ctx := c.UserContext()
	method := c.Method()
	if method == fiber.MethodHead { // the server leaves the body out
		method = fiber.MethodGet
	}
	in := host.RouteRequest{
		Method: method, Path: path, Query: string(c.Request().URI().QueryString()), Header: map[string]string{}, Body: bytes.Clone(c.Body()),
		Tenant: core.ActorOf(ctx).Tenant, Staff: strings.HasPrefix(path, adminPrefix+"/"),
	}
	for name, values := range c.GetReqHeaders() {
		in.Header[name] = strings.Join(values, ", ")
	}
	reply, err := a.Plugins.Route(ctx, in)
	if err != nil {
		return err
	}
	if reply.Status >= 400 && len(reply.Body) == 0 {
		return problem.OfStatus(reply.Status, http.StatusText(reply.Status)+".", core.OriginOf(ctx).Request)
	}
	for name, value := range reply.Header {
		if http.CanonicalHeaderKey(name) != fiber.HeaderLocation || strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "//") {
			c.Set(name, value)
		}
	}
	c.Set(fiber.HeaderContentSecurityPolicy, routePolicy)
	if len(reply.Body) > 0 {
		c.Set(fiber.HeaderContentType, harmless(reply.Header))
	}
	return c.Status(reply.Status).Send(reply.Body)
}

// scripts are types that a browser would run inside a page of the console.
var scripts = []string{"text/javascript", "application/javascript", "application/ecmascript", "text/ecmascript", "application/x-javascript", "application/wasm"}

// harmless is the type of an answer; a script is but text.
func harmless(header map[string]string) string {
	given := "application/octet-stream"
	for name, value := range header {
		if http.CanonicalHeaderKey(name) == fiber.HeaderContentType && value != "" {
			given = value
		}
	}
	if media, _, err := mime.ParseMediaType(given); err != nil || slices.Contains(scripts, media) {
		return fiber.MIMETextPlainCharsetUTF8
	}
	return given
}
