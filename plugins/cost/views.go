package cost

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// views are the pages and endpoints that show costs.
var views = part{
	pages: []sdk.Page{
		{ID: "all", Path: "/", Title: "Costs", Scope: sdk.Platform, Nav: true, Permission: core.CostsRead, Show: showAllCosts},
		{ID: "costs", Path: "/", Title: "Costs", Nav: true, Permission: core.CostsRead, Show: showCosts},
		{ID: "units", Path: "/units", Title: "Costs by unit", Permission: core.CostsRead, Show: showUnits},
		{ID: "entries", Path: "/entries", Title: "Cost entries", Permission: core.CostsRead, Show: showEntries},
		{ID: "entry", Path: "/entries/{hour}", Title: "Cost entry", Permission: core.CostsRead, Show: showEntry},
	},
}

// Settings are what a developer, or our staff for them, sets about costs.
type Settings struct {
	MonthlyBudget int64 `json:"monthly_budget,omitempty" label:"Monthly budget" doc:"In whole units of the developer's currency; 0 is none." minimum:"0" maximum:"100000000"`
	AlertPercent  int64 `json:"alert_percent,omitempty" label:"Warn at" doc:"Percent of the budget from which a notice is given." minimum:"1" maximum:"100" default:"80"`
}

var tenantSettings = sdk.NewSettings(func(context.Context, sdk.Call, Settings) error { return nil })

func rollUp(ctx context.Context, c sdk.Call) ([]core.Figure, error) { return figures(ctx, c) }
