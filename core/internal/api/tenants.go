package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

type tenant struct {
	ID        string    `json:"id" example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Name      string    `json:"name" example:"Harpur Homes"`
	Code      string    `json:"code" example:"HARP"`
	Region    string    `json:"region" example:"eu-west"`
	Status    string    `json:"status" enum:"provisioning,active,suspended,failed"`
	Demo      bool      `json:"demo"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func shapeTenant(t core.Tenant) tenant {
	return tenant{ID: string(t.ID), Name: t.Name, Code: t.Code, Region: t.Region, Status: string(t.Status), Demo: t.Demo, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt}
}

// TenantInput names the tenant; the id is taken from the context.
type TenantInput struct {
	TenantID string `path:"tenant_id" doc:"The tenant's id." example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
}

// tenantChange leaves what it doesn't name as it is.
type tenantChange struct {
	Name   string `json:"name,omitempty" minLength:"1" maxLength:"120" example:"Harpur Homes"`
	Status string `json:"status,omitempty" enum:"active,suspended" doc:"A suspended tenant can be read and not changed."`
	Reason string `json:"reason,omitempty" maxLength:"300" doc:"Why the status changes; needed then, and kept in the audit log." example:"Contract has ended"`
}

func (a *api) tenants() {
	add(a, operation{id: "list-tenants", method: http.MethodGet, path: adminPrefix + "/tenants", permission: core.TenantsRead, summary: "List tenants"},
		func(ctx context.Context, in *struct {
			Sorting
			Region string `query:"region" doc:"Where the tenants' files are." example:"eu-west"`
			Status string `query:"status" enum:"provisioning,active,suspended,failed"`
		}) (*pageOutput[tenant], error) {
			q := in.query()
			q.Region, q.Status = in.Region, in.Status
			list, err := a.Tenants.List(ctx, q)
			return pageOf(list, shapeTenant), err
		})
	add(a, operation{id: "find-tenant", method: http.MethodGet, path: tenantPrefix, permission: core.TenantsRead, summary: "Read a tenant"},
		func(ctx context.Context, _ *TenantInput) (*one[tenant], error) {
			t, err := a.Tenants.Find(ctx, tenantOf(ctx))
			return oneOf(t.Version, shapeTenant(t)), err
		})
	add(a, operation{id: "update-tenant", method: http.MethodPatch, path: tenantPrefix, permission: core.TenantsWrite, summary: "Rename, suspend or reactivate a tenant"},
		func(ctx context.Context, in *struct {
			TenantInput
			Match
			Body tenantChange
		}) (*one[tenant], error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			t, err := a.updateTenant(ctx, version, in.Body)
			return oneOf(t.Version, shapeTenant(t)), in.stale(ctx, err, func() (int64, error) {
				now, err := a.Tenants.Find(ctx, tenantOf(ctx))
				return now.Version, err
			})
		})
}

// updateTenant changes what differs, and records it in the same transaction.
func (a *api) updateTenant(ctx context.Context, version int64, change tenantChange) (core.Tenant, error) {
	before, err := a.Tenants.Find(ctx, tenantOf(ctx))
	if err != nil {
		return before, err
	}
	if version == 0 {
		version = before.Version // the change was computed from this one
	}
	after := before
	after.Version = version
	entries, err := change.apply(&after)
	if err != nil || len(entries) == 0 && version == before.Version {
		return before, err
	}
	return a.Tenants.UpdateTenant(ctx, after, func(tx *tenants.Tx) error {
		for _, e := range entries {
			if err := a.Audit.Record(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// apply changes the tenant and returns what the audit log says of it.
func (c tenantChange) apply(t *core.Tenant) ([]core.Entry, error) {
	var entries []core.Entry
	target := core.Target{Kind: "tenant", ID: string(t.ID)}
	if name := strings.Join(strings.Fields(c.Name), " "); name != "" && name != t.Name {
		entries = append(entries, core.Entry{Action: "tenant.update", Target: target, Changes: []core.Change{{Field: "name", Before: t.Name, After: name}}})
		t.Name = name
	}
	status := core.TenantStatus(c.Status)
	if status == "" || status == t.Status {
		return entries, nil
	}
	if t.Status != core.TenantActive && t.Status != core.TenantSuspended {
		return nil, core.Errorf(core.Conflict, "A tenant that is %s can't be %s.", t.Status, status)
	}
	reason := strings.TrimSpace(c.Reason)
	if reason == "" {
		return nil, core.Problems{{Field: "reason", Reason: "is missing: the audit log keeps why the status changes"}}.Err()
	}
	action := "tenant.suspend"
	if status == core.TenantActive {
		action = "tenant.resume"
	}
	entries = append(entries, core.Entry{
		Action: action, Target: target, Reason: reason, Changes: []core.Change{{Field: "status", Before: string(t.Status), After: string(status)}},
	})
	t.Status = status
	return entries, nil
}
