package directory_test

import (
	"fmt"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/tenants"
)

func TestSetCodes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d := h.development(t, "Harpur Lane")
	printed := h.unit(t, d, "10 Harpur Park")
	h.add(t, row(d, "9 Harpur Park"), row(d, "2 Harpur Park"))
	h.told()

	var without []string
	h.update(t, func(tx *tenants.Tx) (err error) {
		without, err = h.Units.WithoutCode(t.Context(), tx, d.ID)
		return err
	})
	equal(t, "units without a code", len(without), 2)
	codes := map[string]string{printed.ID: directory.NewCode()}
	for _, id := range without {
		codes[id] = directory.NewCode()
		ok(t, h.Units.RegisterCodes(t.Context(), h.tenant, []string{codes[id]}))
	}
	for range 2 {
		h.update(t, func(tx *tenants.Tx) error { return h.Units.SetCodes(t.Context(), tx, codes) })
	}
	h.expectTold(t, "unit.assign_codes", "unit.codes_assigned")
	equal(t, "code that may be printed", h.find(t, printed.ID).Code, printed.Code)
	units, err := h.Units.Of(t.Context(), h.tenant, d.ID)
	ok(t, err)
	equal(t, "units", labels(core.List[core.Unit]{Items: units, Total: 3}), "[2 Harpur Park 9 Harpur Park 10 Harpur Park] of 3")
	equal(t, "codes", units[0].Code == codes[units[0].ID] && units[1].Code == codes[units[1].ID], true)
}

func TestRegisterCodes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	codes := make([]string, 2500)
	for i := range codes {
		codes[i] = directory.NewCode()
	}
	for range 2 {
		ok(t, h.Units.RegisterCodes(t.Context(), h.tenant, codes))
	}
	ok(t, h.Units.RegisterCodes(t.Context(), h.tenant, nil))
	for _, i := range []int{0, 999, 1000, 2499} {
		tenant, err := h.Units.Locate(t.Context(), codes[i])
		ok(t, err)
		equal(t, fmt.Sprintf("tenant of code %d", i), tenant, h.tenant)
	}
	expectCode(t, h.Units.RegisterCodes(t.Context(), h.other, codes[:1]), core.Conflict)
	_, err := h.Units.Locate(t.Context(), "")
	expectCode(t, err, core.NotFound)
	// A code whose tenant never got a unit with it leads nowhere.
	_, err = h.Units.FindByCode(t.Context(), h.tenant, codes[0])
	expectCode(t, err, core.NotFound)
}

// registered counts the codes of the tenant.
func (h *house) registered(t *testing.T) (n int) {
	t.Helper()
	ok(t, h.store.ViewControl(t.Context(), func(tx *tenants.Tx) error {
		return tx.QueryRow(t.Context(), "select count(*) from unit_codes where tenant_id = ?", string(h.tenant)).Scan(&n)
	}))
	return n
}

func TestControlKeepsNoCode(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.unit(t, h.development(t, "Harpur Lane"), "1 Harpur Park")
	ok(t, h.store.ViewControl(t.Context(), func(tx *tenants.Tx) error {
		var rows, plain int
		err := tx.QueryRow(t.Context(), "select count(*), count(*) filter (where cast(code_hash as text) like ?) from unit_codes where tenant_id = ?",
			"%"+u.Code+"%", string(h.tenant)).Scan(&rows, &plain)
		equal(t, "rows", rows, 1)
		equal(t, "rows that hold the code", plain, 0)
		return err
	}))
}
