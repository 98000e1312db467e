package directory_test

import (
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
)

const consent = "homeowner-terms-1"

func TestCreateHomeowner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.unit(t, h.development(t, "Harpur Lane"), "1 Harpur Park")
	h.told()
	o := h.homeowner(t, u, "Aoife@Example.ie")
	equal(t, "status", o.Status, "invited")
	equal(t, "unit", o.Unit, "1 Harpur Park")
	for _, change := range h.entries[0].Changes {
		equal(t, change.Field+" is personal", change.Personal, change.Field == "name" || change.Field == "email")
	}
	equal(t, "event data", string(h.events[0].Data), `{"development_id":"`+u.DevelopmentID+`","unit_id":"`+u.ID+`"}`)
	h.expectTold(t, "homeowner.create", "homeowner.created")

	for name, c := range map[string]struct {
		in     core.Homeowner
		code   core.Code
		fields []string
	}{
		"nothing":       {core.Homeowner{}, core.Invalid, []string{"unit_id", "name", "email"}},
		"no unit":       {core.Homeowner{UnitID: "unt_x", Name: "A", Email: "a@b.ie"}, core.Invalid, []string{"unit_id"}},
		"same e-mail":   {core.Homeowner{UnitID: u.ID, Name: "B", Email: "aoife@example.IE"}, core.Conflict, []string{"email"}},
		"no at":         {core.Homeowner{UnitID: u.ID, Name: "A", Email: "example.ie"}, core.Invalid, []string{"email"}},
		"no dot":        {core.Homeowner{UnitID: u.ID, Name: "A", Email: "a@localhost"}, core.Invalid, []string{"email"}},
		"number":        {core.Homeowner{UnitID: u.ID, Name: "A", Email: "a@[127.0.0.1]"}, core.Invalid, []string{"email"}},
		"display name":  {core.Homeowner{UnitID: u.ID, Name: "A", Email: "A <a@b.ie>"}, core.Invalid, []string{"email"}},
		"two addresses": {core.Homeowner{UnitID: u.ID, Name: "A", Email: "a@b.ie, c@d.ie"}, core.Invalid, []string{"email"}},
		"injection":     {core.Homeowner{UnitID: u.ID, Name: "A", Email: "a@b.ie\r\nBcc: c@d.ie"}, core.Invalid, []string{"email"}},
		"long name":     {core.Homeowner{UnitID: u.ID, Name: strings.Repeat("n", 121), Email: "a@b.ie"}, core.Invalid, []string{"name"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Homeowners.Create(t.Context(), h.tenant, c.in)
			expectCode(t, err, c.code, c.fields...)
		})
	}
	h.expectTold(t, "", "")
}

func TestUpdateHomeowner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.unit(t, h.development(t, "Harpur Lane"), "1 Harpur Park")
	o := h.homeowner(t, u, "aoife@example.ie")
	h.homeowner(t, u, "sean@example.ie")
	h.told()

	o.Name, o.Status = "Aoife Ní Bhroin", ""
	changed, err := h.Homeowners.Update(t.Context(), h.tenant, o)
	ok(t, err)
	equal(t, "status stays", changed.Status, "invited")
	h.expectTold(t, "homeowner.update", "homeowner.updated")
	_, err = h.Homeowners.Update(t.Context(), h.tenant, o)
	expectCode(t, err, core.Conflict)

	taken := changed
	taken.Email = "SEAN@example.ie"
	_, err = h.Homeowners.Update(t.Context(), h.tenant, taken)
	expectCode(t, err, core.Conflict, "email")
	moved := changed
	moved.UnitID, moved.Status = "unt_other", "onboarded"
	_, err = h.Homeowners.Update(t.Context(), h.tenant, moved)
	expectCode(t, err, core.Invalid, "unit_id", "status")

	changed.Status = "left"
	_, err = h.Homeowners.Update(t.Context(), h.tenant, changed)
	ok(t, err)
	equal(t, "homeowners who live there", h.find(t, u.ID).Homeowners, 1)
}

func TestOnboardHomeowner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.unit(t, h.development(t, "Harpur Lane"), "1 Harpur Park")
	o := h.homeowner(t, u, "aoife@example.ie")
	h.told()
	_, err := h.Homeowners.Onboard(t.Context(), h.tenant, o.ID, "")
	expectCode(t, err, core.Invalid, "consent")
	done, err := h.Homeowners.Onboard(t.Context(), h.tenant, o.ID, consent)
	ok(t, err)
	h.expectTold(t, "homeowner.onboard", "homeowner.onboarded")
	equal(t, "status", done.Status, "onboarded")
	equal(t, "consent", done.ConsentVersion, consent)
	equal(t, "moments", *done.ConsentAt == h.clock.Now() && *done.OnboardedAt == h.clock.Now(), true)
	_, err = h.Homeowners.Onboard(t.Context(), h.tenant, o.ID, "homeowner-terms-2")
	ok(t, err)
	h.expectTold(t, "", "")
	done.Status = "invited"
	_, err = h.Homeowners.Update(t.Context(), h.tenant, done)
	expectCode(t, err, core.Invalid, "status")
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.unit(t, h.development(t, "Harpur Lane"), "1 Harpur Park")
	invited := h.homeowner(t, u, "aoife@example.ie")
	h.told()
	_, err := h.Homeowners.SignUp(t.Context(), h.tenant, u.Code, directory.SignUp{Email: "nobody"})
	expectCode(t, err, core.Invalid, "name", "email", "consent")
	_, err = h.Homeowners.SignUp(t.Context(), h.tenant, "nosuchcode", directory.SignUp{Name: "A", Email: "a@b.ie", Consent: consent})
	expectCode(t, err, core.NotFound)

	for _, in := range []directory.SignUp{
		{Name: "Somebody Else", Email: "AOIFE@example.ie", Consent: consent}, // invited before
		{Name: "Seán Ó Sé", Email: "sean@example.ie", Consent: consent},      // unknown
		{Name: "Seán Ó Sé", Email: "sean@example.ie", Consent: consent},      // again
	} {
		answer, err := h.Homeowners.SignUp(t.Context(), h.tenant, u.Code, in)
		ok(t, err)
		equal(t, "answer", answer, core.Homeowner{UnitID: u.ID, Unit: u.Label, Name: in.Name, Email: in.Email, Status: "onboarded"})
	}
	equal(t, "actor", h.actors[0], core.Actor{Kind: "homeowner", ID: invited.ID, Tenant: h.tenant})
	actions, events := h.told()
	equal(t, "actions", strings.Join(actions, " "), "homeowner.onboard homeowner.create homeowner.onboard")
	equal(t, "events", strings.Join(events, " "), "homeowner.onboarded homeowner.created homeowner.onboarded")
	kept, err := h.Homeowners.Find(t.Context(), h.tenant, invited.ID)
	ok(t, err)
	equal(t, "name is kept", kept.Name, "Aoife Byrne")
	equal(t, "status", kept.Status, "onboarded")
	list, err := h.Homeowners.List(t.Context(), h.tenant, core.Query{Unit: u.ID})
	ok(t, err)
	equal(t, "homeowners", list.Total, 2)
	equal(t, "counted at the unit", h.find(t, u.ID).Homeowners, 2)
}

func TestDeleteHomeowner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.unit(t, h.development(t, "Harpur Lane"), "1 Harpur Park")
	o := h.homeowner(t, u, "aoife@example.ie")
	h.told()
	ok(t, h.Homeowners.Delete(t.Context(), h.tenant, o.ID))
	equal(t, "values in the audit log", len(h.entries[0].Changes), 0)
	h.expectTold(t, "homeowner.delete", "homeowner.deleted")
	equal(t, "homeowners of the unit", h.find(t, u.ID).Homeowners, 0)
	expectCode(t, h.Homeowners.Delete(t.Context(), h.tenant, o.ID), core.NotFound)
}

func (h *house) find(t *testing.T, unit string) core.Unit {
	t.Helper()
	u, err := h.Units.Find(t.Context(), h.tenant, unit)
	ok(t, err)
	return u
}
