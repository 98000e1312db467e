package directory_test

import (
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
)

func TestCreateUnit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.development(t, "Harpur Lane")
	h.told()
	in := core.Unit{
		DevelopmentID: d.ID, Label: "2 Harpur Park", Address: "02 Harpur Park,  Harpur Lane", Postcode: "w23f8ex", Kind: "House",
		Price: &core.Money{Minor: 45815000, Currency: "EUR"}, SoldOn: "2023-02-01",
	}
	u, err := h.Units.Create(t.Context(), h.tenant, in)
	ok(t, err)
	h.expectTold(t, "unit.create", "unit.created")
	equal(t, "development", u.Development, "Harpur Lane")
	equal(t, "address", u.Address, "02 Harpur Park, Harpur Lane")
	equal(t, "postcode", u.Postcode, "W23 F8EX")
	equal(t, "price", u.Price.String(), "458150.00 EUR")
	equal(t, "length of code", len(u.Code), 16)
	tenant, err := h.Units.Locate(t.Context(), u.Code)
	ok(t, err)
	equal(t, "tenant of code", tenant, h.tenant)
	_, err = h.Units.Locate(t.Context(), strings.ToUpper(u.Code))
	ok(t, err)
	byCode, err := h.Units.FindByCode(t.Context(), tenant, strings.ToUpper(u.Code))
	ok(t, err)
	equal(t, "unit of code", byCode.ID, u.ID)

	in.Address = "2 HARPUR PARK. HARPUR LANE"
	_, err = h.Units.Create(t.Context(), h.tenant, in)
	expectCode(t, err, core.Conflict, "address")
	equal(t, "registered codes", h.registered(t), 1)
	in.DevelopmentID = h.development(t, "Another").ID
	_, err = h.Units.Create(t.Context(), h.tenant, in)
	ok(t, err)
	found, err := h.Developments.Find(t.Context(), h.tenant, d.ID)
	ok(t, err)
	equal(t, "units of development", found.Units, 1)
}

func TestUnitIsChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.development(t, "Harpur Lane")
	for name, c := range map[string]struct {
		in     core.Unit
		fields []string
	}{
		"nothing":             {core.Unit{}, []string{"development_id", "label"}},
		"unknown development": {core.Unit{DevelopmentID: "dvt_x", Label: "1"}, []string{"development_id"}},
		"postcode":            {core.Unit{DevelopmentID: d.ID, Label: "1", Postcode: "!!"}, []string{"postcode"}},
		"negative price":      {core.Unit{DevelopmentID: d.ID, Label: "1", Price: &core.Money{Minor: -1, Currency: "EUR"}}, []string{"price"}},
		"no currency":         {core.Unit{DevelopmentID: d.ID, Label: "1", Price: &core.Money{Minor: 1}}, []string{"price"}},
		"date":                {core.Unit{DevelopmentID: d.ID, Label: "1", SoldOn: "2023-02-30"}, []string{"sold_on"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Units.Create(t.Context(), h.tenant, c.in)
			expectCode(t, err, core.Invalid, c.fields...)
		})
	}
}

func TestPostcodes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.development(t, "Harpur Lane")
	for in, want := range map[string]string{
		"": "", "Y21RK7E": "Y21 RK7E", "d6w xy00": "D6W XY00", "a65-f4e2": "A65 F4E2",
		"sw1a1aa": "SW1A 1AA", "M1 1AE": "M1 1AE", "ec1a  1bb": "EC1A 1BB", "10115": "10115",
	} {
		u, err := h.Units.Create(t.Context(), h.tenant, core.Unit{DevelopmentID: d.ID, Label: "Unit " + in, Postcode: in})
		ok(t, err)
		equal(t, "postcode "+in, u.Postcode, want)
	}
}

func TestUpdateUnit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.development(t, "Harpur Lane")
	u, neighbour := h.unit(t, d, "1 Harpur Park"), h.unit(t, d, "2 Harpur Park")
	h.told()

	u.Label, u.Price = "1A Harpur Park", &core.Money{Minor: 1, Currency: "EUR"}
	u.Code, u.HandedOverAt, u.FirstScanAt = "other", new(time.Time), new(time.Time)
	changed, err := h.Units.Update(t.Context(), h.tenant, u)
	ok(t, err)
	equal(t, "event data", string(h.events[0].Data), `{"development_id":"`+d.ID+`","unit_id":"`+u.ID+`","changed":["label","price"]}`)
	h.expectTold(t, "unit.update", "unit.updated")
	found, err := h.Units.Find(t.Context(), h.tenant, u.ID)
	ok(t, err)
	equal(t, "version", found.Version, changed.Version)
	equal(t, "label", found.Label, "1A Harpur Park")
	equal(t, "code is kept", found.Code != "other", true)
	equal(t, "hand-over and scan are kept", found.HandedOverAt == nil && found.FirstScanAt == nil, true)

	_, err = h.Units.Update(t.Context(), h.tenant, u)
	expectCode(t, err, core.Conflict)
	changed.Address, changed.Label = neighbour.Address, neighbour.Label
	_, err = h.Units.Update(t.Context(), h.tenant, changed)
	expectCode(t, err, core.Conflict, "address")
	changed.Label, changed.DevelopmentID = "", h.development(t, "Another").ID
	_, err = h.Units.Update(t.Context(), h.tenant, changed)
	expectCode(t, err, core.Invalid, "label", "development_id")
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.unit(t, h.development(t, "Harpur Lane"), "1 Harpur Park")
	h.told()
	dublin, err := time.LoadLocation("Europe/Dublin")
	ok(t, err)

	at := time.Date(2026, 3, 1, 10, 0, 0, 0, dublin)
	handed, err := h.Units.HandOver(t.Context(), h.tenant, u.ID, at)
	ok(t, err)
	h.expectTold(t, "unit.hand_over", "unit.handed_over")
	equal(t, "handed over", handed.HandedOverAt.Equal(at), true)
	_, err = h.Units.HandOver(t.Context(), h.tenant, u.ID, at)
	ok(t, err)
	h.expectTold(t, "", "")

	now, err := h.Units.HandOver(t.Context(), h.tenant, u.ID, time.Time{})
	ok(t, err)
	equal(t, "handed over now", *now.HandedOverAt, h.clock.Now())
	h.expectTold(t, "unit.hand_over", "unit.handed_over")
	_, err = h.Units.HandOver(t.Context(), h.tenant, u.ID, h.clock.Now().Add(time.Second))
	expectCode(t, err, core.Invalid, "handed_over_at")
	_, err = h.Units.HandOver(t.Context(), h.tenant, "unt_x", at)
	expectCode(t, err, core.NotFound)
}

func TestDeleteUnit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.unit(t, h.development(t, "Harpur Lane"), "1 Harpur Park")
	o := h.homeowner(t, u, "aoife@example.ie")
	h.told()
	err := h.Units.Delete(t.Context(), h.tenant, u.ID)
	expectCode(t, err, core.Conflict)
	equal(t, "message", err.Error(), "1 Harpur Park has 1 homeowner, so it can't be deleted.")
	ok(t, h.Homeowners.Delete(t.Context(), h.tenant, o.ID))
	h.told()
	ok(t, h.Units.Delete(t.Context(), h.tenant, u.ID))
	h.expectTold(t, "unit.delete", "unit.deleted")
	_, err = h.Units.Find(t.Context(), h.tenant, u.ID)
	expectCode(t, err, core.NotFound)
	_, err = h.Units.Locate(t.Context(), u.Code)
	expectCode(t, err, core.NotFound)
}
