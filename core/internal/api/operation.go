package api

import (
	"context"
	"net/http"
	"strconv"
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
	status           int    // of success; 0 means 200
	media            string // of an answer that is a file; "" is JSON
}

// Where huma's operation keeps its permission, and whether it is a tenant's.
const (
	permissionKey = "permission"
	tenantKey     = "tenant"
)

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
	described, describedOwn := a.describe(staff), a.describe(own)
	describedOwn.Metadata[tenantKey] = true
	described.Parameters = append(described.Parameters, tenantParam())
	huma.Register(a.huma, described, answer(a, handle))
	huma.Register(a.huma, describedOwn, answer(a, handle))
}

// tenantParam is the tenant in a path of staff.
func tenantParam() *huma.Param {
	return &huma.Param{
		Name: "tenant_id", In: "path", Required: true, Description: "The tenant's id.", Example: "ten_06f2mkhh1v9c5q7r3s8t0a4b6d",
		Schema: &huma.Schema{Type: huma.TypeString},
	}
}

// addBoth registers an operation of one tenant, and of the platform under
// adminPrefix, where tenantOf is empty.
func addBoth[I, O any](a *api, op operation, handle func(context.Context, *I) (*O, error)) {
	platform := op
	platform.id, platform.path = "platform-"+op.id, adminPrefix+op.path
	add(a, platform, handle)
	addTenant(a, op, handle)
}

func (a *api) describe(op operation) huma.Operation {
	described := huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Summary: op.summary, Description: op.description(), Tags: []string{tagOf(op.path)},
		DefaultStatus: op.status, MaxBodyBytes: maxBody, BodyReadTimeout: -1,
		Metadata:    map[string]any{permissionKey: op.permission},
		Middlewares: huma.Middlewares{a.enter},
		Errors:      refusals(op),
	}
	if op.media != "" {
		file := &huma.Schema{Type: huma.TypeString, Format: "binary"}
		described.Responses = map[string]*huma.Response{strconv.Itoa(http.StatusOK): {
			Description: "The file.", Content: map[string]*huma.MediaType{op.media: {Schema: file}},
		}}
	}
	if keepsAnswer(op.method, op.path) {
		longest := maxKey
		described.Parameters = []*huma.Param{{
			Name: "Idempotency-Key", In: "header", Example: "harpur-1", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &longest},
			Description: "The same key with the same request is carried out once and answered again.",
		}}
	}
	return described
}

// description says more than the summary, and which permission is asked for.
func (op operation) description() string {
	needs := "Needs the permission `" + string(op.permission) + "`."
	if op.permission == core.SignedIn {
		needs = "Every key may ask."
	}
	return strings.TrimSpace(op.about + " " + needs)
}

// refusals are the statuses that an operation may be refused with.
func refusals(op operation) []int {
	statuses := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusTooManyRequests}
	switch op.method {
	case http.MethodPost, http.MethodDelete:
		statuses = append(statuses, http.StatusConflict)
	case http.MethodPut, http.MethodPatch:
		statuses = append(statuses, http.StatusConflict, http.StatusPreconditionFailed)
	}
	return statuses
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

// answer lets a handler's errors leave as problems.
func answer[I, O any](a *api, handle func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err == nil {
			return out, nil
		}
		return nil, a.problem(ctx, err)
	}
}

// problem is how an error leaves; what is our fault is logged.
func (a *api) problem(ctx context.Context, err error) *problem.Problem {
	p := problem.New(err, core.OriginOf(ctx).Request)
	if p.OurFault() {
		a.Log.ErrorContext(ctx, "request failed", "request", p.Instance, "error", err)
	}
	return p
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
	tenant, err := a.admit(ctx, c.Operation(), c.Param)
	if err != nil {
		if err := writeProblem(c, a.problem(ctx, err)); err != nil {
			a.Log.WarnContext(ctx, "write problem", "error", err)
		}
		return
	}
	next(huma.WithValue(c, contextKey{}, tenant))
}

// admit checks that the actor may use an operation, and returns its tenant.
func (a *api) admit(ctx context.Context, op *huma.Operation, param func(string) string) (core.TenantID, error) {
	actor := core.ActorOf(ctx)
	permission, _ := op.Metadata[permissionKey].(core.Permission)
	path := op.Path
	switch {
	case actor.Kind == "anonymous":
		return "", core.Errorf(core.Unauthenticated, "Send an API key: Authorization: Bearer KEY.")
	case actor.Tenant != "" && strings.HasPrefix(path, adminPrefix):
		// What is above its tenant does not exist for a tenant's key.
		return "", core.Errorf(core.NotFound, "There is no such address.")
	case permission != core.SignedIn && !a.Allows(actor.Role, permission):
		return "", core.Errorf(core.Forbidden, "The role %s doesn't allow this.", actor.Role)
	case !strings.HasPrefix(path, tenantPrefix) && actor.Tenant == "" && op.Metadata[tenantKey] != nil:
		return "", core.Errorf(core.NotFound, "A platform key reaches a tenant under %s.", tenantPrefix)
	case !strings.HasPrefix(path, tenantPrefix):
		return actor.Tenant, nil
	}
	id, err := core.ParseTenantID(param("tenant_id"))
	if err != nil {
		return "", err
	}
	tenant, err := a.Tenants.Find(ctx, id)
	if err == nil && tenant.Status == core.TenantDeleted {
		err = core.Errorf(core.NotFound, "There is no such tenant.")
	}
	return id, err
}
