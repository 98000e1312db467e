// Package cost says what the use of a developer's portals costs: it prices
// every usage event by the price of its day, shares out what is rated on the
// provider's account, and holds the sum against the provider's bill.
package cost

import (
	"embed"
	"maps"
	"slices"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

//go:embed migrations/*.sql
var tenantFiles embed.FS

//go:embed platform/*.sql
var platformFiles embed.FS

// part is one capability of the plugin, with its doors.
type part struct {
	pages   []sdk.Page
	actions []sdk.Action
	routes  []sdk.Route
	jobs    []sdk.Job
	tools   []sdk.Tool
	metrics []core.Metric
	records map[string]string
}

// Plugin is what the plugin is and does.
func Plugin() sdk.Plugin {
	p := sdk.Plugin{
		ID: "cost", Name: "Costs", Version: "1.0.0",
		Summary:    "What the use of the portals costs: priced by the day's price, and held against the providers' bills.",
		Migrations: tenantFiles, Platform: platformFiles,
		Needs: sdk.Grants{
			Read: map[string][]string{
				"usage_events":  {"hour", "hash", "source", "id", "type", "development_id", "unit_id", "time", "received_at", "body"},
				"usage_hours":   {"hour", "events", "change"},
				"usage_horizon": {"only", "before"},
				"developments":  {"id", "name"},
				"units":         {"id", "label", "development_id"},
			},
			ReadPlatform: map[string][]string{
				"tenants":        {"id", "name", "code", "status", "demo"},
				"figures":        {"tenant", "metric", "development", "period", "currency", "value"},
				"figure_metrics": {"number", "name"},
				"figure_tenants": {"number", "tenant_id", "demo"},
				"figure_totals":  {"metric", "period", "currency", "demo", "value", "tenants"},
			},
			Egress: []string{"api.openai.com:443"},
		},
		RollUp:           rollUp,
		Settings:         tenantSettings,
		PlatformSettings: platformSettings,
		Records:          map[string]string{},
	}
	for _, part := range []part{views, reports, budgets, prices, derivation, bills} {
		p.Pages, p.Actions, p.Routes = slices.Concat(p.Pages, part.pages), slices.Concat(p.Actions, part.actions), slices.Concat(p.Routes, part.routes)
		p.Jobs, p.Tools, p.Metrics = slices.Concat(p.Jobs, part.jobs), slices.Concat(p.Tools, part.tools), slices.Concat(p.Metrics, part.metrics)
		maps.Copy(p.Records, part.records)
	}
	return p
}
