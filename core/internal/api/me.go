package api

import (
	"context"
	"net/http"

	"github.com/openhouse-ai/console/core"
)

// caller is who the key is. The word is not user: keys are callers too.
type caller struct {
	Kind        string   `json:"kind" enum:"api_key,staff,developer" example:"api_key"`
	ID          string   `json:"id" example:"key_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Name        string   `json:"name" example:"Nightly import"`
	Role        string   `json:"role" example:"developer_admin"`
	TenantID    string   `json:"tenant_id,omitempty" doc:"The tenant that it reaches; absent for the platform's." example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Permissions []string `json:"permissions" doc:"What the role may do." example:"[\"directory.read\"]"`
}

func (a *api) me() {
	add(a, operation{id: "read-me", method: http.MethodGet, path: ownPrefix + "/me", permission: core.SignedIn, summary: "Read who the key is and what it may do"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body caller }, error) {
			actor := core.ActorOf(ctx)
			me := caller{Kind: actor.Kind, ID: actor.ID, Name: actor.Name, Role: string(actor.Role), TenantID: string(actor.Tenant), Permissions: []string{}}
			for _, p := range core.Permissions {
				if a.Allows(actor.Role, p) {
					me.Permissions = append(me.Permissions, string(p))
				}
			}
			return &struct{ Body caller }{me}, nil
		})
}
