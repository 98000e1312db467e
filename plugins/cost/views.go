package cost

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// views are the pages and endpoints that show costs.
var views = part{}

// Settings are what a developer, or our staff for them, sets about costs.
type Settings struct {
	MonthlyBudget int64 `json:"monthly_budget,omitempty" label:"Monthly budget" doc:"In whole units of the currency that costs are shown in; 0 is none." minimum:"0" maximum:"100000000"`
	AlertPercent  int64 `json:"alert_percent,omitempty" label:"Warn at" doc:"Percent of the budget at which a notice is given, before it is reached." minimum:"1" maximum:"100" default:"80"`
}

var tenantSettings = sdk.NewSettings(func(context.Context, sdk.Call, Settings) error { return nil })

func rollUp(ctx context.Context, c sdk.Call) ([]core.Figure, error) { return figures(ctx, c) }
