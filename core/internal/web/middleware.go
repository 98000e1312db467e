package web

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
)

// requestTimeout bounds the work of one request; nothing else ends it, since
// Fiber doesn't say when the client has gone.
const requestTimeout = 60 * time.Second

// anonymous is who acts before anybody is known. Without it the context would
// speak for the system.
var anonymous = core.Actor{Kind: "anonymous"}

// begin gives the request its id, its context and its line in the log.
func (s *site) begin(c *fiber.Ctx) error {
	id := c.Get(fiber.HeaderXRequestID)
	if !core.ValidID(core.PrefixRequest, id) {
		id = core.NewID(core.PrefixRequest, s.Now())
	}
	c.Set(fiber.HeaderXRequestID, id)
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	ctx = core.WithActor(ctx, anonymous)
	ctx = core.WithOrigin(ctx, core.Origin{Request: id, IPPrefix: ipPrefix(c.IP()), UserAgent: agentFamily(c.Get(fiber.HeaderUserAgent))})
	c.SetUserContext(ctx)
	started := s.Now()
	err := c.Next()
	if err != nil {
		// Answered here, so that the log line has the status that was sent.
		err = s.fail(c, err)
	}
	s.observe(c, s.Now().Sub(started))
	return err
}

func (s *site) observe(c *fiber.Ctx, took time.Duration) {
	status := c.Response().StatusCode()
	s.Observe(c.Route().Path, c.Method(), status, took)
	actor := core.ActorOf(c.UserContext())
	s.Log.InfoContext(c.UserContext(), "request",
		"request", core.OriginOf(c.UserContext()).Request, "method", c.Method(), "route", c.Route().Path,
		"status", status, "ms", took.Milliseconds(), "user", actor.ID, "tenant", actor.Tenant)
}

func (s *site) recover(c *fiber.Ctx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return c.Next()
}

// contentPolicy allows the console's own files and nothing inline.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *site) headers(c *fiber.Ctx) error {
	c.Set("Content-Security-Policy", contentPolicy)
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("X-Frame-Options", "DENY")
	c.Set("Referrer-Policy", "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
	c.Set("Cache-Control", "no-store")
	if s.secure {
		c.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
	return c.Next()
}

// identify names the actor: an API key in the Authorization header, or the
// session of the cookie. A key that is wrong is an error at once; a session
// that has ended leaves the actor anonymous, and the page asks to sign in.
func (s *site) identify(c *fiber.Ctx) error {
	ctx := c.UserContext()
	if header := c.Get(fiber.HeaderAuthorization); header != "" {
		secret, ok := strings.CutPrefix(header, "Bearer ")
		if !ok {
			return core.Errorf(core.Unauthenticated, "The Authorization header has to be Bearer and an API key.")
		}
		actor, err := s.Keys.Authenticate(ctx, secret)
		if err != nil {
			return err
		}
		c.SetUserContext(core.WithActor(ctx, actor))
		return c.Next()
	}
	if token := c.Cookies(s.sessionCookie()); token != "" {
		actor, session, err := s.Sessions.Find(ctx, token)
		switch {
		case err == nil:
			c.Locals(sessionLocal, session)
			c.SetUserContext(core.WithActor(ctx, actor))
		case core.CodeOf(err) != core.Unauthenticated:
			return err
		}
	}
	return c.Next()
}

// crossOrigin refuses changes that another site's page asks a browser for.
var crossOrigin = http.NewCrossOriginProtection()

func (s *site) sameOrigin(c *fiber.Ctx) error {
	r := &http.Request{Method: c.Method(), Host: c.Hostname(), URL: &url.URL{Path: c.Path()}, Header: http.Header{}}
	for _, name := range []string{"Sec-Fetch-Site", "Origin"} {
		if value := c.Get(name); value != "" {
			r.Header.Set(name, value)
		}
	}
	if err := crossOrigin.Check(r); err != nil {
		return core.Errorf(core.Forbidden, "This request came from another site and was refused.")
	}
	return c.Next()
}

// ipPrefix is as much of an address as is kept: /24 or /48.
func ipPrefix(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	bits := 24
	if addr = addr.Unmap(); addr.Is6() {
		bits = 48
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}

// agentFamily is the browser's or client's name, without its version.
func agentFamily(agent string) string {
	for _, family := range []struct{ mark, name string }{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	} {
		if strings.Contains(agent, family.mark) {
			return family.name
		}
	}
	name, _, _ := strings.Cut(agent, "/")
	if len(name) > 40 {
		name = name[:40]
	}
	return name
}

func isHTTPS(base string) bool { return strings.HasPrefix(base, "https://") }

// sessionCookie is bound to the host where TLS allows it.
func (s *site) sessionCookie() string {
	if s.secure {
		return "__Host-openhouse"
	}
	return "openhouse"
}

func (s *site) setSession(c *fiber.Ctx, token string) {
	c.Cookie(&fiber.Cookie{Name: s.sessionCookie(), Value: token, Path: "/", HTTPOnly: true, Secure: s.secure, SameSite: fiber.CookieSameSiteLaxMode, SessionOnly: true})
}

func (s *site) dropSession(c *fiber.Ctx) {
	c.Cookie(&fiber.Cookie{Name: s.sessionCookie(), Path: "/", HTTPOnly: true, Secure: s.secure, SameSite: fiber.CookieSameSiteLaxMode, Expires: time.Unix(1, 0)})
}
