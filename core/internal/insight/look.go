package insight

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Freshness says how far figures can be trusted.
type Freshness struct {
	// AsOf is the moment up to which every change is in the figures: now, when
	// nothing waits to be computed.
	AsOf time.Time
	// Stale counts tenants that changed after AsOf and wait to be computed, or
	// whose source fails or is gone.
	Stale int
	// Excluded counts demo tenants, which no sum has.
	Excluded int
}

// Total is a metric summed over all real tenants.
type Total struct {
	Freshness
	Value   int64            // of a metric that is no amount
	Amounts map[string]int64 // of an amount, by currency, in minor units
	Tenants int              // whose figure isn't 0; of an amount, in the currency that most have
	Demo    int64            // what the excluded tenants came to
}

// Totals returns sums over all real tenants, by the names of the metrics, for a
// period: 2026-11-23, 2026-11, 2026, or "" for all time and now. Returns invalid
// for a metric that nobody has declared.
func (i *Insight) Totals(ctx context.Context, names []string, period string) (map[string]Total, error) {
	at, err := encode(period)
	if err != nil {
		return nil, err
	}
	totals := make(map[string]Total, len(names))
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		fresh, err := i.freshness(ctx, tx)
		if err != nil {
			return err
		}
		for _, name := range names {
			m, err := metricNamed(ctx, tx, name)
			if err != nil {
				return err
			}
			total := Total{}
			if total.Freshness, err = fresh.of(ctx, tx, m.source); err != nil {
				return err
			}
			if err := sum(ctx, tx, m.number, at, &total); err != nil {
				return err
			}
			totals[name] = total
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read totals: %w", err)
	}
	return totals, nil
}

// OfTenants returns the figures of a few tenants, for a page of a list, by
// tenant and metric. A tenant that was never computed is missing; a figure that
// is missing is 0. Amounts of money are not among them.
func (i *Insight) OfTenants(ctx context.Context, names []string, period string, ids []core.TenantID) (map[core.TenantID]map[string]int64, error) {
	at, err := encode(period)
	if err != nil {
		return nil, err
	}
	figures := make(map[core.TenantID]map[string]int64, len(ids))
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		return ofTenants(ctx, tx, names, at, ids, figures)
	})
	if err != nil {
		return nil, fmt.Errorf("read figures of tenants: %w", err)
	}
	return figures, nil
}

// Figures returns one tenant's figures of a period, those of its developments
// too, by metric and development, and how fresh they are. Without names it
// returns every metric.
func (i *Insight) Figures(ctx context.Context, tenant core.TenantID, names []string, period string) (figures []core.Figure, fresh Freshness, err error) {
	at, err := encode(period)
	if err != nil {
		return nil, fresh, err
	}
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		for _, name := range names {
			if _, err := metricNamed(ctx, tx, name); err != nil {
				return err
			}
		}
		if figures, err = ofTenant(ctx, tx, tenant, names, at); err != nil {
			return err
		}
		fresh, err = i.freshnessOf(ctx, tx, tenant)
		return err
	})
	if err != nil {
		return nil, fresh, fmt.Errorf("read figures of %s: %w", tenant, err)
	}
	return figures, fresh, nil
}

// Point is a figure of a series.
type Point struct {
	Period   string
	Currency string
	Value    int64
}

// maxPoints is how many periods a series may span.
const maxPoints = 1000

// Series returns a metric over the periods of a grain from one to another, both
// included, one point for each, also where nothing happened: of one tenant, or
// with "" of all real ones. An amount has the points of its first currency,
// then those of the next.
func (i *Insight) Series(ctx context.Context, metric string, tenant core.TenantID, grain Grain, from, to string) ([]Point, error) {
	if grain == All || grainOf(from) != grain || grainOf(to) != grain {
		return nil, core.Problems{{Field: "from", Value: from, Reason: "is no " + string(grain) + ", or the end is none"}}.Err()
	}
	first, err := encode(from)
	if err != nil {
		return nil, err
	}
	last, err := encode(to)
	if err != nil {
		return nil, err
	}
	var stored []Point
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		m, err := metricNamed(ctx, tx, metric)
		if err != nil {
			return err
		}
		stored, err = series(ctx, tx, m.number, tenant, first, last)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read series of %s: %w", metric, err)
	}
	return dense(stored, grain, from, to)
}

// dense adds the periods in which nothing happened.
func dense(stored []Point, grain Grain, from, to string) ([]Point, error) {
	currencies := []string{""}
	values := map[Point]int64{}
	for n, p := range stored {
		if n == 0 {
			currencies[0] = p.Currency
		} else if p.Currency != stored[n-1].Currency {
			currencies = append(currencies, p.Currency)
		}
		values[Point{Period: p.Period, Currency: p.Currency}] = p.Value
	}
	var points []Point
	for _, currency := range currencies {
		n := 0
		for at := from; at <= to && at != ""; at = next(grain, at) {
			if n++; n > maxPoints {
				return nil, core.Problems{{Field: "from", Value: from, Reason: fmt.Sprintf("is more than %d periods before the end", maxPoints)}}.Err()
			}
			p := Point{Period: at, Currency: currency}
			p.Value = values[p]
			points = append(points, p)
		}
	}
	return points, nil
}

// SourceState is how far a source is.
type SourceState struct {
	Name     string
	Declared bool      // false: its plugin is gone or stands still
	Computed int       // tenants with figures of it
	Failed   int       // tenants whose last computation failed
	Error    string    // of one of them
	Oldest   time.Time // when the figures that are oldest were computed; zero: there are none
}

// State is how far the roll-ups are.
type State struct {
	Tenants  int       // that are not deleted
	Excluded int       // demo tenants among them
	Pending  int       // changed, and not yet computed
	Failed   int       // of whom a source can't compute
	Since    time.Time // of the oldest pending change; zero: there is none
	Oldest   time.Time // when the figures that are oldest were computed
	Sources  []SourceState
}

// State returns how far the roll-ups are.
func (i *Insight) State(ctx context.Context) (s State, err error) {
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		s, err = stateOf(ctx, tx)
		return err
	})
	if err != nil {
		return s, fmt.Errorf("read state of figures: %w", err)
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	for n, source := range s.Sources {
		s.Sources[n].Declared = i.sources[source.Name] != nil
		if !source.Oldest.IsZero() && (s.Oldest.IsZero() || source.Oldest.Before(s.Oldest)) {
			s.Oldest = source.Oldest
		}
	}
	return s, nil
}
