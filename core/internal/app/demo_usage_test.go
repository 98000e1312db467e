package app_test

import (
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
)

// What the demo's portals report is as the catalogue has it: whoever copies it
// is not refused.
func TestTheDemoReportsWhatTheCatalogueAllows(t *testing.T) {
	t.Parallel()
	units := []core.Unit{{ID: "unt_0123456789abcdefghijklmnop", DevelopmentID: "dvt_0123456789abcdefghijklmnop"}}
	kinds := map[string]bool{}
	for day := range 7 {
		for _, e := range app.DemoDay("HARP", units, time.Date(2026, 11, 1+day, 0, 0, 0, 0, time.UTC)) {
			kinds[e.Type] = true
			if v := catalogue.Judge(e.Type, e.Data); v.Hold != "" || len(v.Fields) > 0 {
				t.Errorf("%s %s: %s %v", e.Type, e.Data, v.Hold, v.Fields)
			}
		}
	}
	if len(kinds) < 10 {
		t.Errorf("the demo reports %d types alone", len(kinds))
	}
}
