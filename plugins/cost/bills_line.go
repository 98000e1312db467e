package cost

import (
	"slices"
	"strings"

	"github.com/openhouse-ai/console/plugins/cost/price"
)

// meaning is what a line of a provider's bill means in our words. A SKU is
// named together with its usage.
type meaning struct {
	SKU, Usage string // empty: not ours
	Category   string // other: nobody knows
	Per        int64  // our units in one of the provider's
}

// unmapped is the meaning of a line that nobody has explained.
var unmapped = meaning{Category: "other", Per: 1}

// openaiUses are the words behind the model's name in OpenAI's line items.
var openaiUses = map[string]string{"input": "input", "cached input": "cached", "output": "output"}

// googleSKUs are Google's descriptions of the SKUs that we know.
var googleSKUs = map[string]string{
	"dynamic maps": "dynamic-maps", "static maps": "static-maps", "2d map tiles": "map-tiles", "geocoding": "geocoding", "geolocation": "geolocation",
	"autocomplete requests": "autocomplete", "autocomplete session usage": "autocomplete-session", "place details essentials": "place-details-essentials",
	"place details pro": "place-details-pro", "place details enterprise": "place-details-enterprise", "place details essentials (ids only)": "place-details-ids",
	"text search pro": "text-search-pro", "text search essentials (ids only)": "text-search-ids", "nearby search pro": "nearby-search-pro",
	"nearby search enterprise": "nearby-search-enterprise", "nearby search enterprise + atmosphere": "nearby-search-atmosphere",
	"place details photos": "place-photos", "embed": "embed", "maps sdk": "maps-sdk",
}

// knownLine is what a line means by its exact name. A name that isn't known word
// by word, or is counted in something else, is unmapped: nothing is guessed.
func knownLine(provider, name, unit string, priced map[price.Key]bool) meaning {
	m, units := unmapped, []string{"", "tokens", "token"}
	switch provider {
	case "openai":
		at := strings.LastIndex(name, ", ")
		if at < 0 {
			return unmapped
		}
		m.SKU, m.Usage, m.Category = name[:at], openaiUses[name[at+2:]], "llm"
		if strings.HasPrefix(m.SKU, "text-embedding-") {
			m.Category = "embeddings"
		}
	case "google":
		m.SKU, m.Usage, m.Category = googleSKUs[strings.ToLower(name)], "requests", "maps"
		if m.SKU == "geocoding" {
			m.Category = "geocoding"
		}
		units = []string{"", "count", "requests", "request"}
	}
	if !priced[price.Key{Provider: provider, SKU: m.SKU, Usage: m.Usage}] || !slices.Contains(units, strings.ToLower(unit)) {
		return unmapped
	}
	return m
}

// seeded are the SKUs and usages of the price book that the console came with.
func seeded() map[price.Key]bool {
	keys := map[price.Key]bool{}
	for _, r := range price.Seed() {
		keys[price.Key{Provider: r.Provider, SKU: r.SKU, Usage: r.Usage}] = true
	}
	return keys
}
