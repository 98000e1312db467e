package directory_test

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/tenants"
	"pgregory.net/rapid"
)

func (m *model) createUnit(t *rapid.T) {
	in := core.Unit{DevelopmentID: pick(t, m.developments).ID, Label: drawLabel(t)}
	u, err := m.Units.Create(context.Background(), m.tenant, in)
	if m.taken(in) {
		expectCode(t, err, core.Conflict)
		return
	}
	ok(t, err)
	m.keepUnit(u, 1)
}

func (m *model) importUnits(t *rapid.T) {
	d := pick(t, m.developments)
	var units []core.Unit
	expected := 0
	fresh := map[string]bool{}
	for range rapid.IntRange(0, 4).Draw(t, "rows") {
		in := core.Unit{DevelopmentID: d.ID, Label: drawLabel(t), Code: directory.NewCode()}
		units = append(units, in)
		if key := directory.AddressKey(in.Label, ""); !m.taken(in) && !fresh[key] {
			expected++
			fresh[key] = true
		}
	}
	m.update(t, func(tx *tenants.Tx) error {
		added, duplicates, err := m.Units.Add(context.Background(), tx, units)
		equal(t, "added", added, expected)
		equal(t, "duplicates", len(duplicates), len(units)-expected)
		return err
	})
	all, err := m.Units.Of(context.Background(), m.tenant, d.ID)
	ok(t, err)
	for _, u := range all {
		if _, known := m.units[u.ID]; !known {
			m.keepUnit(u, 1)
		}
	}
}

func (m *model) updateUnit(t *rapid.T) {
	before := pick(t, m.units)
	in, stale := before, false
	in.Label = drawLabel(t)
	in.Version, stale = version(t, before.Version)
	u, err := m.Units.Update(context.Background(), m.tenant, in)
	if stale || m.taken(in) {
		expectCode(t, err, core.Conflict)
		return
	}
	ok(t, err)
	equal(t, "version", u.Version, grown(before.Version, in.Label != before.Label))
	m.units[u.ID] = u
	for id, o := range m.homeowners {
		if o.UnitID == u.ID {
			o.Unit = u.Label
			m.homeowners[id] = o
		}
	}
}

func (m *model) handOver(t *rapid.T) {
	before := pick(t, m.units)
	m.clock.advance(time.Minute)
	u, err := m.Units.HandOver(context.Background(), m.tenant, before.ID, time.Time{})
	ok(t, err)
	equal(t, "version", u.Version, before.Version+1)
	m.units[u.ID] = u
}

func (m *model) scan(t *rapid.T) {
	before := pick(t, m.units)
	m.clock.advance(time.Minute)
	u, err := m.Units.Scan(context.Background(), m.tenant, before.Code, directory.Visit{UserAgent: phone})
	ok(t, err)
	if before.FirstScanAt == nil {
		now := m.clock.Now()
		before.FirstScanAt = &now
	}
	equal(t, "scanned unit", show(u), show(before))
	m.units[u.ID] = before
}

func (m *model) deleteUnit(t *rapid.T) {
	u := pick(t, m.units)
	err := m.Units.Delete(context.Background(), m.tenant, u.ID)
	for _, o := range m.homeowners {
		if o.UnitID == u.ID {
			expectCode(t, err, core.Conflict)
			return
		}
	}
	ok(t, err)
	m.keepUnit(u, -1)
}
