package directory_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
	"pgregory.net/rapid"
)

// model is what the directory of one tenant should hold.
type model struct {
	*house
	developments map[string]core.Development
	units        map[string]core.Unit
	homeowners   map[string]core.Homeowner
}

// TestModel drives the directory at random and compares it with the model
// after each step.
func TestModel(t *testing.T) {
	t.Parallel()
	h := newHouseWithClock(t)
	rapid.Check(t, func(t *rapid.T) {
		h.tenant = h.addTenant(t)
		h.told()
		m := &model{h, map[string]core.Development{}, map[string]core.Unit{}, map[string]core.Homeowner{}}
		t.Repeat(map[string]func(*rapid.T){
			"":                  m.compare,
			"createDevelopment": m.createDevelopment,
			"updateDevelopment": m.updateDevelopment,
			"deleteDevelopment": m.deleteDevelopment,
			"createUnit":        m.createUnit,
			"importUnits":       m.importUnits,
			"updateUnit":        m.updateUnit,
			"handOver":          m.handOver,
			"scan":              m.scan,
			"deleteUnit":        m.deleteUnit,
			"createHomeowner":   m.createHomeowner,
			"updateHomeowner":   m.updateHomeowner,
			"signUp":            m.signUp,
			"deleteHomeowner":   m.deleteHomeowner,
		})
	})
}

// pick draws one of the model's entries, in an order that repeats. With none to
// act on, rapid draws another action instead: its Skip gives up the step, not
// the test.
func pick[T any](t *rapid.T, entries map[string]T) T {
	if len(entries) == 0 {
		t.Skip("nothing to pick")
	}
	return entries[rapid.SampledFrom(slices.Sorted(maps.Keys(entries))).Draw(t, "id")]
}

// version is what a caller has seen: the right one, none, or an old one.
func version(t *rapid.T, actual int64) (seen int64, stale bool) {
	switch rapid.IntRange(0, 3).Draw(t, "version") {
	case 0:
		return 0, false
	case 1:
		return actual + 1, true
	}
	return actual, false
}

func (m *model) createDevelopment(t *rapid.T) {
	d, err := m.Developments.Create(context.Background(), m.tenant, core.Development{Name: drawName(t)})
	ok(t, err)
	m.developments[d.ID] = d
}

func (m *model) updateDevelopment(t *rapid.T) {
	before := pick(t, m.developments)
	in, stale := before, false
	in.Name, in.Status = drawName(t), rapid.SampledFrom([]string{"planned", "selling", "complete"}).Draw(t, "status")
	in.Version, stale = version(t, before.Version)
	d, err := m.Developments.Update(context.Background(), m.tenant, in)
	if stale {
		expectCode(t, err, core.Conflict)
		return
	}
	ok(t, err)
	equal(t, "version", d.Version, grown(before.Version, in.Name != before.Name || in.Status != before.Status))
	m.developments[d.ID] = d
	for id, u := range m.units {
		if u.DevelopmentID == d.ID {
			u.Development = d.Name
			m.units[id] = u
		}
	}
}

func (m *model) deleteDevelopment(t *rapid.T) {
	d := pick(t, m.developments)
	err := m.Developments.Delete(context.Background(), m.tenant, d.ID)
	if d.Units > 0 {
		expectCode(t, err, core.Conflict)
		return
	}
	ok(t, err)
	delete(m.developments, d.ID)
}

func (m *model) createHomeowner(t *rapid.T) {
	in := core.Homeowner{UnitID: pick(t, m.units).ID, Name: drawName(t), Email: drawEmail(t)}
	o, err := m.Homeowners.Create(context.Background(), m.tenant, in)
	if _, exists := m.resident(in); exists {
		expectCode(t, err, core.Conflict)
		return
	}
	ok(t, err)
	m.homeowners[o.ID] = o
}

func (m *model) updateHomeowner(t *rapid.T) {
	before := pick(t, m.homeowners)
	in, stale := before, false
	in.Name, in.Email = drawName(t), drawEmail(t)
	in.Status = rapid.SampledFrom([]string{"", before.Status, "left"}).Draw(t, "status")
	in.Version, stale = version(t, before.Version)
	o, err := m.Homeowners.Update(context.Background(), m.tenant, in)
	if other, exists := m.resident(in); stale || exists && other.ID != in.ID {
		expectCode(t, err, core.Conflict)
		return
	}
	ok(t, err)
	equal(t, "status", o.Status, cmp.Or(in.Status, before.Status))
	m.homeowners[o.ID] = o
}

func (m *model) signUp(t *rapid.T) {
	u := pick(t, m.units)
	in := directory.SignUp{Name: drawName(t), Email: drawEmail(t), Consent: consent}
	m.clock.advance(time.Minute)
	_, err := m.Homeowners.SignUp(context.Background(), m.tenant, u.Code, in)
	ok(t, err)
	now := m.clock.Now()
	before, known := m.resident(core.Homeowner{UnitID: u.ID, Email: in.Email})
	if known && before.Status == "onboarded" {
		return
	}
	list, err := m.Homeowners.List(context.Background(), m.tenant, core.Query{Unit: u.ID, Limit: core.MaxLimit})
	ok(t, err)
	for _, o := range list.Items {
		if strings.EqualFold(o.Email, in.Email) {
			equal(t, "name", o.Name, cmp.Or(before.Name, in.Name))
			equal(t, "consent", fmt.Sprint(o.Status, o.ConsentVersion, *o.ConsentAt, *o.OnboardedAt), fmt.Sprint("onboarded", consent, now, now))
			m.homeowners[o.ID] = o
			return
		}
	}
	t.Fatalf("%s has not become a homeowner", in.Email)
}

func (m *model) deleteHomeowner(t *rapid.T) {
	o := pick(t, m.homeowners)
	ok(t, m.Homeowners.Delete(context.Background(), m.tenant, o.ID))
	delete(m.homeowners, o.ID)
}

// compare checks every row of the tenant, and that no event tells who lives
// where.
func (m *model) compare(t *rapid.T) {
	for id, u := range m.units {
		u.Homeowners = 0
		for _, o := range m.homeowners {
			if o.UnitID == id && o.Status != "left" {
				u.Homeowners++
			}
		}
		m.units[id] = u
	}
	same(t, m.developments, m.Developments.List, m.tenant, func(d core.Development) string { return d.ID })
	same(t, m.units, m.Units.List, m.tenant, func(u core.Unit) string { return u.ID })
	same(t, m.homeowners, m.Homeowners.List, m.tenant, func(o core.Homeowner) string { return o.ID })
	for _, e := range m.events {
		if data := strings.ToLower(string(e.Data)); strings.Contains(data, "@") || strings.Contains(data, "person") {
			t.Fatalf("%s tells %s", e.Name, e.Data)
		}
	}
	m.told()
}

func same[T any](t *rapid.T, want map[string]T, list lister[T], tenant core.TenantID, id func(T) string) {
	t.Helper()
	got, err := list(context.Background(), tenant, core.Query{Limit: core.MaxLimit})
	ok(t, err)
	equal(t, "entries", len(got.Items), len(want))
	for _, entry := range got.Items {
		equal(t, "entry", show(entry), show(want[id(entry)]))
	}
}

func show(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

func (m *model) keepUnit(u core.Unit, difference int) {
	if m.units[u.ID] = u; difference < 0 {
		delete(m.units, u.ID)
	}
	d := m.developments[u.DevelopmentID]
	d.Units += difference
	m.developments[d.ID] = d
}

// taken reports whether another unit is at the address.
func (m *model) taken(in core.Unit) bool {
	for _, u := range m.units {
		if u.ID != in.ID && u.DevelopmentID == in.DevelopmentID &&
			directory.AddressKey(u.Label, u.Address) == directory.AddressKey(in.Label, in.Address) {
			return true
		}
	}
	return false
}

func (m *model) resident(in core.Homeowner) (core.Homeowner, bool) {
	for _, o := range m.homeowners {
		if o.UnitID == in.UnitID && strings.EqualFold(o.Email, in.Email) {
			return o, true
		}
	}
	return core.Homeowner{}, false
}

func grown(version int64, changed bool) int64 {
	if changed {
		return version + 1
	}
	return version
}

// Few values, so that they meet.
func drawName(t *rapid.T) string {
	return rapid.SampledFrom([]string{"Person One", "Person Two", "Pérson 3"}).Draw(t, "name")
}

func drawLabel(t *rapid.T) string {
	return rapid.SampledFrom([]string{"1 Park", "01 PARK", "2 Park", "10 Park", "10, Park", "Pàrk"}).Draw(t, "label")
}

func drawEmail(t *rapid.T) string {
	return rapid.SampledFrom([]string{"one@example.ie", "ONE@example.ie", "two@example.ie"}).Draw(t, "email")
}
