package cost

import (
	"context"
	"math/big"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
	"github.com/openhouse-ai/console/ui"
)

// pico is how many of the smallest amounts make a dollar.
const pico = 1_000_000_000_000

// teller writes amounts in the currency of a report. Everything is kept in US
// dollars; it is converted when it is shown, each figure rounded once (H24).
type teller struct {
	currency string
	rate     *big.Rat // of the currency for one dollar
	source   string   // "0.92 EUR for 1 USD on 20 Nov 2026, ECB"; empty: dollars
}

var dollars = teller{currency: "USD", rate: big.NewRat(1, 1)}

// tellerOf is the teller of the currency that the address asks for, else of the
// developer's. Without a rate it is dollars, and missing is the currency that
// has none.
func tellerOf(ctx context.Context, c sdk.Call, currency string) (t teller, missing string, err error) {
	if currency == "" {
		currency = c.Currency
	}
	if currency == "" || currency == "USD" {
		return dollars, "", nil
	}
	found, ok, err := findRate(ctx, c.DB(), "USD", currency, dayOf(c.Now, c.Location()).Format(time.DateOnly))
	if err != nil || !ok {
		return dollars, currency, err
	}
	return teller{currency, found.value, found.words("USD", currency)}, "", nil
}

// places writes an amount with so many decimals, rounded half to even.
func (t teller) places(a rate.Amount, decimals int) int64 {
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
	r := new(big.Rat).Mul(big.NewRat(int64(a), pico), t.rate)
	return rate.HalfEven(r.Mul(r, scale)).Int64()
}

// money is an amount in minor units.
func (t teller) money(a rate.Amount) ui.Value {
	return ui.Money(core.Money{Minor: t.places(a, core.Exponent(t.currency)), Currency: t.currency})
}

// fine is an amount with four decimals: what one unit or one day costs is often
// less than a cent. The heading of its column says the currency.
func (t teller) fine(a rate.Amount) ui.Value {
	return ui.Number{Value: t.places(a, 4), Decimals: 4}
}

// column heads fine amounts: "Estimate, USD".
func (t teller) column(title string) string { return title + ", " + t.currency }

// decimals is an amount as digits with so many decimals: "12.345678".
func (t teller) decimals(a rate.Amount, n int) string {
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	return new(big.Rat).SetFrac(big.NewInt(t.places(a, n)), unit).FloatString(n)
}

// words are an amount in a sentence: "1,234.50 USD".
func (t teller) words(a rate.Amount) string {
	digits := t.decimals(a, exponentOf(t))
	whole, rest, found := strings.Cut(digits, ".")
	if found {
		rest = "." + rest
	}
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "−", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + rest + " " + t.currency
}

// note says how amounts were converted.
func (t teller) note() string {
	if t.source == "" {
		return ""
	}
	return "Converted at " + t.source + "."
}

// budgetOf is the developer's budget of a month in dollars; 0 without one.
func budgetOf(s Settings, t teller) rate.Amount {
	if s.MonthlyBudget == 0 {
		return 0
	}
	r := new(big.Rat).SetInt64(s.MonthlyBudget)
	r.Mul(r, new(big.Rat).SetInt64(pico))
	return rate.Amount(rate.HalfEven(r.Quo(r, t.rate)).Int64())
}

// percent is a share in whole percent, rounded down, so that a budget is full
// when it is full and not before.
func percent(part, whole rate.Amount) int64 {
	if whole == 0 {
		return 0
	}
	r := new(big.Int).Mul(big.NewInt(int64(part)), big.NewInt(100))
	return r.Div(r, big.NewInt(int64(whole))).Int64()
}

func exponentOf(t teller) int { return core.Exponent(t.currency) }

// series are amounts as a chart takes them: minor units.
func (t teller) series(amounts []rate.Amount, exponent int) []int64 {
	values := make([]int64, len(amounts))
	for i, a := range amounts {
		values[i] = t.places(a, exponent)
	}
	return values
}
