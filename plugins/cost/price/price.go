// Package price is the book of what providers charge: rows with a beginning and
// an end that never overlap and never change (billing.md H18).
package price

import "time"

// Key says what a price is for.
type Key struct {
	Provider string // openai, google, hosting
	SKU      string // a model, or a SKU: gpt-6-luna, dynamic-maps
	Usage    string // input, cached, cache_write, output, requests, bytes, byte_months
	Tier     string // service tier: standard, batch, flex, priority
	Band     string // context band: empty, or long
}

// Row is one price, from a moment until the next row of its key begins, or
// until To.
type Row struct {
	ID string
	Key
	Above     int64     // the price of what is above so many units a month of the provider's account
	Per       int64     // units that the price is for: 1,000,000 tokens
	Price     string    // USD, decimal
	From, To  time.Time // half-open; zero To: until the next row
	Corrects  string    // id of the row that was wrong, of which this one takes the place between From and To
	Source    string
	CheckedOn string // YYYY-MM-DD: when somebody read it
}
