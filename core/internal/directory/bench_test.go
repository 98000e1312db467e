package directory_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const importBatch = 500

// many are units of a development as a large import brings them.
func many(d core.Development, n int) []core.Unit {
	units := make([]core.Unit, n)
	for i := range units {
		units[i] = row(d, fmt.Sprintf("%d Harpur Park, Harpur Lane, Leixlip, Co. Kildare", i+1))
		units[i].County, units[i].Kind = "Kildare", "New Dwelling house /Apartment"
		units[i].Price, units[i].SoldOn = &core.Money{Minor: int64(i) * 100, Currency: "EUR"}, "2023-02-01"
	}
	return units
}

func (h *house) importMany(b *testing.B, d core.Development, units []core.Unit) {
	h.update(b, func(tx *tenants.Tx) error {
		for len(units) > 0 {
			n := min(len(units), importBatch)
			if _, _, err := h.Units.Add(context.Background(), tx, units[:n]); err != nil {
				return err
			}
			units = units[n:]
		}
		return nil
	})
}

// BenchmarkImport imports 50,000 units in one transaction; its baseline
// inserts rows of the same size into the same table, one statement each, with
// no checks, keys or duplicates to find.
func BenchmarkImport(b *testing.B) {
	const n = 50_000
	h := newHouse(b)
	var ours, raw time.Duration
	for b.Loop() {
		d := h.freshTenant(b)
		units := many(d, n)
		start := time.Now()
		h.importMany(b, d, units)
		ours += time.Since(start)
		d = h.freshTenant(b)
		units = many(d, n)
		start = time.Now()
		h.insertPlainly(b, units)
		raw += time.Since(start)
	}
	b.ReportMetric(float64(b.N)*n/ours.Seconds(), "units/s")
	b.ReportMetric(float64(b.N)*n/raw.Seconds(), "plain-rows/s")
	b.ReportMetric(ours.Seconds()/raw.Seconds(), "x-plain")
}

func (h *house) freshTenant(b *testing.B) core.Development {
	h.tenant = h.addTenant(b)
	return h.development(b, "Harpur Lane")
}

func (h *house) insertPlainly(b *testing.B, units []core.Unit) {
	h.update(b, func(tx *tenants.Tx) error {
		for i, u := range units {
			_, err := tx.Exec(context.Background(), `
insert into units (id, development_id, label, address, address_key, county, postcode, kind, size,
  price_minor, currency, sold_on, code, sort_key, search, created_at, updated_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				fmt.Sprintf("unt_%026d", i), u.DevelopmentID, u.Label, u.Address, u.Address, u.County, u.Postcode, u.Kind, u.Size,
				u.Price.Minor, u.Price.Currency, u.SoldOn, nil, u.Label, u.Address, 0, 0)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkListUnits reads pages of 50 of a development with 50,000 units; the
// baseline is the same page of one with 500.
func BenchmarkListUnits(b *testing.B) {
	small, large := newHouse(b), newHouse(b)
	d := map[*house]core.Development{}
	for h, n := range map[*house]int{small: 500, large: 50_000} {
		d[h] = h.development(b, "Harpur Lane")
		h.importMany(b, d[h], many(d[h], n))
	}
	for _, c := range []struct {
		name  string
		query func(core.Development) core.Query
	}{
		{"default", func(core.Development) core.Query { return core.Query{} }},
		{"development", func(d core.Development) core.Query { return core.Query{Development: d.ID} }},
		{"status", func(d core.Development) core.Query { return core.Query{Development: d.ID, Status: "not_handed_over"} }},
		{"newest", func(core.Development) core.Query { return core.Query{Sort: "created_at", Desc: true} }},
		{"search", func(core.Development) core.Query { return core.Query{Text: "harpur 49"} }},
		{"price", func(core.Development) core.Query { return core.Query{Sort: "price", Desc: true} }},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took [2]time.Duration
			for b.Loop() {
				for i, h := range []*house{small, large} {
					q := c.query(d[h])
					q.Limit = 50
					start := time.Now()
					if _, err := h.Units.List(context.Background(), h.tenant, q); err != nil {
						b.Fatal(err)
					}
					took[i] += time.Since(start)
				}
			}
			b.ReportMetric(float64(took[1].Microseconds())/float64(b.N)/1000, "ms-of-50000")
			b.ReportMetric(float64(took[0].Microseconds())/float64(b.N)/1000, "ms-of-500")
			b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "x")
		})
	}
}
