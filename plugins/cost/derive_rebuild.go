package cost

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
)

// planRebuild counts what has been used before today: what comes in while
// somebody reads the plan doesn't spoil it.
func planRebuild(ctx context.Context, c sdk.Call, _ struct{}) (sdk.Plan, error) {
	horizon, err := selectHorizonHour(ctx, c)
	if err != nil {
		return sdk.Plan{}, err
	}
	today := c.Now.UTC().Truncate(24*time.Hour).UnixMilli() / hourMS
	hours, events, entries, err := selectExtent(ctx, c, today, horizon)
	return sdk.Plan{Counts: []sdk.Count{
		{Label: "Hours with events", Value: hours}, {Label: "Usage events", Value: events}, {Label: "Cost entries", Value: entries},
	}}, err
}

// rebuild notes everything as due and begins with it; the job goes on with the
// rest. Hours whose events were erased keep their quantities (P18).
func rebuild(ctx context.Context, c sdk.Call, _ struct{}, _ sdk.Plan) (string, error) {
	horizon, err := selectHorizonHour(ctx, c)
	if err != nil {
		return "", err
	}
	if err := sdk.Update(ctx, c, func(tx *sql.Tx) error { return insertAllDue(ctx, tx, horizon) }); err != nil {
		return "", err
	}
	w, err := begin(ctx, c)
	if err == nil {
		err = w.run(ctx, c)
	}
	if err != nil {
		return "", err
	}
	left, others, err := selectDueCount(ctx, c)
	said := fmt.Sprintf("Rebuilt %d hours with %d events.", w.hours, w.events)
	if left+others > 0 {
		said += fmt.Sprintf(" %d hours are still to come; they follow minute by minute.", left)
	}
	return said, err
}
