package keep

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/tenants"
)

// Approval is what an administrator has granted a plugin.
type Approval struct {
	Grants sdk.Grants
	SHA256 string // of the binary that asked for it
	By     string // the administrator's id
	At     time.Time
}

// Manifest returns what the binary of a checksum has said of itself, and
// whether it was ever asked.
func (k *Keep) Manifest(ctx context.Context, sha256 string) (m sdk.Manifest, found bool, err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		m, found, err = readManifest(ctx, tx, sha256)
		return err
	})
	return m, found, err
}

// PutManifest remembers what a binary has said of itself.
func (k *Keep) PutManifest(ctx context.Context, sha256 string, m sdk.Manifest) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("keep manifest of %s: %w", m.ID, err)
	}
	return k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return writeManifest(ctx, tx, sha256, m.ID, body) })
}

// Approval returns what was granted to a plugin, and whether anything was.
func (k *Keep) Approval(ctx context.Context, plugin string) (a Approval, found bool, err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		a, found, err = readApproval(ctx, tx, plugin)
		return err
	})
	return a, found, err
}

// Approve grants a plugin what its binary of a checksum asks for, with its
// record: permission by permission.
func (k *Keep) Approve(ctx context.Context, plugin, sha256 string, grants sdk.Grants, changes []core.Change) error {
	body, err := json.Marshal(grants)
	if err != nil {
		return fmt.Errorf("approve %s: %w", plugin, err)
	}
	return k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		if err := writeApproval(ctx, tx, plugin, sha256, body); err != nil {
			return fmt.Errorf("approve %s: %w", plugin, err)
		}
		changes = append([]core.Change{{Field: "sha256", After: sha256}}, changes...)
		return k.options.Recorder.Record(ctx, tx, core.Entry{Action: "plugin.approve", Target: target(plugin), Changes: changes})
	})
}

// Disabled returns the plugins that are switched off as a whole, and why.
func (k *Keep) Disabled(ctx context.Context) (reasons map[string]string, err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		reasons, err = readSwitches(ctx, tx)
		return err
	})
	return reasons, err
}

// Disable switches a plugin off as a whole, also beyond a restart.
func (k *Keep) Disable(ctx context.Context, plugin, reason string) error {
	return k.turn(ctx, "plugin.disable", plugin, reason, func(tx *tenants.Tx) error { return insertSwitch(ctx, tx, plugin, reason) })
}

// Enable takes Disable back.
func (k *Keep) Enable(ctx context.Context, plugin, reason string) error {
	return k.turn(ctx, "plugin.enable", plugin, reason, func(tx *tenants.Tx) error { return deleteSwitch(ctx, tx, plugin) })
}

func (k *Keep) turn(ctx context.Context, action, plugin, reason string, fn func(*tenants.Tx) error) error {
	return k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		if err := fn(tx); err != nil {
			return fmt.Errorf("%s %s: %w", action, plugin, err)
		}
		return k.options.Recorder.Record(ctx, tx, core.Entry{Action: action, Target: target(plugin), Reason: reason})
	})
}
