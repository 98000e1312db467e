package api_test

import (
	"net/http"
	"testing"
	"time"
)

// figured waits until the figures of both developers are computed.
func figured(t *testing.T) {
	t.Helper()
	tick, limit := time.NewTicker(20*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		ours := ask(t, "admin", "GET", "/api/admin/tenants/"+shared.harpur+"/insight/figures?metric=developments", nil, http.StatusOK)
		theirs := ask(t, "admin", "GET", "/api/admin/tenants/"+shared.other+"/insight/figures?metric=developments", nil, http.StatusOK)
		if ours.value("items.0.value") != nil && theirs.value("items.0.value") != nil {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("the figures were never computed")
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	figured(t)
	metrics := ask(t, "auditor", "GET", "/api/admin/insight/metrics", nil, http.StatusOK)
	if metrics.text("items.0.name") != "developments" || metrics.text("items.0.meaning") == "" || metrics.value("items.0.level") != true {
		t.Errorf("metrics %s", metrics.body)
	}
	all := ask(t, "admin", "GET", "/api/admin/insight/totals", nil, http.StatusOK)
	if all.value("items.0.value") == nil || all.text("items.4.metric") == "" || all.value("items.0.excluded") != 0.0 || all.text("items.0.as_of") == "" {
		t.Errorf("totals %s", all.body)
	}
	two := ask(t, "admin", "GET", "/api/admin/insight/totals?metric=scans,homeowners&period=2026", nil, http.StatusOK)
	if two.text("items.0.metric") != "scans" || two.text("items.1.metric") != "homeowners" || two.text("period") != "2026" {
		t.Errorf("two totals %s", two.body)
	}
	ranking := ask(t, "admin", "GET", "/api/admin/insight/ranking?metric=developments&limit=1", nil, http.StatusOK)
	if ranking.value("items.0.tenant.id") == nil || ranking.value("total").(float64) < 2 || ranking.text("next") == "" {
		t.Errorf("ranking %s", ranking.body)
	}
	ask(t, "admin", "GET", "/api/admin/insight/ranking?metric=developments&worst=true&after="+ranking.text("next"), nil, http.StatusUnprocessableEntity)
	own := ask(t, "harpur", "GET", "/api/insight/figures?metric=units", nil, http.StatusOK)
	if own.value("items.0.value") == nil || own.text("items.1.development_id") == "" || own.value("stale") == nil {
		t.Errorf("own figures %s", own.body)
	}
	for _, path := range []string{"/totals?metric=nothing", "/totals?period=soon", "/ranking", "/ranking?metric=scans&period=2026-11-23"} {
		ask(t, "admin", "GET", "/api/admin/insight"+path, nil, http.StatusUnprocessableEntity)
	}
	ask(t, "harpur", "GET", "/api/admin/insight/totals", nil, http.StatusNotFound)
}
