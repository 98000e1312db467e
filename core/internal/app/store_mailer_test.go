package app_test

import (
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// Letters of access come in the receiver's look: the developer's name and
// colours for a developer's staff, the platform's for its own.
func TestInvitationsAndResetsAreDesignedLetters(t *testing.T) {
	t.Parallel()
	a := mustOpen(t, fresh.Dir(t))
	ctx := core.WithActor(t.Context(), core.System)
	tenant := core.Tenant{ID: core.NewTenantID(a.Clock.Now()), Name: "Harpur Homes", Code: "HARP", Region: "eu-west", Status: core.TenantActive}
	must(t, a.Tenants.Create(ctx, tenant))
	must(t, a.Tenants.Update(ctx, tenant.ID, func(tx *tenants.Tx) error {
		return tenants.WriteBrand(ctx, tx, core.Brand{Name: "Harpur Homes", Primary: "#123456", Accent: "#654321", Locale: "en-IE"})
	}))
	sent := func(template, to string) (m core.Message) {
		t.Helper()
		must(t, a.Tenants.ViewControl(ctx, func(tx *tenants.Tx) error {
			return tx.QueryRow(ctx, `select subject, text, html from messages where template = ? and recipient = ?`, template, to).Scan(&m.Subject, &m.Text, &m.HTML)
		}))
		return m
	}
	for _, c := range []struct {
		user          core.User
		name, colours string
		role          string
	}{
		{core.User{Name: "Rory Quinn", Email: "rory@harpur.example", Role: core.DeveloperAdmin, Tenant: tenant.ID}, "Harpur Homes", "#123456", "Developer admin"},
		{core.User{Name: "Niamh Byrne", Email: "niamh@openhouse.example", Role: core.Finance}, "OpenHouse Console", "#0b5d4e", "Finance"},
	} {
		_, link, err := a.Access.Users.Invite(ctx, c.user)
		must(t, err)
		m := sent("user_invitation", c.user.Email)
		if m.Subject != "OpenHouse invites you to "+c.name || !strings.Contains(m.HTML, c.colours) || !strings.Contains(m.Text, link+"\n") || !strings.Contains(m.Text, "Your role: "+c.role) {
			t.Errorf("the invitation is %q\n%s", m.Subject, m.Text)
		}
		_, err = a.Access.Users.Accept(ctx, link[strings.LastIndex(link, "/")+1:], c.user.Name, "violet-kettle-93-orbit")
		must(t, err)
		must(t, a.Access.Users.RequestReset(ctx, c.user.Email))
		if m := sent("password_reset", c.user.Email); !strings.Contains(m.Text, "/reset/") || !strings.Contains(m.Text, c.name) || !strings.Contains(m.HTML, c.colours) {
			t.Errorf("the reset is %s", m.Text)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
