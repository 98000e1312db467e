package directory_test

import (
	"context"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
)

// lister is the List verb of a store.
type lister[T any] = func(context.Context, core.TenantID, core.Query) (core.List[T], error)

// One tenant's ids say nothing in another tenant's file.
func TestForeignIDs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.development(t, "Harpur Lane")
	u := h.unit(t, d, "1 Harpur Park")
	o := h.homeowner(t, u, "aoife@example.ie")
	h.told()
	ctx, other := t.Context(), h.other
	for name, c := range map[string]struct {
		code core.Code
		err  func() error
	}{
		"find development":   {core.NotFound, func() error { _, err := h.Developments.Find(ctx, other, d.ID); return err }},
		"update development": {core.NotFound, func() error { _, err := h.Developments.Update(ctx, other, d); return err }},
		"delete development": {core.NotFound, func() error { return h.Developments.Delete(ctx, other, d.ID) }},
		"find unit":          {core.NotFound, func() error { _, err := h.Units.Find(ctx, other, u.ID); return err }},
		"update unit":        {core.NotFound, func() error { _, err := h.Units.Update(ctx, other, u); return err }},
		"hand over unit":     {core.NotFound, func() error { _, err := h.Units.HandOver(ctx, other, u.ID, time.Time{}); return err }},
		"delete unit":        {core.NotFound, func() error { return h.Units.Delete(ctx, other, u.ID) }},
		"find by code":       {core.NotFound, func() error { _, err := h.Units.FindByCode(ctx, other, u.Code); return err }},
		"scan": {core.NotFound, func() error {
			_, err := h.Units.Scan(ctx, other, u.Code, directory.Visit{UserAgent: phone})
			return err
		}},
		"find homeowner":    {core.NotFound, func() error { _, err := h.Homeowners.Find(ctx, other, o.ID); return err }},
		"update homeowner":  {core.NotFound, func() error { _, err := h.Homeowners.Update(ctx, other, o); return err }},
		"onboard homeowner": {core.NotFound, func() error { _, err := h.Homeowners.Onboard(ctx, other, o.ID, consent); return err }},
		"delete homeowner":  {core.NotFound, func() error { return h.Homeowners.Delete(ctx, other, o.ID) }},
		"sign up": {core.NotFound, func() error {
			_, err := h.Homeowners.SignUp(ctx, other, u.Code, directory.SignUp{Name: "A", Email: "a@b.ie", Consent: consent})
			return err
		}},
		"create unit in development": {core.Invalid, func() error {
			_, err := h.Units.Create(ctx, other, core.Unit{DevelopmentID: d.ID, Label: "1"})
			return err
		}},
		"create homeowner in unit": {core.Invalid, func() error {
			_, err := h.Homeowners.Create(ctx, other, core.Homeowner{UnitID: u.ID, Name: "A", Email: "a@b.ie"})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) { expectCode(t, c.err(), c.code) })
	}
	h.expectTold(t, "", "")
	empty(t, h.Developments.List, other)
	empty(t, h.Units.List, other)
	empty(t, h.Homeowners.List, other)
}

func empty[T any](t *testing.T, list lister[T], tenant core.TenantID) {
	t.Helper()
	found, err := list(t.Context(), tenant, core.Query{})
	ok(t, err)
	equal(t, "entries of the other tenant", found.Total, 0)
}
