package directory

import (
	"context"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Developments are the sites that a tenant builds.
type Developments struct{ Options }

// Find returns one development. Returns not_found if the tenant has none of
// this id.
func (s *Developments) Find(ctx context.Context, tenant core.TenantID, id string) (core.Development, error) {
	var found core.Development
	err := s.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		found, err = findDevelopment(ctx, tx, id)
		return err
	})
	return found, err
}

// List returns one page. It filters by Text and Status and sorts by name (the
// default), created_at or updated_at.
func (s *Developments) List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Development], error) {
	var list core.List[core.Development]
	err := s.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		list, err = listDevelopments(ctx, tx, q)
		return err
	})
	return list, err
}

// Create adds a development and returns it with its id. Returns invalid with
// every wrong field.
func (s *Developments) Create(ctx context.Context, tenant core.TenantID, development core.Development) (core.Development, error) {
	err := s.Store.Update(ctx, tenant, func(tx *tenants.Tx) (err error) {
		development, err = s.Add(ctx, tx, development)
		return err
	})
	return development, err
}

// Add is Create inside the caller's transaction.
func (s *Developments) Add(ctx context.Context, tx *tenants.Tx, development core.Development) (core.Development, error) {
	if err := checkDevelopment(&development); err != nil {
		return core.Development{}, err
	}
	development.ID = core.NewID(core.PrefixDevelopment, tx.Now)
	development.Units, development.Version = 0, 1
	development.CreatedAt, development.UpdatedAt = tx.Now, tx.Now
	if err := insertDevelopment(ctx, tx, development); err != nil {
		return core.Development{}, fmt.Errorf("create development %s: %w", development.ID, err)
	}
	changes := developmentChanges(core.Development{}, development)
	return development, s.tell(ctx, tx, developmentFact("create", "created", development.ID, changes, nil))
}

// Update writes name, address and status. Version is the one that the caller
// has seen, 0 for any. Returns conflict if somebody else was faster.
func (s *Developments) Update(ctx context.Context, tenant core.TenantID, development core.Development) (core.Development, error) {
	err := s.Store.Update(ctx, tenant, func(tx *tenants.Tx) (err error) {
		development, err = s.update(ctx, tx, development)
		return err
	})
	return development, err
}

func (s *Developments) update(ctx context.Context, tx *tenants.Tx, in core.Development) (core.Development, error) {
	before, err := findDevelopment(ctx, tx, in.ID)
	if err != nil {
		return before, err
	}
	if err := matches("development", in.Version, before.Version); err != nil {
		return before, err
	}
	if err := checkDevelopment(&in); err != nil {
		return before, err
	}
	after := before
	after.Name, after.Address, after.Status = in.Name, in.Address, in.Status
	changes := developmentChanges(before, after)
	if len(changes) == 0 {
		return before, nil
	}
	after.Version, after.UpdatedAt = before.Version+1, tx.Now
	if err := updateDevelopment(ctx, tx, after); err != nil {
		return before, fmt.Errorf("update development %s: %w", in.ID, err)
	}
	return after, s.tell(ctx, tx, developmentFact("update", "updated", in.ID, changes, changes.fields()))
}

// Delete removes a development without units. Returns conflict, saying how
// many there are, if it has some.
func (s *Developments) Delete(ctx context.Context, tenant core.TenantID, id string) error {
	return s.Store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		before, err := findDevelopment(ctx, tx, id)
		if err != nil {
			return err
		}
		if before.Units > 0 {
			return core.Errorf(core.Conflict, "%s has %s, so it can't be deleted.", before.Name, counted(before.Units, "unit"))
		}
		if err := deleteDevelopment(ctx, tx, id); err != nil {
			return fmt.Errorf("delete development %s: %w", id, err)
		}
		changes := developmentChanges(before, core.Development{})
		return s.tell(ctx, tx, developmentFact("delete", "deleted", id, changes, nil))
	})
}

func checkDevelopment(d *core.Development) error {
	var c checker
	c.required("name", &d.Name, maxName)
	c.text("address", &d.Address, maxAddress)
	if d.Status == "" {
		d.Status = "selling"
	}
	c.oneOf("status", d.Status, "planned", "selling", "complete")
	return c.Err()
}

func developmentChanges(before, after core.Development) diff {
	var d diff
	d.add("name", before.Name, after.Name)
	d.add("address", before.Address, after.Address)
	d.add("status", before.Status, after.Status)
	return d
}

func developmentFact(verb, past, id string, changes diff, changed []string) fact {
	return fact{
		action: "development." + verb, event: "development." + past,
		target:  core.Target{Kind: "development", ID: id},
		changes: changes, data: eventData{DevelopmentID: id, Changed: changed},
	}
}

// counted says "1 unit", "20 units".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
