// Package core is the vocabulary of OpenHouse Console: its nouns, error codes,
// identifiers, money and context keys. It imports the standard library alone
// and does no I/O; every other package speaks in these words.
package core

import "time"

// Query asks for one page of a list. A list ignores the filters that its noun
// does not have; Sort names a column of the list and is checked by its owner.
type Query struct {
	Text        string // words that the entry contains
	Status      string
	Kind        string
	Region      string
	Tenant      TenantID
	Development string
	Unit        string
	Actor       string
	From, To    time.Time // half-open: From <= t < To; zero means unbounded
	Sort        string
	Desc        bool
	After       string // cursor: the Next of the page before
	Limit       int    // 0 means DefaultLimit; at most MaxLimit
}

// Limits of a page of a list.
const (
	DefaultLimit = 25
	MaxLimit     = 200
)

// PageSize is the number of entries that the query may return.
func (q Query) PageSize() int {
	switch {
	case q.Limit <= 0:
		return DefaultLimit
	case q.Limit > MaxLimit:
		return MaxLimit
	}
	return q.Limit
}

// List is one page of a list. Next is empty on the last page; Total counts
// every entry that matches the query.
type List[T any] struct {
	Items []T
	Next  string
	Total int
}
