package cost

import (
	"slices"
	"time"
)

// use without its stretch, of an hour whose events were erased, with what is
// left of it: the quantities of its entries, by their price rows. Where there
// was no price the row is empty.
type remains map[bucket]map[string]amountOf

// restore puts what is left back into the stretches that it was used in, so
// that it is priced as it was, and by what has been corrected since.
func (m *meter) restore(all remains) {
	for b, left := range all {
		for row, n := range left {
			for other, part := range left { // a correction repeats what it corrects
				if r, known := m.book.Row(other); known && row != "" && r.Corrects == row {
					n.quantity, n.events = n.quantity-part.quantity, n.events-part.events
				}
			}
			if n == (amountOf{}) {
				continue
			}
			b.stretch = m.stretch(m.moment(b, row, left))
			is := m.used[b]
			m.used[b] = amountOf{is.quantity + n.quantity, is.events + n.events}
		}
	}
}

// moment is the first one of the hour in which a row was the last that priced
// what is left; the hour's beginning, where prices have changed too much since.
func (m *meter) moment(b bucket, row string, left map[string]amountOf) int64 {
	start := b.hour * hourMS
	from, _ := slices.BinarySearch(m.turns, start+1)
	to, _ := slices.BinarySearch(m.turns, start+hourMS)
	for _, at := range append([]int64{start}, m.turns[from:to]...) {
		last := ""
		if base, found := m.book.At(b.key, time.UnixMilli(at)); found {
			last = base.ID
			for _, r := range m.book.Corrections(base.ID, time.UnixMilli(at)) {
				if _, had := left[r.ID]; !had {
					break
				}
				last = r.ID
			}
		}
		if last == row {
			return at
		}
	}
	return start
}
