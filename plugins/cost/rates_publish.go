package cost

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// Exchange rates are published by year: "rates/2026".
const ratesPrefix = "rates/"

// maxRates is how many rates a year may have: what is published at once.
const maxRates = 12_000

// publishRates publishes the years of rates that were written.
func publishRates(ctx context.Context, c sdk.Call, tx *sql.Tx, rates []dailyRate) error {
	for _, year := range yearsOf(rates) {
		all, err := selectRatesOf(ctx, tx, year)
		if err != nil {
			return err
		}
		if len(all) > maxRates {
			return core.Errorf(core.Invalid, "%s would have %d exchange rates, more than %d.", year, len(all), maxRates)
		}
		value, err := writeRates(all)
		if err == nil {
			err = c.Publish(ctx, tx, "", ratesPrefix+year, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// takeRates copies a publication of exchange rates into the tenant's file. From
// is the earliest day with another rate than before; zero: there is none.
func takeRates(ctx context.Context, tx *sql.Tx, p sdk.Publication) (from time.Time, err error) {
	year := strings.TrimPrefix(p.Key, ratesPrefix)
	var rates []dailyRate
	if p.Value != nil {
		if rates, err = readRates(p.Value); err != nil {
			return time.Time{}, fmt.Errorf("read the exchange rates of %s: %w", year, err)
		}
	}
	have, err := selectRatesOf(ctx, tx, year)
	if err != nil {
		return time.Time{}, err
	}
	changed, gone := changedRates(have, rates)
	first := ""
	for _, list := range [][]dailyRate{changed, gone} {
		for _, r := range list {
			if first == "" || r.Date < first {
				first = r.Date
			}
		}
	}
	if first == "" {
		return time.Time{}, nil
	}
	if from, err = time.Parse(time.DateOnly, first); err != nil {
		return time.Time{}, fmt.Errorf("read the exchange rates of %s: %w", year, err)
	}
	return from, copyRates(ctx, tx, changed, gone)
}

// changedRates are those that are new or another than before, and those that
// are gone.
func changedRates(before, after []dailyRate) (changed, gone []dailyRate) {
	left := map[pair]dailyRate{}
	for _, r := range before {
		left[r.pair()] = r
	}
	for _, r := range after {
		if left[r.pair()] != r {
			changed = append(changed, r)
		}
		delete(left, r.pair())
	}
	for _, r := range before {
		if _, stays := left[r.pair()]; stays {
			gone = append(gone, r)
		}
	}
	return changed, gone
}
