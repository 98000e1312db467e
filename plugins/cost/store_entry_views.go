package cost

import (
	"context"
	"database/sql"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// entry is one cost entry, with what is needed to read it.
type entry struct {
	Hour                              int64
	Development, Unit, Label          string
	Provider, SKU, Usage, Tier, Band  string
	PriceRow, Kind, Date, Category    string
	Quantity, Events                  int64
	Amount                            *rate.Amount
	Per                               int64
	Price                             string // USD for Per; empty: none
	PriceFrom                         int64
	PriceTo                           *int64
	Corrects, PriceSource, PriceCheck string
}

func (e entry) at() time.Time { return time.UnixMilli(e.Hour * time.Hour.Milliseconds()).UTC() }

// entryFilter says which entries are meant; what is empty is not asked for.
type entryFilter struct {
	asked
	Unit, SKU, Usage, Kind string
	Hour                   int64 // 0: any
	Provider               string
	Tier, Band, PriceRow   string
	Exact                  bool // Unit, Provider, Tier, Band and PriceRow are meant, also when they are empty
}

const entriesFrom = `
	from cost_entries e left join units u on u.id = e.unit_id left join cost_price_rows p on p.id = e.price_row
	where (?1 = '' or e.date >= ?1) and (?2 = '' or e.date < ?2) and (?3 = '' or e.development_id = ?3) and (?4 = '' or e.category = ?4)
		and (?5 = '' or e.unit_id = ?5) and (?6 = '' or e.sku = ?6) and (?7 = '' or e.usage = ?7) and (?8 = '' or e.kind = ?8 or ?8 = 'unpriced' and e.kind = 'pooled' and (e.provider, e.sku) not in (select provider, sku from cost_price_rows))
		and (?9 = 0 or e.hour = ?9)
		and (not ?10 or (e.development_id = ?3 and e.unit_id = ?5 and e.tier = ?11 and e.band = ?12 and e.price_row = ?13 and e.provider = ?14))`

func (f entryFilter) args(more ...any) []any {
	return append([]any{f.From, f.To, f.Development, f.Category, f.Unit, f.SKU, f.Usage, f.Kind, f.Hour, f.Exact, f.Tier, f.Band, f.PriceRow, f.Provider}, more...)
}

// selectEntries returns one page of entries, latest first, with how many there
// are and what they come to.
func selectEntries(ctx context.Context, c sdk.Call, f entryFilter, limit, offset int) (entries []entry, all line, total int, err error) {
	err = c.DB().QueryRowContext(ctx, `
		select count(*), coalesce(sum(e.amount), 0), coalesce(sum(case when e.kind <> 'correction' then e.events end), 0)`+entriesFrom, f.args()...).
		Scan(&total, &all.Estimate, &all.Events)
	if err != nil {
		return nil, all, 0, err
	}
	rows, err := c.DB().QueryContext(ctx, `
		select e.hour, e.development_id, e.unit_id, coalesce(u.label, e.unit_id), e.provider, e.sku, e.usage, e.tier, e.band, e.price_row, e.kind, e.date,
			e.category, e.quantity, e.events, e.amount, coalesce(p.per, 0), coalesce(p.price, ''), coalesce(p.from_at, 0), p.to_at,
			coalesce(p.corrects, ''), coalesce(p.source, ''), coalesce(p.checked_on, '')`+entriesFrom+`
		order by e.hour desc, e.development_id, e.unit_id, e.provider, e.sku, e.usage, e.tier, e.band, e.price_row, e.kind limit ?15 offset ?16`,
		f.args(limit, offset)...)
	if err != nil {
		return nil, all, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var e entry
		var amount, to sql.NullInt64
		if err := rows.Scan(&e.Hour, &e.Development, &e.Unit, &e.Label, &e.Provider, &e.SKU, &e.Usage, &e.Tier, &e.Band, &e.PriceRow, &e.Kind, &e.Date,
			&e.Category, &e.Quantity, &e.Events, &amount, &e.Per, &e.Price, &e.PriceFrom, &to, &e.Corrects, &e.PriceSource, &e.PriceCheck); err != nil {
			return nil, all, 0, err
		}
		if amount.Valid {
			a := rate.Amount(amount.Int64)
			e.Amount = &a
		}
		if to.Valid {
			e.PriceTo = &to.Int64
		}
		entries = append(entries, e)
	}
	return entries, all, total, rows.Err()
}

// findEntry returns not_found when there is no such entry.
func findEntry(ctx context.Context, c sdk.Call, f entryFilter) (entry, error) {
	f.Exact = true
	found, _, _, err := selectEntries(ctx, c, f, 1, 0)
	if err == nil && len(found) == 0 {
		err = core.Errorf(core.NotFound, "There is no such entry. Its hour may have been derived anew.")
	}
	if err != nil {
		return entry{}, err
	}
	return found[0], nil
}

// reported is a usage event as the portals reported it.
type reported struct {
	At               time.Time
	Source, ID, Type string
	Body             string
}

// selectReported returns the usage events behind an entry: those of some types
// between two moments, of the entry's unit; without one, of what the directory
// doesn't know as a unit, in the entry's development or in none that it knows.
func selectReported(ctx context.Context, c sdk.Call, e entry, types []string, from, to time.Time, limit int) (events []reported, total int, err error) {
	const where = ` from usage_events e where hour between ?1 / 3600000 and ?2 / 3600000 and time >= ?1 and time < ?2 and type in (select value from json_each(?3))
		and case when ?4 <> '' then unit_id = ?4 else not exists (select 1 from units u where u.id = e.unit_id)
			and case when ?5 <> '' then development_id = ?5 else not exists (select 1 from developments d where d.id = e.development_id) end end`
	args := []any{from.UnixMilli(), to.UnixMilli(), jsonList(types), e.Unit, e.Development}
	if err := c.DB().QueryRowContext(ctx, `select count(*)`+where, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := c.DB().QueryContext(ctx, `select time, source, id, type, body`+where+` order by time, hash limit ?6`, append(args, limit)...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var r reported
		var at int64
		if err := rows.Scan(&at, &r.Source, &r.ID, &r.Type, &r.Body); err != nil {
			return nil, 0, err
		}
		r.At = time.UnixMilli(at).UTC()
		events = append(events, r)
	}
	return events, total, rows.Err()
}
