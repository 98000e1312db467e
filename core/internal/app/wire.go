package app

import (
	"context"
	"fmt"
	"os"

	"github.com/openhouse-ai/console/assets"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/core/internal/notify"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/core/internal/onboard/kit"
	"github.com/openhouse-ai/console/core/internal/pdf"
	"github.com/openhouse-ai/console/tenants"
)

// site is the directory as an onboarding sees it.
type site struct{ *directory.Directory }

func (s site) AddDevelopment(ctx context.Context, tx *tenants.Tx, d core.Development) (core.Development, error) {
	return s.Developments.Add(ctx, tx, d)
}

func (s site) AddUnits(ctx context.Context, tx *tenants.Tx, units []core.Unit) (int, error) {
	added, _, err := s.Units.Add(ctx, tx, units)
	return added, err
}

func (s site) RegisterCodes(ctx context.Context, tenant core.TenantID, codes []string) error {
	return s.Units.RegisterCodes(ctx, tenant, codes)
}

func (s site) WithoutCode(ctx context.Context, tx *tenants.Tx, development string) ([]string, error) {
	return s.Units.WithoutCode(ctx, tx, development)
}

func (s site) SetCodes(ctx context.Context, tx *tenants.Tx, codes map[string]string) error {
	return s.Units.SetCodes(ctx, tx, codes)
}

func (s site) AddressKey(label, address string) string { return directory.AddressKey(label, address) }

func (s site) NewCode() string { return directory.NewCode() }

func (s site) FindDevelopment(ctx context.Context, tenant core.TenantID, id string) (core.Development, error) {
	return s.Developments.Find(ctx, tenant, id)
}

func (s site) UnitsOf(ctx context.Context, tenant core.TenantID, development string) ([]core.Unit, error) {
	return s.Units.Of(ctx, tenant, development)
}

// help is whom letters name for questions.
var help = core.Contact{Name: "OpenHouse", Email: "support@openhouse.example"}

// letters writes an onboarding's mail.
type letters struct {
	outbox *notify.Outbox
	base   string
	region func(string) string
}

func (l letters) QueueWelcome(ctx context.Context, tx *tenants.Tx, key string, w onboard.Welcome) (string, error) {
	id := notify.IDFor(key)
	return id, l.outbox.Send(ctx, tx, id, w.Contact.Email, notify.WelcomePack{
		Brand: w.Brand, Contact: w.Contact.Name, Development: w.Development.Name, Units: w.Units, Region: l.region(w.Tenant.Region),
		Kit: []notify.Item{
			{Name: "QR labels", Detail: "A4 sheets, and every code as PNG and SVG."},
			{Name: "Welcome letters", Detail: "One for each unit, ready to print and hand over."},
			{Name: "Poster and checklist", Detail: "For the show house and for the site team."},
			{Name: "Unit list", Detail: "A workbook of every unit with its link."},
		},
		URL: l.base + "/portal/developments/" + w.Development.ID, Help: help,
	})
}

func (a *App) regionLabel(name string) string {
	for _, r := range a.Config.Regions {
		if r.Name == name && r.Label != "" {
			return r.Label
		}
	}
	return name
}

// newPrinter prints in the console's own typeface.
func newPrinter() (kit.Printer, error) {
	var fonts pdf.Fonts
	for _, f := range []struct {
		name string
		into *[]byte
	}{{"regular", &fonts.Regular}, {"medium", &fonts.Medium}, {"semibold", &fonts.SemiBold}, {"bold", &fonts.Bold}} {
		body, err := assets.Font(f.name)
		if err != nil {
			return kit.Printer{}, fmt.Errorf("load fonts: %w", err)
		}
		*f.into = body
	}
	return kit.Printer{Fonts: fonts}, nil
}

// transport is the configured mail server, nil without one.
func (s SMTP) transport() (notify.Transport, error) {
	if s.Host == "" {
		return nil, nil
	}
	t, err := notify.NewSMTP(notify.SMTPOptions{Host: s.Host, Port: s.Port, Security: notify.Security(s.TLS), Username: s.User, Password: s.password})
	if err != nil {
		return nil, fmt.Errorf("configuration: smtp: %w", err)
	}
	return t, nil
}

func (c Config) defaults() (onboard.Defaults, error) {
	if c.Defaults == "" {
		return onboard.ReadDefaults(nil)
	}
	body, err := os.ReadFile(c.Defaults)
	if err != nil {
		return onboard.Defaults{}, fmt.Errorf("read defaults: %w", err)
	}
	return onboard.ReadDefaults(body)
}
