package price

import "time"

// global is Google's list for a SKU: USD for 1,000 billable events, in steps of
// the account's total of the month. The steps end at 100,000, 500,000,
// 1,000,000 and 5,000,000; an empty price was not seen.
type global struct {
	sku   string
	free  int64 // so many a month cost nothing; -1: all
	steps [5]string
	note  string
}

// bounds are where the steps behind the first begin.
var bounds = [5]int64{0, 100_000, 500_000, 1_000_000, 5_000_000}

const (
	copied    = "Google Maps Platform, global list from public repositories that quote it"
	rechecked = "; first step seen again in October 2026"
)

var (
	viewing  = [5]string{"7.00", "5.60", "4.20", "2.10", "0.53"}
	locating = [5]string{"5.00", "4.00", "3.00", "1.50", "0.38"}
	finding  = [5]string{"32.00", "25.60", "19.20", "9.60", "2.40"}
)

var google = []global{
	{"dynamic-maps", 10_000, viewing, ""},
	{"static-maps", 10_000, [5]string{"2.00", "1.60", "1.20", "0.60", "0.15"}, ""},
	{"map-tiles", 100_000, [5]string{"0.60", "0.48", "0.36", "0.18", "0.045"}, "; the first step, 0.60 to 100,000, is all within the free cap"},
	{"geocoding", 10_000, locating, rechecked},
	{"geolocation", 10_000, locating, rechecked},
	{"place-details-essentials", 10_000, locating, ""},
	{"autocomplete", 10_000, [5]string{"2.83", "2.27", "1.70", "0.85", "0.21"}, ""},
	{"autocomplete-session", -1, [5]string{}, ""},
	{"place-details-ids", -1, [5]string{}, ""},
	{"text-search-ids", -1, [5]string{}, ""},
	{"embed", -1, [5]string{}, ""},
	{"maps-sdk", -1, [5]string{}, ""},
	{"place-details-pro", 5_000, [5]string{"17.00", "13.60", "10.20", "5.10", "1.28"}, ""},
	{"nearby-search-pro", 5_000, finding, ""},
	{"text-search-pro", 5_000, finding, ""},
	{"place-details-enterprise", 1_000, [5]string{"20.00", "16.00", "12.00", "6.00", "1.51"}, ""},
	{"nearby-search-enterprise", 1_000, [5]string{"35.00", "28.00", "21.00", "10.50", "2.63"}, ""},
	{"nearby-search-atmosphere", 1_000, [5]string{"40.00", "", "", "", ""}, rechecked + "; what is above 100,000 was not seen"},
	{"place-photos", 1_000, viewing, "; the free cap is 5,000 in one copy, and the lower one is taken"},
}

// maps are the rows of Google's list, in force since 1 March 2025. A step that
// was not seen is one row without a price: nothing above it can be rated.
func maps() []Row {
	from := time.Date(2025, 3, 1, 0, 0, 0, 0, pacific()).UTC()
	var rows []Row
	for _, g := range google {
		add := func(above int64, price string) {
			rows = append(rows, Row{Key: Key{Provider: "google", SKU: g.sku, Usage: "requests", Tier: Standard}, Above: above, Per: 1000, Price: price, From: from, Source: copied + g.note})
		}
		add(0, "0")
		for i, price := range g.steps {
			if g.free < 0 || i < 4 && bounds[i+1] <= g.free {
				continue
			}
			add(max(g.free, bounds[i]), price)
			if price == "" {
				break
			}
		}
	}
	return rows
}
