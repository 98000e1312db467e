package cost

import (
	"context"
	"database/sql"
	"strings"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
)

// Entries are added to the sums of their date, and of their unit's month, and
// taken off again before they are replaced: the sums are those of the entries
// at every commit, and nothing is added up twice. A correction repeats the
// quantities of what it corrects, so the months count them once.
const (
	addDays = `
		insert into cost_days (date, development_id, category, provider, sku, usage, kind, quantity, events, amount)
		select date, development_id, category, provider, sku, usage, kind, ?1 * sum(quantity), ?1 * sum(events), ?1 * sum(amount)
		from cost_entries where `
	addDaysEnd = ` group by 1, 2, 3, 4, 5, 6, 7
		on conflict do update set quantity = quantity + excluded.quantity, events = events + excluded.events, amount = amount + excluded.amount`
	addMonths = `
		insert into cost_unit_months (month, development_id, unit_id, category, quantity, events, amount, unpriced)
		select substr(date, 1, 7), development_id, unit_id, category, ?1 * sum(iif(kind = 'correction', 0, quantity)),
			?1 * sum(iif(kind = 'correction', 0, events)), ?1 * coalesce(sum(amount), 0), ?1 * sum(iif(kind = 'unpriced', events, 0))
		from cost_entries where `
	addMonthsEnd = ` group by 1, 2, 3, 4
		on conflict do update set quantity = quantity + excluded.quantity, events = events + excluded.events,
			amount = amount + excluded.amount, unpriced = unpriced + excluded.unpriced`

	ofHours   = `hour in (select value from json_each(?2)) and usage <> 'byte_months'`
	ofMonth   = `date >= ?2 and date < ?3 and hour >= ?4 and hour < ?5`
	ofStorage = ofMonth + ` and usage = 'byte_months'`
)

// addEntries adds what entries come to, sign times, to the sums.
func addEntries(ctx context.Context, tx *sql.Tx, sign int, which string, args ...any) error {
	args = append([]any{sign}, args...)
	if _, err := tx.ExecContext(ctx, addDays+which+addDaysEnd, args...); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, addMonths+which+addMonthsEnd, args...)
	return err
}

// deleteEmptySums removes sums of nothing.
func deleteEmptySums(ctx context.Context, tx *sql.Tx, dates []string) error {
	_, err := tx.ExecContext(ctx, `delete from cost_days where date in (select value from json_each(?))
		and events = 0 and kind in ('estimate', 'correction', 'unpriced', 'pooled')`, jsonList(dates))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `delete from cost_unit_months as m where month in (select substr(value, 1, 7) from json_each(?)) and events = 0
		and not exists (select 1 from cost_allocations a where a.date >= m.month || '-01' and a.date <= m.month || '-31'
			and a.development_id = m.development_id and a.unit_id = m.unit_id and a.category = m.category)`, jsonList(dates))
	return err
}

const (
	insertEntry = `insert into cost_entries (hour, date, development_id, unit_id, category, provider, sku, usage, tier, band, price_row, kind,
		quantity, events, amount) values ` + entryValues
	entryValues = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

	entriesOfStatement = 20 // a statement costs more than its rows
)

func insertEntries(ctx context.Context, tx *sql.Tx, entries []costEntry) error {
	var many, single [][]any
	for len(entries) > 0 {
		n := 1
		if len(entries) >= entriesOfStatement {
			n = entriesOfStatement
		}
		row := make([]any, 0, 15*n)
		for _, e := range entries[:n] {
			var amount any
			if e.priced() {
				amount = int64(e.amount)
			}
			row = append(row, e.hour, e.date, e.development, e.unit, e.category, e.Provider, e.SKU, e.Usage, e.Tier, e.Band, e.row, e.kind, e.quantity, e.events, amount)
		}
		if n > 1 {
			many = append(many, row)
		} else {
			single = append(single, row)
		}
		entries = entries[n:]
	}
	for statement, rows := range map[string][][]any{insertEntry: single, insertEntry + strings.Repeat(", "+entryValues, entriesOfStatement-1): many} {
		if len(rows) == 0 {
			continue
		}
		if _, err := sdk.Batch(ctx, tx, statement, rows); err != nil {
			return err
		}
	}
	return nil
}

// selectUnchanged returns those of the hours that the ledger hasn't changed
// since they were looked at.
func selectUnchanged(ctx context.Context, tx *sql.Tx, hours []dueHour) (same []int64, err error) {
	numbers, changes := make([]int64, len(hours)), map[int64]int64{}
	for i, h := range hours {
		numbers[i] = h.hour
	}
	rows, err := tx.QueryContext(ctx, `select hour, change from usage_hours where hour in (select value from json_each(?))`, jsonList(numbers))
	err = each(rows, err, func(scan func(...any) error) error {
		var hour, change int64
		err := scan(&hour, &change)
		changes[hour] = change
		return err
	})
	for _, h := range hours {
		if changes[h.hour] == h.change {
			same = append(same, h.hour)
		}
	}
	return same, err
}

// replaceHours puts entries and readings into the place of those of some hours,
// and notes what depends on them as due.
func replaceHours(ctx context.Context, tx *sql.Tx, hours []int64, entries []costEntry, readings [][]any) error {
	if len(hours) == 0 {
		return nil
	}
	in := jsonList(hours)
	before, err := selectTouched(ctx, tx, in)
	if err == nil && len(before.dates) > 0 {
		err = addEntries(ctx, tx, -1, ofHours, in)
	}
	for _, statement := range []string{
		`delete from cost_entries where hour in (select value from json_each(?)) and usage <> 'byte_months'`,
		`delete from cost_readings where hour in (select value from json_each(?))`,
		`delete from cost_due_hours where hour in (select value from json_each(?))`,
	} {
		if err == nil {
			_, err = tx.ExecContext(ctx, statement, in)
		}
	}
	if err == nil {
		err = insertEntries(ctx, tx, entries)
	}
	if err == nil && len(readings) > 0 {
		_, err = sdk.Batch(ctx, tx, `insert into cost_readings (hour, date, development_id, unit_id, store, readings, bytes) values (?, ?, ?, ?, ?, ?, ?)`, readings)
	}
	if err == nil {
		err = addEntries(ctx, tx, 1, ofHours, in)
	}
	if err != nil {
		return err
	}
	after, err := selectTouched(ctx, tx, in)
	if err != nil {
		return err
	}
	dates := append(before.dates, after.dates...)
	if err := deleteEmptySums(ctx, tx, dates); err != nil {
		return err
	}
	if err := insertDueBills(ctx, tx, jsonList(dates)); err != nil {
		return err
	}
	return insertDue(ctx, tx, append(before.parts, after.parts...)...)
}

// touched is what depends on some hours.
type touched struct {
	dates []string
	parts []duePart
}

func selectTouched(ctx context.Context, tx *sql.Tx, hours string) (t touched, err error) {
	rows, err := tx.QueryContext(ctx, `select distinct date from cost_entries where hour in (select value from json_each(?))`, hours)
	err = each(rows, err, func(scan func(...any) error) error {
		var date string
		err := scan(&date)
		t.dates = append(t.dates, date)
		return err
	})
	if err != nil {
		return t, err
	}
	seen := map[duePart]bool{}
	note := func(p duePart) {
		if !seen[p] {
			seen[p] = true
			t.parts = append(t.parts, p)
		}
	}
	rows, err = tx.QueryContext(ctx, `select distinct hour, provider, sku from cost_entries where hour in (select value from json_each(?)) and kind = 'pooled'`, hours)
	err = each(rows, err, func(scan func(...any) error) error {
		var hour int64
		var provider, sku string
		err := scan(&hour, &provider, &sku)
		note(duePart{duePool, price.Month(provider, hourOf(hour)), provider, sku})
		return err
	})
	if err != nil {
		return t, err
	}
	rows, err = tx.QueryContext(ctx, `select distinct substr(date, 1, 7) from cost_readings where hour in (select value from json_each(?))`, hours)
	return t, each(rows, err, func(scan func(...any) error) error {
		var month string
		err := scan(&month)
		note(duePart{part: dueStorage, period: month})
		return err
	})
}
