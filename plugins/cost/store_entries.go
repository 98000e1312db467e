package cost

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
)

// asker is a selecter that also answers with one row.
type asker interface {
	selecter
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// each calls fn for every row of a query.
func each(rows *sql.Rows, err error, fn func(scan func(...any) error) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// What is kept of how far the derivation is.
const (
	progressChange   = "change"
	progressRevision = "revision"
	progressDerived  = "derived_at"
)

// selectProgress returns 0 for what hasn't begun.
func selectProgress(ctx context.Context, db asker, name string) (value int64, err error) {
	err = db.QueryRowContext(ctx, `select value from cost_progress where name = ?`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return value, err
}

func updateProgress(ctx context.Context, tx *sql.Tx, name string, value int64) error {
	_, err := tx.ExecContext(ctx, `insert into cost_progress (name, value) values (?, ?)
		on conflict (name) do update set value = excluded.value`, name, value)
	return err
}

// selectLastChange is the number of the ledger's last change.
func selectLastChange(ctx context.Context, db asker) (change int64, err error) {
	err = db.QueryRowContext(ctx, `select coalesce(max(change), 0) from usage_hours`).Scan(&change)
	return change, err
}

// insertChangedHours notes the hours that the ledger has changed after a change
// as due, also those whose events were erased since.
func insertChangedHours(ctx context.Context, tx *sql.Tx, after int64) error {
	_, err := tx.ExecContext(ctx, `insert into cost_due_hours (hour) select hour from usage_hours where change > ? on conflict do nothing`, after)
	return err
}

// insertHoursFrom notes every hour from one on as due: those of the ledger, and
// those of which only entries are left.
func insertHoursFrom(ctx context.Context, tx *sql.Tx, hour, horizon int64) error {
	_, err := tx.ExecContext(ctx, `insert into cost_due_hours (hour)
		select hour from usage_hours where hour >= ?1 and hour >= ?2
		union select hour from cost_entries where hour >= ?1 and usage <> 'byte_months'
		union select hour from cost_readings where hour >= ?1
		on conflict do nothing`, hour, horizon)
	return err
}

// dueHour is an hour that has to be derived, with what the ledger says of it.
type dueHour struct{ hour, events, change int64 }

// selectDueHours returns the first hours that are due.
func selectDueHours(ctx context.Context, c sdk.Call, limit int) (hours []dueHour, err error) {
	rows, err := c.DB().QueryContext(ctx, `select d.hour, coalesce(u.events, 0), coalesce(u.change, 0)
		from cost_due_hours d left join usage_hours u on u.hour = d.hour order by d.hour limit ?`, limit)
	return hours, each(rows, err, func(scan func(...any) error) error {
		var h dueHour
		err := scan(&h.hour, &h.events, &h.change)
		hours = append(hours, h)
		return err
	})
}

// selectDueCount counts the hours that are due, and everything else that is.
func selectDueCount(ctx context.Context, c sdk.Call) (hours, others int64, err error) {
	err = c.DB().QueryRowContext(ctx, `select (select count(*) from cost_due_hours), (select count(*) from cost_due)`).Scan(&hours, &others)
	return hours, others, err
}

// part is something else that has to be derived again.
type duePart struct{ part, period, provider, sku string }

// Parts, in the order in which they are derived: each may make a later one due.
const (
	dueStorage = "storage"
	duePool    = "pool"
	dueSum     = "sum"
	dueBill    = "bill"
)

func selectDueParts(ctx context.Context, c sdk.Call) (parts []duePart, err error) {
	rows, err := c.DB().QueryContext(ctx, `select part, period, provider, sku from cost_due
		order by case part when 'storage' then 1 when 'pool' then 2 when 'sum' then 3 else 4 end, period, provider, sku limit 1000`)
	return parts, each(rows, err, func(scan func(...any) error) error {
		var p duePart
		err := scan(&p.part, &p.period, &p.provider, &p.sku)
		parts = append(parts, p)
		return err
	})
}

func insertDue(ctx context.Context, tx *sql.Tx, parts ...duePart) error {
	rows := make([][]any, len(parts))
	for i, p := range parts {
		rows[i] = []any{p.part, p.period, p.provider, p.sku}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := sdk.Batch(ctx, tx, `insert into cost_due (part, period, provider, sku) values (?, ?, ?, ?) on conflict do nothing`, rows)
	return err
}

func deleteDue(ctx context.Context, tx *sql.Tx, p duePart) error {
	_, err := tx.ExecContext(ctx, `delete from cost_due where part = ? and period = ? and provider = ? and sku = ?`, p.part, p.period, p.provider, p.sku)
	return err
}

// insertDueBills notes the dates of a list that have bills as due. Bills that
// aren't by day are shared out by their month.
func insertDueBills(ctx context.Context, tx *sql.Tx, dates string) error {
	_, err := tx.ExecContext(ctx, `insert into cost_due (part, period, provider, sku)
		select 'bill', value, '', '' from json_each(?) d where exists (select 1 from cost_actuals a where a.date = d.value)
			or exists (select 1 from cost_actuals a where a.provider <> 'openai' and a.date >= substr(d.value, 1, 7) || '-01' and a.date <= substr(d.value, 1, 7) || '-31')
		on conflict do nothing`, dates)
	return err
}

// jsonList is values as a statement takes many of them: a JSON array.
func jsonList[T any](values []T) string {
	text, _ := json.Marshal(values) // numbers and texts
	return string(text)
}

// selectHorizonHour is the first hour that can be derived: events before it
// were erased.
func selectHorizonHour(ctx context.Context, c sdk.Call) (int64, error) {
	before, err := selectHorizon(ctx, c)
	return (before + hourMS - 1) / hourMS, err
}

const hourMS = int64(time.Hour / time.Millisecond)

const eventColumns = `e.hour, e.type, e.development_id, e.unit_id, e.time, e.body`

// costingTypes are those of costing, for a query.
const costingTypes = `('ai.openhouse.llm.called', 'ai.openhouse.embedding.created', 'ai.openhouse.rag.indexed', 'ai.openhouse.map.loaded',
	'ai.openhouse.place.requested', 'ai.openhouse.geocode.requested', 'ai.openhouse.storage.measured', 'ai.openhouse.bandwidth.measured')`

// pageOfEvents is how many events one query returns of a long hour.
const pageOfEvents = 50_000

// selectEvents calls fn for every event of some hours that may cost something.
// The plus sign keeps SQLite from reading all events of a type by their index.
func selectEvents(ctx context.Context, c sdk.Call, hours []dueHour, fn func(event)) error {
	if len(hours) == 1 && hours[0].events > pageOfEvents {
		return selectLongHour(ctx, c, hours[0].hour, pageOfEvents, fn)
	}
	numbers := make([]int64, len(hours))
	for i, h := range hours {
		numbers[i] = h.hour
	}
	rows, err := c.DB().QueryContext(ctx, `select `+eventColumns+` from usage_events e
		where e.hour in (select value from json_each(?)) and +e.type in `+costingTypes, jsonList(numbers))
	return each(rows, err, func(scan func(...any) error) error {
		var e event
		err := scan(&e.hour, &e.kind, &e.development, &e.unit, &e.at, &e.body)
		fn(e)
		return err
	})
}

// selectLongHour reads one hour page by page.
func selectLongHour(ctx context.Context, c sdk.Call, hour int64, page int, fn func(event)) error {
	last := []byte{}
	for more := true; more; {
		rows, err := c.DB().QueryContext(ctx, `select `+eventColumns+`, e.hash from usage_events e
			where e.hour = ? and e.hash > ? and +e.type in `+costingTypes+` order by e.hash limit ?`, hour, last, page)
		n := 0
		err = each(rows, err, func(scan func(...any) error) error {
			var e event
			err := scan(&e.hour, &e.kind, &e.development, &e.unit, &e.at, &e.body, &last)
			n++
			fn(e)
			return err
		})
		if err != nil {
			return err
		}
		more = n == page
	}
	return nil
}

// selectDirectory reads the directory.
func selectDirectory(ctx context.Context, c sdk.Call) (directory, error) {
	s := directory{map[string]bool{}, map[string]string{}}
	rows, err := c.DB().QueryContext(ctx, `select id from developments`)
	err = each(rows, err, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		s.developments[id] = true
		return err
	})
	if err != nil {
		return s, err
	}
	last := ""
	for more := true; more; {
		n := 0
		rows, err := c.DB().QueryContext(ctx, `select id, development_id from units where id > ? order by id limit ?`, last, pageOfEvents)
		err = each(rows, err, func(scan func(...any) error) error {
			var owner string
			err := scan(&last, &owner)
			s.units[last] = owner
			n++
			return err
		})
		if err != nil {
			return s, err
		}
		more = n == pageOfEvents
	}
	return s, nil
}

// selectZones returns the developer's zones, and the name of the last one.
func selectZones(ctx context.Context, c sdk.Call) (days calendar, last string, err error) {
	rows, err := c.DB().QueryContext(ctx, `select since, zone from cost_zones order by since`)
	return days, last, each(rows, err, func(scan func(...any) error) error {
		var from int64
		if err := scan(&from, &last); err != nil {
			return err
		}
		zone, err := time.LoadLocation(last)
		if err != nil {
			return err
		}
		days = append(days, since{from, zone})
		return nil
	})
}

// updateZone notes the zone from a moment on, in the place of one that hasn't
// begun; a developer who comes back to the zone in force changes nothing.
func updateZone(ctx context.Context, tx *sql.Tx, from int64, zone string) error {
	if _, err := tx.ExecContext(ctx, `delete from cost_zones where since >= ? and since > 0`, from); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `insert into cost_zones (since, zone) select ?1, ?2
		where ?2 <> coalesce((select zone from cost_zones order by since desc limit 1), '')`, from, zone)
	return err
}
