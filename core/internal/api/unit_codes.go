package api

import (
	"context"
	"net/http"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/qr"
)

// codeURL is what a unit's QR code holds.
func (a *api) codeURL(code string) string {
	if code == "" {
		return ""
	}
	return a.BaseURL + "/q/" + code
}

func (a *api) unitCodes() {
	addTenant(a, operation{id: "read-unit-code-svg", method: http.MethodGet, path: "/units/{id}/qr.svg", permission: core.DirectoryRead, summary: "Draw a unit's QR code as SVG", media: "image/svg+xml"},
		func(ctx context.Context, in *IDInput) (*file, error) {
			code, err := a.encode(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &file{ContentType: "image/svg+xml", Body: code.SVG()}, nil
		})
	addTenant(a, operation{id: "read-unit-code-png", method: http.MethodGet, path: "/units/{id}/qr.png", permission: core.DirectoryRead, summary: "Draw a unit's QR code as PNG", media: "image/png"},
		func(ctx context.Context, in *struct {
			IDInput
			Scale int `query:"scale" minimum:"1" maximum:"40" default:"10" doc:"Pixels of a module."`
		}) (*file, error) {
			code, err := a.encode(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			image, err := code.PNG(in.Scale)
			return &file{ContentType: "image/png", Body: image}, err
		})
}

// encode is the QR code of a unit.
func (a *api) encode(ctx context.Context, id string) (qr.Code, error) {
	u, err := a.Units.Find(ctx, tenantOf(ctx), id)
	if err != nil {
		return qr.Code{}, err
	}
	if u.Code == "" {
		return qr.Code{}, core.Errorf(core.NotFound, "This unit has no code yet.")
	}
	return qr.Encode(a.codeURL(u.Code))
}
