// Package price is the book of what providers charge: rows with a beginning and
// an end that never overlap and never change (billing.md H18).
package price

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"
)

// Key says what a price is for.
type Key struct {
	Provider string // openai, google, hosting
	SKU      string // a model, or a SKU: gpt-6-luna, dynamic-maps
	Usage    string // input, cached, cache_write, output, requests, bytes, byte_months
	Tier     string // service tier: standard, batch, flex, priority, and each with Regional behind it; standard where a provider has none
	Band     string // context band: empty, or long
}

// Row is one price, from a moment until the next row of its key and step
// begins, or until To.
type Row struct {
	ID string // prc_ and a digest of key, step, beginning and what is corrected
	Key
	Above     int64     // the price of what is above so many units a month of the provider's account
	Per       int64     // units that the price is for: 1,000,000 tokens
	Price     string    // USD, decimal with at most 12 places; empty: nobody knows the price of this step
	From, To  time.Time // half-open; zero To: until the next row
	Corrects  string    // id of the row that was wrong, of which this one takes the place between From and To
	Source    string
	CheckedOn string // YYYY-MM-DD: when somebody read it; empty: not noted
}

// Usages are what can have a price.
var Usages = []string{"input", "cached", "cache_write", "output", "requests", "bytes", "byte_months"}

// Long is the context band of requests above the threshold (H19).
const Long = "long"

// Standard is the tier of what is asked for without one.
const Standard = "standard"

// Regional is what the tier of requests ends with that were processed in one
// region: standard_regional.
const Regional = "_regional"

var encoding = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// ID is the id of a row: the same row has the same id in every book.
func ID(r Row) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %d %q", []string{r.Provider, r.SKU, r.Usage, r.Tier, r.Band}, r.Above, r.From.UnixMilli(), r.Corrects))
	return "prc_" + encoding.EncodeToString(sum[:16])
}

// String is the key for reading: openai gpt-6-luna, input, standard, long.
func (k Key) String() string {
	text := k.Provider + " " + k.SKU + ", " + k.Usage + ", " + k.Tier
	if k.Band != "" {
		text += ", " + k.Band
	}
	return text
}

// compare orders keys by provider, SKU, usage, tier and band.
func (k Key) compare(other Key) int {
	return cmp.Or(cmp.Compare(k.Provider, other.Provider), cmp.Compare(k.SKU, other.SKU), cmp.Compare(k.Usage, other.Usage),
		cmp.Compare(k.Tier, other.Tier), cmp.Compare(k.Band, other.Band))
}

// compare orders rows by key, step and beginning, what is corrected before
// its correction.
func (r Row) compare(other Row) int {
	return cmp.Or(r.Key.compare(other.Key), cmp.Compare(r.Above, other.Above), r.From.Compare(other.From),
		cmp.Compare(r.Corrects, other.Corrects), cmp.Compare(r.ID, other.ID))
}

// Same reports whether two decimal prices are the same number: 2.5 and 2.50.
func Same(a, b string) bool { return plain(a) == plain(b) }

// plain is a decimal without zeros that say nothing.
func plain(price string) string {
	whole, fraction, _ := strings.Cut(price, ".")
	if whole = strings.TrimLeft(whole, "0"); whole == "" && price != "" {
		whole = "0"
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		return whole + "." + fraction
	}
	return whole
}
