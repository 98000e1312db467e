package settings

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// value is one field as the audit log shows it.
type value struct {
	field, text string
	personal    bool // of the contact, who may ask to be forgotten
	reserved    bool // agreed with the platform: a tenant can't change it
}

// values are the fields of settings, named as the API names them.
func values(s core.Settings) []value {
	return []value{
		{field: "contact.name", text: s.Contact.Name, personal: true},
		{field: "contact.email", text: s.Contact.Email, personal: true},
		{field: "contact.phone", text: s.Contact.Phone, personal: true},
		{field: "locale", text: s.Locale},
		{field: "time_zone", text: s.TimeZone},
		{field: "currency", text: s.Currency},
		{field: "portal_url", text: s.PortalURL},
		{field: "requests_per_minute", text: strconv.Itoa(s.RequestsPerMinute), reserved: true},
		{field: "scans_per_minute", text: strconv.Itoa(s.ScansPerMinute), reserved: true},
		{field: "events_per_minute", text: strconv.Itoa(s.EventsPerMinute), reserved: true},
		{field: "usage_retention_days", text: strconv.Itoa(s.UsageRetentionDays), reserved: true},
		{field: "analytics_live_seconds", text: strconv.Itoa(s.AnalyticsLiveSeconds)},
		{field: "analytics_history_seconds", text: strconv.Itoa(s.AnalyticsHistorySeconds)},
		{field: "document_categories", text: strings.Join(s.DocumentCategories, ", ")},
		{field: "community_categories", text: strings.Join(s.CommunityCategories, ", ")},
		{field: "map_latitude", text: s.MapLatitude},
		{field: "map_longitude", text: s.MapLongitude},
		{field: "map_zoom", text: strconv.Itoa(s.MapZoom)},
		{field: "geocoder", text: s.Geocoder},
		{field: "geocoder_cache_days", text: strconv.Itoa(s.GeocoderCacheDays)},
		{field: "allowed_regions", text: strings.Join(s.AllowedRegions, ", "), reserved: true},
		{field: "blob_quota_bytes", text: strconv.FormatInt(s.BlobQuotaBytes, 10), reserved: true},
	}
}

func changesOf(before, after core.Settings) []core.Change {
	var changes []core.Change
	then, now := values(before), values(after)
	for i, v := range now {
		if then[i].text != v.text {
			changes = append(changes, core.Change{Field: v.field, Before: then[i].text, After: v.text, Personal: v.personal})
		}
	}
	return changes
}

// reserved are the problems of a tenant that changes what the platform sets.
func reserved(before, after core.Settings) core.Problems {
	var problems core.Problems
	then, now := values(before), values(after)
	for i, v := range now {
		if v.reserved && then[i].text != v.text {
			problems.Add(v.field, v.text, "is set by OpenHouse; please ask for the change")
		}
	}
	return problems
}

func brandChanges(before, after core.Brand) []core.Change {
	var changes []core.Change
	for _, c := range []core.Change{
		{Field: "name", Before: before.Name, After: after.Name},
		{Field: "primary", Before: before.Primary, After: after.Primary},
		{Field: "accent", Before: before.Accent, After: after.Accent},
		{Field: "logo", Before: described(before), After: described(after)},
	} {
		if c.Before != c.After {
			changes = append(changes, c)
		}
	}
	return changes
}

// described is a logo as the log names it: its type and the start of its hash.
func described(b core.Brand) string {
	if len(b.Logo) == 0 {
		return ""
	}
	sum := sha256.Sum256(b.Logo)
	return b.LogoType + " sha256:" + hex.EncodeToString(sum[:8])
}
