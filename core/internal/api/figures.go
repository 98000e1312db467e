package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/insight"
)

// Insight is the figures of every tenant, told without opening their files.
type Insight interface {
	Metrics() []core.Metric
	Totals(ctx context.Context, names []string, period string) (map[string]insight.Total, error)
	Ranking(ctx context.Context, metric, period string, q core.Query, worst bool) (core.List[insight.Ranked], error)
	Figures(ctx context.Context, tenant core.TenantID, names []string, period string) ([]core.Figure, insight.Freshness, error)
}

// Freshness says how far figures can be trusted.
type Freshness struct {
	AsOf  time.Time `json:"as_of" doc:"Every change before this moment is counted."`
	Stale int       `json:"stale" doc:"Tenants that have changed since, or whose source fails."`
}

type total struct {
	Metric  string  `json:"metric" example:"units.activated"`
	Value   int64   `json:"value" doc:"The sum over all tenants but demo tenants; 0 for amounts of money." example:"714"`
	Amounts []money `json:"amounts,omitempty" doc:"The sums of an amount, by currency."`
	Tenants int     `json:"tenants" doc:"Tenants whose figure isn't 0."`
	Freshness
	Excluded int `json:"excluded" doc:"Demo tenants, which no sum has."`
}

type totalList struct {
	Period string  `json:"period" doc:"Empty: of all time, and now." example:"2026-11"`
	Items  []total `json:"items"`
}

type ranked struct {
	Tenant tenant `json:"tenant"`
	Value  int64  `json:"value"`
}

type figure struct {
	Metric        string `json:"metric" example:"scans"`
	DevelopmentID string `json:"development_id,omitempty" doc:"Absent: the whole tenant."`
	Currency      string `json:"currency,omitempty"`
	Value         int64  `json:"value"`
}

type figureList struct {
	Period string   `json:"period" doc:"Empty: of all time, and now." example:"2026-11"`
	Items  []figure `json:"items" doc:"What isn't here is 0."`
	Freshness
}

// PeriodInput chooses metrics and when they were counted.
type PeriodInput struct {
	Period string `query:"period" maxLength:"10" doc:"2026-11-23, 2026-11 or 2026; empty: of all time, and now." example:"2026-11"`
}

func (a *api) figures() {
	add(a, operation{id: "list-metrics", method: http.MethodGet, path: adminPrefix + "/insight/metrics", permission: core.TenantsRead, summary: "List what is counted of every tenant"},
		func(context.Context, *struct{}) (*pageOutput[core.Metric], error) {
			metrics := a.Insight.Metrics()
			return pageOf(core.List[core.Metric]{Items: metrics, Total: len(metrics)}, func(m core.Metric) core.Metric { return m }), nil
		})
	add(a, operation{id: "sum-figures", method: http.MethodGet, path: adminPrefix + "/insight/totals", permission: core.TenantsRead, summary: "Sum metrics over all tenants", about: "Demo tenants are left out and counted."},
		func(ctx context.Context, in *struct {
			PeriodInput
			Metric []string `query:"metric" maxItems:"50" doc:"Names of metrics; none: all of them." example:"[\"units\",\"scans\"]"`
		}) (*struct{ Body totalList }, error) {
			return a.totals(ctx, in.Metric, in.Period)
		})
	add(a, operation{id: "rank-tenants", method: http.MethodGet, path: adminPrefix + "/insight/ranking", permission: core.TenantsRead, summary: "List tenants by a figure", about: "The highest first; demo tenants are left out."},
		func(ctx context.Context, in *struct {
			Paging
			PeriodInput
			Metric   string `query:"metric" required:"true" maxLength:"100" doc:"The name of a metric." example:"scans"`
			Currency string `query:"currency" pattern:"^[A-Z]{3}$" doc:"Of an amount of money." example:"EUR"`
			Worst    bool   `query:"worst" doc:"The lowest first."`
			Region   string `query:"region" doc:"Where the tenants' files are." example:"eu-west"`
			Status   string `query:"status" enum:"provisioning,active,suspended,failed"`
			Text     string `query:"q" maxLength:"200" doc:"Words that a tenant's name, code or id contains."`
		}) (*pageOutput[ranked], error) {
			q := in.query()
			q.Kind, q.Region, q.Status, q.Text = in.Currency, in.Region, in.Status, in.Text
			list, err := a.Insight.Ranking(ctx, in.Metric, in.Period, q, in.Worst)
			return pageOf(list, func(r insight.Ranked) ranked { return ranked{shapeTenant(r.Tenant), r.Value} }), err
		})
	addTenant(a, operation{id: "list-figures", method: http.MethodGet, path: "/insight/figures", permission: core.DirectoryRead, summary: "List the figures of a tenant and of its developments"},
		func(ctx context.Context, in *struct {
			PeriodInput
			Metric []string `query:"metric" maxItems:"50" doc:"Names of metrics; none: all of them." example:"[\"units\",\"scans\"]"`
		}) (*struct{ Body figureList }, error) {
			figures, fresh, err := a.Insight.Figures(ctx, tenantOf(ctx), in.Metric, in.Period)
			out := figureList{Period: in.Period, Items: []figure{}, Freshness: Freshness{fresh.AsOf, fresh.Stale}}
			for _, f := range figures {
				out.Items = append(out.Items, figure{Metric: f.Metric, DevelopmentID: f.Development, Currency: f.Currency, Value: f.Value})
			}
			return &struct{ Body figureList }{out}, err
		})
}

func (a *api) totals(ctx context.Context, names []string, period string) (*struct{ Body totalList }, error) {
	if len(names) == 0 {
		for _, m := range a.Insight.Metrics() {
			names = append(names, m.Name)
		}
	}
	totals, err := a.Insight.Totals(ctx, names, period)
	out := totalList{Period: period, Items: []total{}}
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		t := totals[name]
		shaped := total{Metric: name, Value: t.Value, Tenants: t.Tenants, Freshness: Freshness{t.AsOf, t.Stale}, Excluded: t.Excluded}
		for _, currency := range slices.Sorted(maps.Keys(t.Amounts)) {
			shaped.Amounts = append(shaped.Amounts, money{Minor: t.Amounts[currency], Currency: currency})
		}
		out.Items = append(out.Items, shaped)
	}
	return &struct{ Body totalList }{out}, nil
}
