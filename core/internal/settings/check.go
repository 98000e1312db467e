package settings

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"
)

var (
	colourForm   = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
	degreesForm  = regexp.MustCompile(`^-?[0-9]{1,3}(\.[0-9]{1,8})?$`)
)

// Limits of settings.
const (
	day           = 24 * 60 * 60 // seconds
	googleDays    = 30           // how long Google lets positions be kept
	maxCategories = 50
	maxQuota      = 1 << 40 // bytes

	leastRetention = 62   // days: a month is billed until 35 days after its end
	mostRetention  = 3660 // days
)

// checker collects what is wrong while it tidies values.
type checker struct{ core.Problems }

// check tidies settings and returns what is wrong with them. Home is the
// region of the tenant's file.
func (k *Keeper) check(s *core.Settings, home string) core.Problems {
	var c checker
	c.text("contact.name", &s.Contact.Name, 1, 120)
	c.text("contact.email", &s.Contact.Email, 1, 254)
	if a, err := mail.ParseAddress(s.Contact.Email); s.Contact.Email != "" && (err != nil || a.Address != s.Contact.Email) {
		c.Add("contact.email", s.Contact.Email, "is not an e-mail address")
	}
	c.text("contact.phone", &s.Contact.Phone, 0, 40)
	c.place(s)
	c.number("requests_per_minute", s.RequestsPerMinute, 1, 100_000)
	c.number("scans_per_minute", s.ScansPerMinute, 1, 10_000)
	c.number("events_per_minute", s.EventsPerMinute, 1, 10_000_000)
	if s.UsageRetentionDays != 0 && (s.UsageRetentionDays < leastRetention || s.UsageRetentionDays > mostRetention) {
		c.Add("usage_retention_days", strconv.Itoa(s.UsageRetentionDays), fmt.Sprintf("is neither 0 nor between %d and %d", leastRetention, mostRetention))
	}
	c.number("analytics_live_seconds", s.AnalyticsLiveSeconds, 0, day)
	c.number("analytics_history_seconds", s.AnalyticsHistorySeconds, 0, 365*day)
	c.categories("document_categories", s.DocumentCategories)
	c.categories("community_categories", s.CommunityCategories)
	c.mapping(s)
	c.regions(s.AllowedRegions, k.regionNames(), home)
	if s.BlobQuotaBytes < 1<<20 || s.BlobQuotaBytes > maxQuota {
		c.Add("blob_quota_bytes", strconv.FormatInt(s.BlobQuotaBytes, 10), "is not between 1 MiB and 1 TiB")
	}
	return c.Problems
}

// place is where the tenant's people are: language, hours, money, portal.
func (c *checker) place(s *core.Settings) {
	if tag, err := language.Parse(s.Locale); err != nil || tag == language.Und {
		c.Add("locale", s.Locale, "is not a language tag such as en-IE")
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "" || s.TimeZone == "Local" {
		c.Add("time_zone", s.TimeZone, "is not an IANA time zone such as Europe/Dublin")
	}
	if _, err := currency.ParseISO(s.Currency); err != nil || !currencyForm.MatchString(s.Currency) {
		c.Add("currency", s.Currency, "is not an ISO 4217 code such as EUR")
	}
	s.PortalURL = strings.TrimSpace(s.PortalURL)
	u, err := url.Parse(s.PortalURL)
	if s.PortalURL != "" && (err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(s.PortalURL) > 500) {
		c.Add("portal_url", s.PortalURL, "is not an https address")
	}
}

func (c *checker) mapping(s *core.Settings) {
	c.degrees("map_latitude", s.MapLatitude, 90)
	c.degrees("map_longitude", s.MapLongitude, 180)
	c.number("map_zoom", s.MapZoom, 1, 20)
	switch s.Geocoder {
	case "google":
		c.number("geocoder_cache_days", s.GeocoderCacheDays, 0, googleDays)
	case "none":
		c.number("geocoder_cache_days", s.GeocoderCacheDays, 0, 365)
	default:
		c.Add("geocoder", s.Geocoder, "is none of google, none")
	}
}

// text folds white space and checks the length, in characters.
func (c *checker) text(field string, text *string, least, most int) {
	*text = strings.Join(strings.Fields(*text), " ")
	n := utf8.RuneCountInString(*text)
	switch {
	case n < least:
		c.Add(field, "", "is missing")
	case n > most:
		c.Add(field, "", fmt.Sprintf("is longer than %d characters", most))
	case !utf8.ValidString(*text) || strings.ContainsFunc(*text, unicode.IsControl):
		c.Add(field, "", "contains characters that can't be shown")
	}
}

func (c *checker) number(field string, n, least, most int) {
	if n < least || n > most {
		c.Add(field, strconv.Itoa(n), fmt.Sprintf("is not between %d and %d", least, most))
	}
}

// degrees checks decimal text; it stays text, so that nothing is rounded.
func (c *checker) degrees(field, text string, most int) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !degreesForm.MatchString(text) || n < -float64(most) || n > float64(most) {
		c.Add(field, text, fmt.Sprintf("is not between -%d and %d decimal degrees", most, most))
	}
}

func (c *checker) categories(field string, names []string) {
	if len(names) == 0 || len(names) > maxCategories {
		c.Add(field, "", fmt.Sprintf("needs 1 to %d categories", maxCategories))
	}
	seen := map[string]bool{}
	for i := range names {
		c.text(fmt.Sprintf("%s[%d]", field, i), &names[i], 1, 60)
		if key := strings.ToLower(names[i]); seen[key] {
			c.Add(fmt.Sprintf("%s[%d]", field, i), names[i], "is there twice")
		} else {
			seen[key] = true
		}
	}
}

func (c *checker) regions(allowed, known []string, home string) {
	for i, region := range allowed {
		field := fmt.Sprintf("allowed_regions[%d]", i)
		if !slices.Contains(known, region) {
			c.Add(field, region, "is not one of "+strings.Join(known, ", "))
		} else if slices.Contains(allowed[:i], region) {
			c.Add(field, region, "is there twice")
		}
	}
	if !slices.Contains(allowed, home) {
		c.Add("allowed_regions", strings.Join(allowed, ", "), "leaves out "+home+", where the tenant's file is")
	}
}

func (k *Keeper) regionNames() []string {
	var names []string
	for _, region := range k.store.Regions() {
		names = append(names, region.Name)
	}
	return names
}

func checkBrand(b *core.Brand) core.Problems {
	var c checker
	c.text("name", &b.Name, 1, 120)
	for _, colour := range []struct {
		field string
		value *string
	}{{"primary", &b.Primary}, {"accent", &b.Accent}} {
		if *colour.value = strings.ToLower(*colour.value); !colourForm.MatchString(*colour.value) {
			c.Add(colour.field, *colour.value, "is not a colour such as #075a4d")
		}
	}
	return c.Problems
}
