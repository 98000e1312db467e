package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// row is a unit as an import brings it.
func row(d core.Development, address string) core.Unit {
	label, _, _ := strings.Cut(address, ",")
	return core.Unit{DevelopmentID: d.ID, Label: label, Address: address}
}

func (h *house) add(t *testing.T, units ...core.Unit) (added int, duplicates []int) {
	t.Helper()
	h.update(t, func(tx *tenants.Tx) (err error) {
		added, duplicates, err = h.Units.Add(t.Context(), tx, units)
		return err
	})
	return added, duplicates
}

func TestAddUnits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d, other := h.development(t, "Harpur Lane"), h.development(t, "Westmill")
	h.told()
	units := func() []core.Unit {
		return []core.Unit{
			row(d, "02 Harpur Park, Harpur Lane, Leixlip"),
			row(d, "1 Cronan's Well, Swords"),
			row(other, "2 Harpur Park, Harpur Lane, Leixlip"), // the same address elsewhere
			row(d, "2 HARPUR PARK,  HARPUR LANE, LEIXLIP"),    // the first one again
			row(d, "1 Cronan’s Well Swords"),                  // the second one again
		}
	}
	added, duplicates := h.add(t, units()...)
	equal(t, "added", added, 3)
	equal(t, "duplicates", fmt.Sprint(duplicates), "[3 4]")
	var data []string
	for _, e := range h.events {
		data = append(data, string(e.Data))
	}
	slices.Sort(data)
	want := []string{`{"development_id":"` + d.ID + `","count":2}`, `{"development_id":"` + other.ID + `","count":1}`}
	slices.Sort(want)
	equal(t, "event data", fmt.Sprint(data), fmt.Sprint(want))
	actions, events := h.told()
	equal(t, "told", fmt.Sprint(actions, events), "[unit.import unit.import] [unit.imported unit.imported]")

	added, duplicates = h.add(t, units()...)
	equal(t, "added by the second import", added, 0)
	equal(t, "duplicates of the second import", len(duplicates), 5)
	h.expectTold(t, "", "")
	list, err := h.Units.List(t.Context(), h.tenant, core.Query{Development: d.ID})
	ok(t, err)
	equal(t, "units", labels(list), "[1 Cronan's Well 02 Harpur Park] of 2")
	equal(t, "no code yet", list.Items[0].Code, "")
}

func TestAddUnitsOfAnyNumber(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.development(t, "Harpur Lane")
	total := 0
	for _, n := range []int{0, 1, 99, 100, 101, 250} {
		units := make([]core.Unit, n)
		for i := range units {
			total++
			units[i] = row(d, fmt.Sprintf("%d Harpur Park", total))
		}
		added, duplicates := h.add(t, units...)
		equal(t, "added", added, n)
		equal(t, "duplicates", len(duplicates), 0)
	}
	found, err := h.Developments.Find(t.Context(), h.tenant, d.ID)
	ok(t, err)
	equal(t, "units", found.Units, total)
}

func TestAddUnitsRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.development(t, "Harpur Lane")
	h.told()
	bad := row(d, "3 Harpur Park")
	bad.SoldOn = "yesterday"
	for name, c := range map[string]struct {
		units  []core.Unit
		fields []string
	}{
		"wrong fields":        {[]core.Unit{row(d, "1 Harpur Park"), {DevelopmentID: d.ID}, bad}, []string{"units[1].label", "units[2].sold_on"}},
		"foreign development": {[]core.Unit{row(d, "1 Harpur Park"), row(core.Development{ID: "dvt_x"}, "2")}, []string{"development_id"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := h.store.Update(t.Context(), h.tenant, func(tx *tenants.Tx) error {
				_, _, err := h.Units.Add(t.Context(), tx, c.units)
				return err
			})
			expectCode(t, err, core.Invalid, c.fields...)
		})
	}
	many := make([]core.Unit, 1000)
	err := h.store.Update(t.Context(), h.tenant, func(tx *tenants.Tx) error {
		_, _, err := h.Units.Add(t.Context(), tx, many)
		return err
	})
	expectCode(t, err, core.Invalid)
	list, err := h.Units.List(t.Context(), h.tenant, core.Query{})
	ok(t, err)
	equal(t, "units", list.Total, 0)
	h.expectTold(t, "", "")
}
