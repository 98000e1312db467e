// Package settings changes what a tenant is set to: its settings and its
// brand. Every value is checked first, and every change is recorded field by
// field in the same transaction.
package settings

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Recorder writes an audit record in the transaction of the change.
type Recorder interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
}

// Keeper changes settings and brands.
type Keeper struct {
	store    *tenants.Store
	recorder Recorder
}

// New returns a keeper over a store.
func New(store *tenants.Store, recorder Recorder) *Keeper {
	return &Keeper{store: store, recorder: recorder}
}

// Find returns a tenant's settings. Returns not_found for one whose onboarding
// has not come to them yet.
func (k *Keeper) Find(ctx context.Context, tenant core.TenantID) (core.Settings, error) {
	return k.store.Settings(ctx, tenant)
}

// Update replaces a tenant's settings and returns them as stored. Version is
// the one that the caller has seen, 0 for any. The brand's locale follows.
// Returns invalid with every wrong field, conflict if somebody else was faster.
func (k *Keeper) Update(ctx context.Context, tenant core.TenantID, s core.Settings) (core.Settings, error) {
	known, err := k.store.Find(ctx, tenant)
	if err != nil {
		return core.Settings{}, err
	}
	var stored core.Settings
	err = k.store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		before, err := tenants.ReadSettings(ctx, tx)
		if err != nil {
			return err
		}
		problems := k.check(&s, known.Region)
		if core.ActorOf(ctx).Tenant != "" {
			problems = append(problems, reserved(before, s)...)
		}
		if err := problems.Err(); err != nil {
			return err
		}
		if err := k.write(ctx, tx, before, s); err != nil {
			return err
		}
		stored, err = tenants.ReadSettings(ctx, tx)
		return err
	})
	return stored, err
}

func (k *Keeper) write(ctx context.Context, tx *tenants.Tx, before, after core.Settings) error {
	changes := changesOf(before, after)
	if len(changes) == 0 && (after.Version == 0 || after.Version == before.Version) {
		return nil
	}
	if err := tenants.WriteSettings(ctx, tx, after); err != nil {
		return err
	}
	if before.Locale != after.Locale {
		brand, err := tenants.ReadBrand(ctx, tx)
		if err == nil {
			brand.Locale = after.Locale
			err = tenants.WriteBrand(ctx, tx, brand)
		}
		if err != nil && core.CodeOf(err) != core.NotFound {
			return fmt.Errorf("update locale of brand: %w", err)
		}
	}
	return k.record(ctx, tx, "settings.update", changes)
}

// Brand returns how a tenant looks, and the version that UpdateBrand takes.
// Returns not_found before the onboarding has come to it.
func (k *Keeper) Brand(ctx context.Context, tenant core.TenantID) (core.Brand, int64, error) {
	brand, err := k.store.Brand(ctx, tenant)
	return brand, brandVersion(brand), err
}

// UpdateBrand lets change work on a tenant's brand and returns it as stored,
// with its version. Version is the one that the caller has seen, 0 for any.
// A logo has to be clean already (onboard/logo). Returns invalid with every
// wrong field, conflict if somebody else was faster.
func (k *Keeper) UpdateBrand(ctx context.Context, tenant core.TenantID, version int64, change func(*core.Brand)) (core.Brand, int64, error) {
	var after core.Brand
	err := k.store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		before, err := tenants.ReadBrand(ctx, tx)
		if err != nil {
			return err
		}
		if version != 0 && version != brandVersion(before) {
			return core.Errorf(core.Conflict, "Somebody else has changed this brand. Load it again and repeat your change.")
		}
		after = before
		change(&after)
		after.Locale = before.Locale // the settings' own
		if err := checkBrand(&after).Err(); err != nil {
			return err
		}
		changes := brandChanges(before, after)
		if len(changes) == 0 {
			return nil
		}
		if err := tenants.WriteBrand(ctx, tx, after); err != nil {
			return err
		}
		return k.record(ctx, tx, "brand.update", changes)
	})
	return after, brandVersion(after), err
}

func (k *Keeper) record(ctx context.Context, tx *tenants.Tx, action string, changes []core.Change) error {
	return k.recorder.Record(ctx, tx, core.Entry{Action: action, Target: core.Target{Kind: "tenant", ID: string(tx.Tenant)}, Changes: changes})
}

// brandVersion is a fingerprint of the content: a brand's row counts no
// versions. It is positive, and fits a number of JSON (53 bits).
func brandVersion(b core.Brand) int64 {
	body, err := json.Marshal(b)
	if err != nil {
		return 0
	}
	sum := sha256.Sum256(body)
	return int64(binary.BigEndian.Uint64(sum[:8])>>11) | 1
}
