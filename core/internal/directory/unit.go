package directory

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Units are the homes of a tenant's developments.
type Units struct{ Options }

// Find returns one unit. Returns not_found if the tenant has none of this id.
func (s *Units) Find(ctx context.Context, tenant core.TenantID, id string) (core.Unit, error) {
	var found core.Unit
	err := s.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		found, err = findUnit(ctx, tx, id)
		return err
	})
	return found, err
}

// List returns one page. It filters by Text, Kind, Development and Status
// (handed_over, not_handed_over, with_homeowner, without_homeowner, scanned,
// not_scanned) and sorts by label (the default), price, sold_on,
// handed_over_at, first_scan_at or created_at.
func (s *Units) List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Unit], error) {
	var list core.List[core.Unit]
	err := s.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		list, err = listUnits(ctx, tx, q)
		return err
	})
	return list, err
}

// Of returns every unit of a development in the order of the labels.
func (s *Units) Of(ctx context.Context, tenant core.TenantID, developmentID string) ([]core.Unit, error) {
	var units []core.Unit
	err := s.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		units, err = unitsOf(ctx, tx, developmentID)
		return err
	})
	return units, err
}

// Create adds a unit with a fresh code and returns it. Returns invalid with
// every wrong field, conflict if the development has a unit at this address.
func (s *Units) Create(ctx context.Context, tenant core.TenantID, unit core.Unit) (core.Unit, error) {
	if err := checkUnit(&unit, ""); err != nil {
		return unit, err
	}
	unit.Code = NewCode()
	if err := s.RegisterCodes(ctx, tenant, []string{unit.Code}); err != nil {
		return unit, err
	}
	err := s.Store.Update(ctx, tenant, func(tx *tenants.Tx) (err error) {
		unit, err = s.create(ctx, tx, unit)
		return err
	})
	switch core.CodeOf(err) {
	case core.Invalid, core.Conflict, core.NotFound: // refused: nothing was stored
		s.forgetCode(ctx, unit.Code)
	}
	return unit, err
}

func (s *Units) create(ctx context.Context, tx *tenants.Tx, unit core.Unit) (core.Unit, error) {
	if err := developmentExists(ctx, tx, unit.DevelopmentID); err != nil {
		return unit, err
	}
	unit.ID = core.NewID(core.PrefixUnit, tx.Now)
	if err := addressIsFree(ctx, tx, unit); err != nil {
		return unit, err
	}
	if _, err := insertUnits(ctx, tx, []core.Unit{unit}); err != nil {
		return unit, fmt.Errorf("create unit %s: %w", unit.ID, err)
	}
	unit, err := findUnit(ctx, tx, unit.ID)
	if err != nil {
		return unit, err
	}
	return unit, s.tell(ctx, tx, unitFact("create", "created", unit, unitChanges(core.Unit{}, unit), nil))
}

// Update writes what describes a unit; its development, code, hand-over and
// scans stay. Version is the one that the caller has seen, 0 for any. Returns
// conflict if somebody else was faster or another unit is at this address.
func (s *Units) Update(ctx context.Context, tenant core.TenantID, unit core.Unit) (core.Unit, error) {
	err := s.Store.Update(ctx, tenant, func(tx *tenants.Tx) (err error) {
		unit, err = s.update(ctx, tx, unit)
		return err
	})
	return unit, err
}

func (s *Units) update(ctx context.Context, tx *tenants.Tx, in core.Unit) (core.Unit, error) {
	before, err := findUnit(ctx, tx, in.ID)
	if err != nil {
		return before, err
	}
	if err := matches("unit", in.Version, before.Version); err != nil {
		return before, err
	}
	if in.DevelopmentID == "" {
		in.DevelopmentID = before.DevelopmentID
	}
	if err := checkUnit(&in, before.DevelopmentID); err != nil {
		return before, err
	}
	after := before
	after.Label, after.Address, after.County, after.Postcode = in.Label, in.Address, in.County, in.Postcode
	after.Kind, after.Size, after.Price, after.SoldOn = in.Kind, in.Size, in.Price, in.SoldOn
	if err := addressIsFree(ctx, tx, after); err != nil {
		return before, err
	}
	return s.save(ctx, tx, before, after, "update", "updated")
}

// save writes the next version of a unit, unless nothing has changed.
func (s *Units) save(ctx context.Context, tx *tenants.Tx, before, after core.Unit, verb, past string) (core.Unit, error) {
	changes := unitChanges(before, after)
	if len(changes) == 0 {
		return before, nil
	}
	after.Version, after.UpdatedAt = before.Version+1, tx.Now
	if err := updateUnit(ctx, tx, after); err != nil {
		return before, fmt.Errorf("update unit %s: %w", after.ID, err)
	}
	return after, s.tell(ctx, tx, unitFact(verb, past, after, changes, changes.fields()))
}

// HandOver notes when the buyer got the keys; the zero time means now. Saying
// another time again corrects it. Returns invalid for a time in the future.
func (s *Units) HandOver(ctx context.Context, tenant core.TenantID, id string, at time.Time) (core.Unit, error) {
	var unit core.Unit
	err := s.Store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		before, err := findUnit(ctx, tx, id)
		if err != nil {
			return err
		}
		if at.IsZero() {
			at = tx.Now
		}
		if at.After(tx.Now) {
			var problems core.Problems
			problems.Add("handed_over_at", at.Format(time.RFC3339), "is in the future")
			return problems.Err()
		}
		at = at.UTC().Truncate(time.Millisecond)
		after := before
		after.HandedOverAt = &at
		unit, err = s.save(ctx, tx, before, after, "hand_over", "handed_over")
		return err
	})
	return unit, err
}

// Delete removes a unit without homeowners; its code leads nowhere from then
// on. Returns conflict, saying how many there are, if it has some.
func (s *Units) Delete(ctx context.Context, tenant core.TenantID, id string) error {
	var before core.Unit
	err := s.Store.Update(ctx, tenant, func(tx *tenants.Tx) (err error) {
		if before, err = findUnit(ctx, tx, id); err != nil {
			return err
		}
		count, err := countHomeowners(ctx, tx, id)
		if err != nil {
			return err
		}
		if count > 0 {
			return core.Errorf(core.Conflict, "%s has %s, so it can't be deleted.", before.Label, counted(count, "homeowner"))
		}
		if err := deleteUnit(ctx, tx, id); err != nil {
			return fmt.Errorf("delete unit %s: %w", id, err)
		}
		return s.tell(ctx, tx, unitFact("delete", "deleted", before, unitChanges(before, core.Unit{}), nil))
	})
	if err == nil && before.Code != "" {
		s.forgetCode(ctx, before.Code)
	}
	return err
}

// checkUnit tidies and checks a unit. Home is the development it is in, empty
// for a new one.
func checkUnit(u *core.Unit, home string) error {
	c := checker{}
	c.unit(u)
	if home != "" && u.DevelopmentID != home {
		c.wrong("development_id", u.DevelopmentID, "can't be changed")
	}
	return c.Err()
}

func (c *checker) unit(u *core.Unit) {
	c.required("development_id", &u.DevelopmentID, maxWord)
	c.required("label", &u.Label, maxName)
	c.text("address", &u.Address, maxAddress)
	c.text("county", &u.County, maxWord)
	c.text("kind", &u.Kind, maxWord)
	c.text("size", &u.Size, maxName)
	c.postcode(&u.Postcode)
	c.price(u.Price)
	c.date("sold_on", &u.SoldOn)
}

func unitChanges(before, after core.Unit) diff {
	var d diff
	d.add("development_id", before.DevelopmentID, after.DevelopmentID)
	d.add("label", before.Label, after.Label)
	d.add("address", before.Address, after.Address)
	d.add("county", before.County, after.County)
	d.add("postcode", before.Postcode, after.Postcode)
	d.add("kind", before.Kind, after.Kind)
	d.add("size", before.Size, after.Size)
	d.add("price", amount(before.Price), amount(after.Price))
	d.add("sold_on", before.SoldOn, after.SoldOn)
	d.add("handed_over_at", moment(before.HandedOverAt), moment(after.HandedOverAt))
	return d
}

func unitFact(verb, past string, unit core.Unit, changes diff, changed []string) fact {
	return fact{
		action: "unit." + verb, event: "unit." + past,
		target:  core.Target{Kind: "unit", ID: unit.ID},
		changes: changes, data: eventData{DevelopmentID: unit.DevelopmentID, UnitID: unit.ID, Changed: changed},
	}
}
