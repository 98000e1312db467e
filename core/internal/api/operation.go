package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
)

// operation is one row of a noun: what it does, and for whom. Its permission
// is not optional: enter refuses an operation without one.
type operation struct {
	id, method, path string
	permission       core.Permission
	summary, about   string
	status           int // of success; 0 means 200
}

// permissionKey is where huma's operation keeps the permission.
const permissionKey = "permission"

// Where an operation's path lies.
const (
	adminPrefix  = "/api/admin"
	tenantPrefix = adminPrefix + "/tenants/{tenant_id}"
	ownPrefix    = "/api"
)

// maxBody bounds a JSON body, in bytes; uploads have limits of their own.
const maxBody = 64 << 20

// add registers an operation of the platform.
func add[I, O any](a *api, op operation, handle func(context.Context, *I) (*O, error)) {
	huma.Register(a.huma, a.describe(op), answer(a, handle))
}

// addTenant registers an operation of one tenant twice: under tenantPrefix for
// staff and platform keys, and under ownPrefix for the tenant's keys and staff.
// The handler asks tenantOf for the tenant.
func addTenant[I, O any](a *api, op operation, handle func(context.Context, *I) (*O, error)) {
	staff, own := op, op
	staff.id, staff.path = "admin-"+op.id, tenantPrefix+op.path
	own.path = ownPrefix + op.path
	described := a.describe(staff)
	described.Parameters = append(described.Parameters, &huma.Param{
		Name: "tenant_id", In: "path", Required: true, Description: "The tenant's id.", Example: "ten_06f2mkhh1v9c5q7r3s8t0a4b6d",
		Schema: &huma.Schema{Type: huma.TypeString},
	})
	huma.Register(a.huma, described, answer(a, handle))
	huma.Register(a.huma, a.describe(own), answer(a, handle))
}

func (a *api) describe(op operation) huma.Operation {
	return huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Summary: op.summary, Description: op.about, Tags: []string{tagOf(op.path)},
		DefaultStatus: op.status, MaxBodyBytes: maxBody, BodyReadTimeout: -1,
		Metadata:    map[string]any{permissionKey: op.permission},
		Middlewares: huma.Middlewares{a.enter},
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}
}

// tagOf groups operations by their noun: the first word behind the prefix.
func tagOf(path string) string {
	for _, prefix := range []string{tenantPrefix + "/", adminPrefix + "/", ownPrefix + "/"} {
		if rest, ok := strings.CutPrefix(path, prefix); ok {
			noun, _, _ := strings.Cut(rest, "/")
			return noun
		}
	}
	return "api"
}

// answer lets a handler's errors leave as problems, and logs what is our fault.
func answer[I, O any](a *api, handle func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err == nil {
			return out, nil
		}
		p := problem.New(err, core.OriginOf(ctx).Request)
		if p.OurFault() {
			a.Log.ErrorContext(ctx, "request failed", "request", p.Instance, "error", err)
		}
		return nil, p
	}
}

type contextKey struct{}

// tenantOf is the tenant of a tenant operation.
func tenantOf(ctx context.Context) core.TenantID {
	id, _ := ctx.Value(contextKey{}).(core.TenantID)
	return id
}

// enter checks the permission and names the tenant, before anything of the
// request is read.
func (a *api) enter(c huma.Context, next func(huma.Context)) {
	ctx := c.Context()
	tenant, err := a.admit(ctx, c)
	if err != nil {
		if err := writeProblem(c, problem.New(err, core.OriginOf(ctx).Request)); err != nil {
			a.Log.WarnContext(ctx, "write problem", "error", err)
		}
		return
	}
	next(huma.WithValue(c, contextKey{}, tenant))
}

func (a *api) admit(ctx context.Context, c huma.Context) (core.TenantID, error) {
	actor := core.ActorOf(ctx)
	permission, _ := c.Operation().Metadata[permissionKey].(core.Permission)
	path := c.Operation().Path
	switch {
	case actor.Kind == "anonymous":
		return "", core.Errorf(core.Unauthenticated, "Send an API key: Authorization: Bearer KEY.")
	case actor.Tenant != "" && strings.HasPrefix(path, adminPrefix):
		// What is above its tenant does not exist for a tenant's key.
		return "", core.Errorf(core.NotFound, "There is no such address.")
	case permission != core.SignedIn && !a.Allows(actor.Role, permission):
		return "", core.Errorf(core.Forbidden, "The role %s doesn't allow this.", actor.Role)
	case !strings.HasPrefix(path, tenantPrefix):
		return actor.Tenant, nil
	}
	id, err := core.ParseTenantID(c.Param("tenant_id"))
	if err != nil {
		return "", err
	}
	tenant, err := a.Tenants.Find(ctx, id)
	if err == nil && tenant.Status == core.TenantDeleted {
		err = core.Errorf(core.NotFound, "There is no such tenant.")
	}
	return id, err
}
