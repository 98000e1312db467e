package onboard

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
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

// brand is the tenant's brand, with the logo as cleaning leaves it.
func (e *execution) brand(ctx context.Context, locale string) (core.Brand, error) {
	image, err := e.readLogo(ctx, e.request)
	return core.Brand{
		Name: e.request.Developer.Name, Primary: e.request.Theme.Primary, Accent: e.request.Theme.Accent,
		Logo: image.Bytes, LogoType: image.Type, Locale: locale,
	}, err
}

// site gathers what a development needs to be printed.
func (p *Pipeline) site(ctx context.Context, tenant core.TenantID, development string) (kit.Site, error) {
	var site kit.Site
	err := p.Store.View(ctx, tenant, func(tx *tenants.Tx) error {
		settings, err := tenants.ReadSettings(ctx, tx)
		if err != nil {
			return err
		}
		zone, err := time.LoadLocation(settings.TimeZone)
		if err != nil {
			return fmt.Errorf("read time zone: %w", err)
		}
		site.Contact, site.Locale, site.Now = settings.Contact, settings.Locale, tx.Now.In(zone)
		site.Brand, err = tenants.ReadBrand(ctx, tx)
		return err
	})
	if err != nil {
		return site, err
	}
	if site.Development, err = p.Directory.FindDevelopment(ctx, tenant, development); err != nil {
		return site, err
	}
	site.URL = p.BaseURL + "/q" // where people type the code of their unit
	units, err := p.Directory.UnitsOf(ctx, tenant, development)
	for _, u := range units {
		site.Units = append(site.Units, kit.Unit{Label: u.Label, Address: u.Address, Postcode: u.Postcode, URL: p.BaseURL + "/q/" + u.Code})
	}
	return site, err
}

// release drops everything that was staged for a run. What can't be dropped
// now goes at the next start.
func (p *Pipeline) release(ctx context.Context, run string) {
	if err := p.Store.UnstageOwned(context.WithoutCancel(ctx), run); err != nil {
		p.Log.WarnContext(ctx, "release staged files", "run", run, "error", err)
	}
}

// drop drops one staged file that nobody needs any more.
func (p *Pipeline) drop(ctx context.Context, id string) {
	if err := p.Store.Unstage(context.WithoutCancel(ctx), id); err != nil {
		p.Log.WarnContext(ctx, "drop staged file", "file", id, "error", err)
	}
}

// slug is a name as file names carry it: lower case, words joined by hyphens.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "-")
}
