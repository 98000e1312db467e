package price

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/openhouse-ai/console/core"
)

// Book is a set of rows without a contradiction. It doesn't change: Add and
// Merge return another one.
type Book struct {
	rows   []Row // by key, step and beginning
	byID   map[string]int
	ends   map[string]time.Time // of rows that end
	steps  map[Key][]step
	wrongs map[string]step // corrections, by the id of the row that was wrong
}

// step is what one row after the other says, of one key above one quantity,
// or in the place of one row.
type step struct {
	above int64
	rows  []span
}

// span is a row with its end: zero while it is open.
type span struct {
	Row
	end time.Time
}

// at finds the row of a moment.
func (s step) at(t time.Time) (Row, bool) {
	i := sort.Search(len(s.rows), func(i int) bool { return s.rows[i].From.After(t) })
	if i == 0 || !s.rows[i-1].end.IsZero() && !t.Before(s.rows[i-1].end) {
		return Row{}, false
	}
	return s.rows[i-1].Row, true
}

// New checks rows and makes a book of them; the order of rows doesn't matter.
// A row without an id gets its own. Returns invalid with every mistake: Line
// is the place of its row, from 1, and Field the row's field.
//
// A row ends where it says, or where the next one of its key and step begins,
// whichever is earlier; what it has replaced doesn't come back. A correction
// begins inside the row that it corrects, and ends with it at the latest.
func New(rows []Row) (*Book, error) {
	b := &Book{byID: map[string]int{}, ends: map[string]time.Time{}, steps: map[Key][]step{}, wrongs: map[string]step{}}
	c := checker{places: map[string]int{}}
	for i, r := range rows {
		r.From, r.To = utc(r.From), utc(r.To)
		if r.ID == "" {
			r.ID = ID(r)
		}
		c.row(i, r)
		if _, twice := c.places[r.ID]; twice {
			c.add(i, "from", r.From.Format(time.RFC3339), "is where another row of the same key and step begins")
			continue
		}
		c.places[r.ID] = i
		b.rows = append(b.rows, r)
	}
	slices.SortFunc(b.rows, Row.compare)
	for i, r := range b.rows {
		b.byID[r.ID] = i
	}
	b.arrange(&c)
	b.correct(&c)
	slices.SortStableFunc(c.problems, func(x, y core.FieldError) int { return cmp.Compare(x.Line, y.Line) })
	if err := c.problems.Err(); err != nil {
		return nil, err
	}
	return b, nil
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// arrange puts the rows that correct nothing one after the other.
func (b *Book) arrange(c *checker) {
	for i, r := range b.rows {
		if r.Corrects != "" {
			continue
		}
		steps := b.steps[r.Key]
		if len(steps) == 0 || steps[len(steps)-1].above != r.Above {
			steps = append(steps, step{above: r.Above})
		}
		last := &steps[len(steps)-1]
		if n := len(last.rows); n > 0 {
			before := &last.rows[n-1]
			if before.From.Equal(r.From) {
				c.add(c.places[r.ID], "from", r.From.Format(time.RFC3339), "is where another row of the same key and step begins")
			}
			before.end = earlier(before.end, r.From)
			b.ends[before.ID] = before.end
		}
		if !r.To.IsZero() {
			b.ends[r.ID] = r.To
		}
		last.rows = append(last.rows, span{b.rows[i], r.To})
		b.steps[r.Key] = steps
	}
}

// correct puts each correction into the row that was wrong, from the outermost
// inwards.
func (b *Book) correct(c *checker) {
	inside := map[string][]Row{}
	var reached []Row
	for _, r := range b.rows {
		if r.Corrects != "" {
			inside[r.Corrects] = append(inside[r.Corrects], r)
		} else {
			reached = append(reached, r)
		}
	}
	for len(reached) > 0 {
		wrong := reached[0]
		reached = append(reached[1:], inside[wrong.ID]...)
		for _, r := range inside[wrong.ID] {
			end := earlier(r.To, b.ends[wrong.ID])
			if !end.IsZero() {
				b.ends[r.ID] = end
			}
			s := b.wrongs[wrong.ID]
			c.correction(r, wrong, b.ends[wrong.ID], s)
			s.rows = append(s.rows, span{r, end})
			b.wrongs[wrong.ID] = s
		}
		delete(inside, wrong.ID)
	}
	for id, rows := range inside {
		for _, r := range rows {
			reason := "is the id of no row"
			if _, known := b.byID[id]; known {
				reason = "leads back to the row itself"
			}
			c.add(c.places[r.ID], "corrects", id, reason)
		}
	}
}

// earlier is the first of two ends, where zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// At is the row that prices an event of the moment (H18): never a correction,
// and of keys with steps the first step. False: there is no price (H20).
func (b *Book) At(key Key, t time.Time) (Row, bool) {
	steps := b.steps[key]
	if len(steps) == 0 || steps[0].above != 0 {
		return Row{}, false
	}
	return steps[0].at(t)
}

// Corrections are the rows that correct a row at a moment, oldest first: each
// takes the place of the one before it.
func (b *Book) Corrections(id string, t time.Time) []Row {
	var chain []Row
	for {
		wrong, corrected := b.wrongs[id]
		if !corrected {
			return chain
		}
		r, found := wrong.at(t)
		if !found {
			return chain
		}
		chain, id = append(chain, r), r.ID
	}
}

// Steps are the graduated steps of a key that are in force at a moment, with
// corrections in the place of what was wrong, ascending by Above. A step
// without a price is one that nobody knows: what is above it has no price.
func (b *Book) Steps(key Key, t time.Time) []Row {
	var steps []Row
	for _, s := range b.steps[key] {
		r, found := s.at(t)
		if !found {
			continue
		}
		if chain := b.Corrections(r.ID, t); len(chain) > 0 {
			r = chain[len(chain)-1]
		}
		steps = append(steps, r)
	}
	return steps
}

// Keys are what the book has prices for, in order.
func (b *Book) Keys() []Key {
	keys := make([]Key, 0, len(b.steps))
	for key := range b.steps {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, Key.compare)
	return keys
}

// Rows are all rows, by key, step and beginning.
func (b *Book) Rows() []Row { return slices.Clone(b.rows) }

// Row finds a row by its id.
func (b *Book) Row(id string) (Row, bool) {
	i, found := b.byID[id]
	if !found {
		return Row{}, false
	}
	return b.rows[i], true
}

// End is when a row ends: by itself, by the next one, or with the row that it
// corrects. Zero: it is open.
func (b *Book) End(id string) time.Time { return b.ends[id] }
