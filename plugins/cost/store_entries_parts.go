package cost

import (
	"context"
	"database/sql"
	"math"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// selectStored adds up what was stored in a local month, by date and place:
// each store counts with the mean of its day's readings, in whole bytes, half
// to even.
func selectStored(ctx context.Context, tx *sql.Tx, month string) (list []stored, err error) {
	places := map[place]int{}
	rows, err := tx.QueryContext(ctx, `select date, development_id, unit_id, sum(readings), sum(bytes) from cost_readings
		where date >= ?1 || '-01' and date <= ?1 || '-31' group by date, development_id, unit_id, store order by 1, 2, 3, store`, month)
	return list, each(rows, err, func(scan func(...any) error) error {
		var at place
		var readings, bytes int64
		if err := scan(&at.date, &at.development, &at.unit, &readings, &bytes); err != nil {
			return err
		}
		i, known := places[at]
		if !known {
			i = len(list)
			places[at], list = i, append(list, stored{place: at})
		}
		mean, _ := rate.Cost(bytes, 1, readings) // readings are at least one
		list[i].bytes = min(list[i].bytes, math.MaxInt64-int64(mean)) + int64(mean)
		list[i].readings += readings
		return nil
	})
}

// insertDueStorage notes the storage of every month from one on as due.
func insertDueStorage(ctx context.Context, tx *sql.Tx, month string) error {
	_, err := tx.ExecContext(ctx, `insert into cost_due (part, period, provider, sku)
		select distinct 'storage', substr(date, 1, 7), '', '' from cost_readings where date >= ? on conflict do nothing`, month)
	return err
}

// replaceStorage puts entries into the place of those of a month's storage.
func replaceStorage(ctx context.Context, tx *sql.Tx, month string, entries []costEntry) error {
	from, to := month+"-01", month+"-32"
	first, last := hoursAround(month)
	before, err := selectDates(ctx, tx, from, to, first, last)
	if err != nil {
		return err
	}
	if err := addEntries(ctx, tx, -1, ofStorage, from, to, first, last); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from cost_entries where date >= ? and date < ? and hour >= ? and hour < ? and usage = 'byte_months'`, from, to, first, last); err != nil {
		return err
	}
	if err := insertEntries(ctx, tx, entries); err != nil {
		return err
	}
	if err := addEntries(ctx, tx, 1, ofStorage, from, to, first, last); err != nil {
		return err
	}
	for _, e := range entries {
		before = append(before, e.date)
	}
	if err := deleteEmptySums(ctx, tx, before); err != nil {
		return err
	}
	return insertDueBills(ctx, tx, jsonList(before))
}

// hoursAround are the hours that a local month can have, wherever it is.
func hoursAround(month string) (first, last int64) {
	begins, _ := time.Parse(monthForm, month) // months are our own
	return begins.AddDate(0, 0, -1).UnixMilli() / hourMS, begins.AddDate(0, 1, 1).UnixMilli() / hourMS
}

// selectDates returns the dates of storage between two.
func selectDates(ctx context.Context, tx *sql.Tx, from, to string, first, last int64) (dates []string, err error) {
	rows, err := tx.QueryContext(ctx, `select distinct date from cost_entries where date >= ? and date < ? and hour >= ? and hour < ? and usage = 'byte_months'`,
		from, to, first, last)
	return dates, each(rows, err, func(scan func(...any) error) error {
		var date string
		err := scan(&date)
		dates = append(dates, date)
		return err
	})
}

// selectShares returns what each development bears of a pool.
func selectShares(ctx context.Context, tx *sql.Tx, p duePart) (map[string]rate.Amount, error) {
	shares := map[string]rate.Amount{}
	rows, err := tx.QueryContext(ctx, `select development_id, amount from cost_shares where month = ? and provider = ? and sku = ?`, p.period, p.provider, p.sku)
	return shares, each(rows, err, func(scan func(...any) error) error {
		var development string
		var amount rate.Amount
		err := scan(&development, &amount)
		shares[development] = amount
		return err
	})
}

// selectPooled returns what was used of a pool in some hours, by date and place.
func selectPooled(ctx context.Context, tx *sql.Tx, p duePart, from, to int64) (uses []allocated, err error) {
	rows, err := tx.QueryContext(ctx, `select date, development_id, unit_id, usage, category, sum(quantity) from cost_entries
		where provider = ? and sku = ? and hour >= ? and hour < ? and kind = 'pooled' group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`, p.provider, p.sku, from, to)
	return uses, each(rows, err, func(scan func(...any) error) error {
		var u allocated
		err := scan(&u.date, &u.development, &u.unit, &u.usage, &u.category, &u.quantity)
		uses = append(uses, u)
		return err
	})
}

const (
	ofPool = ` from cost_allocations where month = ?2 and provider = ?3 and sku = ?4`

	addAllocatedDays = `
		insert into cost_days (date, development_id, category, provider, sku, usage, kind, quantity, events, amount)
		select date, development_id, category, provider, sku, usage, 'allocation', ?1 * sum(quantity), 0, ?1 * sum(amount)` + ofPool + `
		group by 1, 2, 3, 4, 5, 6
		on conflict do update set quantity = quantity + excluded.quantity, amount = amount + excluded.amount`
	addAllocatedMonths = `
		insert into cost_unit_months (month, development_id, unit_id, category, quantity, events, amount, unpriced)
		select substr(date, 1, 7), development_id, unit_id, category, 0, 0, ?1 * sum(amount), 0` + ofPool + `
		group by 1, 2, 3, 4
		on conflict do update set amount = amount + excluded.amount`
)

func addAllocations(ctx context.Context, tx *sql.Tx, sign int, p duePart) error {
	for _, statement := range []string{addAllocatedDays, addAllocatedMonths} {
		if _, err := tx.ExecContext(ctx, statement, sign, p.period, p.provider, p.sku); err != nil {
			return err
		}
	}
	return nil
}

// replaceAllocations puts what a pool's shares were spread to into the place of
// what they were spread to before.
func replaceAllocations(ctx context.Context, tx *sql.Tx, p duePart, spread []allocated) error {
	dates, err := selectAllocatedDates(ctx, tx, p)
	if err != nil {
		return err
	}
	if err := addAllocations(ctx, tx, -1, p); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from cost_allocations where month = ? and provider = ? and sku = ?`, p.period, p.provider, p.sku); err != nil {
		return err
	}
	rows := make([][]any, len(spread))
	for i, a := range spread {
		rows[i] = []any{p.period, p.provider, p.sku, a.date, a.development, a.unit, a.usage, a.category, a.quantity, int64(a.amount)}
		dates = append(dates, a.date)
	}
	if len(rows) > 0 {
		if _, err := sdk.Batch(ctx, tx, `insert into cost_allocations (month, provider, sku, date, development_id, unit_id, usage, category, quantity, amount)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, rows); err != nil {
			return err
		}
	}
	if err := addAllocations(ctx, tx, 1, p); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `delete from cost_days as d where kind = 'allocation' and date in (select value from json_each(?)) and not exists (
		select 1 from cost_allocations a where a.date = d.date and a.development_id = d.development_id and a.provider = d.provider and a.sku = d.sku
			and a.usage = d.usage and a.category = d.category)`, jsonList(dates))
	if err != nil {
		return err
	}
	if err := deleteEmptySums(ctx, tx, dates); err != nil {
		return err
	}
	return insertDueBills(ctx, tx, jsonList(dates))
}

func selectAllocatedDates(ctx context.Context, tx *sql.Tx, p duePart) (dates []string, err error) {
	rows, err := tx.QueryContext(ctx, `select distinct date from cost_allocations where month = ? and provider = ? and sku = ?`, p.period, p.provider, p.sku)
	return dates, each(rows, err, func(scan func(...any) error) error {
		var date string
		err := scan(&date)
		dates = append(dates, date)
		return err
	})
}

// replaceShares puts a month's shares into the place of those before, and
// returns the pools of both.
func replaceShares(ctx context.Context, tx *sql.Tx, month string, parts []sharePart) (due []duePart, err error) {
	seen := map[duePart]bool{}
	note := func(provider, sku string) {
		p := duePart{duePool, month, provider, sku}
		if !seen[p] {
			seen[p], due = true, append(due, p)
		}
	}
	rows, err := tx.QueryContext(ctx, `select distinct provider, sku from cost_shares where month = ?`, month)
	err = each(rows, err, func(scan func(...any) error) error {
		var provider, sku string
		err := scan(&provider, &sku)
		note(provider, sku)
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `delete from cost_shares where month = ?`, month); err != nil {
		return nil, err
	}
	batch := make([][]any, len(parts))
	for i, p := range parts {
		note(p.Provider, p.SKU)
		batch[i] = []any{month, p.Provider, p.SKU, p.Development, p.Quantity, int64(p.Amount), p.AccountQuantity, int64(p.AccountAmount)}
	}
	if len(batch) > 0 {
		_, err = sdk.Batch(ctx, tx, `insert into cost_shares (month, provider, sku, development_id, quantity, amount, account_quantity, account_amount)
			values (?, ?, ?, ?, ?, ?, ?, ?)`, batch)
	}
	return due, err
}

// replaceSums adds a month up anew, from entries and allocations.
func replaceSums(ctx context.Context, tx *sql.Tx, month string) error {
	from, to := month+"-01", month+"-32"
	for _, statement := range []string{
		`delete from cost_days where date >= ?1 and date < ?2 and kind <> 'actual'`,
		`delete from cost_unit_months where month = substr(?1, 1, 7) and ?2 <> ''`,
		`insert into cost_days (date, development_id, category, provider, sku, usage, kind, quantity, events, amount)
			select date, development_id, category, provider, sku, usage, 'allocation', sum(quantity), 0, sum(amount)
			from cost_allocations where date >= ?1 and date < ?2 group by 1, 2, 3, 4, 5, 6`,
		`insert into cost_unit_months (month, development_id, unit_id, category, quantity, events, amount, unpriced)
			select substr(date, 1, 7), development_id, unit_id, category, 0, 0, sum(amount), 0
			from cost_allocations where date >= ?1 and date < ?2 group by 1, 2, 3, 4`,
	} {
		if _, err := tx.ExecContext(ctx, statement, from, to); err != nil {
			return err
		}
	}
	first, last := hoursAround(month)
	return addEntries(ctx, tx, 1, ofMonth, from, to, first, last)
}
