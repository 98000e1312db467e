package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
)

// estate is a development of Harpur Homes with one unit.
func (h *house) estate() (core.Development, core.Unit) {
	h.t.Helper()
	d, err := h.Directory.Developments.Create(system, h.harpur, core.Development{Name: "Harpur Lane", Address: "Leixlip"})
	h.must(err)
	u, err := h.Directory.Units.Create(system, h.harpur, core.Unit{DevelopmentID: d.ID, Label: "2 Harpur Park", Address: "2 Harpur Park, Leixlip"})
	h.must(err)
	return d, u
}

// settled gives Harpur Homes settings and a brand, as an onboarding does.
func (h *house) settled(portal string) {
	h.t.Helper()
	h.must(h.Tenants.SaveSettings(system, h.harpur, core.Settings{
		Contact: core.Contact{Name: "Site office", Email: "office@harpur.example"}, Locale: "en-IE", TimeZone: "Europe/Dublin", Currency: "EUR", PortalURL: portal,
		RequestsPerMinute: 600, ScansPerMinute: 5, EventsPerMinute: 1000, DocumentCategories: []string{"Manuals"}, CommunityCategories: []string{"Questions"},
		MapLatitude: "53.3", MapLongitude: "-6.2", MapZoom: 12, Geocoder: "google", GeocoderCacheDays: 30, AllowedRegions: []string{"eu-west"}, BlobQuotaBytes: 1 << 30,
	}))
}

func TestDirectoryPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d, u := h.estate()
	h.settled("")
	for _, c := range []struct {
		role core.Role
		base string
	}{{core.Owner, "/admin/tenants/" + string(h.harpur)}, {core.DeveloperAdmin, "/portal"}} {
		p := h.as(c.role)
		p.get(c.base).wants(t, http.StatusOK, "Harpur Lane", "Codes scanned")
		p.get(c.base+"/developments").wants(t, http.StatusOK, "Harpur Lane", "Add development")
		p.get(c.base+"/developments/"+d.ID).wants(t, http.StatusOK, "2 Harpur Park", "Launch kit", "Not yet")
		p.get(c.base+"/units?q=nowhere").wants(t, http.StatusOK, "Nothing matches.")
		p.get(c.base+"/units/"+u.ID).wants(t, http.StatusOK, "/q/"+u.Code, "Nobody yet.")
		p.get(c.base+"/homeowners").wants(t, http.StatusOK, "No homeowners yet.")
		p.get(c.base+"/homeowners/new").wants(t, http.StatusOK, "Whose home is it?")
		p.get(c.base+"/settings").wants(t, http.StatusOK, "office@harpur.example")
		p.get(c.base+"/branding").wants(t, http.StatusOK, "No branding yet.")
		p.get(c.base+"/audit").wants(t, http.StatusOK, "Created unit")
		p.get(c.base+"/users").wants(t, http.StatusOK, "Invite user")
		if a := p.get(c.base+"/units/"+u.ID+"/qr.svg").wants(t, http.StatusOK, "<svg"); !strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
			t.Error("a picture opened by its address may do more than be seen")
		}
	}
	h.as(core.DeveloperAdmin).get("/admin/tenants/"+string(h.harpur)).wants(t, http.StatusNotFound)
	h.as(core.DeveloperAdmin).get("/admin/tenants/"+string(h.harpur)+"/units").wants(t, http.StatusNotFound)
	h.as(core.Owner).get("/portal/units").wants(t, http.StatusNotFound)
	h.as(core.DeveloperViewer).post("/portal/units/new", "label", "x").wants(t, http.StatusForbidden)
}

func TestDirectoryForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	d, u := h.estate()
	h.settled("")
	p := h.as(core.DeveloperAdmin)
	p.post("/portal/developments/new", "name", "", "status", "selling", "version", "0").wants(t, http.StatusUnprocessableEntity, "is missing")
	p.post("/portal/units/new", "development_id", d.ID, "label", "3 Harpur Park", "price", "395,000.505").wants(t, http.StatusUnprocessableEntity, "is not an amount")
	made := p.post("/portal/units/new", "development_id", d.ID, "label", "3 Harpur Park", "price", "395,000", "version", "0")
	p.get(made.location).wants(t, http.StatusOK, "395,000", "is added and has its code")
	p.post("/portal/units/"+u.ID+"/edit", "label", "2A Harpur Park", "version", "9").wants(t, http.StatusConflict, "2A Harpur Park")
	p.post("/portal/units/"+u.ID+"/hand-over", "handed_over_at", "2027-01-01").wants(t, http.StatusUnprocessableEntity, "is in the future")
	p.post("/portal/units/"+u.ID+"/hand-over", "handed_over_at", "2026-11-20").leads(t, "/portal/units/"+u.ID)
	p.post("/portal/homeowners/new?unit="+u.ID, "name", "Aoife Brennan", "email", "aoife@example.com").leads(t, "/portal/units/"+u.ID)
	p.get("/portal/units/"+u.ID).wants(t, http.StatusOK, "Aoife Brennan", "Handed over")
	p.get("/portal/units/"+u.ID+"/delete").wants(t, http.StatusConflict, "1 homeowner")
	p.post(made.location+"/delete", "confirm", "wrong").wants(t, http.StatusUnprocessableEntity, "to confirm")
	p.post(made.location+"/delete", "confirm", "3 Harpur Park").leads(t, "/portal/developments/"+d.ID)
	p.get(made.location).wants(t, http.StatusNotFound)
}

// field finds what a form holds under a name.
func field(body, name string) string {
	m := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

func TestSettingsForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settled("")
	p := h.as(core.DeveloperAdmin)
	version := field(p.get("/portal/settings").body, "version")
	sent := func(zone string) []string {
		return []string{"version", version, "contact.name", "Office", "contact.email", "office@harpur.example", "locale", "en-IE", "currency", "EUR", "time_zone", zone,
			"document_categories", "Manuals\nPlans", "community_categories", "Questions", "map_latitude", "53.3", "map_longitude", "-6.2", "map_zoom", "12",
			"geocoder", "google", "geocoder_cache_days", "30", "analytics_live_seconds", "60", "analytics_history_seconds", "60", "requests_per_minute", "99999"}
	}
	p.post("/portal/settings", sent("Mars/Olympus")...).wants(t, http.StatusUnprocessableEntity, "is not an IANA time zone", "Plans")
	p.post("/portal/settings", sent("Europe/Dublin")...).leads(t, "/portal/settings")
	p.post("/portal/settings", sent("Europe/London")...).wants(t, http.StatusConflict, "Somebody else")
	settings, err := h.Tenants.Settings(system, h.harpur)
	h.must(err)
	if settings.RequestsPerMinute != 600 || len(settings.DocumentCategories) != 2 {
		t.Errorf("settings are %+v", settings)
	}
	p.get("/portal/audit").wants(t, http.StatusOK, "document categories Manuals → Manuals")
}

func TestDaysAreThoseOfTheTenant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, u := h.estate()
	h.settled("")
	settings, err := h.Tenants.Settings(system, h.harpur)
	h.must(err)
	settings.TimeZone = "America/New_York"
	h.must(h.Tenants.SaveSettings(system, h.harpur, settings))
	p := h.as(core.DeveloperAdmin)
	p.post("/portal/units/"+u.ID+"/hand-over", "handed_over_at", "2026-11-20").leads(t, "/portal/units/"+u.ID)
	p.get("/portal/units/"+u.ID).wants(t, http.StatusOK, "2026-11-20T17:00:00Z") // noon in New York
	p.get("/portal/units/"+u.ID+"/hand-over").wants(t, http.StatusOK, `value="2026-11-20"`)
}

func TestSuspendedTenant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, u := h.estate()
	owner, base := h.as(core.Owner), "/admin/tenants/"+string(h.harpur)
	owner.post(base+"/status", "reason", " ").wants(t, http.StatusUnprocessableEntity, "say why")
	owner.post(base+"/status", "reason", "Unpaid since May").leads(t, base)
	owner.get(base).wants(t, http.StatusOK, "is suspended", "Reactivate")
	owner.get("/admin/audit").wants(t, http.StatusOK, "Unpaid since May")
	h.nobody().get("/q/"+u.Code).wants(t, http.StatusOK, "Please come back later")
	h.as(core.DeveloperAdmin).post("/portal/developments/new", "name", "New Lane", "status", "selling").wants(t, http.StatusForbidden)
	owner.post(base+"/status", "reason", "Paid").leads(t, base)
}

func TestLandingPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, u := h.estate()
	h.settled("")
	visitor := h.nobody()
	page := visitor.do(http.MethodGet, "/q/"+strings.ToUpper(u.Code), "", "User-Agent", "Mozilla/5.0 (iPhone) Safari/605")
	page.wants(t, http.StatusOK, "2 Harpur Park", "Harpur Homes", "brand.css", "I agree")
	unit, err := h.Directory.Units.Find(system, h.harpur, u.ID)
	h.must(err)
	if unit.FirstScanAt == nil {
		t.Error("the scan left no trace")
	}
	visitor.post("/q/"+u.Code, "name", "Aoife", "email", "aoife@example.com").wants(t, http.StatusUnprocessableEntity, "only if you agree", "aoife@example.com")
	visitor.post("/q/"+u.Code, "name", "Aoife", "email", "aoife@example.com", "consent", "on").leads(t, "/q/"+u.Code+"/welcome")
	visitor.get("/q/"+u.Code+"/welcome").wants(t, http.StatusOK, "Thank you")
	visitor.get("/q/"+u.Code+"/brand.css").wants(t, http.StatusOK, ":root")
	visitor.get("/q/"+u.Code).wants(t, http.StatusTooManyRequests)
	h.clock.Advance(900 * time.Millisecond) // 11.1 seconds are left: who comes after 11 is refused again
	limited := visitor.get("/q/"+u.Code).wants(t, http.StatusTooManyRequests)
	if got := limited.header.Get("Retry-After"); got != "12" {
		t.Errorf("Retry-After is %q", got)
	}
	for _, code := range []string{strings.Repeat("0", 16), "short", "%2e%2e", u.Code + "0"} {
		a := visitor.get("/q/"+code).wants(t, http.StatusNotFound, "This code leads nowhere")
		if strings.Contains(a.body, "Harpur") {
			t.Errorf("%s tells of a tenant", code)
		}
	}
}

func TestAPosterLeadsToWhereTheCodeIsTyped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, u := h.estate()
	h.settled("")
	visitor := h.nobody()
	visitor.get("/q").wants(t, http.StatusOK, "Type the code from your label")
	for _, typed := range []string{u.Code, strings.ToUpper(u.Code), " " + u.Code[:4] + " " + u.Code[4:8] + "-" + u.Code[8:], h.url + "/q/" + u.Code} {
		visitor.post("/q", "code", typed).leads(t, "/q/"+u.Code)
	}
	visitor.get("/q/"+u.Code).wants(t, http.StatusOK, "2 Harpur Park")
	for _, typed := range []string{"", "short", strings.Repeat("0", 16), "../admin", "//elsewhere.example"} {
		visitor.post("/q", "code", typed).wants(t, http.StatusUnprocessableEntity, "known; please compare", "Which home is yours?")
	}
}

func TestCodeLeadsToPortal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, u := h.estate()
	h.settled("https://portal.example/home?from=label")
	h.nobody().get("/q/"+u.Code).leads(t, "https://portal.example/home?code="+url.QueryEscape(u.Code)+"&from=label")
}

func TestPalette(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, u := h.estate()
	owner, admin := h.as(core.Owner), h.as(core.DeveloperAdmin)
	owner.get("/palette").wants(t, http.StatusOK, "Audit log")
	owner.get("/palette?q=harp").wants(t, http.StatusOK, "/admin/tenants/"+string(h.harpur))
	owner.get("/palette?q="+u.Code).wants(t, http.StatusOK, "/admin/tenants/"+string(h.harpur)+"/units/"+u.ID)
	owner.do(http.MethodGet, "/palette?q="+u.ID, "", "Referer", h.url+"/admin/tenants/"+string(h.harpur)+"/units").wants(t, http.StatusOK, "2 Harpur Park")
	admin.get("/palette?q="+u.ID).wants(t, http.StatusOK, "/portal/units/"+u.ID)
	if a := admin.get("/palette?q=rathmore").wants(t, http.StatusOK); strings.Contains(a.body, "Rathmore") {
		t.Errorf("a developer's staff learn of another: %s", a.body)
	}
}
