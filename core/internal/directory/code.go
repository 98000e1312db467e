package directory

import (
	"context"
	"fmt"
	"strconv"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// A code is what a unit's QR code holds, and it arrives without a tenant. The
// control database knows the tenant of each code's hash. Codes are registered
// there before the tenant's file has them, never after: a code without a unit
// answers not_found, a printed code without a tenant would be lost.

// NewCode returns a fresh code: 80 random bits as 16 characters.
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

// PrepareCodes makes and registers as many codes as the development has units
// without one, for AssignCodes. Codes that are never assigned do no harm.
func (s *Units) PrepareCodes(ctx context.Context, tenant core.TenantID, developmentID string) ([]string, error) {
	var missing int
	err := s.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		missing, err = countUncoded(ctx, tx, developmentID)
		return err
	})
	if err != nil {
		return nil, err
	}
	codes := make([]string, missing)
	for i := range codes {
		codes[i] = NewCode()
	}
	return codes, s.RegisterCodes(ctx, tenant, codes)
}

// AssignCodes gives prepared codes to the development's units that have none,
// in the order of their labels, inside the caller's transaction. It returns
// how many units got one; units beyond the codes stay without.
func (s *Units) AssignCodes(ctx context.Context, tx *tenants.Tx, developmentID string, codes []string) (int, error) {
	if err := developmentExists(ctx, tx, developmentID); err != nil {
		return 0, err
	}
	assigned, err := assignCodes(ctx, tx, developmentID, codes)
	if err != nil || assigned == 0 {
		return assigned, err
	}
	return assigned, s.tell(ctx, tx, fact{
		action: "unit.assign_codes", event: "unit.codes_assigned",
		target:  core.Target{Kind: "development", ID: developmentID},
		changes: diff{{Field: "assigned", After: strconv.Itoa(assigned)}},
		data:    eventData{DevelopmentID: developmentID, Count: assigned},
	})
}

// forgetCode removes a code whose unit is gone.
func (s *Units) forgetCode(ctx context.Context, code string) error {
	err := s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return deleteCode(ctx, tx, code) })
	if err != nil {
		return fmt.Errorf("forget the code of a deleted unit: %w", err)
	}
	return nil
}
