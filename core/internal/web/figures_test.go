package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
)

// counted waits until nothing waits to be computed.
func (h *house) counted() {
	h.t.Helper()
	tick, limit := time.NewTicker(10*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		changed, err := h.Tenants.Changed(system)
		h.must(err)
		if len(changed) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			h.t.Fatal("the figures were never computed")
		}
	}
}

func (h *house) scan(u core.Unit, times int) {
	h.t.Helper()
	const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
	for n := range times {
		_, err := h.Directory.Units.Scan(system, h.harpur, u.Code, directory.Visit{UserAgent: phone, Visitor: fmt.Sprint(n)})
		h.must(err)
	}
}

func TestFiguresOfAllTenants(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	owner.get("/admin").wants(t, 200, "Activation", "no unit is activated yet", "none in October either")
	d, u := h.estate()
	for n := range 3 {
		_, err := h.Directory.Units.Create(system, h.harpur, core.Unit{DevelopmentID: d.ID, Label: fmt.Sprintf("%d Harpur Row", n), Address: fmt.Sprintf("%d Harpur Row", n)})
		h.must(err)
	}
	h.scan(u, 2)
	_, err := h.Directory.Homeowners.Create(system, h.harpur, core.Homeowner{UnitID: u.ID, Name: "Ciara Nolan", Email: "ciara@homeowner.example"})
	h.must(err)
	h.counted()

	home := owner.get("/admin").wants(t, 200, "Figures as of 22 November 2026, 09:12.", "in 1 development", "1 of 4 units", "1.0 for each activated unit",
		"Scans in November", "none 1 to 22 October", `href="/admin/tenants?sort=-units"`, `href="/admin/tenants?sort=-activated"`)
	if text := strings.Join(strings.Fields(home.main()), " "); !strings.Contains(text, "25.0") {
		t.Errorf("activation isn't 25.0%% in\n%s", text)
	}
	list := owner.get("/admin/tenants?sort=-scans").wants(t, 200, "Figures as of", "Scans in November", "Harpur Homes", "Rathmore Estates").main()
	if strings.Index(list, "Harpur Homes") > strings.Index(list, "Rathmore Estates") {
		t.Error("the tenant with scans isn't the first")
	}
	list = owner.get("/admin/tenants?sort=units&q=e").wants(t, 200).main()
	if strings.Index(list, "Harpur Homes") < strings.Index(list, "Rathmore Estates") {
		t.Error("the tenant with units isn't the last")
	}
	owner.get("/admin/tenants?sort=-homeowners&format=csv").wants(t, 200, "Tenant,Code,Status,Region,Units,Activated,Homeowners,Scans in November,Since\r\n",
		"Harpur Homes,HARP,Active,Ireland,4,1,1,2,", "Rathmore Estates,RATH,Active,United Kingdom,0,0,0,0,")
	owner.get("/admin/tenants?sort=-units&kind=EUR&limit=1").wants(t, 200, "Harpur Homes")
	owner.get("/admin/tenants?sort=-units&format=xlsx").wants(t, 200)
	owner.get("/admin/tenants/"+string(h.harpur)).wants(t, 200, "2 in the last 30 days, 2 in all, as of 22 November 2026, 09:12.", "/units?status=scanned")
	if a := owner.get("/admin/tenants/"+string(h.rathmore)).wants(t, 200); strings.Contains(a.main(), "in the last 30 days") {
		t.Error("a tenant without scans shows them")
	}
}

// TestDemoTenantsAreLeftOut: of every sum, but not of the list; a console that
// has no other says so.
func TestDemoTenantsAreLeftOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	h.estate()
	h.counted()
	_, err := h.Tenants.UpdateTenant(system, core.Tenant{ID: h.rathmore, Demo: true})
	h.must(err)
	owner.get("/admin").wants(t, 200, "in 1 development", "1 demo tenant is left out.")
	_, err = h.Tenants.UpdateTenant(system, core.Tenant{ID: h.harpur, Demo: true})
	h.must(err)
	owner.get("/admin").wants(t, 200, "in 1 development", "They are of 2 demo tenants: there is no other yet.")
	owner.get("/admin/tenants?sort=-units").wants(t, 200, "Harpur Homes", "Rathmore Estates")
}
