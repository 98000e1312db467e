package api

import (
	"context"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
)

type Key struct {
	ID         string    `json:"id" example:"key_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Name       string    `json:"name" example:"Nightly import"`
	Role       string    `json:"role" example:"developer_admin"`
	TenantID   string    `json:"tenant_id,omitempty" doc:"Absent for a key of the platform." example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Hint       string    `json:"hint" doc:"The last four characters of the secret." example:"7f2a"`
	CreatedBy  string    `json:"created_by"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt string    `json:"last_used_at,omitempty" format:"date-time"`
	ExpiresAt  string    `json:"expires_at,omitempty" format:"date-time" doc:"Absent: never."`
	RevokedAt  string    `json:"revoked_at,omitempty" format:"date-time"`
}

func shapeKey(k core.Key) Key {
	return Key{
		ID: k.ID, Name: k.Name, Role: string(k.Role), TenantID: string(k.Tenant), Hint: k.Hint, CreatedBy: k.CreatedBy, CreatedAt: k.CreatedAt,
		LastUsedAt: timeOf(k.LastUsedAt), ExpiresAt: timeOf(k.ExpiresAt), RevokedAt: timeOf(k.RevokedAt),
	}
}

type newKey struct {
	Name      string     `json:"name" minLength:"1" maxLength:"80" example:"Nightly import"`
	Role      string     `json:"role" enum:"admin,finance,sales,support,engineer,compliance,auditor,developer_admin,developer_viewer,reporter"`
	TenantID  string     `json:"tenant_id,omitempty" doc:"For a role of a developer or of a portal: the one tenant that the key reaches." example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"Never, without it." example:"2030-01-01T00:00:00Z"`
}

type keyWithSecret struct {
	Key
	Secret string `json:"secret" doc:"Shown this once; the console keeps a hash alone." example:"oh_live_…"`
}

func (a *api) keys() {
	add(a, operation{id: "list-keys", method: http.MethodGet, path: keysPath, permission: core.KeysRead, summary: "List API keys"},
		func(ctx context.Context, in *struct {
			Sorting
			Status   string `query:"status" enum:"active,expired,revoked"`
			Kind     string `query:"kind" enum:"staff,developer" doc:"Of the platform, or of tenants."`
			TenantID string `query:"tenant_id" doc:"Keys of this tenant alone." example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
		}) (*pageOutput[Key], error) {
			q := in.query()
			q.Status, q.Kind, q.Tenant = in.Status, in.Kind, core.TenantID(in.TenantID)
			list, err := a.Keys.List(ctx, q)
			return pageOf(list, shapeKey), err
		})
	add(a, operation{id: "create-key", method: http.MethodPost, path: keysPath, permission: core.KeysWrite, summary: "Make an API key", status: http.StatusCreated,
		about: "The secret is in this answer and nowhere else, which is why no Idempotency-Key is taken: a repetition makes another key."},
		func(ctx context.Context, in *struct{ Body newKey }) (*created[keyWithSecret], error) {
			k, secret, err := a.Keys.Create(ctx, core.Key{Name: in.Body.Name, Role: core.Role(in.Body.Role), Tenant: core.TenantID(in.Body.TenantID), ExpiresAt: in.Body.ExpiresAt})
			return &created[keyWithSecret]{Location: keysPath + "/" + k.ID, Body: keyWithSecret{Key: shapeKey(k), Secret: secret}}, err
		})
	add(a, operation{id: "find-key", method: http.MethodGet, path: keysPath + "/{id}", permission: core.KeysRead, summary: "Read an API key, without its secret"},
		func(ctx context.Context, in *IDInput) (*struct{ Body Key }, error) { return a.findKey(ctx, in.ID) })
	add(a, operation{id: "revoke-key", method: http.MethodPost, path: keysPath + "/{id}/revoke", permission: core.KeysWrite, summary: "End an API key at once"},
		func(ctx context.Context, in *struct {
			IDInput
			Body why
		}) (*struct{ Body Key }, error) {
			if err := a.Keys.Revoke(ctx, in.ID, in.Body.Reason); err != nil {
				return nil, err
			}
			return a.findKey(ctx, in.ID)
		})
}

func (a *api) findKey(ctx context.Context, id string) (*struct{ Body Key }, error) {
	k, err := a.Keys.Find(ctx, id)
	return &struct{ Body Key }{shapeKey(k)}, err
}
