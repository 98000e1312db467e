package usage

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// scanned is the type of the usage events that are scans of a unit's code.
const scanned = "ai.openhouse.qr.scanned"

// Metrics are what Figures counts.
var Metrics = []core.Metric{
	{Name: "scans", Unit: "scans", Meaning: "Scans of units' codes by people, on the day that they happened where the developer is."},
}

// Figures counts a tenant's scans by day, month, year and in all: of the whole
// tenant, and of each development. Days are those of the tenant's time zone,
// UTC before it has settings.
func (l *Ledger) Figures(ctx context.Context, tx *tenants.Tx) ([]core.Figure, error) {
	zone, err := zoneOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	counts, err := countScans(ctx, tx)
	if err != nil {
		return nil, err
	}
	sums := map[core.Figure]int64{}
	for _, c := range counts {
		day := c.start.In(zone).Format(time.DateOnly)
		for _, period := range []string{day, day[:len("2006-01")], day[:len("2006")], ""} {
			sums[core.Figure{Metric: "scans", Period: period}] += c.events
			// A portal may report any text as a development; figures hold ids alone.
			if core.ValidID(core.PrefixDevelopment, c.development) {
				sums[core.Figure{Metric: "scans", Development: c.development, Period: period}] += c.events
			}
		}
	}
	figures := make([]core.Figure, 0, len(sums))
	for f, n := range sums {
		f.Value = n
		figures = append(figures, f)
	}
	return figures, nil
}

// quarterCount counts the events of a quarter of an hour and a development.
// Every zone begins its days at a quarter.
type quarterCount struct {
	start       time.Time
	development string
	events      int64
}

const quarter = 15 * time.Minute

// zones are the time zones that were read from their files before.
var zones sync.Map // string → *time.Location

func zoneOf(ctx context.Context, tx *tenants.Tx) (*time.Location, error) {
	settings, err := tenants.ReadSettings(ctx, tx)
	if core.CodeOf(err) == core.NotFound {
		return time.UTC, nil
	}
	if err != nil {
		return nil, err
	}
	if zone, ok := zones.Load(settings.TimeZone); ok {
		return zone.(*time.Location), nil
	}
	zone, err := time.LoadLocation(settings.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("read time zone: %w", err)
	}
	zones.Store(settings.TimeZone, zone)
	return zone, nil
}
