package price

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openhouse-ai/console/core"
)

// Add returns the book with one more row, which is as New wants it. Returns
// invalid when it contradicts the book: Field is the row's field.
func (b *Book) Add(r Row) (*Book, Row, error) {
	next, added, err := b.Merge([]Row{r})
	if err == nil && len(added) == 0 {
		var twice core.Problems
		twice.Add("from", r.From.Format(time.RFC3339), "is where this price begins already")
		err = twice.Err()
	}
	if refused, ok := errors.AsType[*core.Error](err); ok {
		for i := range refused.Fields {
			refused.Fields[i].Line = 0
		}
	}
	if err != nil {
		return nil, Row{}, err
	}
	return next, added[0], nil
}

// Merge returns the book with those of the rows that it doesn't have, and these
// rows. What is there already, under the same id with the same price and end,
// is left out. Returns invalid with every mistake: Line is the place of the row
// among the given ones, from 1, or 0 for a row of the book that would be wrong
// then. The id of a row is always its own (ID).
func (b *Book) Merge(rows []Row) (next *Book, added []Row, err error) {
	var wrong core.Problems
	places, known := []int{}, map[string]Row{}
	for i, r := range rows {
		r.From, r.To = utc(r.From), utc(r.To)
		r.ID = ID(r)
		have, there := b.Row(r.ID)
		if !there {
			have, there = known[r.ID]
		}
		switch {
		case !there:
			added, places, known[r.ID] = append(added, r), append(places, i), r
		case !Same(have.Price, r.Price) || have.Per != r.Per:
			wrong = append(wrong, core.FieldError{Line: i + 1, Field: "price", Value: r.Price, Reason: fmt.Sprintf("is %s for %d in the book already: rows never change, so correct %s", have.Price, have.Per, have.ID)})
		case !have.To.Equal(r.To):
			wrong = append(wrong, core.FieldError{Line: i + 1, Field: "to", Value: moment(r.Provider, r.To), Reason: "is another end than in the book: rows never change, so add or correct a row"})
		}
	}
	next, err = New(slices.Concat(b.rows, added))
	wrong = append(wrong, b.placed(err, places)...)
	if err := wrong.Err(); err != nil {
		return nil, nil, err
	}
	return next, added, err
}

// placed are the mistakes that New has found, by the places of added rows.
func (b *Book) placed(err error, places []int) core.Problems {
	refused, ok := err.(*core.Error)
	if !ok {
		return nil
	}
	var wrong core.Problems
	for _, f := range refused.Fields {
		if at := f.Line - 1 - len(b.rows); at >= 0 {
			f.Line = places[at] + 1
		} else {
			f.Reason = fmt.Sprintf("of %s, which is in the book, %s", b.rows[f.Line-1].ID, f.Reason)
			f.Line = 0
		}
		wrong = append(wrong, f)
	}
	return wrong
}

// Since is the earliest moment from which two sets of rows price differently;
// false when they don't. Sources don't matter.
func Since(before, after []Row) (from time.Time, differs bool) {
	type terms struct {
		id, price, corrects string
		key                 Key
		above, per          int64
		from, to            int64
	}
	count := map[terms]int{}
	note := func(rows []Row, by int) {
		for _, r := range rows {
			count[terms{r.ID, plain(r.Price), r.Corrects, r.Key, r.Above, r.Per, r.From.UnixMilli(), r.To.UnixMilli()}] += by
		}
	}
	note(before, 1)
	note(after, -1)
	for t, n := range count {
		if at := time.UnixMilli(t.from).UTC(); n != 0 && (!differs || at.Before(from)) {
			from, differs = at, true
		}
	}
	return from, differs
}
