package usage

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// keepBooks counts what became of entries that came just now: the receipts,
// the hours that have grown, and the latest refusals.
func keepBooks(ctx context.Context, tx *tenants.Tx, entries []*entry) error {
	var receipts []Tally
	var hours []growth
	var refused []*entry
	for _, e := range entries {
		*tallyOf(&receipts, dayOf(e.received), e.kind, tx.Now).of(e.outcome)++
		switch e.outcome {
		case Accepted:
			hours = grow(hours, e.hour, 1)
		case Invalid:
			refused = append(refused, e)
		}
	}
	for _, t := range receipts {
		if err := addReceipt(ctx, tx, t); err != nil {
			return err
		}
	}
	if err := touch(ctx, tx, hours); err != nil {
		return err
	}
	return keepRefusals(ctx, tx, refused)
}

// tallyOf finds the row of a day and a type, or begins one.
func tallyOf(tallies *[]Tally, day int64, kind string, at time.Time) *Tally {
	for i := range *tallies {
		if t := &(*tallies)[i]; t.Type == kind && t.day() == day {
			return t
		}
	}
	*tallies = append(*tallies, Tally{Day: startOf(day), Type: kind, Last: at})
	return &(*tallies)[len(*tallies)-1]
}

// addReceipt adds to the row of a day and a type. Negative numbers take away
// what a person or the nightly check has decided anew.
func addReceipt(ctx context.Context, tx *tenants.Tx, t Tally) error {
	_, err := tx.Exec(ctx, `
insert into usage_receipts (day, type, accepted, duplicate, conflict, invalid, quarantined, last_at) values (?, ?, ?, ?, ?, ?, ?, ?)
on conflict (day, type) do update set accepted = accepted + excluded.accepted, duplicate = duplicate + excluded.duplicate,
  conflict = conflict + excluded.conflict, invalid = invalid + excluded.invalid,
  quarantined = quarantined + excluded.quarantined, last_at = max(last_at, excluded.last_at)`,
		t.day(), t.Type, t.Accepted, t.Duplicate, t.Conflict, t.Invalid, t.Quarantined, t.Last.UnixMilli())
	return err
}

func listReceipts(ctx context.Context, tx *tenants.Tx, days int) ([]Tally, error) {
	rows, err := tx.Query(ctx, `
select day, type, accepted, duplicate, conflict, invalid, quarantined, last_at from usage_receipts
where day > ? order by day desc, type`, dayOf(tx.Now.UnixMilli())-int64(days))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tallies []Tally
	for rows.Next() {
		var t Tally
		var day, last int64
		if err := rows.Scan(&day, &t.Type, &t.Accepted, &t.Duplicate, &t.Conflict, &t.Invalid, &t.Quarantined, &last); err != nil {
			return nil, err
		}
		t.Day, t.Last = startOf(day), time.UnixMilli(last).UTC()
		tallies = append(tallies, t)
	}
	return tallies, rows.Err()
}

// growth is how many events an hour has more.
type growth struct{ hour, events int64 }

func grow(hours []growth, hour, events int64) []growth {
	for i := range hours {
		if hours[i].hour == hour {
			hours[i].events += events
			return hours
		}
	}
	return append(hours, growth{hour, events})
}

// touch counts the events of hours, and raises their change above every other.
func touch(ctx context.Context, tx *tenants.Tx, hours []growth) error {
	for _, h := range hours {
		_, err := tx.Exec(ctx, `
insert into usage_hours (hour, events, change) values (?, ?, (select coalesce(max(change), 0) + 1 from usage_hours))
on conflict (hour) do update set events = events + excluded.events, change = excluded.change`, h.hour, h.events)
		if err != nil {
			return err
		}
	}
	return nil
}

// maxRefusals is how many of the latest refused events are kept.
const maxRefusals = 200

func keepRefusals(ctx context.Context, tx *tenants.Tx, refused []*entry) error {
	if len(refused) == 0 {
		return nil
	}
	for _, e := range refused[max(0, len(refused)-maxRefusals):] {
		fields := make([]flaw, len(e.fields))
		for i, f := range e.fields {
			fields[i] = flaw{f.Field, f.Reason}
		}
		text, err := json.Marshal(fields)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
insert into usage_refusals (number, received_at, source, event_id, type, fields)
values ((select coalesce(max(number), 0) + 1 from usage_refusals), ?, ?, ?, ?, ?)`,
			e.received, clip(e.event.Source), clip(e.event.ID), clip(e.event.Type), string(text))
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `delete from usage_refusals where number <= (select max(number) from usage_refusals) - ?`, maxRefusals)
	return err
}

// flaw is what is wrong with a field, as it is kept: not the value, which may be
// anything.
type flaw struct {
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

// clip makes valid text of what a sender gave for one, cut to its limit.
func clip(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxText)], "")
}

func listRefusals(ctx context.Context, tx *tenants.Tx, _ struct{}) ([]Refusal, error) {
	rows, err := tx.Query(ctx, `select received_at, source, event_id, type, fields from usage_refusals order by number desc`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var refusals []Refusal
	for rows.Next() {
		var r Refusal
		var received int64
		var text string
		if err := rows.Scan(&received, &r.Source, &r.ID, &r.Type, &text); err != nil {
			return nil, err
		}
		var fields []flaw
		if err := json.Unmarshal([]byte(text), &fields); err != nil {
			return nil, err
		}
		for _, f := range fields {
			r.Fields = append(r.Fields, core.FieldError{Field: f.Field, Reason: f.Reason})
		}
		r.Received = time.UnixMilli(received).UTC()
		refusals = append(refusals, r)
	}
	return refusals, rows.Err()
}
