package api

import (
	"context"
	"net/http"

	"github.com/openhouse-ai/console/core"
)

// settingsBody is core.Settings, documented: Go converts one into the other.
type settingsBody struct {
	Contact   core.Contact `json:"contact" doc:"Whom the tenant is reached by."`
	Locale    string       `json:"locale" doc:"Language of pages, letters and numbers (BCP 47)." example:"en-IE"`
	TimeZone  string       `json:"time_zone" doc:"Zone of days and hours (IANA)." example:"Europe/Dublin"`
	Currency  string       `json:"currency" doc:"Of prices (ISO 4217)." pattern:"^[A-Z]{3}$" example:"EUR"`
	PortalURL string       `json:"portal_url" maxLength:"500" doc:"Where a scanned code leads; empty for the landing page." example:"https://portal.harpur.example"`

	RequestsPerMinute int `json:"requests_per_minute" minimum:"1" maximum:"100000" doc:"Limit of all the tenant's keys together. Set by the platform." example:"600"`
	ScansPerMinute    int `json:"scans_per_minute" minimum:"1" maximum:"10000" doc:"Limit of its public code pages, for each visitor's network. Set by the platform." example:"60"`
	EventsPerMinute   int `json:"events_per_minute" minimum:"1" maximum:"10000000" doc:"Usage events that all the tenant's keys together may report. Set by the platform." example:"60000"`

	UsageRetentionDays int `json:"usage_retention_days" minimum:"0" maximum:"3660" doc:"Days that usage events are kept, at least 62; 0 keeps them for ever. Set by the platform." example:"400"`

	AnalyticsLiveSeconds    int `json:"analytics_live_seconds" minimum:"0" maximum:"86400" doc:"How long today's figures are kept." example:"60"`
	AnalyticsHistorySeconds int `json:"analytics_history_seconds" minimum:"0" maximum:"31536000" doc:"How long those of closed days are kept." example:"86400"`

	DocumentCategories  []string `json:"document_categories" minItems:"1" maxItems:"50" example:"[\"Handover\",\"Warranties\"]"`
	CommunityCategories []string `json:"community_categories" minItems:"1" maxItems:"50" example:"[\"Announcements\"]"`

	MapLatitude       string `json:"map_latitude" doc:"Decimal degrees, as text so that nothing is rounded." example:"53.3498"`
	MapLongitude      string `json:"map_longitude" doc:"Decimal degrees." example:"-6.2603"`
	MapZoom           int    `json:"map_zoom" minimum:"1" maximum:"20" example:"12"`
	Geocoder          string `json:"geocoder" enum:"google,none"`
	GeocoderCacheDays int    `json:"geocoder_cache_days" minimum:"0" maximum:"365" doc:"At most 30 with google." example:"30"`

	AllowedRegions []string `json:"allowed_regions" minItems:"1" doc:"Residency: where its data may be. Set by the platform." example:"[\"eu-west\"]"`
	BlobQuotaBytes int64    `json:"blob_quota_bytes" doc:"What logos, documents and packs may take. Set by the platform." example:"2147483648"`

	Version int64 `json:"-"`
}

func (a *api) settings() {
	addTenant(a, operation{id: "read-settings", method: http.MethodGet, path: "/settings", permission: core.SettingsRead, summary: "Read the settings"},
		func(ctx context.Context, _ *struct{}) (*one[settingsBody], error) {
			s, err := a.Settings.Find(ctx, tenantOf(ctx))
			return oneOf(s.Version, settingsBody(s)), err
		})
	addTenant(a, operation{id: "update-settings", method: http.MethodPut, path: "/settings", permission: core.SettingsWrite, summary: "Replace the settings",
		about: "A tenant's key leaves what the platform sets as it is: the limits, the quota and the regions."},
		func(ctx context.Context, in *struct {
			Match
			Body settingsBody
		}) (*one[settingsBody], error) {
			s := core.Settings(in.Body)
			var err error
			if s.Version, err = in.version(); err != nil {
				return nil, err
			}
			s, err = a.Settings.Update(ctx, tenantOf(ctx), s)
			a.limits.Delete(tenantOf(ctx))
			return oneOf(s.Version, settingsBody(s)), in.stale(ctx, err, func() (int64, error) {
				now, err := a.Settings.Find(ctx, tenantOf(ctx))
				return now.Version, err
			})
		})
}
