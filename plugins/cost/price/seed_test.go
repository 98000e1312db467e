package price_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/plugins/cost/price"
)

// The seed says what billing.md says, cell by cell where it is told apart.
func TestSeed(t *testing.T) {
	t.Parallel()
	b := book(t, price.Seed()...)
	for _, c := range []struct{ sku, usage, tier, band, on, want string }{
		{"gpt-6-astra", "output", "standard", "", "2026-09-03", "50.00"},
		{"gpt-6-astra", "output", "standard", "", "2026-09-02", ""},
		{"gpt-6-astra", "cache_write", "priority", "long", "2026-11-01", "50.00"},
		{"gpt-6.1-sol", "cache_write", "standard", "", "2026-11-01", ""}, // not seen: no price, never zero
		{"gpt-6.1-terra", "cache_write", "standard", "", "2026-11-01", "1.25"},
		{"gpt-6.1-terra", "cached", "flex", "", "2026-11-01", "0.025"},
		{"gpt-6-luna", "cached", "batch", "", "2026-11-01", "0.005"},
		{"gpt-6-luna", "output", "standard", "long", "2026-11-01", "0.75"},
		{"gpt-6-luna", "cache_write", "batch", "long", "2026-11-01", "0.125"},
		{"gpt-6-luna", "input", "standard_regional", "", "2026-11-01", "0.11"},
		{"gpt-6-luna", "output", "standard_regional", "long", "2026-11-01", "0.825"},
		{"gpt-6-luna", "input", "batch_regional", "", "2026-11-01", ""}, // what both come to was not seen
		{"gpt-5.5", "input", "standard_regional", "", "2026-11-01", ""},
		{"gpt-5.6-sol", "input", "standard", "", "2026-08-20", "5.00"},
		{"gpt-5.6-sol", "input", "standard", "", "2026-08-21", "4.00"},
		{"gpt-5.6-sol", "input", "priority", "", "2026-11-30", "8.00"},
		{"gpt-5.6-sol", "cache_write", "standard", "", "2026-08-20", "6.25"},
		{"gpt-5.6-sol", "cache_write", "standard", "", "2026-08-21", ""},
		{"gpt-5.6-terra", "cache_write", "standard", "", "2026-07-29", "3.125"},
		{"gpt-5.6-terra", "cache_write", "standard", "", "2026-07-30", "2.50"},
		{"gpt-5.6-luna", "output", "standard", "", "2026-07-29", "6.00"},
		{"gpt-5.6-luna", "output", "standard", "", "2026-07-30", "1.20"},
		{"gpt-5.5", "output", "standard", "", "2026-11-01", "30.00"},
		{"gpt-5.5", "output", "batch", "", "2026-11-01", ""},
		{"gpt-5.5", "input", "standard", "long", "2026-11-01", ""},
		{"gpt-5.4-nano", "output", "standard", "", "2026-11-01", "1.25"},
		{"gpt-5-mini", "cached", "standard", "", "2026-11-01", "0.025"},
		{"gpt-4o-mini", "output", "standard", "", "2026-11-01", "0.60"},
		{"text-embedding-3-large", "input", "standard", "", "2026-11-01", "0.13"},
		{"text-embedding-ada-002", "input", "standard", "", "2026-11-01", "0.10"},
	} {
		at, err := time.Parse(time.DateOnly, c.on)
		if err != nil {
			t.Fatal(err)
		}
		r, found := b.At(price.Key{Provider: "openai", SKU: c.sku, Usage: c.usage, Tier: c.tier, Band: c.band}, at)
		if r.Price != c.want || found != (c.want != "") || found && (r.Per != 1_000_000 || r.Source == "") {
			t.Errorf("%s %s %s %s on %s: %+v, want %q", c.sku, c.usage, c.tier, c.band, c.on, r, c.want)
		}
	}
}

func TestSeedOfMaps(t *testing.T) {
	t.Parallel()
	b := book(t, price.Seed()...)
	start, err := price.MonthStart("google", "2025-03")
	if err != nil {
		t.Fatal(err)
	}
	for sku, want := range map[string]string{
		"dynamic-maps":             "0:0 10000:7.00 100000:5.60 500000:4.20 1000000:2.10 5000000:0.53",
		"geocoding":                "0:0 10000:5.00 100000:4.00 500000:3.00 1000000:1.50 5000000:0.38",
		"map-tiles":                "0:0 100000:0.48 500000:0.36 1000000:0.18 5000000:0.045",
		"autocomplete":             "0:0 10000:2.83 100000:2.27 500000:1.70 1000000:0.85 5000000:0.21",
		"embed":                    "0:0",
		"autocomplete-session":     "0:0",
		"text-search-pro":          "0:0 5000:32.00 100000:25.60 500000:19.20 1000000:9.60 5000000:2.40",
		"nearby-search-enterprise": "0:0 1000:35.00 100000:28.00 500000:21.00 1000000:10.50 5000000:2.63",
		"nearby-search-atmosphere": "0:0 1000:40.00 100000:",
		"place-photos":             "0:0 1000:7.00 100000:5.60 500000:4.20 1000000:2.10 5000000:0.53",
		"routes":                   "",
	} {
		key := price.Key{Provider: "google", SKU: sku, Usage: "requests", Tier: "standard"}
		if before := b.Steps(key, start.Add(-time.Millisecond)); before != nil {
			t.Errorf("%s has a price before March 2025", sku)
		}
		var got []string
		for _, r := range b.Steps(key, start) {
			got = append(got, strings.Join([]string{decimalOf(r.Above), r.Price}, ":"))
			if r.Per != 1000 || r.Source == "" {
				t.Errorf("%s: %+v", sku, r)
			}
		}
		if line := strings.Join(got, " "); line != want {
			t.Errorf("the steps of %s are %q, want %q", sku, line, want)
		}
	}
	for _, r := range price.Seed() {
		if r.Provider == "hosting" {
			t.Errorf("a price of our hosting is nowhere stated: %+v", r)
		}
	}
}

// The same row has the same id everywhere: an id is written into entries.
func TestSeedKeepsItsIDs(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range price.Seed() {
		if r.ID != price.ID(r) || len(r.ID) != 30 || seen[r.ID] {
			t.Errorf("the id of %v is %s", r.Key, r.ID)
		}
		seen[r.ID] = true
	}
	r := price.Row{Key: input, From: time.Date(2026, 9, 22, 0, 0, 0, 0, time.UTC)}
	if id := price.ID(r); id != "prc_441ltvbg479nhucmmsclufn3uc" {
		t.Errorf("the id of %v has become %s", input, id)
	}
}

func decimalOf(n int64) string { return strconv.FormatInt(n, 10) }
