package directory

import (
	"context"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Homeowners are the buyers who live, or will live, in a tenant's units.
type Homeowners struct{ Options }

// Find returns one homeowner. Returns not_found if the tenant has none of this
// id.
func (s *Homeowners) Find(ctx context.Context, tenant core.TenantID, id string) (core.Homeowner, error) {
	var found core.Homeowner
	err := s.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		found, err = findHomeowner(ctx, tx, id)
		return err
	})
	return found, err
}

// List returns one page. It filters by Text, Status, Unit and Development and
// sorts by name (the default), status, created_at or onboarded_at.
func (s *Homeowners) List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Homeowner], error) {
	var list core.List[core.Homeowner]
	err := s.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		list, err = listHomeowners(ctx, tx, q)
		return err
	})
	return list, err
}

// Create adds a homeowner as invited. Returns invalid with every wrong field,
// conflict if the unit has a homeowner with this e-mail address.
func (s *Homeowners) Create(ctx context.Context, tenant core.TenantID, homeowner core.Homeowner) (core.Homeowner, error) {
	err := s.Store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		if err := checkHomeowner(&homeowner); err != nil {
			return err
		}
		unit, err := unitOf(ctx, tx, homeowner.UnitID)
		if err != nil {
			return err
		}
		if err := emailIsFree(ctx, tx, homeowner); err != nil {
			return err
		}
		homeowner, err = s.add(ctx, tx, unit, core.Homeowner{Name: homeowner.Name, Email: homeowner.Email, Status: "invited"})
		return err
	})
	return homeowner, err
}

// add writes a new homeowner of the unit and tells of it.
func (s *Homeowners) add(ctx context.Context, tx *tenants.Tx, unit core.Unit, h core.Homeowner) (core.Homeowner, error) {
	h.ID = core.NewID(core.PrefixHomeowner, tx.Now)
	h.UnitID, h.Unit, h.Version = unit.ID, unit.Label, 1
	h.CreatedAt, h.UpdatedAt = tx.Now, tx.Now
	if err := insertHomeowner(ctx, tx, h); err != nil {
		return h, fmt.Errorf("create homeowner %s: %w", h.ID, err)
	}
	f := homeownerFact("create", "created", h, unit.DevelopmentID)
	f.changes = homeownerChanges(core.Homeowner{}, h)
	return h, s.tell(ctx, tx, f)
}

// Update writes name, e-mail address and status; the unit stays. An empty
// status stays too. Version is the one that the caller has seen, 0 for any.
// Returns conflict if somebody else was faster or the unit has another
// homeowner with this e-mail address.
func (s *Homeowners) Update(ctx context.Context, tenant core.TenantID, homeowner core.Homeowner) (core.Homeowner, error) {
	err := s.Store.Update(ctx, tenant, func(tx *tenants.Tx) (err error) {
		homeowner, err = s.update(ctx, tx, homeowner)
		return err
	})
	return homeowner, err
}

func (s *Homeowners) update(ctx context.Context, tx *tenants.Tx, in core.Homeowner) (core.Homeowner, error) {
	before, err := findHomeowner(ctx, tx, in.ID)
	if err != nil {
		return before, err
	}
	if err := matches("homeowner", in.Version, before.Version); err != nil {
		return before, err
	}
	if err := checkHomeownerChange(&in, before); err != nil {
		return before, err
	}
	after := before
	after.Name, after.Email, after.Status = in.Name, in.Email, in.Status
	if err := emailIsFree(ctx, tx, after); err != nil {
		return before, err
	}
	return s.save(ctx, tx, before, after, "update", "updated")
}

// save writes the next version of a homeowner, unless nothing has changed.
func (s *Homeowners) save(ctx context.Context, tx *tenants.Tx, before, after core.Homeowner, verb, past string) (core.Homeowner, error) {
	changes := homeownerChanges(before, after)
	if len(changes) == 0 {
		return before, nil
	}
	after.Version, after.UpdatedAt = before.Version+1, tx.Now
	if err := updateHomeowner(ctx, tx, after); err != nil {
		return before, fmt.Errorf("update homeowner %s: %w", after.ID, err)
	}
	unit, err := findUnit(ctx, tx, after.UnitID)
	if err != nil {
		return before, err
	}
	f := homeownerFact(verb, past, after, unit.DevelopmentID)
	f.changes, f.data.Changed = changes, changes.fields()
	return after, s.tell(ctx, tx, f)
}

// Delete removes a homeowner with everything that names the person here.
func (s *Homeowners) Delete(ctx context.Context, tenant core.TenantID, id string) error {
	return s.Store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		before, err := findHomeowner(ctx, tx, id)
		if err != nil {
			return err
		}
		unit, err := findUnit(ctx, tx, before.UnitID)
		if err != nil {
			return err
		}
		if err := deleteHomeowner(ctx, tx, id); err != nil {
			return fmt.Errorf("delete homeowner %s: %w", id, err)
		}
		return s.tell(ctx, tx, homeownerFact("delete", "deleted", before, unit.DevelopmentID))
	})
}

func checkHomeowner(h *core.Homeowner) error {
	var c checker
	c.required("unit_id", &h.UnitID, maxWord)
	c.person(&h.Name, &h.Email)
	return c.Err()
}

func checkHomeownerChange(in *core.Homeowner, before core.Homeowner) error {
	var c checker
	c.person(&in.Name, &in.Email)
	if in.UnitID != "" && in.UnitID != before.UnitID {
		c.wrong("unit_id", in.UnitID, "can't be changed")
	}
	switch in.Status {
	case "", before.Status:
		in.Status = before.Status
	case "onboarded":
		c.wrong("status", in.Status, "needs the homeowner's consent: onboard instead")
	case "invited":
		if before.Status == "onboarded" {
			c.wrong("status", in.Status, "is behind: the homeowner is onboarded")
		}
	default:
		c.oneOf("status", in.Status, "invited", "onboarded", "left")
	}
	return c.Err()
}

func (c *checker) person(name, email *string) {
	c.required("name", name, maxName)
	c.email("email", email)
}

func homeownerChanges(before, after core.Homeowner) diff {
	var d diff
	d.add("unit_id", before.UnitID, after.UnitID)
	d.personal("name", before.Name, after.Name)
	d.personal("email", before.Email, after.Email)
	d.add("status", before.Status, after.Status)
	d.add("consent_at", moment(before.ConsentAt), moment(after.ConsentAt))
	d.add("consent_version", before.ConsentVersion, after.ConsentVersion)
	d.add("onboarded_at", moment(before.OnboardedAt), moment(after.OnboardedAt))
	return d
}

func homeownerFact(verb, past string, h core.Homeowner, development string) fact {
	return fact{
		action: "homeowner." + verb, event: "homeowner." + past,
		target: core.Target{Kind: "homeowner", ID: h.ID},
		data:   eventData{DevelopmentID: development, UnitID: h.UnitID},
	}
}
