package directory

import (
	"context"
	"errors"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// SignUp is what a person fills in on the landing page of a unit's code.
type SignUp struct {
	Name, Email string
	Consent     string // version of the text that the person agreed to; empty: not agreed
}

// Onboard notes that an invited homeowner has consented, on paper or in a
// portal, to the text of the version. Nothing changes for one who is onboarded.
func (s *Homeowners) Onboard(ctx context.Context, tenant core.TenantID, id, consent string) (core.Homeowner, error) {
	var homeowner core.Homeowner
	err := s.Store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		before, err := findHomeowner(ctx, tx, id)
		if err != nil {
			return err
		}
		var c checker
		if c.consent(&consent); c.Err() != nil {
			return c.Err()
		}
		homeowner, err = s.onboard(ctx, tx, before, consent)
		return err
	})
	return homeowner, err
}

// SignUp onboards a person who holds a unit's code, whether or not staff has
// invited the e-mail address; doing so twice changes nothing. The homeowner
// who acts is the actor in the audit log. The answer holds what the caller
// said and no more, so that it is the same for a known and an unknown address,
// and a known one keeps the name that it has. Returns invalid with every wrong
// field, not_found for a code without a unit.
func (s *Homeowners) SignUp(ctx context.Context, tenant core.TenantID, code string, in SignUp) (core.Homeowner, error) {
	var c checker
	c.person(&in.Name, &in.Email)
	c.consent(&in.Consent)
	if err := c.Err(); err != nil {
		return core.Homeowner{}, err
	}
	answer := core.Homeowner{Name: in.Name, Email: in.Email, Status: "onboarded"}
	err := s.Store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		unit, err := findUnitByCode(ctx, tx, code)
		if err != nil {
			return err
		}
		answer.UnitID, answer.Unit = unit.ID, unit.Label
		return s.signUp(ctx, tx, unit, in)
	})
	if err != nil {
		return core.Homeowner{}, err
	}
	return answer, nil
}

func (s *Homeowners) signUp(ctx context.Context, tx *tenants.Tx, unit core.Unit, in SignUp) error {
	known, err := findHomeownerByEmail(ctx, tx, unit.ID, in.Email)
	isNew := errors.Is(err, errNoHomeowner)
	switch {
	case isNew:
		known.ID = core.NewID(core.PrefixHomeowner, tx.Now)
	case err != nil:
		return err
	}
	ctx = core.WithActor(ctx, core.Actor{Kind: "homeowner", ID: known.ID, Tenant: tx.Tenant})
	if isNew {
		known.Name, known.Email, known.Status = in.Name, in.Email, "invited"
		if known, err = s.add(ctx, tx, unit, known); err != nil {
			return err
		}
	}
	_, err = s.onboard(ctx, tx, known, in.Consent)
	return err
}

func (s *Homeowners) onboard(ctx context.Context, tx *tenants.Tx, before core.Homeowner, consent string) (core.Homeowner, error) {
	if before.Status == "onboarded" {
		return before, nil
	}
	after := before
	after.Status, after.ConsentVersion = "onboarded", consent
	after.ConsentAt, after.OnboardedAt = &tx.Now, &tx.Now
	return s.save(ctx, tx, before, after, "onboard", "onboarded")
}

func (c *checker) consent(version *string) { c.required("consent", version, maxWord) }
