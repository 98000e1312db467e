package price

import (
	"math/big"
	"slices"
	"strings"
	"time"
)

// list is what a provider's list said of one model from a day on: USD for a
// million tokens. An empty price was not seen, so it is none (H20).
type list struct {
	model, from                  string
	input, cached, write, output string
	newest                       bool // the modifiers below were seen for its family
	source, checked              string
}

// modifiers are what tiers make of the standard price, seen for the newest
// families (gpt-5.6 and gpt-6) alone: older models have no price in them until
// somebody adds one. What regional processing adds to other tiers than the
// standard one was not seen.
var modifiers = []struct {
	tier     string
	num, den int64
}{{Standard, 1, 1}, {"batch", 1, 2}, {"flex", 1, 2}, {"priority", 2, 1}, {Standard + Regional, 11, 10}}

const (
	perMillion = 1_000_000
	meter      = "PromptFuel 1.0.19; codex-token-meter 0.2.22"
	both       = "genai-prices, llm-prices"
	march      = "genai-prices, March 2026; the day isn't known, the first is taken"
	embedding  = "model page on developers.openai.com, copy undated; pages of 2025 and 2026 agree, so the beginning of 2025 is taken"
)

// openai are list prices as billing.md ("Price facts") has them. A day in two
// lists of a model ends the prices that the later one doesn't have.
var openai = []list{
	{"gpt-6-astra", "2026-09-03", "10.00", "1.00", "12.50", "50.00", true, meter, "2026-09-03"},
	{"gpt-6.1-sol", "2026-09-29", "2.00", "0.10", "", "10.00", true, "Codex-Manager 0.4.7; apiyi", "2026-09-29"},
	{"gpt-6.1-terra", "2026-10-26", "1.00", "0.05", "1.25", "5.00", true, "apidog; PromptFuel 1.0.24; cache writes at the price for 30 minutes (12 hours: 2.50)", "2026-10-26"},
	{"gpt-6-sol", "2026-09-22", "2.00", "0.20", "2.50", "10.00", true, "codexometer 0.18.4", "2026-09-22"},
	{"gpt-6-luna", "2026-09-22", "0.10", "0.01", "0.125", "0.50", true, "codexometer 0.18.4", "2026-09-22"},
	{"gpt-5.6-sol", "2026-07-09", "5.00", "0.50", "6.25", "30.00", true, "genai-prices; PromptFuel 1.0.17", "2026-07-09"},
	{"gpt-5.6-sol", "2026-08-21", "4.00", "0.40", "", "20.00", true, "genai-prices; PromptFuel 1.0.17; a promotion, stated until at least 21 November 2026: its end has to be added", "2026-08-21"},
	{"gpt-5.6-terra", "2026-07-09", "2.50", "0.25", "3.125", "15.00", true, both + "; from the launch of gpt-5.6", "2026-07-09"},
	{"gpt-5.6-terra", "2026-07-30", "2.00", "0.20", "2.50", "12.00", true, both, "2026-07-30"},
	{"gpt-5.6-luna", "2026-07-09", "1.00", "0.10", "1.25", "6.00", true, both + "; from the launch of gpt-5.6", "2026-07-09"},
	{"gpt-5.6-luna", "2026-07-30", "0.20", "0.02", "0.25", "1.20", true, both, "2026-07-30"},
	{"gpt-5.5", "2026-04-24", "5.00", "0.50", "", "30.00", false, "genai-prices", "2026-04-24"},
	{"gpt-5.4", "2026-03-01", "2.50", "0.25", "", "15.00", false, march, ""},
	{"gpt-5.4-mini", "2026-03-01", "0.75", "0.075", "", "4.50", false, march, ""},
	{"gpt-5.4-nano", "2026-03-01", "0.20", "0.02", "", "1.25", false, march, ""},
	{"gpt-5", "2025-11-13", "1.25", "0.125", "", "10.00", false, "genai-prices", "2025-11-13"},
	{"gpt-5-mini", "2025-11-13", "0.25", "0.025", "", "2.00", false, "genai-prices", "2025-11-13"},
	{"gpt-5-nano", "2025-11-13", "0.05", "0.005", "", "0.40", false, "genai-prices", "2025-11-13"},
	{"gpt-4.1", "2025-07-04", "2.00", "0.50", "", "8.00", false, "genai-prices", "2025-07-04"},
	{"gpt-4.1-mini", "2025-07-04", "0.40", "0.10", "", "1.60", false, "genai-prices", "2025-07-04"},
	{"gpt-4o", "2025-07-04", "2.50", "1.25", "", "10.00", false, "genai-prices", "2025-07-04"},
	{"gpt-4o-mini", "2025-07-04", "0.15", "0.075", "", "0.60", false, "genai-prices", "2025-07-04"},
	{"text-embedding-3-small", "2025-01-01", "0.02", "", "", "", false, embedding, ""},
	{"text-embedding-3-large", "2025-01-01", "0.13", "", "", "", false, embedding, ""},
	{"text-embedding-ada-002", "2025-01-01", "0.10", "", "", "", false, embedding, ""},
}

// Seed are the prices that a new console begins with: list prices in USD, to
// be confirmed by an operator, each with its source and the day on which it
// was read. Reasoning tokens are inside output (H19). What our own hosting
// charges for storage and egress isn't known, so it has no row.
func Seed() []Row {
	var rows []Row
	for i, l := range openai {
		rows = append(rows, l.rows(following(openai[i+1:], l.model))...)
	}
	rows = append(rows, maps()...)
	for i := range rows {
		rows[i].ID = ID(rows[i])
	}
	return rows
}

// following is the next list of a model; nil when there is none.
func following(later []list, model string) *list {
	i := slices.IndexFunc(later, func(l list) bool { return l.model == model })
	if i < 0 {
		return nil
	}
	return &later[i]
}

// rows are a list's prices by usage, tier and band. Above the context
// threshold the newest families cost twice the input and cache rates, and half
// as much again for output.
func (l list) rows(next *list) []Row {
	var rows []Row
	for _, usage := range []string{"input", "cached", "cache_write", "output"} {
		price := l.price(usage)
		if price == "" {
			continue
		}
		r := Row{Key: Key{Provider: "openai", SKU: l.model, Usage: usage, Tier: Standard}, Per: perMillion, Price: price, From: date(l.from), Source: l.source, CheckedOn: l.checked}
		if next != nil && next.price(usage) == "" {
			r.To = date(next.from)
		}
		if !l.newest {
			rows = append(rows, r)
			continue
		}
		num, den := int64(2), int64(1)
		if usage == "output" {
			num, den = 3, 2
		}
		for _, m := range modifiers {
			tiered, long := r, r
			tiered.Tier, tiered.Price = m.tier, times(price, m.num, m.den)
			long.Tier, long.Band, long.Price = m.tier, Long, times(price, m.num*num, m.den*den)
			rows = append(rows, tiered, long)
		}
	}
	return rows
}

func (l list) price(usage string) string {
	switch usage {
	case "input":
		return l.input
	case "cached":
		return l.cached
	case "cache_write":
		return l.write
	}
	return l.output
}

// times is a price times num/den, exactly; den divides a power of ten.
func times(price string, num, den int64) string {
	if num == den {
		return price
	}
	r, ok := new(big.Rat).SetString(price)
	if !ok {
		return ""
	}
	text := plain(r.Mul(r, big.NewRat(num, den)).FloatString(12))
	whole, fraction, _ := strings.Cut(text, ".")
	return whole + "." + fraction + strings.Repeat("0", max(0, 2-len(fraction)))
}

// date is the beginning of a day in UTC.
func date(day string) time.Time {
	t, _ := time.Parse(time.DateOnly, day) // a day that is none is refused by New
	return t
}
