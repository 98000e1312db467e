package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/ui"
)

// route is one row of the table in routes.go. A tenant route is mounted twice:
// under /admin/tenants/{tenant} for staff of OpenHouse AI, and under /portal
// for the developer's own, whose tenant comes from the session.
type route struct {
	method     string
	path       string
	permission core.Permission
	tenant     bool
	handle     func(*request) error
}

// request is one request on its way through a page or an action.
type request struct {
	*fiber.Ctx
	site    *site
	ctx     context.Context
	actor   core.Actor
	tenant  core.Tenant // of a tenant route
	base    string      // of a tenant route: what its addresses begin with
	query   url.Values
	portal  bool // shown in the developer's accent and navigation
	pattern string
	known   *core.Settings // once settings has read them
}

const (
	adminTenant  = "/admin/tenants/:tenant"
	portalTenant = "/portal"
)

func (s *site) mount(app *fiber.App, r route) error {
	if r.permission == "" {
		return fmt.Errorf("route %s %s declares no permission", r.method, r.path)
	}
	if !r.tenant {
		app.Add(r.method, r.path, s.serve(r, r.path))
		return nil
	}
	app.Add(r.method, adminTenant+r.path, s.serve(r, adminTenant+r.path))
	app.Add(r.method, portalTenant+r.path, s.serve(r, portalTenant+r.path))
	return nil
}

// serve checks who asks, names the tenant and calls the handler.
func (s *site) serve(r route, pattern string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		q := &request{Ctx: c, site: s, ctx: c.UserContext(), actor: core.ActorOf(c.UserContext()), pattern: pattern}
		q.query, _ = url.ParseQuery(string(c.Request().URI().QueryString()))
		q.portal = q.actor.Role.ForDeveloper()
		if q.elsewhere() {
			return core.Errorf(core.NotFound, "There is no such page.")
		}
		if err := s.allow(q.actor, r.permission); err != nil {
			return err
		}
		if r.tenant {
			if err := q.nameTenant(); err != nil {
				return err
			}
		}
		return r.handle(q)
	}
}

// elsewhere reports whether the page is of the other side: what the console has
// is nothing that a developer's staff need to know, and the portal needs a
// developer.
func (q *request) elsewhere() bool {
	if q.actor.Kind == anonymous.Kind {
		return false
	}
	return strings.HasPrefix(q.pattern, "/admin") && q.portal || strings.HasPrefix(q.pattern, portalTenant) && !q.portal
}

// allow returns unauthenticated for nobody, forbidden for the wrong role.
func (s *site) allow(a core.Actor, p core.Permission) error {
	switch {
	case p == core.Public:
		return nil
	case a.Kind == anonymous.Kind:
		return core.Errorf(core.Unauthenticated, "Sign in first.")
	case p == core.SignedIn || s.Allows(a.Role, p):
		return nil
	}
	return core.Errorf(core.Forbidden, "Your role, %s, doesn't allow this.", strings.ReplaceAll(string(a.Role), "_", " "))
}

func (q *request) nameTenant() error {
	id := q.actor.Tenant
	q.base = portalTenant
	if !q.portal {
		var err error
		if id, err = core.ParseTenantID(q.Params("tenant")); err != nil {
			return err
		}
		q.base = "/admin/tenants/" + string(id)
	}
	tenant, err := q.site.Tenants.Find(q.ctx, id)
	if err == nil && tenant.Status == core.TenantDeleted {
		err = core.Errorf(core.NotFound, "There is no such tenant.")
	}
	q.tenant = tenant
	return err
}

// may reports whether the actor has the permission: to leave out what they
// could not do.
func (q *request) may(p core.Permission) bool { return q.site.allow(q.actor, p) == nil }

// page answers with a page of the shell.
func page(build func(*request) (ui.Page, error)) func(*request) error {
	return func(q *request) error {
		p, err := build(q)
		if err != nil {
			return err
		}
		return q.show(http.StatusOK, p)
	}
}

// action does something and sends the browser on to where it can be seen.
func action(do func(*request) (next, said string, err error)) func(*request) error {
	return func(q *request) error {
		next, said, err := do(q)
		if err != nil {
			return err
		}
		return q.goTo(next, said)
	}
}

func (q *request) goTo(next, said string) error {
	if said != "" {
		q.toast(said)
	}
	return q.Redirect(next, http.StatusSeeOther)
}

// form is a page with one form: build draws it, do carries it out. When do
// answers invalid or conflict the form is drawn again, as it was sent.
type form struct {
	build func(*request) (ui.Page, ui.Form, error)
	do    func(*request, values) (next, said string, err error)
}

func (f form) show(q *request) error {
	p, body, err := f.build(q)
	if err != nil {
		return err
	}
	p.Blocks = append(p.Blocks, body)
	return q.show(http.StatusOK, p)
}

func (f form) submit(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	next, said, err := f.do(q, sent)
	if err == nil {
		return q.goTo(next, said)
	}
	return f.again(q, sent, err)
}

// again draws the form as it was sent where the person can mend what is wrong.
func (f form) again(q *request, sent values, err error) error {
	if code := core.CodeOf(err); code != core.Invalid && code != core.Conflict {
		return err
	}
	p, body, buildErr := f.build(q)
	if buildErr != nil {
		return buildErr
	}
	body.Fill(sent)
	failForm(&body, err)
	p.Blocks = append(p.Blocks, body)
	return q.show(problem.Status(err), p)
}

// returnTo keeps an address inside the console. Browsers read a backslash as a
// slash and drop control characters, so that either could make "//elsewhere".
func returnTo(next string) string {
	unsafe := func(r rune) bool { return r == '\\' || unicode.IsControl(r) }
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, unsafe) {
		return "/"
	}
	return next
}
