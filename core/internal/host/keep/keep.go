// Package keep holds what the console remembers about plugins: their settings
// and sealed secrets, their values, what they were granted and where they are
// switched off, how their migrations stand, their crashes, calls and tool runs.
package keep

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Vault makes and opens keysets with the platform's key.
type Vault interface {
	NewKeyset(associated []byte) (sealed []byte, err error)
	OpenKeyset(sealed, associated []byte) (tink.AEAD, error)
}

// Recorder writes an audit record in the transaction of the change.
type Recorder interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
}

// Options say where things are kept.
type Options struct {
	Store    *tenants.Store
	Vault    Vault
	Recorder Recorder
	Now      func() time.Time
}

// Keep remembers.
type Keep struct{ options Options }

// New returns a keep over a store.
func New(options Options) *Keep { return &Keep{options} }

// view reads a tenant's file, or the control database for "".
func (k *Keep) view(ctx context.Context, tenant core.TenantID, fn func(*tenants.Tx) error) error {
	if tenant == "" {
		return k.options.Store.ViewControl(ctx, fn)
	}
	return k.options.Store.View(ctx, tenant, fn)
}

// update changes a tenant's file, or the control database for "".
func (k *Keep) update(ctx context.Context, tenant core.TenantID, fn func(*tenants.Tx) error) error {
	if tenant == "" {
		return k.options.Store.UpdateControl(ctx, fn)
	}
	return k.options.Store.Update(ctx, tenant, fn)
}

// target is a plugin as the audit log names it.
func target(plugin string) core.Target { return core.Target{Kind: "plugin", ID: plugin} }
