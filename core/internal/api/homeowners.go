package api

import (
	"context"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
)

type homeowner struct {
	ID             string    `json:"id" example:"hom_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	UnitID         string    `json:"unit_id" example:"unt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Unit           string    `json:"unit" doc:"Its label." example:"2 Harpur Park"`
	Name           string    `json:"name" example:"Ciara Nolan"`
	Email          string    `json:"email" example:"ciara@homeowner.example"`
	Status         string    `json:"status" enum:"invited,onboarded,left"`
	ConsentAt      string    `json:"consent_at,omitempty" format:"date-time"`
	ConsentVersion string    `json:"consent_version,omitempty" doc:"Of the text that was agreed to." example:"2026-01"`
	OnboardedAt    string    `json:"onboarded_at,omitempty" format:"date-time"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
}

func shapeHomeowner(h core.Homeowner) homeowner {
	return homeowner{
		ID: h.ID, UnitID: h.UnitID, Unit: h.Unit, Name: h.Name, Email: h.Email, Status: h.Status, ConsentAt: timeOf(h.ConsentAt),
		ConsentVersion: h.ConsentVersion, OnboardedAt: timeOf(h.OnboardedAt), CreatedAt: h.CreatedAt, UpdatedAt: h.UpdatedAt,
	}
}

type newHomeowner struct {
	UnitID string `json:"unit_id" example:"unt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Name   string `json:"name" minLength:"1" maxLength:"120" example:"Ciara Nolan"`
	Email  string `json:"email" minLength:"3" maxLength:"254" example:"ciara@homeowner.example"`
}

type homeownerChange struct {
	Name   string `json:"name" minLength:"1" maxLength:"120" example:"Ciara Nolan"`
	Email  string `json:"email" minLength:"3" maxLength:"254" example:"ciara@homeowner.example"`
	Status string `json:"status,omitempty" enum:"invited,onboarded,left" doc:"Stays as it is without it. Onboarding has a request of its own, with the consent."`
}

type consent struct {
	Version string `json:"consent" minLength:"1" maxLength:"60" doc:"The version of the text that the homeowner has agreed to." example:"2026-01"`
}

func (a *api) homeowners() {
	addTenant(a, operation{id: "list-homeowners", method: http.MethodGet, path: "/homeowners", permission: core.DirectoryRead, summary: "List homeowners"},
		func(ctx context.Context, in *struct {
			Sorting
			Development string `query:"development" doc:"The id of a development." example:"dvt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
			Unit        string `query:"unit" doc:"The id of a unit." example:"unt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
			Status      string `query:"status" enum:"invited,onboarded,left"`
		}) (*pageOutput[homeowner], error) {
			q := in.query()
			q.Development, q.Unit, q.Status = in.Development, in.Unit, in.Status
			list, err := a.Homeowners.List(ctx, tenantOf(ctx), q)
			return pageOf(list, shapeHomeowner), err
		})
	addTenant(a, operation{id: "create-homeowner", method: http.MethodPost, path: "/homeowners", permission: core.DirectoryWrite, summary: "Add a homeowner to a unit", status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body newHomeowner }) (*created[homeowner], error) {
			h, err := a.Homeowners.Create(ctx, tenantOf(ctx), core.Homeowner{UnitID: in.Body.UnitID, Name: in.Body.Name, Email: in.Body.Email})
			return createdAt(locate(ctx, "/homeowners/"+h.ID), h.Version, shapeHomeowner(h)), err
		})
	addTenant(a, operation{id: "find-homeowner", method: http.MethodGet, path: "/homeowners/{id}", permission: core.DirectoryRead, summary: "Read a homeowner"},
		func(ctx context.Context, in *IDInput) (*one[homeowner], error) {
			h, err := a.Homeowners.Find(ctx, tenantOf(ctx), in.ID)
			return oneOf(h.Version, shapeHomeowner(h)), err
		})
	addTenant(a, operation{id: "update-homeowner", method: http.MethodPut, path: "/homeowners/{id}", permission: core.DirectoryWrite, summary: "Change a homeowner"},
		func(ctx context.Context, in *struct {
			IDInput
			Match
			Body homeownerChange
		}) (*one[homeowner], error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			h, err := a.Homeowners.Update(ctx, tenantOf(ctx), core.Homeowner{ID: in.ID, Name: in.Body.Name, Email: in.Body.Email, Status: in.Body.Status, Version: version})
			return oneOf(h.Version, shapeHomeowner(h)), in.stale(ctx, err, func() (int64, error) {
				now, err := a.Homeowners.Find(ctx, tenantOf(ctx), in.ID)
				return now.Version, err
			})
		})
	addTenant(a, operation{id: "onboard-homeowner", method: http.MethodPost, path: "/homeowners/{id}/onboard", permission: core.DirectoryWrite, summary: "Note that a homeowner has agreed and moved in"},
		func(ctx context.Context, in *struct {
			IDInput
			Body consent
		}) (*one[homeowner], error) {
			h, err := a.Homeowners.Onboard(ctx, tenantOf(ctx), in.ID, in.Body.Version)
			return oneOf(h.Version, shapeHomeowner(h)), err
		})
	addTenant(a, operation{id: "delete-homeowner", method: http.MethodDelete, path: "/homeowners/{id}", permission: core.DirectoryWrite, summary: "Delete a homeowner with everything that names the person", status: http.StatusNoContent},
		func(ctx context.Context, in *IDInput) (*struct{}, error) {
			return nil, a.Homeowners.Delete(ctx, tenantOf(ctx), in.ID)
		})
}
