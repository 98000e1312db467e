package directory

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
)

// Limits of text fields, in characters.
const (
	maxName    = 120
	maxAddress = 300
	maxWord    = 60 // county, kind, size
	maxEmail   = 254
)

var (
	eircode    = regexp.MustCompile(`^[AC-FHKNPRTV-Y][0-9][0-9W][0-9AC-FHKNPRTV-Y]{4}$`)
	ukPostcode = regexp.MustCompile(`^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$`)
	otherCode  = regexp.MustCompile(`^[A-Z0-9](?:[A-Z0-9 -]{0,10}[A-Z0-9])?$`)
	currency   = regexp.MustCompile(`^[A-Z]{3}$`)
)

// checker collects what is wrong with an input while it tidies its fields.
// Prefix names the row of a bulk input: "units[3].".
type checker struct {
	core.Problems
	prefix string
}

func (c *checker) wrong(field, value, reason string) {
	c.Add(c.prefix+field, clip(value, maxWord), reason)
}

// text trims a field, folds its white space and checks its length.
func (c *checker) text(field string, value *string, limit int) {
	*value = strings.Join(strings.Fields(*value), " ")
	switch {
	case !utf8.ValidString(*value):
		c.wrong(field, "", "is not valid text")
	case strings.ContainsFunc(*value, unicode.IsControl):
		c.wrong(field, "", "contains control characters")
	case utf8.RuneCountInString(*value) > limit:
		c.wrong(field, *value, fmt.Sprintf("is longer than %d characters", limit))
	}
}

func (c *checker) required(field string, value *string, limit int) {
	if c.text(field, value, limit); *value == "" {
		c.wrong(field, "", "is missing")
	}
}

func (c *checker) oneOf(field, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	c.wrong(field, value, "is none of "+strings.Join(allowed, ", "))
}

// postcode accepts Eircodes and UK postcodes in any spelling and writes them
// with their space; what looks like another country's code stays as it is.
func (c *checker) postcode(value *string) {
	*value = strings.ToUpper(strings.Join(strings.Fields(*value), " "))
	compact := strings.ReplaceAll(strings.ReplaceAll(*value, " ", ""), "-", "")
	switch {
	case *value == "":
	case eircode.MatchString(compact):
		*value = compact[:3] + " " + compact[3:]
	case ukPostcode.MatchString(compact):
		*value = compact[:len(compact)-3] + " " + compact[len(compact)-3:]
	case !otherCode.MatchString(*value):
		c.wrong("postcode", *value, "is not an Eircode or a postcode")
	}
}

func (c *checker) price(price *core.Money) {
	if price == nil {
		return
	}
	if price.Minor < 0 {
		c.wrong("price", price.String(), "is negative")
	}
	if !currency.MatchString(price.Currency) {
		c.wrong("price", price.Currency, "needs a currency of three capital letters")
	}
}

func (c *checker) date(field string, value *string) {
	*value = strings.TrimSpace(*value)
	if *value == "" {
		return
	}
	if _, err := time.Parse(time.DateOnly, *value); err != nil {
		c.wrong(field, *value, "is not a date such as 2026-03-31")
	}
}

// email accepts one plain address with a dot in its domain.
func (c *checker) email(field string, value *string) {
	c.required(field, value, maxEmail)
	if *value == "" {
		return
	}
	parsed, err := mail.ParseAddress(*value)
	domain := (*value)[strings.LastIndexByte(*value, '@')+1:]
	if err != nil || parsed.Address != *value || !strings.Contains(domain, ".") || domain[0] == '[' {
		c.wrong(field, *value, "is not an e-mail address")
	}
}
