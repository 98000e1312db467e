package cost

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// actual is what one project of a developer was charged for one line on one
// day, in our words: what the platform publishes under
// actuals/<provider>/<month>.
type actual struct {
	Date      string       `json:"date"` // the provider's day
	Project   string       `json:"project"`
	Line      string       `json:"line"`
	SKU       string       `json:"sku,omitempty"` // empty: not mapped
	Usage     string       `json:"usage,omitempty"`
	Category  string       `json:"category"`           // other: not mapped
	Quantity  *int64       `json:"quantity,omitempty"` // in our units; nil: not told
	Amount    *rate.Amount `json:"amount,omitempty"`   // nil: no exchange rate
	Currency  string       `json:"currency"`
	Charged   string       `json:"charged"` // decimal, in that currency
	Allocated bool         `json:"allocated,omitempty"`
}

// actualsPrefix is what the keys of published bills begin with.
const actualsPrefix = "actuals/"

// takeActuals takes a month of a provider's bill over from the platform. It
// returns the dates whose costs it touches; spreadActuals shares them out.
func takeActuals(ctx context.Context, tx *sql.Tx, p sdk.Publication) (dates []string, err error) {
	provider, month, ok := strings.Cut(strings.TrimPrefix(p.Key, actualsPrefix), "/")
	if !ok {
		return nil, fmt.Errorf("the publication %q names no provider and month", p.Key)
	}
	var list []actual
	if p.Value != nil {
		if err := json.Unmarshal(p.Value, &list); err != nil {
			return nil, fmt.Errorf("read the publication %s: %w", p.Key, err)
		}
	}
	touched := map[string]bool{}
	for _, a := range list {
		touched[a.Date] = true
	}
	before, err := deleteActuals(ctx, tx, provider, month)
	if err != nil {
		return nil, err
	}
	for _, date := range before {
		touched[date] = true
	}
	return slices.Sorted(maps.Keys(touched)), insertActuals(ctx, tx, provider, list)
}

// billedByDay reports whether a provider's bill has a row for each day of use.
// Google's rows span several days and stand on their first.
func billedByDay(provider string) bool { return provider == "openai" }

// usePart is a part of a day's, or a month's, estimate, by which what was
// charged is shared out.
type usePart struct {
	Period                string // date, or month where the bill isn't by day
	Provider, SKU, Usage  string
	Development, Category string
	Amount                int64
}

// dayPart is a row of cost_days of the kind actual.
type dayPart struct {
	Date, Development, Category, Provider, SKU, Usage string
	Quantity                                          int64
	Amount                                            *rate.Amount
}

// spreadActuals writes the rows of cost_days of the kind actual anew: of the
// dates given, and of their months where a provider's bill isn't by day. What
// was charged is shared out to developments by their estimates, largest
// remainder first (H21); what nobody has used stays outside of any development.
// The other kinds of those dates have to be there.
func spreadActuals(ctx context.Context, tx *sql.Tx, dates []string) error {
	if len(dates) == 0 {
		return nil
	}
	charged, err := selectCharged(ctx, tx, dates)
	if err != nil {
		return err
	}
	parts, err := selectUseParts(ctx, tx, dates)
	if err != nil {
		return err
	}
	return replaceActualDays(ctx, tx, dates, spread(charged, parts))
}

// spread shares charges out by the parts of use that match them best: of the
// same SKU and usage, of the SKU, of the category, of the provider.
func spread(charged []dayPart, parts []usePart) []dayPart {
	byPeriod := map[[2]string][]usePart{}
	for _, p := range parts {
		byPeriod[[2]string{p.Period, p.Provider}] = append(byPeriod[[2]string{p.Period, p.Provider}], p)
	}
	sums := map[dayPart]*dayPart{} // by what names a row
	var order []*dayPart
	for _, c := range charged {
		period := c.Date
		if !billedByDay(c.Provider) {
			period = c.Date[:len(monthForm)]
		}
		for _, part := range share(c, byPeriod[[2]string{period, c.Provider}]) {
			key := part
			key.Quantity, key.Amount = 0, nil
			sum, known := sums[key]
			if !known {
				sum = &dayPart{key.Date, key.Development, key.Category, key.Provider, key.SKU, key.Usage, 0, nil}
				sums[key], order = sum, append(order, sum)
			}
			sum.add(part)
		}
	}
	rows := make([]dayPart, len(order))
	for i, row := range order {
		rows[i] = *row
	}
	return rows
}

// add joins what was charged twice for the same.
func (d *dayPart) add(more dayPart) {
	d.Quantity += more.Quantity
	if more.Amount == nil {
		return
	}
	sum := *more.Amount
	if d.Amount != nil {
		sum += *d.Amount
	}
	d.Amount = &sum
}

// share is one charge in parts.
func share(c dayPart, parts []usePart) []dayPart {
	for _, matches := range []func(usePart) bool{
		func(p usePart) bool { return c.SKU != "" && p.SKU == c.SKU && p.Usage == c.Usage },
		func(p usePart) bool { return c.SKU != "" && p.SKU == c.SKU },
		func(p usePart) bool { return p.Category == c.Category },
		func(usePart) bool { return true },
	} {
		weights, places := weigh(parts, matches, c)
		if len(weights) == 0 {
			continue
		}
		quantities := make([]rate.Amount, len(weights))
		amounts := make([]rate.Amount, len(weights))
		copy(quantities, rate.Share(rate.Amount(c.Quantity), weights))
		if c.Amount != nil {
			copy(amounts, rate.Share(*c.Amount, weights))
		}
		rows := make([]dayPart, 0, len(weights))
		for i := range weights {
			if quantities[i] == 0 && amounts[i] == 0 && c.Amount != nil && len(weights) > 1 {
				continue
			}
			row := places[i]
			row.Quantity = int64(quantities[i])
			if c.Amount != nil {
				row.Amount = &amounts[i]
			}
			rows = append(rows, row)
		}
		return rows
	}
	return []dayPart{c}
}

// weigh adds up what matches, by development, and by category where the charge
// is for a SKU that is used for several.
func weigh(parts []usePart, matches func(usePart) bool, c dayPart) (weights []rate.Part, places []dayPart) {
	at := map[[2]string]int{}
	for _, p := range parts {
		if p.Amount <= 0 || !matches(p) {
			continue
		}
		place := c
		place.Development = p.Development
		if c.SKU != "" && p.SKU == c.SKU {
			place.Category = p.Category
		}
		key := [2]string{place.Development, place.Category}
		i, known := at[key]
		if !known {
			i = len(weights)
			at[key] = i
			weights, places = append(weights, rate.Part{ID: key[0] + "/" + key[1]}), append(places, place)
		}
		weights[i].Weight += p.Amount
	}
	return weights, places
}
