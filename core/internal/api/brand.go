package api

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/logo"
)

type brand struct {
	Name     string `json:"name" example:"Harpur Homes"`
	Primary  string `json:"primary" example:"#075a4d"`
	Accent   string `json:"accent" example:"#c58b2b"`
	LogoType string `json:"logo_type,omitempty" enum:"image/png,image/jpeg,image/svg+xml" doc:"Of the logo; absent when a monogram is drawn instead."`
	Locale   string `json:"locale" doc:"Follows the settings." example:"en-IE"`
}

func shapeBrand(b core.Brand) brand {
	return brand{Name: b.Name, Primary: b.Primary, Accent: b.Accent, LogoType: b.LogoType, Locale: b.Locale}
}

type brandBody struct {
	Name    string `json:"name" minLength:"1" maxLength:"120" doc:"Beside or instead of the logo." example:"Harpur Homes"`
	Primary string `json:"primary" pattern:"^#[0-9a-fA-F]{6}$" example:"#075a4d"`
	Accent  string `json:"accent" pattern:"^#[0-9a-fA-F]{6}$" example:"#c58b2b"`
}

type logoForm struct {
	File huma.FormFile `form:"file" required:"true" contentType:"application/octet-stream" doc:"PNG, JPEG or SVG, 2 MiB at most."`
}

// file is an answer that is not JSON.
type file struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (a *api) brand() {
	addTenant(a, operation{id: "read-brand", method: http.MethodGet, path: "/brand", permission: core.SettingsRead, summary: "Read the brand"},
		func(ctx context.Context, _ *struct{}) (*one[brand], error) {
			b, version, err := a.Settings.Brand(ctx, tenantOf(ctx))
			return oneOf(version, shapeBrand(b)), err
		})
	addTenant(a, operation{id: "update-brand", method: http.MethodPut, path: "/brand", permission: core.BrandWrite, summary: "Change name and colours of the brand"},
		func(ctx context.Context, in *struct {
			Match
			Body brandBody
		}) (*one[brand], error) {
			return a.updateBrand(ctx, in.Match, func(b *core.Brand) {
				b.Name, b.Primary, b.Accent = in.Body.Name, in.Body.Primary, in.Body.Accent
			})
		})
	addTenant(a, operation{id: "read-logo", method: http.MethodGet, path: "/brand/logo", permission: core.SettingsRead, summary: "Download the logo", media: "image/*"},
		func(ctx context.Context, _ *struct{}) (*file, error) {
			b, _, err := a.Settings.Brand(ctx, tenantOf(ctx))
			if err == nil && len(b.Logo) == 0 {
				err = core.Errorf(core.NotFound, "This tenant has no logo.")
			}
			return &file{ContentType: b.LogoType, Body: b.Logo}, err
		})
	addTenant(a, operation{id: "update-logo", method: http.MethodPut, path: "/brand/logo", permission: core.BrandWrite, summary: "Upload another logo",
		about: "The picture is written anew, so that nothing else of the file is kept. Packs show it when they are printed the next time."},
		func(ctx context.Context, in *struct {
			Match
			RawBody huma.MultipartFormFiles[logoForm]
		}) (*one[brand], error) {
			image, err := readLogo(in.RawBody.Data().File)
			if err != nil {
				return nil, err
			}
			return a.updateBrand(ctx, in.Match, func(b *core.Brand) { b.Logo, b.LogoType = image.Bytes, image.Type })
		})
	addTenant(a, operation{id: "delete-logo", method: http.MethodDelete, path: "/brand/logo", permission: core.BrandWrite, summary: "Remove the logo; a monogram is drawn instead", status: http.StatusNoContent},
		func(ctx context.Context, in *Match) (*struct{}, error) {
			_, err := a.updateBrand(ctx, *in, func(b *core.Brand) { b.Logo, b.LogoType = nil, "" })
			return nil, err
		})
}

func (a *api) updateBrand(ctx context.Context, m Match, change func(*core.Brand)) (*one[brand], error) {
	version, err := m.version()
	if err != nil {
		return nil, err
	}
	b, version, err := a.Settings.UpdateBrand(ctx, tenantOf(ctx), version, change)
	return oneOf(version, shapeBrand(b)), m.stale(ctx, err, func() (int64, error) {
		_, now, err := a.Settings.Brand(ctx, tenantOf(ctx))
		return now, err
	})
}

func readLogo(f huma.FormFile) (logo.Image, error) {
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, logo.MaxBytes+1)) // one more, so that a larger one is refused and not cut
	if err != nil {
		return logo.Image{}, fmt.Errorf("read logo: %w", err)
	}
	return logo.Clean(data, f.Filename)
}
