package cost

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// reports are the endpoints: of one developer, and of all of them.
var reports = part{routes: []sdk.Route{
	reportRoute("/daily", "Costs by day and category", byDay),
	reportRoute("/monthly", "Costs by month and category", byMonth),
	reportRoute("/by-development", "Costs by development and category", byDevelopment),
}}

func reportRoute(path, summary, by string) sdk.Route {
	return sdk.NewRoute("GET", path, summary, core.CostsRead, func(ctx context.Context, c sdk.Call, in *costQuery) (*sdk.Answer[costReport], error) {
		report, t, err := in.report(ctx, c, by)
		if err != nil {
			return nil, err
		}
		answer := &sdk.Answer[costReport]{Body: report}
		if in.Format == "csv" || in.Format == "xlsx" {
			answer.Sheet = &sdk.Sheet{Name: "costs-" + path[1:] + "-" + report.From + "-to-" + report.To, Format: in.Format, Table: report.sheet(t)}
		}
		return answer, nil
	}).OnBoth()
}
