package keep

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// TenantState is how a plugin stands in one tenant.
type TenantState struct {
	Tenant    core.TenantID
	Name      string // the tenant's
	Off       bool
	Reason    string // why it is off
	Version   int64  // of its tables; 0: none yet
	Error     string // why its migration failed
	UpdatedAt time.Time
}

// Switch turns a plugin off or on for one tenant, with its record in the
// platform's log; nothing happens when it stands so already. Returns not_found
// for a tenant that doesn't exist.
func (k *Keep) Switch(ctx context.Context, tenant core.TenantID, plugin string, off bool, reason string) error {
	return k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		before, err := readState(ctx, tx, tenant, plugin)
		if err != nil {
			return err
		}
		if before.Off == off {
			return nil
		}
		if !off {
			reason = ""
		}
		if err := writeSwitch(ctx, tx, tenant, plugin, off, reason); err != nil {
			return fmt.Errorf("switch %s: %w", plugin, err)
		}
		return k.options.Recorder.Record(ctx, tx, core.Entry{
			Action: "plugin.switch", Target: target(plugin), Reason: reason,
			Changes: []core.Change{
				{Field: "tenant", After: string(tenant)},
				{Field: "off", Before: strconv.FormatBool(before.Off), After: strconv.FormatBool(off)},
			},
		})
	})
}

// Migrated notes the version of a plugin's tables in a tenant, and why the
// migration failed, or "".
func (k *Keep) Migrated(ctx context.Context, tenant core.TenantID, plugin string, version int64, problem string) error {
	return k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		return writeMigrated(ctx, tx, tenant, plugin, version, problem)
	})
}

// TenantState returns how a plugin stands in one tenant. Returns not_found for
// a tenant that doesn't exist.
func (k *Keep) TenantState(ctx context.Context, tenant core.TenantID, plugin string) (state TenantState, err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		state, err = readState(ctx, tx, tenant, plugin)
		return err
	})
	return state, err
}

// TenantStates lists how a plugin stands in every tenant, by name. Status "off"
// and "broken" pick those that it is switched off for, or whose migration
// failed, "on" the others; Tenant picks one, Text by name.
func (k *Keep) TenantStates(ctx context.Context, plugin string, q core.Query) (page core.List[TenantState], err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		page, err = listStates(ctx, tx, plugin, q)
		return err
	})
	if err != nil {
		return core.List[TenantState]{}, fmt.Errorf("list tenants of %s: %w", plugin, err)
	}
	return page, nil
}

// Standing returns the tenants that have a row for a plugin: those where it was
// migrated or switched.
func (k *Keep) Standing(ctx context.Context, plugin string) (states map[core.TenantID]TenantState, err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		states, err = readStanding(ctx, tx, plugin)
		return err
	})
	return states, err
}
