package web

import (
	"slices"
	"strconv"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// mebibyte is the unit that quotas are shown in.
const mebibyte = 1 << 20

var (
	locales    = []ui.Option{{Value: "en-IE", Label: "English (Ireland)"}, {Value: "en-GB", Label: "English (United Kingdom)"}, {Value: "en-US", Label: "English (United States)"}, {Value: "ga-IE", Label: "Gaeilge"}, {Value: "fr-FR", Label: "Français"}, {Value: "de-DE", Label: "Deutsch"}, {Value: "es-ES", Label: "Español"}}
	currencies = []ui.Option{{Value: "EUR", Label: "EUR · euro"}, {Value: "GBP", Label: "GBP · pound sterling"}, {Value: "USD", Label: "USD · US dollar"}, {Value: "CHF", Label: "CHF · Swiss franc"}}
	zones      = []ui.Option{{Value: "Europe/Dublin"}, {Value: "Europe/London"}, {Value: "Europe/Paris"}, {Value: "Europe/Berlin"}, {Value: "Europe/Madrid"}, {Value: "Europe/Zurich"}, {Value: "America/New_York"}, {Value: "UTC"}}
	geocoders  = []ui.Option{{Value: "google", Label: "Google"}, {Value: "none", Label: "None: positions are set by hand"}}
)

// withValue makes sure that what is stored can be chosen.
func withValue(options []ui.Option, value string) []ui.Option {
	if value == "" || slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == value }) {
		return options
	}
	return append(slices.Clone(options), ui.Option{Value: value})
}

// settingsSections are all settings as fields; each is named like its JSON.
func (q *request) settingsSections(s core.Settings) []ui.FieldSection {
	return []ui.FieldSection{
		contactSection(s), readingSection(s), codesSection(s), categoriesSection(s), mapSection(s), cacheSection(s), q.limitsSection(s),
	}
}

func contactSection(s core.Settings) ui.FieldSection {
	return ui.FieldSection{Title: "Contact", Lead: "Letters and the landing page name this person or office.", Fields: []ui.Field{
		{Name: "contact.name", Label: "Name", Value: s.Contact.Name, Required: true, MaxLength: 120},
		{Kind: ui.EmailField, Name: "contact.email", Label: "E-mail", Value: s.Contact.Email, Required: true, MaxLength: 254, Half: true},
		{Name: "contact.phone", Label: "Telephone", Value: s.Contact.Phone, MaxLength: 40, Half: true, Complete: "tel"},
		versionField(s.Version),
	}}
}

func readingSection(s core.Settings) ui.FieldSection {
	return ui.FieldSection{Title: "Language and time", Lead: "What is printed and shown follows these; what is stored does not change.", Fields: []ui.Field{
		{Kind: ui.Select, Name: "locale", Label: "Language", Value: s.Locale, Options: withValue(locales, s.Locale), Required: true, Half: true},
		{Kind: ui.Select, Name: "currency", Label: "Currency of new prices", Value: s.Currency, Options: withValue(currencies, s.Currency), Required: true, Half: true, Hint: "Prices that are stored keep theirs."},
		{Kind: ui.Select, Name: "time_zone", Label: "Time zone", Value: s.TimeZone, Options: withValue(zones, s.TimeZone), Required: true, Half: true, Hint: "Days begin and end by it."},
	}}
}

func codesSection(s core.Settings) ui.FieldSection {
	return ui.FieldSection{Title: "Scanned codes", Fields: []ui.Field{
		{Kind: ui.URLField, Name: "portal_url", Label: "Portal address", Value: s.PortalURL, MaxLength: 300, Placeholder: "https://portal.example/home",
			Hint: "Where a scanned code leads, with the code added as ?code=. Empty: OpenHouse's own page with the sign-up."},
	}}
}

func categoriesSection(s core.Settings) ui.FieldSection {
	return ui.FieldSection{Title: "Categories", Lead: "One on each line, in the order in which they are shown.", Fields: []ui.Field{
		{Kind: ui.ListField, Name: "document_categories", Label: "Of documents", Values: s.DocumentCategories, Rows: 8, Half: true, Required: true},
		{Kind: ui.ListField, Name: "community_categories", Label: "Of the community board", Values: s.CommunityCategories, Rows: 8, Half: true, Required: true},
	}}
}

func mapSection(s core.Settings) ui.FieldSection {
	return ui.FieldSection{Title: "Maps", Lead: "Where a map starts, and who turns addresses into positions.", Fields: []ui.Field{
		{Name: "map_latitude", Label: "Latitude", Value: s.MapLatitude, Required: true, Half: true, Suffix: "°", Hint: "Decimal degrees, north is positive."},
		{Name: "map_longitude", Label: "Longitude", Value: s.MapLongitude, Required: true, Half: true, Suffix: "°", Hint: "Decimal degrees, east is positive."},
		numberField("map_zoom", "Zoom", s.MapZoom, 1, 20, "", "1 is the world, 20 a house."),
		{Kind: ui.Select, Name: "geocoder", Label: "Geocoder", Value: s.Geocoder, Options: withValue(geocoders, s.Geocoder), Required: true, Half: true},
		numberField("geocoder_cache_days", "Its answers are kept", s.GeocoderCacheDays, 0, 365, "days", "30 at most with Google, as its terms ask. 0: not at all."),
	}}
}

func cacheSection(s core.Settings) ui.FieldSection {
	return ui.FieldSection{Title: "Analytics", Lead: "How long an answer may be shown again before it is computed anew.", Fields: []ui.Field{
		numberField("analytics_live_seconds", "Figures of today", s.AnalyticsLiveSeconds, 0, 86400, "seconds", "At most a day."),
		numberField("analytics_history_seconds", "Figures of closed days", s.AnalyticsHistorySeconds, 0, 365*86400, "seconds", "At most a year."),
	}}
}

// limitsSection is set by staff of OpenHouse AI; a developer sees it.
func (q *request) limitsSection(s core.Settings) ui.FieldSection {
	section := ui.FieldSection{Title: "Limits and residency", Fields: []ui.Field{
		numberField("requests_per_minute", "API requests", s.RequestsPerMinute, 1, 100_000, "per minute", "All keys of the tenant together."),
		numberField("scans_per_minute", "Code pages", s.ScansPerMinute, 1, 10_000, "per minute", "Of one visitor's network."),
		numberField("events_per_minute", "Usage events", s.EventsPerMinute, 1, 10_000_000, "per minute", "What all its keys together may report."),
		numberField("usage_retention_days", "They are kept", s.UsageRetentionDays, 0, 3660, "days", "At least 62. 0: for ever. What was computed from older ones stays."),
		numberField("blob_quota_bytes", "Room for files", int(s.BlobQuotaBytes/mebibyte), 1, 1<<20, "MiB", "Logos, documents and packs."),
		{Kind: ui.Checkboxes, Name: "allowed_regions", Label: "Data may be in", Values: s.AllowedRegions, Options: q.regionOptions(), Required: true,
			Hint: "A backup or a move to any other region is refused."},
	}}
	if q.portal {
		section.Lead = "Agreed with OpenHouse; ask us to change them."
		for i := range section.Fields {
			section.Fields[i].ReadOnly = true
		}
	}
	return section
}

func (q *request) regionOptions() []ui.Option {
	var options []ui.Option
	for _, r := range q.site.Tenants.Regions() {
		o := ui.Option{Value: r.Name, Label: q.regionLabel(r.Name)}
		if r.Name == q.tenant.Region {
			o.Hint = "Its file lies here."
		}
		options = append(options, o)
	}
	return options
}

func numberField(name, label string, value, least, most int, suffix, hint string) ui.Field {
	return ui.Field{
		Kind: ui.NumberField, Name: name, Label: label, Value: strconv.Itoa(value), Min: strconv.Itoa(least), Max: strconv.Itoa(most),
		Step: "1", Suffix: suffix, Hint: hint, Required: true, Half: true,
	}
}
