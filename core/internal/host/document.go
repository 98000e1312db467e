package host

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// openAPI is the part of a manifest's document that is read.
type openAPI struct {
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Schemas map[string]json.RawMessage `json:"schemas"`
	} `json:"components"`
}

// Document is what plugins add to the OpenAPI document: whole paths, and
// component schemas by name. The generation grows with each change.
func (h *Host) Document() (paths, schemas map[string]json.RawMessage, generation int64) {
	generation = h.generation.Load()
	paths, schemas = map[string]json.RawMessage{}, map[string]json.RawMessage{}
	for _, p := range h.sorted() {
		o, _ := p.offer()
		if o == nil || len(o.manifest.OpenAPI) == 0 {
			continue
		}
		if err := describe(o.manifest, p.mounts(), paths, schemas); err != nil {
			h.Log.Error("plugin's API can't be described", "plugin", p.id, "error", err)
		}
	}
	return paths, schemas, generation
}

// describe adds one plugin's routes at every address that they have.
func describe(m sdk.Manifest, mounts []string, paths, schemas map[string]json.RawMessage) error {
	var api openAPI
	if err := json.Unmarshal(m.OpenAPI, &api); err != nil {
		return err
	}
	whole := map[string]map[string]json.RawMessage{}
	for _, route := range m.Routes {
		operation, found := api.Paths[route.Path][strings.ToLower(route.Method)]
		if !found {
			continue
		}
		for n, mount := range mounts {
			for _, at := range addressesOf(route, mount) {
				body, err := at.operation(m, route, operation, n)
				if err != nil {
					return err
				}
				if whole[at.path] == nil {
					whole[at.path] = map[string]json.RawMessage{}
				}
				whole[at.path][strings.ToLower(route.Method)] = body
			}
		}
	}
	for path, item := range whole {
		body, err := json.Marshal(item)
		if err != nil {
			return err
		}
		paths[path] = body
	}
	maps.Copy(schemas, api.Components.Schemas)
	return nil
}

// routeAddress is one of the addresses of a route.
type routeAddress struct {
	path     string
	staff    bool // of a tenant's route: the tenant is in the path
	platform bool // of a route of both: without a tenant
}

func addressesOf(route sdk.RouteInfo, mount string) []routeAddress {
	below := strings.TrimPrefix(mount, ownPrefix) + strings.TrimSuffix(route.Path, "/")
	if route.Scope == sdk.Platform {
		return []routeAddress{{path: staffPrefix + below}}
	}
	addresses := []routeAddress{{path: ownPrefix + below}, {path: tenantPrefix + "{tenant_id}" + below, staff: true}}
	if route.Both {
		addresses = append(addresses, routeAddress{path: staffPrefix + below, platform: true})
	}
	return addresses
}

// operation is a route's part of the document at this address.
func (a routeAddress) operation(m sdk.Manifest, route sdk.RouteInfo, body json.RawMessage, mount int) (json.RawMessage, error) {
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, fmt.Errorf("%s %s: %w", route.Method, route.Path, err)
	}
	id, _ := fields["operationId"].(string)
	id = m.ID + "-" + strings.TrimPrefix(id, m.ID+"-")
	if mount > 0 {
		id = fmt.Sprintf("%s-%d", id, mount+1)
	}
	if a.platform {
		id = "platform-" + id
	}
	if a.staff {
		id = "admin-" + id
		parameters, _ := fields["parameters"].([]any)
		fields["parameters"] = append(slices.Clone(parameters), map[string]any{
			"name": "tenant_id", "in": "path", "required": true, "description": "The tenant's id.", "schema": map[string]any{"type": "string"},
		})
	}
	fields["operationId"], fields["tags"] = id, []string{m.Name}
	needs := "Needs the permission `" + string(route.Permission) + "`."
	switch route.Permission {
	case core.SignedIn:
		needs = "Every key may ask."
	case core.Public:
		needs, fields["security"] = "Nobody needs to sign in.", []any{}
	}
	said, _ := fields["description"].(string)
	fields["description"] = strings.TrimSpace(said + " " + needs)
	if route.Permission != core.Public {
		fields["security"] = []any{map[string]any{"key": []any{}}}
	}
	return json.Marshal(fields)
}
