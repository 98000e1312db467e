package onboard

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/kit"
	"github.com/openhouse-ai/console/core/internal/onboard/logo"
	"github.com/openhouse-ai/console/tenants"
)

// logoLimit bounds an uploaded logo, in bytes.
const logoLimit = 2 << 20

// readLogo cleans the request's logo. Without one the image is empty.
func (p *Pipeline) readLogo(ctx context.Context, r core.Provision) (logo.Image, error) {
	if r.Theme.Logo == "" {
		return logo.Image{}, nil
	}
	file, content, err := p.Store.Staged(ctx, r.Theme.Logo)
	if err != nil {
		return logo.Image{}, core.Problems{{Field: "theme.logo", Value: r.Theme.Logo, Reason: "is not an upload that exists"}}.Err()
	}
	defer content.Close()
	body, err := io.ReadAll(io.LimitReader(content, logoLimit+1))
	if err != nil {
		return logo.Image{}, fmt.Errorf("read logo: %w", err)
	}
	return logo.Clean(body, file.Name)
}

func (p *Pipeline) stageLogo(ctx context.Context, region string, image logo.Image) (tenants.StagedFile, error) {
	return p.Store.Stage(ctx, region, tenants.StagedFile{Name: "logo", Type: image.Type}, bytes.NewReader(image.Bytes), logoLimit)
}

// brand is the tenant's brand as the branding step left it.
func (e *execution) brand(ctx context.Context, b brandingResult) (core.Brand, error) {
	settings, err := e.settings()
	brand := core.Brand{Name: e.request.Developer.Name, Primary: b.Primary, Accent: b.Accent, Locale: settings.Locale}
	if err != nil || b.Logo == "" {
		return brand, err
	}
	file, content, err := e.Store.Staged(ctx, b.Logo)
	if err != nil {
		return brand, err
	}
	defer content.Close()
	brand.LogoType = file.Type
	brand.Logo, err = io.ReadAll(content)
	return brand, err
}

// site gathers what a development needs to be printed.
func (p *Pipeline) site(ctx context.Context, tenant core.TenantID, development string) (kit.Site, error) {
	var site kit.Site
	err := p.Store.View(ctx, tenant, func(tx *tenants.Tx) error {
		settings, err := tenants.ReadSettings(ctx, tx)
		if err != nil {
			return err
		}
		site.Contact, site.Locale, site.Now = settings.Contact, settings.Locale, tx.Now
		site.Brand, err = tenants.ReadBrand(ctx, tx)
		return err
	})
	if err != nil {
		return site, err
	}
	if site.Development, err = p.Directory.FindDevelopment(ctx, tenant, development); err != nil {
		return site, err
	}
	units, err := p.Directory.UnitsOf(ctx, tenant, development)
	for _, u := range units {
		site.Units = append(site.Units, kit.Unit{Label: u.Label, Address: u.Address, Postcode: u.Postcode, URL: p.BaseURL + "/q/" + u.Code})
	}
	return site, err
}

// filesOf lists what was staged for a run.
func (p *Pipeline) filesOf(ctx context.Context, tx *tenants.Tx, run string) ([]string, error) {
	request, err := requestOf(ctx, tx, run)
	return []string{request}, err
}

// release drops staged files that nobody needs any more. What can't be dropped
// now is swept later.
func (p *Pipeline) release(ctx context.Context, files []string) {
	for _, id := range files {
		if err := p.Store.Unstage(ctx, id); err != nil {
			p.Log.WarnContext(ctx, "release staged file", "file", id, "error", err)
		}
	}
}

// slug is a name as file names carry it: lower case, words joined by hyphens.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "-")
}
