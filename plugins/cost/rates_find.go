package cost

import (
	"context"
	"math/big"
	"strings"
	"time"
)

// pivot is the currency that rates are crossed over: the European Central Bank
// quotes everything for one euro.
const pivot = "EUR"

// quoted is what one of a currency is worth in another, with the rates of the
// table that say so (H24).
type quoted struct {
	value  *big.Rat
	date   string // of the older of its rates
	source string
	legs   []leg // one, or two over the euro
}

// leg is a rate of the table with its value.
type leg struct {
	dailyRate
	value *big.Rat
}

// findRate is what one of base is worth in quote, by the latest rates on or
// before a date (2026-11-20). It is the pair's own rate, the inverse of the
// opposite pair's, or one crossed over the euro: whichever is the latest, and
// of the same day the first of these. False: the table has none.
func findRate(ctx context.Context, db selecter, base, quote, date string) (quoted, bool, error) {
	if base == quote {
		return quoted{value: big.NewRat(1, 1), date: date}, true, nil
	}
	best, found, err := eitherWay(ctx, db, base, quote, date)
	if err != nil || base == pivot || quote == pivot {
		return best, found, err
	}
	first, ok, err := eitherWay(ctx, db, base, pivot, date)
	if err != nil || !ok || found && first.date <= best.date {
		return best, found, err
	}
	second, ok, err := eitherWay(ctx, db, pivot, quote, date)
	if err != nil || !ok {
		return best, found, err
	}
	crossed := quoted{new(big.Rat).Mul(first.value, second.value), min(first.date, second.date), first.source, append(first.legs, second.legs...)}
	if second.source != first.source {
		crossed.source += "; " + second.source
	}
	if found && crossed.date <= best.date {
		return best, true, nil
	}
	return crossed, true, nil
}

// eitherWay is the pair's own rate, or the inverse of the opposite pair's when
// that is later.
func eitherWay(ctx context.Context, db selecter, base, quote, date string) (quoted, bool, error) {
	direct, found, err := latestRate(ctx, db, base, quote, date)
	if err != nil {
		return quoted{}, false, err
	}
	opposite, turned, err := latestRate(ctx, db, quote, base, date)
	switch {
	case err != nil || !found && !turned:
		return quoted{}, false, err
	case turned && (!found || opposite.Date > direct.Date):
		return quoted{new(big.Rat).Inv(opposite.value), opposite.Date, opposite.Source, []leg{opposite}}, true, nil
	}
	return quoted{direct.value, direct.Date, direct.Source, []leg{direct}}, true, nil
}

// words say the rate for reading: 0.921404 EUR for 1 USD on 20 Nov 2026, ECB.
func (e quoted) words(base, quote string) string {
	digits := e.value.FloatString(6)
	if len(e.legs) == 1 && e.legs[0].Base == base {
		digits = e.legs[0].Rate
	}
	text := digits + " " + quote + " for 1 " + base
	if day, err := time.Parse(time.DateOnly, e.date); err == nil {
		text += " on " + day.Format("2 Jan 2006")
	}
	if source := strings.TrimSpace(e.source); source != "" {
		text += ", " + source
	}
	return text
}
