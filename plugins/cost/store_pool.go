package cost

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// selectPools reads the developers' figures of a month as pools: demo tenants
// are a pool of their own. What a tenant has used outside of its developments
// is what these leave of its whole.
func selectPools(ctx context.Context, c sdk.Call, month string) ([]pool, error) {
	period, err := strconv.ParseInt(strings.ReplaceAll(month, "-", ""), 10, 64)
	if err != nil {
		return nil, err
	}
	var list []pool
	for _, sku := range pools {
		both, err := selectPool(ctx, c, sku, period)
		if err != nil {
			return nil, err
		}
		list = append(list, both...)
	}
	return list, nil
}

// selectUnratedMonths returns the months that have figures of a pool that was
// never rated, or that has grown since: what comes late, or was released from
// quarantine, is of any of the months that all developers have figures of.
func selectUnratedMonths(ctx context.Context, c sdk.Call) (months []string, err error) {
	rated := map[string]int64{}
	key := func(month string, metric string, demo bool) string { return fmt.Sprint(month, " ", metric, " ", demo) }
	rows, err := c.DB().QueryContext(ctx, `select month, sku, demo, quantity from cost_pools`)
	err = each(rows, err, func(scan func(...any) error) error {
		var month, sku string
		var demo bool
		var quantity int64
		err := scan(&month, &sku, &demo, &quantity)
		rated[key(month, pooledSKU{sku: sku}.metric(), demo)] = quantity
		return err
	})
	if err != nil {
		return nil, err
	}
	oldest := oldestPoolMonth(c.Now)
	rows, err = c.DB().QueryContext(ctx, `select substr(t.period, 1, 4) || '-' || substr(t.period, 5), m.name, t.demo, t.value
		from figure_totals t join figure_metrics m on m.number = t.metric where m.name like ? || '%' and t.period > 0 and t.value > 0`, poolPrefix)
	return months, each(rows, err, func(scan func(...any) error) error {
		var month, metric string
		var demo bool
		var quantity int64
		err := scan(&month, &metric, &demo, &quantity)
		if was, known := rated[key(month, metric, demo)]; !known || quantity > was && month >= oldest {
			months = append(months, month)
		}
		return err
	})
}

// oldestPoolMonth is the first month that all developers have figures of.
func oldestPoolMonth(now time.Time) string {
	now = now.UTC()
	return time.Date(now.Year(), now.Month()-poolMonthsKept+1, 1, 0, 0, 0, 0, time.UTC).Format(monthForm)
}

// selectRepricedMonths returns the months whose pools come to something else by
// the book as it is now: a price was added or corrected. Months of which some
// developers have no figures any more stay as they were rated.
func selectRepricedMonths(ctx context.Context, c sdk.Call, book *price.Book) (months []string, err error) {
	usages := map[[2]string]string{}
	for _, p := range pools {
		usages[[2]string{p.provider, p.sku}] = p.usage
	}
	rows, err := c.DB().QueryContext(ctx, `select month, provider, sku, quantity, amount from cost_pools where month >= ? order by month`, oldestPoolMonth(c.Now))
	return months, each(rows, err, func(scan func(...any) error) error {
		var month string
		var p pooledSKU
		var quantity int64
		var was sql.NullInt64
		if err := scan(&month, &p.provider, &p.sku, &quantity, &was); err != nil {
			return err
		}
		p.usage = usages[[2]string{p.provider, p.sku}]
		at, err := price.MonthStart(p.provider, month)
		if err != nil {
			return err
		}
		if now, priced := p.costs(quantity, book, at); priced != was.Valid || priced && int64(now) != was.Int64 {
			months = append(months, month)
		}
		return nil
	})
}

func selectPool(ctx context.Context, c sdk.Call, sku pooledSKU, period int64) ([]pool, error) {
	both := map[bool]*pool{}
	var order []*pool
	rows, err := c.DB().QueryContext(ctx, `
		select t.demo, t.tenant_id, f.development, f.value from figures f
		join figure_metrics m on m.number = f.metric join figure_tenants t on t.number = f.tenant
		where m.name = ? and f.period = ? and exists (select 1 from tenants x where x.id = t.tenant_id)
		order by t.demo, t.tenant_id, f.development`, sku.metric(), period)
	err = each(rows, err, func(scan func(...any) error) error {
		var demo bool
		var user consumer
		if err := scan(&demo, &user.tenant, &user.development, &user.quantity); err != nil {
			return err
		}
		p := both[demo]
		if p == nil {
			p = &pool{pooledSKU: sku, demo: demo}
			both[demo], order = p, append(order, p)
		}
		n := len(p.consumers)
		if user.development != "" { // behind the tenant's whole, which it is a part of
			for i := n - 1; i >= 0 && p.consumers[i].tenant == user.tenant; i-- {
				if whole := &p.consumers[i]; whole.development == "" {
					whole.quantity = max(0, whole.quantity-user.quantity)
				}
			}
		}
		p.consumers = append(p.consumers, user)
		return nil
	})
	list := make([]pool, len(order))
	for i, p := range order {
		for _, user := range p.consumers {
			if user.quantity > 0 {
				list[i].consumers = append(list[i].consumers, user)
			}
		}
		list[i].pooledSKU, list[i].demo = p.pooledSKU, p.demo
	}
	return list, err
}

// selectPublishedShares returns the shares of a month as they were published.
func selectPublishedShares(ctx context.Context, c sdk.Call, month string) (map[core.TenantID][]sharePart, error) {
	shares := map[core.TenantID][]sharePart{}
	rows, err := c.DB().QueryContext(ctx, `
		select tenant_id, provider, sku, development_id, quantity, amount, account_quantity, account_amount
		from cost_shares where month = ? order by tenant_id, provider, sku, development_id`, month)
	return shares, each(rows, err, func(scan func(...any) error) error {
		var tenant core.TenantID
		var p sharePart
		err := scan(&tenant, &p.Provider, &p.SKU, &p.Development, &p.Quantity, &p.Amount, &p.AccountQuantity, &p.AccountAmount)
		shares[tenant] = append(shares[tenant], p)
		return err
	})
}

func replaceTenantShares(ctx context.Context, tx *sql.Tx, month string, tenant core.TenantID, parts []sharePart) error {
	if _, err := tx.ExecContext(ctx, `delete from cost_shares where month = ? and tenant_id = ?`, month, string(tenant)); err != nil {
		return err
	}
	rows := make([][]any, len(parts))
	for i, p := range parts {
		rows[i] = []any{month, p.Provider, p.SKU, string(tenant), p.Development, p.Quantity, int64(p.Amount), p.AccountQuantity, int64(p.AccountAmount)}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := sdk.Batch(ctx, tx, `insert into cost_shares (month, provider, sku, tenant_id, development_id, quantity, amount, account_quantity, account_amount)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?)`, rows)
	return err
}

// poolKey names a pool of a month.
type poolKey struct {
	provider, sku string
	demo          bool
}

// rating is what a pool came to.
type rating struct {
	quantity int64
	amount   rate.Amount
	priced   bool
}

// savePools keeps the pools of a month, if they have changed.
func savePools(ctx context.Context, c sdk.Call, month string, found []pool) error {
	wanted, have := map[poolKey]rating{}, map[poolKey]rating{}
	var rows [][]any
	for _, p := range found {
		var amount any
		r := rating{quantity: p.quantity, priced: p.amount != nil}
		if r.priced {
			r.amount, amount = *p.amount, int64(*p.amount)
		}
		wanted[poolKey{p.provider, p.sku, p.demo}] = r
		rows = append(rows, []any{month, p.provider, p.sku, p.demo, p.quantity, amount, c.Now.UnixMilli()})
	}
	kept, err := c.DB().QueryContext(ctx, `select provider, sku, demo, quantity, coalesce(amount, 0), amount is not null from cost_pools where month = ?`, month)
	err = each(kept, err, func(scan func(...any) error) error {
		var k poolKey
		var r rating
		err := scan(&k.provider, &k.sku, &k.demo, &r.quantity, &r.amount, &r.priced)
		have[k] = r
		return err
	})
	if err != nil || maps.Equal(wanted, have) {
		return err
	}
	return sdk.Update(ctx, c, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `delete from cost_pools where month = ?`, month); err != nil || len(rows) == 0 {
			return err
		}
		_, err := sdk.Batch(ctx, tx, `insert into cost_pools (month, provider, sku, demo, quantity, amount, rated_at) values (?, ?, ?, ?, ?, ?, ?)`, rows)
		return err
	})
}
