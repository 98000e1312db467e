package app

import (
	"cmp"
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/notify"
	"github.com/openhouse-ai/console/tenants"
)

// platformZone is the time zone of OpenHouse AI's staff.
const platformZone = "Europe/Dublin"

// mailer writes access's mail.
type mailer struct {
	tenants *tenants.Store
	outbox  *notify.Outbox
}

// Letters are in the tenant's colours and time. What can't be read is left
// plain: who waits for a link is better served by a plain letter than by none.
func (m mailer) Letters(ctx context.Context, tenant core.TenantID) access.Letters {
	l := accessLetters{outbox: m.outbox, brand: core.Brand{Name: "OpenHouse Console"}, zone: zoneOf(platformZone)}
	t, err := m.tenants.Find(ctx, tenant)
	if tenant == "" || err != nil {
		return l
	}
	l.brand.Name = t.Name
	if brand, err := m.tenants.Brand(ctx, tenant); err == nil {
		// These letters lie in the control database, where no tenant's files
		// belong: a monogram stands for the logo.
		brand.Logo, brand.LogoType = nil, ""
		l.brand = brand
	}
	if settings, err := m.tenants.Settings(ctx, tenant); err == nil {
		l.zone = zoneOf(settings.TimeZone)
	}
	return l
}

func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// accessLetters are access's letters in one look.
type accessLetters struct {
	outbox *notify.Outbox
	brand  core.Brand
	zone   *time.Location
}

func (l accessLetters) Invite(ctx context.Context, tx *tenants.Tx, i access.Invitation) error {
	return l.outbox.Send(ctx, tx, "", i.To.Email, notify.UserInvitation{
		Brand: l.brand, Name: i.To.Name, InvitedBy: cmp.Or(i.InvitedBy, "OpenHouse"), Role: access.RoleName(i.To.Role),
		URL: i.Link, Expires: i.Expires.In(l.zone), Help: help,
	})
}

func (l accessLetters) Reset(ctx context.Context, tx *tenants.Tx, r access.Reset) error {
	return l.outbox.Send(ctx, tx, "", r.To.Email, notify.PasswordReset{
		Brand: l.brand, Name: r.To.Name, URL: r.Link, Expires: r.Expires.In(l.zone), Help: help,
	})
}
