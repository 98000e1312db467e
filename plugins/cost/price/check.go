package price

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// checker notes the mistakes of rows, each with the place of its row.
type checker struct {
	problems core.Problems
	places   map[string]int // of rows, by id
}

var (
	providerWord = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	skuWord      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,99}$`)
	tierWord     = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
)

// longestSource is how many bytes a source may have.
const longestSource = 1000

func (c *checker) add(place int, field, value, reason string) {
	c.problems = append(c.problems, core.FieldError{Line: place + 1, Field: field, Value: value, Reason: reason})
}

// row checks what a row says by itself.
func (c *checker) row(i int, r Row) {
	check := func(ok bool, field, value, reason string) {
		if !ok {
			c.add(i, field, value, reason)
		}
	}
	check(providerWord.MatchString(r.Provider), "provider", r.Provider, "has to be one lower-case word: openai, google, hosting")
	check(skuWord.MatchString(r.SKU), "sku", r.SKU, "has to be the name of a model or a SKU, without spaces")
	check(slices.Contains(Usages, r.Usage), "usage", r.Usage, "is none of input, cached, cache_write, output, requests, bytes and byte_months")
	check(tierWord.MatchString(r.Tier), "tier", r.Tier, "has to be one lower-case word: standard, batch, flex, priority, standard_regional")
	check(r.Band == "" || r.Band == Long, "band", r.Band, "has to be empty or long")
	check(r.Above >= 0, "above", strconv.FormatInt(r.Above, 10), "can't be below zero")
	pooled := Pooled(r.Provider, r.SKU)
	check(r.Above <= 0 || pooled, "above", strconv.FormatInt(r.Above, 10), "has to be 0: only what is rated on the account's total has steps")
	check(r.Per > 0, "per", strconv.FormatInt(r.Per, 10), "has to be at least 1")
	_, err := rate.ParsePrice(r.Price)
	check(err == nil || r.Price == "" && r.Above > 0, "price", r.Price, "has to be a decimal of USD from 0 to 9,223,372, with at most 12 places")
	check(!r.From.IsZero(), "from", "", "is missing")
	check(r.To.IsZero() || r.To.After(r.From), "to", r.To.Format(time.RFC3339), "has to be after the beginning")
	_, err = time.Parse(time.DateOnly, r.CheckedOn)
	check(r.CheckedOn == "" || err == nil, "checked_on", r.CheckedOn, "has to be a date: 2026-11-20")
	check(len(r.Source) <= longestSource, "source", "", "is longer than 1,000 bytes")
	check(utf8.ValidString(r.Source) && !strings.ContainsFunc(r.Source, unicode.IsControl), "source", "", "has to be one line of text")
	if pooled {
		check(r.From.IsZero() || opensMonth(r.Provider, r.From), "from", r.From.Format(time.RFC3339), "has to be the beginning of a month of the provider: its prices are rated by the month")
		check(r.To.IsZero() || opensMonth(r.Provider, r.To), "to", r.To.Format(time.RFC3339), "has to be the beginning of a month of the provider: its prices are rated by the month")
	}
}

// correction checks a correction against the row that was wrong, which ends at
// end, and the corrections of it that begin earlier.
func (c *checker) correction(r, wrong Row, end time.Time, others step) {
	i := c.places[r.ID]
	if r.Key != wrong.Key || r.Above != wrong.Above {
		c.add(i, "corrects", r.Corrects, "is a row of another key or step")
	}
	if r.From.Before(wrong.From) || !end.IsZero() && !r.From.Before(end) {
		c.add(i, "from", r.From.Format(time.RFC3339), "is not a moment of the row that is corrected")
	}
	if other, found := others.at(r.From); found {
		c.add(i, "corrects", r.Corrects, "is corrected then already: correct "+other.ID)
	}
}
