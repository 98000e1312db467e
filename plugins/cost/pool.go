package cost

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// pooledSKU is something that a provider rates on the account's total of its
// month. Each developer's quantities reach the platform as a metric.
type pooledSKU struct{ provider, sku, usage string }

// pools are the SKUs that are rated on the account's total (H21).
var pools = func() []pooledSKU {
	list := []pooledSKU{{"hosting", "egress", "bytes"}, {"google", "geocoding", "requests"}}
	for _, sku := range mapSKUs {
		list = append(list, pooledSKU{"google", sku, "requests"})
	}
	slices.SortFunc(list, func(a, b pooledSKU) int { return cmp.Compare(a.sku, b.sku) })
	return list
}()

const poolPrefix = "cost.pool."

func (p pooledSKU) metric() string { return poolPrefix + strings.ReplaceAll(p.sku, "-", "_") }

func (p pooledSKU) key() price.Key {
	return price.Key{Provider: p.provider, SKU: p.sku, Usage: p.usage, Tier: price.Standard}
}

// afterMonth is how long a month is rated again after its end.
const afterMonth = 10 * 24 * time.Hour

// consumer is a development of a tenant, or what the tenant has used outside of
// any, with its quantity of a pool.
type consumer struct {
	tenant      core.TenantID
	development string
	quantity    int64
}

// pool is what an account has used in a month, and what it costs: nil without
// a price. Demo tenants are an account of their own.
type pool struct {
	pooledSKU
	demo      bool
	quantity  int64
	amount    *rate.Amount
	consumers []consumer
	shares    []rate.Amount
}

// rated rates a pool on its total, and shares the amount out by quantity.
func rated(p pool, book *price.Book, at time.Time) pool {
	parts := make([]rate.Part, len(p.consumers))
	p.quantity = 0
	for i, user := range p.consumers {
		p.quantity += user.quantity
		parts[i] = rate.Part{ID: string(user.tenant) + "/" + user.development, Weight: user.quantity}
	}
	if amount, ok := p.costs(p.quantity, book, at); ok {
		p.amount, p.shares = &amount, rate.Share(amount, parts)
	}
	return p
}

// costs is what a quantity costs the account in the month that begins at a
// moment; false without a price.
func (p pooledSKU) costs(quantity int64, book *price.Book, at time.Time) (rate.Amount, bool) {
	var steps []rate.Step
	for _, r := range book.Steps(p.key(), at) {
		step := rate.Step{Above: r.Above, Per: r.Per}
		price, err := rate.ParsePrice(r.Price)
		step.Price, step.None = price, err != nil
		steps = append(steps, step)
	}
	return rate.Graduated(quantity, steps)
}

// sharePools rates this month's pools, last month's until it is ten days over,
// those that never were or have grown since, and those whose prices have changed,
// and publishes to each developer what it bears.
func sharePools(ctx context.Context, c sdk.Call) (string, error) {
	book, err := selectPrices(ctx, c.DB())
	if err != nil {
		return "", err
	}
	months, err := selectUnratedMonths(ctx, c)
	if err != nil {
		return "", err
	}
	repriced, err := selectRepricedMonths(ctx, c, book)
	if err != nil {
		return "", err
	}
	months = slices.Concat(months, repriced, poolMonths(c.Now))
	slices.Sort(months)
	changed := 0
	for _, month := range slices.Compact(months) {
		n, err := shareMonth(ctx, c, book, month)
		if err != nil {
			return "", fmt.Errorf("share out %s: %w", month, err)
		}
		changed += n
	}
	if changed == 0 {
		return "", nil
	}
	return fmt.Sprintf("shares changed: %d", changed), nil
}

// poolMonths are the months that are rated again and again: every provider's of
// now and of ten days ago.
func poolMonths(now time.Time) []string {
	var months []string
	for _, at := range []time.Time{now.Add(-afterMonth), now} {
		for _, provider := range []string{"google", "hosting"} {
			months = append(months, price.Month(provider, at))
		}
	}
	slices.Sort(months)
	return slices.Compact(months)
}

// tenantsOfUpdate is how many tenants' shares are written at once.
const tenantsOfUpdate = 100

// shareMonth writes the pools of a month whose figures have changed, and the
// shares of the tenants that they change.
func shareMonth(ctx context.Context, c sdk.Call, book *price.Book, month string) (int, error) {
	found, err := selectPools(ctx, c, month)
	if err != nil {
		return 0, err
	}
	for i, p := range found {
		at, err := price.MonthStart(p.provider, month)
		if err != nil {
			return 0, err
		}
		found[i] = rated(p, book, at)
	}
	wanted, err := sharesOf(found)
	if err != nil {
		return 0, err
	}
	have, err := selectPublishedShares(ctx, c, month)
	if err != nil {
		return 0, err
	}
	stale := staleTenants(wanted, have)
	for from := 0; from < len(stale); from += tenantsOfUpdate {
		some := stale[from:min(from+tenantsOfUpdate, len(stale))]
		err := sdk.Update(ctx, c, func(tx *sql.Tx) error {
			for _, tenant := range some {
				if err := publishShares(ctx, c, tx, month, tenant, wanted[tenant]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return len(stale), savePools(ctx, c, month, found)
}

// sharesOf are the parts of each tenant in all pools, in their order.
func sharesOf(pools []pool) (map[core.TenantID][]sharePart, error) {
	shares := map[core.TenantID][]sharePart{}
	for _, p := range pools {
		for i, amount := range p.shares {
			user := p.consumers[i]
			shares[user.tenant] = append(shares[user.tenant], sharePart{
				p.provider, p.sku, user.development, user.quantity, amount, p.quantity, *p.amount,
			})
		}
	}
	for _, parts := range shares {
		slices.SortFunc(parts, compareShares)
	}
	return shares, nil
}

func compareShares(a, b sharePart) int {
	return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Development, b.Development))
}

// staleTenants are those whose shares are others than before.
func staleTenants(wanted, have map[core.TenantID][]sharePart) []core.TenantID {
	var stale []core.TenantID
	for tenant, parts := range wanted {
		if !slices.Equal(parts, have[tenant]) {
			stale = append(stale, tenant)
		}
	}
	for tenant := range have {
		if wanted[tenant] == nil {
			stale = append(stale, tenant)
		}
	}
	slices.Sort(stale)
	return stale
}

// publishShares keeps a tenant's shares of a month and publishes them to it.
func publishShares(ctx context.Context, c sdk.Call, tx *sql.Tx, month string, tenant core.TenantID, parts []sharePart) error {
	if err := replaceTenantShares(ctx, tx, month, tenant, parts); err != nil {
		return err
	}
	var value []byte
	if len(parts) > 0 {
		var err error
		if value, err = json.Marshal(parts); err != nil {
			return fmt.Errorf("write the shares of %s: %w", tenant, err)
		}
	}
	err := c.Publish(ctx, tx, tenant, sharesPrefix+month, value)
	if core.CodeOf(err) == core.NotFound {
		return nil // the tenant was deleted
	}
	return err
}
