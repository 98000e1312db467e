package price

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // the machine may have no time zones
)

// pacific is where Google's months turn (billing.md, "Price facts").
var pacific = sync.OnceValue(func() *time.Location {
	l, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		return time.FixedZone("PST", -8*60*60)
	}
	return l
})

// Location is where a provider's days and months turn: Google's in California,
// everybody else's in UTC.
func Location(provider string) *time.Location {
	if provider == "google" {
		return pacific()
	}
	return time.UTC
}

// Pooled reports whether a SKU is rated on the account's total of the
// provider's month, and shared out (H21): Google's SKUs, which have free caps
// and volume tiers, and what leaves our hosting. Everything else is priced
// event by event.
func Pooled(provider, sku string) bool {
	return provider == "google" || provider == "hosting" && sku == "egress"
}

// Month is the provider's month of a moment: 2026-11.
func Month(provider string, t time.Time) string { return t.In(Location(provider)).Format("2006-01") }

// MonthStart is the moment at which the provider's month (2026-11) begins, in
// UTC. Returns an error for what is no month.
func MonthStart(provider, month string) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01", month, Location(provider))
	if err != nil {
		return time.Time{}, fmt.Errorf("read the month: %w", err)
	}
	return t.UTC(), nil
}

// opensMonth reports whether a month of the provider begins at the moment.
func opensMonth(provider string, t time.Time) bool {
	local := t.In(Location(provider))
	start := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, local.Location())
	return start.Equal(t)
}
