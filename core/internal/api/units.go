package api

import (
	"context"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
)

type unit struct {
	ID            string    `json:"id" example:"unt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	DevelopmentID string    `json:"development_id" example:"dvt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Development   string    `json:"development" example:"Harpur Lane"`
	Label         string    `json:"label" example:"2 Harpur Park"`
	Address       string    `json:"address" example:"2 Harpur Park, Leixlip"`
	County        string    `json:"county,omitempty" example:"Kildare"`
	Postcode      string    `json:"postcode,omitempty" example:"W23 X0Y1"`
	Kind          string    `json:"kind,omitempty" example:"House"`
	Size          string    `json:"size,omitempty" example:"125 square metres or more"`
	Price         *money    `json:"price,omitempty"`
	SoldOn        string    `json:"sold_on,omitempty" format:"date" example:"2023-02-01"`
	HandedOverAt  string    `json:"handed_over_at,omitempty" format:"date-time"`
	CodeURL       string    `json:"code_url,omitempty" doc:"What its QR code holds." format:"uri"`
	FirstScanAt   string    `json:"first_scan_at,omitempty" format:"date-time"`
	Homeowners    int       `json:"homeowners" doc:"How many it has."`
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`
}

func (a *api) shapeUnit(u core.Unit) unit {
	return unit{
		ID: u.ID, DevelopmentID: u.DevelopmentID, Development: u.Development, Label: u.Label, Address: u.Address, County: u.County, Postcode: u.Postcode,
		Kind: u.Kind, Size: u.Size, Price: moneyOf(u.Price), SoldOn: u.SoldOn, HandedOverAt: timeOf(u.HandedOverAt), CodeURL: a.codeURL(u.Code),
		FirstScanAt: timeOf(u.FirstScanAt), Homeowners: u.Homeowners, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	}
}

// UnitBody is what describes a unit.
type UnitBody struct {
	Label    string `json:"label" minLength:"1" maxLength:"120" doc:"How people on site name it." example:"2 Harpur Park"`
	Address  string `json:"address,omitempty" maxLength:"300" example:"2 Harpur Park, Leixlip"`
	County   string `json:"county,omitempty" maxLength:"60" example:"Kildare"`
	Postcode string `json:"postcode,omitempty" maxLength:"12" doc:"Eircode or UK postcode, in any spelling." example:"W23 X0Y1"`
	Kind     string `json:"kind,omitempty" maxLength:"60" example:"House"`
	Size     string `json:"size,omitempty" maxLength:"120" example:"125 square metres or more"`
	Price    *money `json:"price,omitempty"`
	SoldOn   string `json:"sold_on,omitempty" format:"date" example:"2023-02-01"`
}

func (b UnitBody) noun() core.Unit {
	u := core.Unit{Label: b.Label, Address: b.Address, County: b.County, Postcode: b.Postcode, Kind: b.Kind, Size: b.Size, SoldOn: b.SoldOn}
	if b.Price != nil {
		u.Price = &core.Money{Minor: b.Price.Minor, Currency: b.Price.Currency}
	}
	return u
}

type newUnit struct {
	DevelopmentID string `json:"development_id" example:"dvt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	UnitBody
}

type handOver struct {
	At *time.Time `json:"at,omitempty" doc:"When the buyer got the keys; now, without it." example:"2026-03-31T10:00:00Z"`
}

func (a *api) units() {
	addTenant(a, operation{id: "list-units", method: http.MethodGet, path: "/units", permission: core.DirectoryRead, summary: "List units"},
		func(ctx context.Context, in *struct {
			Sorting
			Development string `query:"development" doc:"The id of a development." example:"dvt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
			Status      string `query:"status" enum:"handed_over,not_handed_over,with_homeowner,without_homeowner,scanned,not_scanned"`
			Kind        string `query:"kind" maxLength:"60" doc:"House, Apartment, …" example:"House"`
		}) (*pageOutput[unit], error) {
			q := in.query()
			q.Development, q.Status, q.Kind = in.Development, in.Status, in.Kind
			list, err := a.Units.List(ctx, tenantOf(ctx), q)
			return pageOf(list, a.shapeUnit), err
		})
	addTenant(a, operation{id: "create-unit", method: http.MethodPost, path: "/units", permission: core.DirectoryWrite, summary: "Create a unit with a fresh code", status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body newUnit }) (*created[unit], error) {
			u := in.Body.noun()
			u.DevelopmentID = in.Body.DevelopmentID
			u, err := a.Units.Create(ctx, tenantOf(ctx), u)
			return createdAt(locate(ctx, "/units/"+u.ID), u.Version, a.shapeUnit(u)), err
		})
	addTenant(a, operation{id: "find-unit", method: http.MethodGet, path: "/units/{id}", permission: core.DirectoryRead, summary: "Read a unit"},
		func(ctx context.Context, in *IDInput) (*one[unit], error) {
			u, err := a.Units.Find(ctx, tenantOf(ctx), in.ID)
			return oneOf(u.Version, a.shapeUnit(u)), err
		})
	addTenant(a, operation{id: "update-unit", method: http.MethodPut, path: "/units/{id}", permission: core.DirectoryWrite, summary: "Change what describes a unit"},
		func(ctx context.Context, in *struct {
			IDInput
			Match
			Body UnitBody
		}) (*one[unit], error) {
			u := in.Body.noun()
			var err error
			if u.Version, err = in.version(); err != nil {
				return nil, err
			}
			u.ID = in.ID
			u, err = a.Units.Update(ctx, tenantOf(ctx), u)
			return oneOf(u.Version, a.shapeUnit(u)), in.stale(ctx, err, func() (int64, error) {
				now, err := a.Units.Find(ctx, tenantOf(ctx), in.ID)
				return now.Version, err
			})
		})
	addTenant(a, operation{id: "hand-over-unit", method: http.MethodPost, path: "/units/{id}/hand-over", permission: core.DirectoryWrite, summary: "Note that the buyer got the keys",
		about: "Saying another time again corrects it."},
		func(ctx context.Context, in *struct {
			IDInput
			Body handOver
		}) (*one[unit], error) {
			var at time.Time
			if in.Body.At != nil {
				at = *in.Body.At
			}
			u, err := a.Units.HandOver(ctx, tenantOf(ctx), in.ID, at)
			return oneOf(u.Version, a.shapeUnit(u)), err
		})
	addTenant(a, operation{id: "delete-unit", method: http.MethodDelete, path: "/units/{id}", permission: core.DirectoryWrite, summary: "Delete a unit without homeowners; its code leads nowhere then", status: http.StatusNoContent},
		func(ctx context.Context, in *IDInput) (*struct{}, error) {
			return nil, a.Units.Delete(ctx, tenantOf(ctx), in.ID)
		})
}
