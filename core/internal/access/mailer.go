package access

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Mailer writes the room's letters.
type Mailer interface {
	// Letters returns the letters as a tenant's staff get them, "" for the
	// platform's. It may read the tenant's file and is called outside of
	// transactions: one on the control database never waits for a tenant.
	Letters(ctx context.Context, tenant core.TenantID) Letters
}

// Letters queues mail in the transaction of the change.
type Letters interface {
	Invite(ctx context.Context, tx *tenants.Tx, i Invitation) error
	Reset(ctx context.Context, tx *tenants.Tx, r Reset) error
}

// Invitation asks a new user to choose a password.
type Invitation struct {
	To        core.User
	InvitedBy string // a person's name; empty when no person did
	Link      string // works once
	Expires   time.Time
}

// Reset lets a user choose a new password.
type Reset struct {
	To      core.User
	Link    string // works once
	Expires time.Time
}

// personOf is the name of a person who acts, and empty for a machine.
func personOf(a core.Actor) string {
	if a.Kind == kindStaff || a.Kind == kindDeveloper {
		return a.Name
	}
	return ""
}
