package cost

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// budgets watches what months may cost.
var budgets = part{jobs: []sdk.Job{{
	ID: "budget", Summary: "Gives notice when a developer's budget of the month is nearly used, and when it is used up.", Schedule: "*/10 * * * *",
	Scope: sdk.Tenant, Changed: true, Run: watchBudget,
}}}

// watchBudget gives notice once for each month and threshold: an event that
// others listen to. The page shows the same.
func watchBudget(ctx context.Context, c sdk.Call) (string, error) {
	var settings Settings
	if err := c.Settings(ctx, &settings); err != nil || settings.MonthlyBudget == 0 {
		return "", err
	}
	t, missing, err := tellerOf(ctx, c, "")
	if err != nil || missing != "" {
		return "", err // a budget in a currency without a rate can't be held against dollars
	}
	o, err := outlookOf(ctx, c, "")
	if err != nil {
		return "", err
	}
	used := percent(o.soFar, budgetOf(settings, t))
	month, said := dayOf(c.Now, c.Location()).Format(monthForm), ""
	for _, threshold := range []int64{settings.AlertPercent, 100} {
		if used < threshold {
			continue
		}
		err := sdk.Update(ctx, c, func(tx *sql.Tx) error {
			first, err := insertNotice(ctx, tx, month, fmt.Sprintf("budget:%d", threshold), c.Now)
			if err != nil || !first {
				return err
			}
			said = fmt.Sprintf("%d%% of the budget of %s is used", used, month)
			return c.Emit(ctx, tx, "cost.budget.reached", core.Target{Kind: "tenant", ID: string(c.Tenant)}, map[string]string{
				"month": month, "percent": fmt.Sprint(threshold), "currency": t.currency, "used": t.decimals(o.soFar, 2), "budget": fmt.Sprint(settings.MonthlyBudget),
			})
		})
		if err != nil {
			return "", err
		}
	}
	return said, nil
}
