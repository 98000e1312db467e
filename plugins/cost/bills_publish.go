package cost

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/decimal"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// billMonth is a month of a provider's bill, as far as it is one developer's.
type billMonth struct {
	Provider string
	Tenant   core.TenantID
	Month    string
}

func (m billMonth) key() string { return actualsPrefix + m.Provider + "/" + m.Month }

// publishBills tells the developers of the changed charges' projects.
func publishBills(ctx context.Context, c sdk.Call, tx *sql.Tx, provider string, changed []charge) error {
	if len(changed) == 0 {
		return nil
	}
	owners, err := selectOwners(ctx, tx, provider)
	if err != nil {
		return err
	}
	months := map[billMonth]bool{}
	for _, ch := range changed {
		if tenant, owned := owners[ch.Project]; owned {
			months[billMonth{provider, tenant, ch.Date[:len(monthForm)]}] = true
		}
	}
	return publishMonths(ctx, c, tx, slices.Collect(maps.Keys(months)))
}

// publishMonths publishes what each developer was charged in a month, all of
// it; a month without anything is withdrawn.
func publishMonths(ctx context.Context, c sdk.Call, tx *sql.Tx, months []billMonth) error {
	slices.SortFunc(months, func(a, b billMonth) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Month, b.Month))
	})
	x := exchange{db: tx, known: map[[2]string]*big.Rat{}}
	for i, m := range slices.Compact(months) {
		if i%100 == 0 {
			c.Progress(int64(i), int64(len(months)), "telling the developers")
		}
		list, err := selectTenantCharges(ctx, tx, m)
		if err != nil {
			return err
		}
		var value []byte
		if len(list) > 0 {
			actuals := make([]actual, len(list))
			for i, t := range list {
				if actuals[i], err = t.actual(ctx, x); err != nil {
					return err
				}
			}
			if value, err = json.Marshal(actuals); err == nil && len(value) > maxPublished {
				value, err = json.Marshal(condensed(actuals))
			}
			if err != nil {
				return fmt.Errorf("write %s: %w", m.key(), err)
			}
		}
		if err := c.Publish(ctx, tx, m.Tenant, m.key(), value); err != nil {
			return fmt.Errorf("publish %s: %w", m.key(), err)
		}
	}
	return nil
}

// maxPublished is how many bytes a publication may have.
const maxPublished = 1 << 20

// condensed joins what was charged for the same on one day, for a developer
// with so many projects and lines that they are too many to publish.
func condensed(list []actual) (joined []actual) {
	type sameUse struct{ date, sku, usage, category, currency string }
	at := map[sameUse]int{}
	for _, a := range list {
		key := sameUse{a.Date, a.SKU, a.Usage, a.Category, a.Currency}
		i, again := at[key]
		if !again {
			at[key] = len(joined)
			a.Project, a.Line = "", "all of "+words(a.Category, a.SKU, a.Usage, a.Currency)
			joined = append(joined, a)
			continue
		}
		j := &joined[i]
		j.Quantity, j.Amount = plus(j.Quantity, a.Quantity), plus(j.Amount, a.Amount)
		if sum, err := decimal.Sum(j.Charged, a.Charged); err == nil {
			j.Charged = sum
		}
	}
	return joined
}

// plus adds what is known; the sum isn't where a part isn't.
func plus[N int64 | rate.Amount](a, b *N) *N {
	if a == nil || b == nil {
		return nil
	}
	sum := *a + *b
	return &sum
}

// tenantCharge is a charge with what its line means.
type tenantCharge struct {
	charge
	meaning
}

// actual is the charge in our words. A quantity that isn't told, isn't ours or
// doesn't fit is none.
func (t tenantCharge) actual(ctx context.Context, x exchange) (actual, error) {
	a := actual{Date: t.Date, Project: t.Project, Line: t.Line, SKU: t.SKU, Usage: t.Usage, Category: t.Category, Currency: t.Currency, Charged: t.Charged}
	if quantity, err := decimal.Parse(t.Quantity); err == nil && t.SKU != "" {
		if n, fits := decimal.Scaled(quantity.Mul(quantity, big.NewRat(t.Per, 1)), 0); fits {
			a.Quantity = &n
		}
	}
	dollars, ok, err := x.dollars(ctx, t.Charged, t.Currency, t.Date)
	if ok {
		a.Amount = &dollars
	}
	return a, err
}

// exchange turns amounts into dollars at the rate of their day (H24).
type exchange struct {
	db    *sql.Tx
	known map[[2]string]*big.Rat // by currency and date; nil: there is none
}

// dollars is an amount in dollars, rounded once; false without a rate.
func (x exchange) dollars(ctx context.Context, charged, currency, date string) (rate.Amount, bool, error) {
	amount, err := decimal.Parse(charged)
	if err != nil {
		return 0, false, fmt.Errorf("read the amount %q: %w", charged, err)
	}
	if currency != "USD" {
		key := [2]string{currency, date}
		r, asked := x.known[key]
		if !asked {
			found, ok, err := findRate(ctx, x.db, currency, "USD", date)
			if err != nil {
				return 0, false, err
			}
			if ok {
				r = found.value
			}
			x.known[key] = r
		}
		if r == nil {
			return 0, false, nil
		}
		amount.Mul(amount, r)
	}
	n, fits := decimal.Scaled(amount, 12)
	return rate.Amount(n), fits, nil
}
