package schema

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"time"
)

var (
	hostname = regexp.MustCompile(`^(?i:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*(?i:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$`)
	uuid     = regexp.MustCompile(`^(?i:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})$`)
)

// formatReason says why text is not of the format; "" when it is, and for
// formats that only say how a field is drawn.
func formatReason(format, s string) string {
	f, ok := formats[format]
	if !ok || f.holds(s) {
		return ""
	}
	return "is not " + f.words
}

var formats = map[string]struct {
	words string
	holds func(string) bool
}{
	"email":         {"an e-mail address", isEmail},
	"idn-email":     {"an e-mail address", isEmail},
	"uri":           {"an address such as https://example.com", isAddress},
	"uri-reference": {"an address", isReference},
	"iri":           {"an address such as https://example.com", isAddress},
	"date":          {"a date such as 2026-03-31", isTime(time.DateOnly)},
	"date-time":     {"a time such as 2026-03-31T09:30:00Z", isTime(time.RFC3339)},
	"time":          {"a time such as 09:30:00", isTime(time.TimeOnly, "15:04:05Z07:00")},
	"duration":      {"a duration such as 1h30m", func(s string) bool { _, err := time.ParseDuration(s); return err == nil }},
	"hostname":      {"the name of a host", func(s string) bool { return len(s) < 256 && hostname.MatchString(s) }},
	"ipv4":          {"an IPv4 address", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() }},
	"ipv6":          {"an IPv6 address", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() }},
	"ip":            {"an IP address", func(s string) bool { _, err := netip.ParseAddr(s); return err == nil }},
	"uuid":          {"a UUID", uuid.MatchString},
	"regex":         {"a regular expression", func(s string) bool { _, err := regexp.Compile(s); return err == nil }},
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "" || u.Path != "")
}

func isReference(s string) bool {
	_, err := url.Parse(s)
	return err == nil
}

func isTime(layouts ...string) func(string) bool {
	return func(s string) bool {
		for _, layout := range layouts {
			if _, err := time.Parse(layout, s); err == nil {
				return true
			}
		}
		return false
	}
}
