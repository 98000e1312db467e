package api

import (
	"context"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
)

type development struct {
	ID        string    `json:"id" example:"dvt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Name      string    `json:"name" example:"Harpur Lane"`
	Address   string    `json:"address" example:"Leixlip, Co. Kildare"`
	Status    string    `json:"status" enum:"planned,selling,complete"`
	Units     int       `json:"units" doc:"How many units it has."`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func shapeDevelopment(d core.Development) development {
	return development{ID: d.ID, Name: d.Name, Address: d.Address, Status: d.Status, Units: d.Units, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt}
}

type developmentBody struct {
	Name    string `json:"name" minLength:"1" maxLength:"120" example:"Harpur Lane"`
	Address string `json:"address,omitempty" maxLength:"240" example:"Leixlip, Co. Kildare"`
	Status  string `json:"status,omitempty" enum:"planned,selling,complete" default:"planned"`
}

func (b developmentBody) noun() core.Development {
	return core.Development{Name: b.Name, Address: b.Address, Status: b.Status}
}

func (a *api) developments() {
	addTenant(a, operation{id: "list-developments", method: http.MethodGet, path: "/developments", permission: core.DirectoryRead, summary: "List developments"},
		func(ctx context.Context, in *struct {
			Sorting
			Status string `query:"status" enum:"planned,selling,complete"`
		}) (*pageOutput[development], error) {
			q := in.query()
			q.Status = in.Status
			list, err := a.Developments.List(ctx, tenantOf(ctx), q)
			return pageOf(list, shapeDevelopment), err
		})
	addTenant(a, operation{id: "create-development", method: http.MethodPost, path: "/developments", permission: core.DirectoryWrite, summary: "Create a development", status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body developmentBody }) (*created[development], error) {
			d, err := a.Developments.Create(ctx, tenantOf(ctx), in.Body.noun())
			return createdAt(locate(ctx, "/developments/"+d.ID), d.Version, shapeDevelopment(d)), err
		})
	addTenant(a, operation{id: "find-development", method: http.MethodGet, path: "/developments/{id}", permission: core.DirectoryRead, summary: "Read a development"},
		func(ctx context.Context, in *IDInput) (*one[development], error) {
			d, err := a.Developments.Find(ctx, tenantOf(ctx), in.ID)
			return oneOf(d.Version, shapeDevelopment(d)), err
		})
	addTenant(a, operation{id: "update-development", method: http.MethodPut, path: "/developments/{id}", permission: core.DirectoryWrite, summary: "Change a development"},
		func(ctx context.Context, in *struct {
			IDInput
			Match
			Body developmentBody
		}) (*one[development], error) {
			d := in.Body.noun()
			var err error
			if d.Version, err = in.version(); err != nil {
				return nil, err
			}
			d.ID = in.ID
			d, err = a.Developments.Update(ctx, tenantOf(ctx), d)
			return oneOf(d.Version, shapeDevelopment(d)), in.stale(ctx, err, func() (int64, error) {
				now, err := a.Developments.Find(ctx, tenantOf(ctx), in.ID)
				return now.Version, err
			})
		})
	addTenant(a, operation{id: "delete-development", method: http.MethodDelete, path: "/developments/{id}", permission: core.DirectoryWrite, summary: "Delete a development without units", status: http.StatusNoContent},
		func(ctx context.Context, in *IDInput) (*struct{}, error) {
			return nil, a.Developments.Delete(ctx, tenantOf(ctx), in.ID)
		})
}
