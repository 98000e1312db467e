package core

import "time"

// TenantStatus is the state of a tenant in the registry.
type TenantStatus string

// A tenant is provisioning until its onboarding has made its file, then
// active; suspended tenants can be read and not changed; a failed one is
// behind on a migration; a deleted one is a tombstone.
const (
	TenantProvisioning TenantStatus = "provisioning"
	TenantActive       TenantStatus = "active"
	TenantSuspended    TenantStatus = "suspended"
	TenantFailed       TenantStatus = "failed"
	TenantDeleted      TenantStatus = "deleted"
)

// Tenant is one developer company: a row of the registry, and one file.
type Tenant struct {
	ID                   TenantID
	Name                 string // Harpur Homes
	Code                 string // HARP: unique, 2 to 8 capital letters and digits
	Region               string // eu-west
	Status               TenantStatus
	Demo                 bool
	Version              int64 // grows by one with each change; the API's ETag
	CreatedAt, UpdatedAt time.Time
}

// Contact is the person or office whom a tenant is reached by.
type Contact struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone,omitempty"`
}

// Brand is how a developer's pages, letters and labels look.
type Brand struct {
	Name     string // shown beside or instead of the logo
	Primary  string // #rrggbb
	Accent   string // #rrggbb
	Logo     []byte // PNG, JPEG or sanitised SVG; empty: a monogram is drawn
	LogoType string // image/png, image/jpeg, image/svg+xml
	Locale   string // en-IE
}

// Settings are a tenant's own, made from the defaults at onboarding
// (core/internal/onboard/defaults.yaml documents each) and edited on its page.
type Settings struct {
	Contact   Contact `json:"contact"`
	Locale    string  `json:"locale"`     // BCP 47
	TimeZone  string  `json:"time_zone"`  // IANA
	Currency  string  `json:"currency"`   // ISO 4217
	PortalURL string  `json:"portal_url"` // where a scanned code leads; empty: the landing page

	RequestsPerMinute int `json:"requests_per_minute"` // API rate limit of the tenant's keys
	ScansPerMinute    int `json:"scans_per_minute"`    // of its public code pages
	EventsPerMinute   int `json:"events_per_minute"`   // usage events that its keys may report

	UsageRetentionDays int `json:"usage_retention_days"` // how long usage events are kept; 0: for ever

	AnalyticsLiveSeconds    int `json:"analytics_live_seconds"`    // cache window of today's figures
	AnalyticsHistorySeconds int `json:"analytics_history_seconds"` // of closed days

	DocumentCategories  []string `json:"document_categories"`
	CommunityCategories []string `json:"community_categories"`

	MapLatitude       string `json:"map_latitude"`  // decimal degrees
	MapLongitude      string `json:"map_longitude"` // decimal degrees
	MapZoom           int    `json:"map_zoom"`      // 1 to 20
	Geocoder          string `json:"geocoder"`      // google, none
	GeocoderCacheDays int    `json:"geocoder_cache_days"`

	AllowedRegions []string `json:"allowed_regions"` // residency: where its data may be
	BlobQuotaBytes int64    `json:"blob_quota_bytes"`

	Version int64 `json:"-"`
}
