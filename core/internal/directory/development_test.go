package directory_test

import (
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
)

func TestCreateDevelopment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d, err := h.Developments.Create(t.Context(), h.tenant, core.Development{Name: "  Harpur \n Lane ", Address: "Leixlip"})
	ok(t, err)
	h.expectTold(t, "development.create", "development.created")
	equal(t, "name", d.Name, "Harpur Lane")
	equal(t, "status", d.Status, "selling")
	equal(t, "version", d.Version, 1)
	equal(t, "valid id", core.ValidID(core.PrefixDevelopment, d.ID), true)
	found, err := h.Developments.Find(t.Context(), h.tenant, d.ID)
	ok(t, err)
	equal(t, "found", found, d)

	for name, c := range map[string]struct {
		in     core.Development
		fields []string
	}{
		"no name":           {core.Development{Name: " "}, []string{"name"}},
		"long name":         {core.Development{Name: strings.Repeat("é", 121)}, []string{"name"}},
		"unknown status":    {core.Development{Name: "A", Status: "sold"}, []string{"status"}},
		"control character": {core.Development{Name: "A\x00B"}, []string{"name"}},
		"everything wrong":  {core.Development{Address: strings.Repeat("x", 301), Status: "?"}, []string{"name", "address", "status"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Developments.Create(t.Context(), h.tenant, c.in)
			expectCode(t, err, core.Invalid, c.fields...)
		})
	}
	h.expectTold(t, "", "")
}

func TestUpdateDevelopment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.development(t, "Harpur Lane")
	h.told()

	same, err := h.Developments.Update(t.Context(), h.tenant, d)
	ok(t, err)
	equal(t, "version of no change", same.Version, 1)
	h.expectTold(t, "", "")

	d.Name, d.Status = "Harpur Park", "complete"
	changed, err := h.Developments.Update(t.Context(), h.tenant, d)
	ok(t, err)
	equal(t, "version", changed.Version, 2)
	equal(t, "event data", string(h.events[0].Data), `{"development_id":"`+d.ID+`","changed":["name","status"]}`)
	equal(t, "first change", h.entries[0].Changes[0], core.Change{Field: "name", Before: "Harpur Lane", After: "Harpur Park"})
	h.expectTold(t, "development.update", "development.updated")

	d.Name = "Too late"
	_, err = h.Developments.Update(t.Context(), h.tenant, d)
	expectCode(t, err, core.Conflict)
	d.Version = 0
	_, err = h.Developments.Update(t.Context(), h.tenant, d)
	ok(t, err)
	d.ID = core.NewID(core.PrefixDevelopment, h.clock.Now())
	_, err = h.Developments.Update(t.Context(), h.tenant, d)
	expectCode(t, err, core.NotFound)
}

func TestDeleteDevelopment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.development(t, "Harpur Lane")
	first, second := h.unit(t, d, "1 Harpur Park"), h.unit(t, d, "2 Harpur Park")

	err := h.Developments.Delete(t.Context(), h.tenant, d.ID)
	expectCode(t, err, core.Conflict)
	equal(t, "message", err.Error(), "Harpur Lane has 2 units, so it can't be deleted.")
	ok(t, h.Units.Delete(t.Context(), h.tenant, first.ID))
	ok(t, h.Units.Delete(t.Context(), h.tenant, second.ID))
	h.told()
	ok(t, h.Developments.Delete(t.Context(), h.tenant, d.ID))
	h.expectTold(t, "development.delete", "development.deleted")
	_, err = h.Developments.Find(t.Context(), h.tenant, d.ID)
	expectCode(t, err, core.NotFound)
	expectCode(t, h.Developments.Delete(t.Context(), h.tenant, d.ID), core.NotFound)
}
