package cost

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// dailyRate is one exchange rate: so many of Quote for one of Base.
type dailyRate struct {
	Date   string `json:"date" doc:"The day that the rate is of."`
	Base   string `json:"base"`
	Quote  string `json:"quote"`
	Rate   string `json:"rate" doc:"Of the quote currency for one of the base, a decimal."`
	Source string `json:"source"`
}

// pair is what a rate is found by.
type pair struct{ date, base, quote string }

func (r dailyRate) pair() pair { return pair{r.Date, r.Base, r.Quote} }

const selectRate = `select date, base, quote, rate, source from cost_rates `

func scanRates(rows *sql.Rows, err error) ([]dailyRate, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []dailyRate
	for rows.Next() {
		var r dailyRate
		if err := rows.Scan(&r.Date, &r.Base, &r.Quote, &r.Rate, &r.Source); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// selectRatesOf reads the rates of a year, by date and pair.
func selectRatesOf(ctx context.Context, db selecter, year string) ([]dailyRate, error) {
	return scanRates(db.QueryContext(ctx, selectRate+`where substr(date, 1, 4) = ? order by date, base, quote`, year))
}

// selectYears is the table of rates as it is published: by year.
func selectYears(ctx context.Context, db selecter) (map[string][]byte, error) {
	rates, err := scanRates(db.QueryContext(ctx, selectRate+`order by date, base, quote`))
	if err != nil {
		return nil, err
	}
	years := map[string][]dailyRate{}
	for _, r := range rates {
		years[r.Date[:4]] = append(years[r.Date[:4]], r)
	}
	values := map[string][]byte{}
	for year, rates := range years {
		if values[ratesPrefix+year], err = writeRates(rates); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// writeRates packs rates into rows without names.
func writeRates(rates []dailyRate) ([]byte, error) {
	rows := make([][5]string, len(rates))
	for i, r := range rates {
		rows[i] = [5]string{r.Date, r.Base, r.Quote, r.Rate, r.Source}
	}
	return json.Marshal(rows)
}

func readRates(value []byte) ([]dailyRate, error) {
	var rows [][5]string
	if err := json.Unmarshal(value, &rows); err != nil {
		return nil, err
	}
	rates := make([]dailyRate, len(rows))
	for i, r := range rows {
		rates[i] = dailyRate{r[0], r[1], r[2], r[3], r[4]}
	}
	return rates, nil
}

// insertRates writes rates into the platform's table, over those of the same
// day and pair.
func insertRates(ctx context.Context, tx *sql.Tx, rates []dailyRate, now time.Time) error {
	var batch [][]any
	for _, r := range rates {
		batch = append(batch, []any{r.Date, r.Base, r.Quote, r.Rate, r.Source, now.UnixMilli()})
	}
	_, err := sdk.Batch(ctx, tx, `
		insert into cost_rates (date, base, quote, rate, source, added_at) values (?, ?, ?, ?, ?, ?)
		on conflict (base, quote, date) do update set rate = excluded.rate, source = excluded.source, added_at = excluded.added_at`, batch)
	return err
}

// copyRates writes rates into the tenant's table, and removes those that are gone.
func copyRates(ctx context.Context, tx *sql.Tx, changed, gone []dailyRate) error {
	var batch, drop [][]any
	for _, r := range changed {
		batch = append(batch, []any{r.Date, r.Base, r.Quote, r.Rate, r.Source})
	}
	for _, r := range gone {
		drop = append(drop, []any{r.Date, r.Base, r.Quote})
	}
	if _, err := sdk.Batch(ctx, tx, `delete from cost_rates where date = ? and base = ? and quote = ?`, drop); err != nil {
		return err
	}
	_, err := sdk.Batch(ctx, tx, `
		insert into cost_rates (date, base, quote, rate, source) values (?, ?, ?, ?, ?)
		on conflict (base, quote, date) do update set rate = excluded.rate, source = excluded.source`, batch)
	return err
}

// selectRateList returns one page of the rates, latest first unless sorted.
func selectRateList(ctx context.Context, db *sql.DB, q core.Query, currency string, limit, offset int) (list core.List[dailyRate], err error) {
	const where = `where (?1 = '' or base = ?1 or quote = ?1) and instr(lower(date || ' ' || base || ' ' || quote || ' ' || source), lower(?2)) > 0 `
	if err = db.QueryRowContext(ctx, `select count(*) from cost_rates `+where, currency, q.Text).Scan(&list.Total); err != nil {
		return list, err
	}
	order := `order by date desc, base, quote`
	switch {
	case q.Sort == "pair" && q.Desc:
		order = `order by base desc, quote desc, date desc`
	case q.Sort == "pair":
		order = `order by base, quote, date desc`
	case q.Sort == "date" && !q.Desc:
		order = `order by date, base, quote`
	}
	list.Items, err = scanRates(db.QueryContext(ctx, selectRate+where+order+` limit ?3 offset ?4`, currency, q.Text, limit, offset))
	if next := offset + len(list.Items); next < list.Total {
		list.Next = fmt.Sprint(next)
	}
	return list, err
}

// selectCurrencies returns every currency that has a rate.
func selectCurrencies(ctx context.Context, db selecter) ([]string, error) {
	rows, err := db.QueryContext(ctx, `select base from cost_rates union select quote from cost_rates order by 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var currency string
		if err := rows.Scan(&currency); err != nil {
			return nil, err
		}
		list = append(list, currency)
	}
	return list, rows.Err()
}

// latestRate is the latest rate of a pair, as it stands in the table, on or
// before a date.
func latestRate(ctx context.Context, db selecter, base, quote, date string) (leg, bool, error) {
	found, err := scanRates(db.QueryContext(ctx, selectRate+`where base = ? and quote = ? and date <= ? order by date desc limit 1`, base, quote, date))
	if err != nil || len(found) == 0 {
		return leg{}, false, err
	}
	value, ok := new(big.Rat).SetString(found[0].Rate)
	if !ok || value.Sign() <= 0 {
		return leg{}, false, fmt.Errorf("the rate of %s in %s on %s is %q", base, quote, found[0].Date, found[0].Rate)
	}
	return leg{found[0], value}, true, nil
}
