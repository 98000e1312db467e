package host

import (
	"context"
	"net/http"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// Where routes lie beside their mounts: for staff and platform keys.
const (
	ownPrefix    = "/api"
	staffPrefix  = "/api/admin"
	tenantPrefix = "/api/admin/tenants/"
)

var errNoAddress = core.Errorf(core.NotFound, "There is no such address.")

// place is where a path of the API leads.
type place struct {
	plugin *plugin
	path   string        // below the mount
	tenant core.TenantID // named in the path
	staff  bool          // under /api/admin
}

// locate finds the plugin that a path belongs to.
func (h *Host) locate(path string) (at place, found bool) {
	rest := path
	if named, ok := strings.CutPrefix(path, tenantPrefix); ok {
		id, below, _ := strings.Cut(named, "/")
		at.tenant, at.staff, rest = core.TenantID(id), true, ownPrefix+"/"+below
	} else if below, ok := strings.CutPrefix(path, staffPrefix+"/"); ok {
		at.staff, rest = true, ownPrefix+"/"+below
	}
	for _, p := range h.sorted() {
		for _, mount := range p.mounts() {
			if within(rest, mount) {
				at.plugin, at.path = p, strings.TrimPrefix(rest, mount)
				if at.path == "" {
					at.path = "/"
				}
				return at, true
			}
		}
	}
	return at, false
}

func (p *plugin) mounts() []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.entry.Mounts
}

// Owns reports whether a path of the API belongs to a plugin.
func (h *Host) Owns(path string) bool {
	_, found := h.locate(path)
	return found
}

// Route answers a request under a mount. A tenant's route takes its tenant from
// the path, for staff, or from whoever asks. Returns not_found for an address
// that leads nowhere, forbidden without the route's permission, unavailable
// while the plugin rests.
func (h *Host) Route(ctx context.Context, in RouteRequest) (RouteReply, error) {
	at, found := h.locate(in.Path)
	if !found {
		return RouteReply{}, errNoAddress
	}
	p, o, err := h.door(at.plugin.id)
	if err != nil {
		return RouteReply{}, err
	}
	info, found, known := o.route(in.Method, at.path)
	switch {
	case !found && known:
		return RouteReply{Status: http.StatusMethodNotAllowed}, nil
	case !found:
		return RouteReply{}, errNoAddress
	}
	tenant, err := h.routeTenant(ctx, at, info, in)
	if err != nil {
		return RouteReply{}, err
	}
	r := request{
		door: wire.Door_DOOR_ROUTE, id: info.Method + " " + info.Path, tenant: tenant, body: in.Body,
		http:   &wire.Request{Method: in.Method, Path: at.path, Query: in.Query, Header: passed(in.Header)},
		writes: in.Method != http.MethodGet && in.Method != http.MethodHead,
	}
	answer, err := h.invoke(ctx, p, r)
	if err != nil {
		return RouteReply{}, err
	}
	if answer.head == nil || answer.head.GetStatus() < 200 || answer.head.GetStatus() > 599 {
		return RouteReply{}, h.nonsense(p, r, garbage("a route without a status"))
	}
	if answer.head.GetSheet() != "" {
		sheet, err := sheetFrom(ctx, answer)
		if ctx.Err() != nil {
			return RouteReply{}, context.Cause(ctx)
		}
		return sheet, h.nonsense(p, r, err)
	}
	return RouteReply{Status: int(answer.head.GetStatus()), Header: safe(answer.head.GetHeader()), Body: answer.body}, nil
}

// routeTenant checks who asks, and says for which tenant.
func (h *Host) routeTenant(ctx context.Context, at place, info sdk.RouteInfo, in RouteRequest) (core.TenantID, error) {
	actor := core.ActorOf(ctx)
	if actor.Tenant != "" && at.staff {
		return "", errNoAddress // what is above its tenant does not exist for a tenant's key
	}
	if err := h.allow(ctx, info.Permission); err != nil {
		return "", err
	}
	switch {
	case info.Scope == sdk.Platform && (!at.staff || at.tenant != ""):
		return "", errNoAddress
	case info.Scope == sdk.Platform:
		return "", nil
	case at.staff && at.tenant == "" && info.Both:
		return "", nil
	case at.staff && at.tenant == "":
		return "", errNoAddress
	case at.staff:
		id, err := core.ParseTenantID(string(at.tenant))
		if err != nil {
			return "", err
		}
		_, err = h.Store.Find(ctx, id)
		return id, err
	case actor.Tenant != "":
		return actor.Tenant, nil
	case in.Tenant != "":
		return in.Tenant, nil
	}
	return "", core.Errorf(core.NotFound, "A platform key reaches a tenant under %s{tenant_id}.", tenantPrefix)
}

// passed are the headers that a plugin is told: never a credential.
func passed(header map[string]string) map[string]string {
	kept := map[string]string{}
	for name, value := range header {
		switch name := http.CanonicalHeaderKey(name); name {
		case "Authorization", "Cookie", "Proxy-Authorization", "X-Forwarded-For", "X-Real-Ip":
		default:
			kept[name] = value
		}
	}
	return kept
}

// answers are the headers that a plugin may set.
var answers = map[string]bool{
	"Content-Type": true, "Content-Disposition": true, "Content-Language": true, "Cache-Control": true, "Etag": true, "Last-Modified": true,
	"Location": true, "Retry-After": true, "Link": true,
}

// safe are the headers of an answer. What a browser would run in the console's
// name is a file to keep.
func safe(header map[string]string) map[string]string {
	kept := map[string]string{"X-Content-Type-Options": "nosniff"}
	for name, value := range header {
		name = http.CanonicalHeaderKey(name)
		if answers[name] && !strings.ContainsAny(value, "\r\n") {
			kept[name] = value
		}
	}
	kind := strings.ToLower(kept["Content-Type"])
	if strings.Contains(kind, "html") || strings.Contains(kind, "xml") || strings.Contains(kind, "javascript") {
		kept["Content-Disposition"] = "attachment"
	}
	return kept
}
