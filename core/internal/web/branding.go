package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/logo"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/ui"
)

// The product's colours, for a tenant that has chosen none.
const (
	plainPrimary = "#075a4d"
	plainAccent  = "#c8862b"
)

// brand is how the tenant looks; one that has never chosen looks plain.
func (s *site) brand(ctx context.Context, tenant core.Tenant) (core.Brand, error) {
	b, _, err := s.Settings.Brand(ctx, tenant.ID)
	if core.CodeOf(err) == core.NotFound {
		return core.Brand{Name: tenant.Name, Primary: plainPrimary, Accent: plainAccent}, nil
	}
	return b, err
}

// showBranding shows how the tenant looks, and the form to change it.
func showBranding(q *request) error {
	b, version, err := q.site.Settings.Brand(q.ctx, q.tenant.ID)
	if core.CodeOf(err) == core.NotFound {
		p := q.tab("/branding", "Branding", "")
		p.Blocks = append(p.Blocks, ui.Empty{Title: "No branding yet.", Reason: "The onboarding of " + q.tenant.Name + " writes it, from the logo and the colours that it is given.", Icon: ui.IconImage})
		return q.show(http.StatusOK, p)
	}
	if err != nil {
		return err
	}
	return q.brandingPage(http.StatusOK, b, q.brandingForm(b, version))
}

func (q *request) brandingPage(status int, b core.Brand, f ui.Form) error {
	p := q.tab("/branding", "Branding", "How letters, labels and the landing page of "+q.tenant.Name+" look.")
	preview := ui.Preview{Name: b.Name, Primary: b.Primary, Accent: b.Accent, Button: "Get started", Line: "2 Harpur Park, Leixlip"}
	if len(b.Logo) > 0 {
		preview.Logo = q.base + "/logo"
	}
	side := ui.Section{Title: "Preview", Lead: "As it is stored now.", Blocks: ui.Blocks{preview}}
	if !q.changes(core.BrandWrite) {
		p.Blocks = append(p.Blocks, side)
		return q.show(status, p)
	}
	p.Blocks = append(p.Blocks, ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{f, side}})
	return q.show(status, p)
}

func (q *request) brandingForm(b core.Brand, version int64) ui.Form {
	f := ui.Form{Action: q.base + "/branding", Submit: "Save branding", Guard: true, Fields: []ui.Field{
		{Name: "name", Label: "Name", Value: b.Name, Required: true, MaxLength: 120, Hint: "As buyers know the developer. It stands where there is no logo."},
		{Kind: ui.ColorField, Name: "primary", Label: "Primary colour", Value: b.Primary, Required: true, Half: true, Hint: "Headings, buttons, the band at the top."},
		{Kind: ui.ColorField, Name: "accent", Label: "Accent colour", Value: b.Accent, Required: true, Half: true, Hint: "Rules and small marks."},
		{Kind: ui.FileField, Name: "logo", Label: "Logo", Accept: ".png,.jpg,.jpeg,.svg", Hint: "PNG, JPEG or SVG, at most 2 MiB. SVG prints sharpest."},
		versionField(version),
	}}
	if len(b.Logo) > 0 {
		f.Fields = append(f.Fields, ui.Field{Kind: ui.Checkbox, Name: "remove_logo", Label: "Remove the logo and draw a monogram instead"})
	}
	return f
}

// saveBranding stores what was sent; packs that are printed keep their look.
func saveBranding(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	image, err := q.sentLogo()
	if err == nil {
		_, _, err = q.site.Settings.UpdateBrand(q.ctx, q.tenant.ID, sentVersion(sent), func(b *core.Brand) {
			b.Name, b.Primary, b.Accent = sent.Get("name"), strings.TrimSpace(sent.Get("primary")), strings.TrimSpace(sent.Get("accent"))
			if sent.Get("remove_logo") != "" {
				b.Logo, b.LogoType = nil, ""
			}
			if len(image.Bytes) > 0 {
				b.Logo, b.LogoType = image.Bytes, image.Type
			}
		})
	}
	switch core.CodeOf(err) {
	case "":
		return q.goTo(q.base+"/branding", "The branding is saved. Print packs anew to use it on paper.")
	case core.Invalid, core.Conflict:
		return q.retryBranding(sent, err)
	}
	return err
}

// retryBranding draws the form again as it was sent.
func (q *request) retryBranding(sent values, failure error) error {
	b, version, err := q.site.Settings.Brand(q.ctx, q.tenant.ID)
	if err != nil {
		return err
	}
	f := q.brandingForm(b, version)
	f.Fill(sent)
	failForm(&f, failure)
	return q.brandingPage(problem.Status(failure), b, f)
}

// sentLogo is the uploaded logo, cleaned; empty when none was chosen.
func (q *request) sentLogo() (logo.Image, error) {
	sent, err := q.MultipartForm()
	if err != nil || len(sent.File["logo"]) == 0 || sent.File["logo"][0].Filename == "" {
		return logo.Image{}, nil
	}
	header := sent.File["logo"][0]
	file, err := header.Open()
	if err != nil {
		return logo.Image{}, fmt.Errorf("read logo: %w", err)
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, logo.MaxBytes+1))
	if err != nil {
		return logo.Image{}, fmt.Errorf("read logo: %w", err)
	}
	return logo.Clean(body, header.Filename)
}
