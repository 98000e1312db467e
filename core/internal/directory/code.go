package directory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// A code is what a unit's QR code holds, and it arrives without a tenant. The
// control database knows the tenant of each code's hash. Codes are registered
// there before the tenant's file has them, never after: a code without a unit
// answers not_found, a printed code without a tenant would be lost.

// NewCode returns a fresh code: 80 random bits as 16 small letters and digits.
// Capitals mean the same when it is looked up, since people type labels off.
func NewCode() string { return core.NewSecret(10) }

// Locate returns the tenant that a code belongs to. Returns not_found if the
// code is unknown.
func (s *Units) Locate(ctx context.Context, code string) (core.TenantID, error) {
	var tenant core.TenantID
	err := s.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		tenant, err = locateCode(ctx, tx, code)
		return err
	})
	return tenant, err
}

// FindByCode returns the unit of a code in a tenant's file, as Locate named
// it. Returns not_found if no unit has the code.
func (s *Units) FindByCode(ctx context.Context, tenant core.TenantID, code string) (core.Unit, error) {
	var unit core.Unit
	err := s.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		unit, err = findUnitByCode(ctx, tx, code)
		return err
	})
	return unit, err
}

// RegisterCodes tells the control database that the codes are the tenant's.
// Doing so twice changes nothing. Returns conflict if one of them belongs to
// another tenant.
func (s *Units) RegisterCodes(ctx context.Context, tenant core.TenantID, codes []string) error {
	for len(codes) > 0 {
		n := min(len(codes), codeBatch)
		err := s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
			return registerCodes(ctx, tx, tenant, codes[:n])
		})
		if err != nil {
			return fmt.Errorf("register codes of %s: %w", tenant, err)
		}
		codes = codes[n:]
	}
	return nil
}

// WithoutCode lists the ids of the development's units that have no code, in
// the order of their labels.
func (s *Units) WithoutCode(ctx context.Context, tx *tenants.Tx, developmentID string) ([]string, error) {
	return uncodedUnits(ctx, tx, developmentID)
}

// SetCodes gives registered codes to units, by their ids, inside the caller's
// transaction. A unit that has a code keeps it, since it may be printed.
func (s *Units) SetCodes(ctx context.Context, tx *tenants.Tx, codes map[string]string) error {
	counts, err := setCodes(ctx, tx, codes)
	if err != nil {
		return fmt.Errorf("set codes: %w", err)
	}
	for _, development := range slices.Sorted(maps.Keys(counts)) {
		err := s.tell(ctx, tx, fact{
			action: "unit.assign_codes", event: "unit.codes_assigned",
			target:  core.Target{Kind: "development", ID: development},
			changes: diff{{Field: "assigned", After: strconv.Itoa(counts[development])}},
			data:    eventData{DevelopmentID: development, Count: counts[development]},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetCode unregisters a code that no unit has. Should that fail, the code
// leads nowhere all the same, so it is no failure of the verb that asks.
func (s *Units) forgetCode(ctx context.Context, code string) {
	_ = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return deleteCode(ctx, tx, code) })
}
