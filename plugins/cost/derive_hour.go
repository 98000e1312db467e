package cost

import (
	"cmp"
	"slices"
	"time"

	"github.com/openhouse-ai/console/plugins/cost/price"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// An entry is an estimate, or a correction of one; what has no price, and what
// is rated on the account's total, has no amount.
const (
	kindEstimate   = "estimate"
	kindCorrection = "correction"
	kindUnpriced   = "unpriced"
	kindPooled     = "pooled"
)

// place is whose use it was, and on which local date.
type place struct{ date, development, unit string }

// costEntry is one row of cost_entries.
type costEntry struct {
	hour int64
	place
	category string
	price.Key
	row, kind        string
	quantity, events int64
	amount           rate.Amount
}

// priced reports whether the entry has an amount.
func (e costEntry) priced() bool { return e.kind == kindEstimate || e.kind == kindCorrection }

func (e costEntry) compare(o costEntry) int {
	return cmp.Or(cmp.Compare(e.hour, o.hour), cmp.Compare(e.date, o.date), cmp.Compare(e.development, o.development), cmp.Compare(e.unit, o.unit),
		cmp.Compare(e.category, o.category), cmp.Compare(e.Provider, o.Provider), cmp.Compare(e.SKU, o.SKU), cmp.Compare(e.Usage, o.Usage),
		cmp.Compare(e.Tier, o.Tier), cmp.Compare(e.Band, o.Band), cmp.Compare(e.row, o.row), cmp.Compare(e.kind, o.kind))
}

// bucket is what adds up to one estimate, or a part of one: the stretch is the
// moment from which on the same prices are in force.
type bucket struct {
	hour int64
	place
	category string
	key      price.Key
	stretch  int64
}

type amountOf struct{ quantity, events int64 }

// reading is a measurement of storage.
type reading struct {
	hour int64
	place
	store string
}

// meter adds up what the events of some hours have used.
type meter struct {
	reader *eventReader
	book   *price.Book
	turns  []int64 // moments, in ms, at which a price begins or ends
	days   calendar
	sites  directory
	used   map[bucket]amountOf
	stored map[reading]amountOf

	quarter int64 // of an hour, of the event before
	date    string
}

// event is one usage event as it is stored.
type event struct {
	hour                    int64
	kind, development, unit string
	at                      int64 // ms since 1970
	body                    string
}

func (m *meter) add(e event) {
	at := time.UnixMilli(e.at).UTC()
	if quarter := e.at / (15 * time.Minute).Milliseconds(); m.date == "" || quarter != m.quarter { // no zone turns within
		m.quarter, m.date = quarter, m.days.date(at)
	}
	where := place{date: m.date}
	where.development, where.unit = m.sites.of(e.development, e.unit)
	if costing[e.kind] == "storage" {
		if f, ok := m.reader.read(e.body); ok {
			r := reading{e.hour, where, f.store}
			is := m.stored[r]
			m.stored[r] = amountOf{is.quantity + f.bytes, is.events + 1}
			return
		}
	}
	stretch := m.stretch(e.at)
	for _, u := range m.reader.usesOf(e.kind, e.body, at, m.book) {
		b := bucket{e.hour, where, u.category, u.Key, stretch}
		is := m.used[b]
		m.used[b] = amountOf{is.quantity + u.quantity, is.events + 1}
	}
}

// erased stands for what was erased before it was derived: nobody knows what it
// was, so that it never has a price (H20).
const erased = "erased"

// lose counts the events of an hour of which nothing is left.
func (m *meter) lose(h dueHour) {
	b := bucket{h.hour, place{date: m.days.date(hourOf(h.hour))}, "other", price.Key{SKU: erased, Usage: "requests", Tier: price.Standard}, 0}
	m.used[b] = amountOf{0, h.events}
}

// stretch is the last turn of prices up to a moment.
func (m *meter) stretch(at int64) int64 {
	i, exact := slices.BinarySearch(m.turns, at)
	if exact {
		return at
	}
	if i == 0 {
		return 0
	}
	return m.turns[i-1]
}

// turnsOf are the moments at which a price begins or ends.
func turnsOf(book *price.Book) []int64 {
	var turns []int64
	for _, r := range book.Rows() {
		turns = append(turns, r.From.UnixMilli())
		if end := book.End(r.ID); !end.IsZero() {
			turns = append(turns, end.UnixMilli())
		}
	}
	slices.Sort(turns)
	return slices.Compact(turns)
}

// entries prices what was used, in the order of their key.
func (m *meter) entries() []costEntry {
	type group struct {
		costEntry
		layers []layer
	}
	groups := map[costEntry]*group{}
	for b, n := range m.used {
		e := costEntry{hour: b.hour, place: b.place, category: b.category, Key: b.key, kind: kindUnpriced}
		var layers []layer
		switch base, found := m.book.At(b.key, time.UnixMilli(b.stretch)); {
		case !found: // nor can its pool be rated (H20)
		case price.Pooled(b.key.Provider, b.key.SKU):
			e.kind = kindPooled
		default:
			e.kind, e.row = kindEstimate, base.ID
			layers = []layer{{b.stretch, n, append([]price.Row{base}, m.book.Corrections(base.ID, time.UnixMilli(b.stretch))...)}}
		}
		g := groups[e]
		if g == nil {
			g = &group{costEntry: e}
			groups[e] = g
		}
		g.quantity, g.events = g.quantity+n.quantity, g.events+n.events
		g.layers = append(g.layers, layers...)
	}
	var list []costEntry
	for _, g := range groups {
		if g.kind != kindEstimate {
			list = append(list, g.costEntry)
			continue
		}
		list = append(list, priceOf(g.costEntry, g.layers)...)
	}
	slices.SortFunc(list, costEntry.compare)
	return merged(list)
}

// merged adds up entries of one key: what could not be priced although there
// is a price falls together with what has none.
func merged(list []costEntry) []costEntry {
	var out []costEntry
	for _, e := range list {
		if n := len(out); n > 0 && out[n-1].compare(e) == 0 {
			out[n-1].quantity, out[n-1].events, out[n-1].amount = out[n-1].quantity+e.quantity, out[n-1].events+e.events, out[n-1].amount+e.amount
			continue
		}
		out = append(out, e)
	}
	return out
}

// layer is what was used while the same rows were in force: the row that
// prices it, and its corrections, oldest first.
type layer struct {
	stretch int64
	amountOf
	rows []price.Row
}

// priceOf is the estimate of what was used at one row's price, and an entry
// for each row that corrects it: the difference that the correction makes. So
// estimate and corrections add up to what the last price comes to, exactly.
func priceOf(e costEntry, layers []layer) []costEntry {
	slices.SortFunc(layers, func(a, b layer) int { return cmp.Compare(a.stretch, b.stretch) })
	var order []string // of corrections: each after what it corrects
	for _, l := range layers {
		for _, r := range l.rows[1:] {
			if !slices.Contains(order, r.ID) {
				order = append(order, r.ID)
			}
		}
	}
	first, ok := total(layers, nil)
	if !ok {
		e.row, e.kind = "", kindUnpriced
		return []costEntry{e}
	}
	e.amount = first
	list, before := []costEntry{e}, first
	for i, id := range order {
		now, ok := total(layers, order[:i+1])
		if !ok {
			continue
		}
		c := e
		c.kind, c.row, c.amount, c.quantity, c.events = kindCorrection, id, now-before, 0, 0
		for _, l := range layers {
			if slices.ContainsFunc(l.rows[1:], func(r price.Row) bool { return r.ID == id }) {
				c.quantity, c.events = c.quantity+l.quantity, c.events+l.events
			}
		}
		list, before = append(list, c), now
	}
	return list
}

// total is what the layers cost when these corrections are known: quantities
// at one price are added up and rounded once.
func total(layers []layer, known []string) (rate.Amount, bool) {
	quantities := map[string]int64{}
	var rows []price.Row
	for _, l := range layers {
		r := l.rows[0]
		for _, c := range l.rows[1:] {
			if slices.Contains(known, c.ID) {
				r = c
			}
		}
		if _, seen := quantities[r.ID]; !seen {
			rows = append(rows, r)
		}
		quantities[r.ID] += l.quantity
	}
	var sum rate.Amount
	for _, r := range rows {
		p, err := rate.ParsePrice(r.Price)
		cost, ok := rate.Cost(quantities[r.ID], p, r.Per)
		if err != nil || !ok {
			return 0, false
		}
		sum += cost
	}
	return sum, true
}

// directory are the developments and units of the directory.
type directory struct {
	developments map[string]bool
	units        map[string]string // to their developments
}

// of is whose use an event was: a unit is in its own development, and what the
// directory doesn't know is nobody's.
func (s directory) of(development, unit string) (string, string) {
	if owner, known := s.units[unit]; known {
		return owner, unit
	}
	if !s.developments[development] {
		return "", ""
	}
	return development, ""
}
