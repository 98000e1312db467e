package cost

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

var storageKey = price.Key{Provider: "hosting", SKU: "storage", Usage: "byte_months", Tier: price.Standard}

// readings are the measurements of storage, as rows.
func (m *meter) readings() [][]any {
	rows := make([][]any, 0, len(m.stored))
	for r, n := range m.stored {
		rows = append(rows, []any{r.hour, r.date, r.development, r.unit, r.store, n.events, n.quantity})
	}
	return rows
}

// hourRows are what is kept of some hours.
type hourRows struct {
	entries  []costEntry
	readings [][]any
}

// keepHours leaves out the hours that have changed while they were derived.
func keepHours(entries []costEntry, readings [][]any, hours []int64) hourRows {
	stays := map[int64]bool{}
	for _, h := range hours {
		stays[h] = true
	}
	return hourRows{
		slices.DeleteFunc(entries, func(e costEntry) bool { return !stays[e.hour] }),
		slices.DeleteFunc(readings, func(r []any) bool { return !stays[r[0].(int64)] }),
	}
}

// stored is what a place held on a date: the sum of its stores' daily means.
type stored struct {
	place
	bytes    int64
	readings int64
}

// deriveStorage computes a local month's storage anew (H22): each date counts
// as one of the month's days, by the price at its beginning.
func (w *work) deriveStorage(ctx context.Context, c sdk.Call, due duePart) error {
	book, err := w.prices(ctx, c)
	if err != nil {
		return err
	}
	return sdk.Update(ctx, c, func(tx *sql.Tx) error {
		days, err := selectStored(ctx, tx, due.period)
		if err != nil {
			return err
		}
		entries := storageEntries(days, due.period, book, w.days)
		w.rows += len(entries)
		if err := replaceStorage(ctx, tx, due.period, entries); err != nil {
			return err
		}
		return deleteDue(ctx, tx, due)
	})
}

// storageEntries prices a month's storage, place by place.
func storageEntries(days []stored, month string, book *price.Book, local calendar) []costEntry {
	slices.SortFunc(days, func(a, b stored) int {
		return cmp.Or(cmp.Compare(a.development, b.development), cmp.Compare(a.unit, b.unit), cmp.Compare(a.date, b.date))
	})
	var entries []costEntry
	for from := 0; from < len(days); {
		to := from
		for to < len(days) && days[to].development == days[from].development && days[to].unit == days[from].unit {
			to++
		}
		entries = append(entries, storageOf(days[from:to], daysIn(month), book, local)...)
		from = to
	}
	return entries
}

func daysIn(month string) int {
	first, _ := time.Parse(monthForm, month) // months are our own
	return first.AddDate(0, 1, -1).Day()
}

// storageOf prices one place's storage of a month: what one row prices is
// added up, rounded once and shared out to its dates. A correction is the
// difference that it makes on its dates.
func storageOf(days []stored, length int, book *price.Book, local calendar) []costEntry {
	chains := make([][]price.Row, len(days)) // what prices a date, and its corrections
	depth := 0
	for i, d := range days {
		at := local.begin(d.date)
		if base, found := book.At(storageKey, at); found {
			chains[i] = append([]price.Row{base}, book.Corrections(base.ID, at)...)
		}
		depth = max(depth, len(chains[i]))
	}
	quantities, before := storageBy(days, length, chains, 0)
	var entries []costEntry
	for i, d := range days {
		e := costEntry{
			hour: local.begin(d.date).UnixMilli() / hourMS, place: d.place, category: "storage", Key: storageKey,
			kind: kindUnpriced, quantity: quantities[i], events: d.readings,
		}
		if len(chains[i]) > 0 && before[i] != nil {
			e.kind, e.row, e.amount = kindEstimate, chains[i][0].ID, *before[i]
		}
		entries = append(entries, e)
	}
	for layer := 1; layer < depth; layer++ {
		_, now := storageBy(days, length, chains, layer)
		for i := range days {
			if len(chains[i]) > layer && before[i] != nil && now[i] != nil {
				e := entries[i]
				e.kind, e.row, e.amount = kindCorrection, chains[i][layer].ID, *now[i]-*before[i]
				entries = append(entries, e)
			}
		}
		before = now
	}
	return entries
}

// storageBy is what each date comes to when so many corrections are known; a
// date without a price has no amount.
func storageBy(days []stored, length int, chains [][]price.Row, layer int) (quantities []int64, amounts []*rate.Amount) {
	quantities, amounts = make([]int64, len(days)), make([]*rate.Amount, len(days))
	byRow := map[string][]int{}
	var rows []price.Row
	for i, chain := range chains {
		r := price.Row{Price: "0", Per: 1}
		if len(chain) > 0 {
			r = chain[min(layer, len(chain)-1)]
		}
		if byRow[r.ID] == nil {
			rows = append(rows, r)
		}
		byRow[r.ID] = append(byRow[r.ID], i)
	}
	for _, r := range rows {
		var parts []rate.Reading
		for _, i := range byRow[r.ID] {
			parts = append(parts, rate.Reading{Date: days[i].date, Bytes: days[i].bytes})
		}
		p, err := rate.ParsePrice(r.Price)
		found, ok := rate.Storage(parts, length, p, r.Per)
		for n, i := range byRow[r.ID] {
			if err == nil && ok {
				quantities[i], amounts[i] = found[n].Quantity, &found[n].Amount
			}
		}
	}
	return quantities, amounts
}
