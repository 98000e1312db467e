package directory

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Metrics are what Figures counts; all of them are levels.
var Metrics = []core.Metric{
	{Name: "developments", Unit: "developments", Meaning: "Sites that the developer builds.", Level: true},
	{Name: "units", Unit: "units", Meaning: "Homes of all developments.", Level: true},
	{Name: "units.activated", Unit: "units", Meaning: "Homes whose code has been scanned by a person at least once.", Level: true},
	{Name: "homeowners", Unit: "people", Meaning: "People who live in a home or are invited to it; who has left is not counted.", Level: true},
}

// Figures counts a tenant's nouns as they are now, in all and in each
// development that has units.
func (d *Directory) Figures(ctx context.Context, tx *tenants.Tx) ([]core.Figure, error) {
	developments, counts, err := countByDevelopment(ctx, tx)
	if err != nil {
		return nil, err
	}
	var all unitCounts
	var figures []core.Figure
	for _, c := range counts {
		figures = append(figures, c.figures()...)
		all.units, all.activated, all.homeowners = all.units+c.units, all.activated+c.activated, all.homeowners+c.homeowners
	}
	return append(append(figures, all.figures()...), core.Figure{Metric: "developments", Value: developments}), nil
}

// unitCounts are what the units of a development come to.
type unitCounts struct {
	development                  string
	units, activated, homeowners int64
}

func (c unitCounts) figures() []core.Figure {
	return []core.Figure{
		{Metric: "units", Development: c.development, Value: c.units},
		{Metric: "units.activated", Development: c.development, Value: c.activated},
		{Metric: "homeowners", Development: c.development, Value: c.homeowners},
	}
}
