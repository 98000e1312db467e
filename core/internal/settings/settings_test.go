package settings_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/core/internal/settings"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// recorder keeps what the audit log would.
type recorder struct{ entries []core.Entry }

func (r *recorder) Record(_ context.Context, _ *tenants.Tx, e core.Entry) error {
	r.entries = append(r.entries, e)
	return nil
}

// fields are the names of the changed fields, of all entries.
func (r *recorder) fields() []string {
	var fields []string
	for _, e := range r.entries {
		for _, c := range e.Changes {
			fields = append(fields, c.Field)
		}
	}
	return fields
}

// open makes a tenant in eu-west with the defaults that come with the console.
func open(t *testing.T) (*settings.Keeper, *recorder, core.TenantID, core.Settings) {
	t.Helper()
	ctx, now := t.Context(), time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	store, err := tenants.Open(ctx, tenants.Options{
		Dir: fresh.Dir(t), Regions: []tenants.Region{{Name: "eu-west"}, {Name: "uk"}}, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	tenant := core.Tenant{ID: core.NewTenantID(now), Name: "Harpur Homes", Code: "HARP", Region: "eu-west", Status: core.TenantActive}
	if err := store.Create(ctx, tenant); err != nil {
		t.Fatal(err)
	}
	defaults, err := onboard.ReadDefaults(nil)
	if err != nil {
		t.Fatal(err)
	}
	start, err := defaults.For("eu-west")
	if err != nil {
		t.Fatal(err)
	}
	start.Contact = core.Contact{Name: "Site office", Email: "office@harpur.example"}
	err = store.Update(ctx, tenant.ID, func(tx *tenants.Tx) error {
		if err := tenants.WriteSettings(ctx, tx, start); err != nil {
			return err
		}
		return tenants.WriteBrand(ctx, tx, core.Brand{Name: "Harpur Homes", Primary: "#075a4d", Accent: "#c58b2b", Locale: "en-IE"})
	})
	if err != nil {
		t.Fatal(err)
	}
	log := &recorder{}
	keeper := settings.New(store, log)
	start, err = keeper.Find(ctx, tenant.ID)
	if err != nil {
		t.Fatal(err)
	}
	return keeper, log, tenant.ID, start
}

func TestTheDefaultsAreValid(t *testing.T) {
	t.Parallel()
	keeper, log, tenant, s := open(t)
	stored, err := keeper.Update(t.Context(), tenant, s)
	if err != nil || stored.Version != s.Version || len(log.entries) != 0 {
		t.Errorf("nothing has changed: version %d to %d, %d records, %v", s.Version, stored.Version, len(log.entries), err)
	}
}

func TestWrongSettingsAreNamedAllAtOnce(t *testing.T) {
	t.Parallel()
	wrong := map[string]func(*core.Settings){
		"contact.name":              func(s *core.Settings) { s.Contact.Name = " " },
		"contact.email":             func(s *core.Settings) { s.Contact.Email = "office" },
		"contact.phone":             func(s *core.Settings) { s.Contact.Phone = strings.Repeat("1", 41) },
		"locale":                    func(s *core.Settings) { s.Locale = "klingon language" },
		"time_zone":                 func(s *core.Settings) { s.TimeZone = "Local" },
		"currency":                  func(s *core.Settings) { s.Currency = "eur" },
		"portal_url":                func(s *core.Settings) { s.PortalURL = "javascript:alert(1)" },
		"requests_per_minute":       func(s *core.Settings) { s.RequestsPerMinute = 0 },
		"scans_per_minute":          func(s *core.Settings) { s.ScansPerMinute = -1 },
		"events_per_minute":         func(s *core.Settings) { s.EventsPerMinute = 0 },
		"usage_retention_days":      func(s *core.Settings) { s.UsageRetentionDays = 61 },
		"analytics_live_seconds":    func(s *core.Settings) { s.AnalyticsLiveSeconds = -1 },
		"analytics_history_seconds": func(s *core.Settings) { s.AnalyticsHistorySeconds = 1 << 40 },
		"document_categories":       func(s *core.Settings) { s.DocumentCategories = nil },
		"community_categories[1]":   func(s *core.Settings) { s.CommunityCategories = []string{"Questions", "questions"} },
		"map_latitude":              func(s *core.Settings) { s.MapLatitude = "90.5" },
		"map_longitude":             func(s *core.Settings) { s.MapLongitude = "1e2" },
		"map_zoom":                  func(s *core.Settings) { s.MapZoom = 21 },
		"geocoder_cache_days":       func(s *core.Settings) { s.GeocoderCacheDays = 31 },
		"allowed_regions":           func(s *core.Settings) { s.AllowedRegions = []string{"uk"} },
		"blob_quota_bytes":          func(s *core.Settings) { s.BlobQuotaBytes = 1 },
	}
	keeper, log, tenant, s := open(t)
	all := s
	var want []string
	for field, spoil := range wrong {
		one := s
		spoil(&one)
		spoil(&all)
		want = append(want, field)
		if got := problems(keeper, t.Context(), tenant, one); !slices.Equal(got, []string{field}) {
			t.Errorf("%s: the problems are %v", field, got)
		}
	}
	got := problems(keeper, t.Context(), tenant, all)
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("the problems are %v, want %v", got, want)
	}
	if len(log.entries) != 0 {
		t.Errorf("a refused change was recorded: %v", log.entries)
	}
}

func problems(keeper *settings.Keeper, ctx context.Context, tenant core.TenantID, s core.Settings) []string {
	_, err := keeper.Update(ctx, tenant, s)
	e, ok := err.(*core.Error)
	if !ok {
		return []string{"no problem: " + core.Errorf(core.CodeOf(err), "").Error()}
	}
	var fields []string
	for _, f := range e.Fields {
		fields = append(fields, f.Field)
	}
	return fields
}

func TestAChangeIsRecordedAndTheBrandFollows(t *testing.T) {
	t.Parallel()
	keeper, log, tenant, s := open(t)
	s.Locale, s.Contact.Email = "ga-IE", "new@harpur.example"
	stored, err := keeper.Update(t.Context(), tenant, s)
	if err != nil || stored.Version != s.Version+1 || stored.Locale != "ga-IE" {
		t.Fatalf("stored is %+v, %v", stored, err)
	}
	if got := log.fields(); !slices.Equal(got, []string{"contact.email", "locale"}) {
		t.Errorf("recorded are %v", got)
	}
	if c := log.entries[0].Changes; !c[0].Personal || c[1].Personal {
		t.Errorf("an address is personal, a locale isn't: %+v", c)
	}
	if brand, _, err := keeper.Brand(t.Context(), tenant); err != nil || brand.Locale != "ga-IE" {
		t.Errorf("the brand reads %s, %v", brand.Locale, err)
	}
	if _, err := keeper.Update(t.Context(), tenant, s); core.CodeOf(err) != core.Conflict {
		t.Errorf("an outdated version is no conflict: %v", err)
	}
}

func TestATenantDoesNotSetItsOwnLimits(t *testing.T) {
	t.Parallel()
	keeper, _, tenant, s := open(t)
	ctx := core.WithActor(t.Context(), core.Actor{Kind: "developer", ID: "usr_1", Role: core.DeveloperAdmin, Tenant: tenant})
	s.RequestsPerMinute, s.ScansPerMinute, s.BlobQuotaBytes, s.AllowedRegions = 5000, 5000, 1<<35, []string{"eu-west", "uk"}
	got := problems(keeper, ctx, tenant, s)
	if want := []string{"requests_per_minute", "scans_per_minute", "allowed_regions", "blob_quota_bytes"}; !slices.Equal(got, want) {
		t.Errorf("the problems are %v, want %v", got, want)
	}
	if _, err := keeper.Update(t.Context(), tenant, s); err != nil {
		t.Errorf("the platform can't set them: %v", err)
	}
}

func TestBrand(t *testing.T) {
	t.Parallel()
	keeper, log, tenant, _ := open(t)
	_, version, err := keeper.Brand(t.Context(), tenant)
	if err != nil {
		t.Fatal(err)
	}
	brand, next, err := keeper.UpdateBrand(t.Context(), tenant, version, func(b *core.Brand) { b.Primary, b.Locale = "#ABCDEF", "fr-FR" })
	if err != nil || next == version || brand.Primary != "#abcdef" || brand.Locale != "en-IE" {
		t.Errorf("the brand is %+v, %v", brand, err)
	}
	if _, _, err := keeper.UpdateBrand(t.Context(), tenant, version, func(b *core.Brand) { b.Name = "Late" }); core.CodeOf(err) != core.Conflict {
		t.Errorf("an outdated version is no conflict: %v", err)
	}
	if _, _, err := keeper.UpdateBrand(t.Context(), tenant, 0, func(b *core.Brand) { b.Accent = "red" }); core.CodeOf(err) != core.Invalid {
		t.Errorf("red is a colour: %v", err)
	}
	if got := log.fields(); !slices.Equal(got, []string{"primary"}) {
		t.Errorf("recorded are %v", got)
	}
}
