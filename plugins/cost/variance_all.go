package cost

import (
	"context"
	"strconv"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
	"github.com/openhouse-ai/console/ui"
)

// showVariances holds all developers' estimates of a month against what was
// charged, without opening their files.
func showVariances(ctx context.Context, c sdk.Call) (ui.Page, error) {
	month, err := monthOf(c)
	if err != nil {
		return ui.Page{}, err
	}
	floor, err := varianceFloor(ctx, c)
	if err != nil {
		return ui.Page{}, err
	}
	q, order := c.List(), "5 desc"
	if by := map[string]string{"name": "2 collate nocase", "estimate": "5", "actual": "7"}[q.Sort]; by != "" {
		if order = by; q.Desc {
			order += " desc"
		}
	}
	from, _ := strconv.Atoi(q.After) // a cursor that is none is the first page
	items, total, err := selectDeveloperCosts(ctx, c, monthNumber(month), monthNumber(month.AddDate(0, -1, 0)), q.Text, order, c.Limit(), max(0, from))
	if err != nil {
		return ui.Page{}, err
	}
	list := core.List[developerCost]{Items: items, Total: total}
	turn(&list, q)
	href := func(d developerCost) string {
		return ui.Address(c.URL("/tenants/"+d.Tenant+"/variance"), nil, "from", month.Format("2006-01-02"), "to", month.AddDate(0, 1, -1).Format("2006-01-02"))
	}
	compare := func(d developerCost) compared {
		return compared{Estimated: d.Estimate, Actual: d.Actual, Difference: rate.Difference{Total: d.Actual - d.Estimate}}
	}
	billed := func(value func(compared) ui.Value) func(developerCost) ui.Value {
		return func(d developerCost) ui.Value {
			if d.Actual == 0 {
				return nil
			}
			return value(compare(d))
		}
	}
	table := sdk.Listing[developerCost]{
		ID: "variances", Title: "Developers", Path: "/variance", Search: "Name or code", Href: href,
		None: ui.Empty{Title: "Nobody had costs in " + month.Format("January 2006") + ".", Icon: ui.IconCosts, Reason: "A developer's costs are rolled up within a minute of the usage that their portals report."},
		Columns: []sdk.Column[developerCost]{
			{Title: "Developer", Sort: "name", Cell: func(d developerCost) ui.Value {
				return ui.Link{Text: d.Name, Monogram: ui.Monogram(d.Name), Href: href(d), Note: d.Code}
			}},
			{Title: "Estimated", Sort: "estimate", Numeric: true, Cell: func(d developerCost) ui.Value { return dollars.money(d.Estimate) }},
			{Title: "Charged", Sort: "actual", Numeric: true, Cell: billed(func(m compared) ui.Value { return dollars.money(m.Actual) })},
			{Title: "Difference", Numeric: true, Priority: 1, Cell: billed(func(m compared) ui.Value { return dollars.money(m.Total) })},
			{Title: "%", Numeric: true, Priority: 1, Cell: billed(compared.percent)},
			{Title: "State", Priority: 1, Cell: func(d developerCost) ui.Value {
				if d.Actual == 0 {
					return ui.Badge{Text: "No bill"}
				}
				return bands[rate.BandOf(d.Estimate, d.Actual, floor)]
			}},
		},
	}.Table(c, list)
	table.Keep = append(table.Keep, ui.Hidden{Name: "month", Value: month.Format(monthForm)})
	return ui.Page{
		Head: ui.Head{
			Title: "Estimate against actual", Lead: month.Format("January 2006") + ": what each developer's use was estimated at, and what its projects were charged so far.",
			Actions: besideMonth(c, "/variance", month),
		},
		Blocks: ui.Blocks{table},
	}, nil
}
