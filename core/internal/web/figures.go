package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/insight"
	"github.com/openhouse-ai/console/ui"
)

// Insight is the figures of every tenant, told without opening their files.
type Insight interface {
	Totals(ctx context.Context, names []string, period string) (map[string]insight.Total, error)
	Sorted(ctx context.Context, metric, period string, q core.Query) (core.List[insight.Ranked], error)
	OfTenants(ctx context.Context, names []string, period string, ids []core.TenantID) (map[core.TenantID]map[string]int64, error)
	Figures(ctx context.Context, tenant core.TenantID, names []string, period string) ([]core.Figure, insight.Freshness, error)
	Series(ctx context.Context, metric string, tenant core.TenantID, grain insight.Grain, from, to string) ([]insight.Point, error)
}

// The metrics that pages show.
const (
	metricDevelopments = "developments"
	metricUnits        = "units"
	metricActivated    = "units.activated"
	metricHomeowners   = "homeowners"
	metricScans        = "scans"
)

// keyFigures are what all real tenants come to, each beside what it can be
// compared with and leading to the tenants that it is made of. A console that
// has demo tenants alone shows theirs.
func (q *request) keyFigures() (ui.Block, string, error) {
	now := q.site.Now().In(q.zone())
	totals, err := q.site.Insight.Totals(q.ctx, []string{metricDevelopments, metricUnits, metricActivated, metricHomeowners}, "")
	if err != nil {
		return nil, "", err
	}
	month, err := q.site.Insight.Totals(q.ctx, []string{metricScans}, insight.PeriodOf(insight.Month, now))
	if err != nil {
		return nil, "", err
	}
	totals[metricScans] = month[metricScans]
	fresh := totals[metricUnits].Freshness
	pick := func(name string) int64 { return totals[name].Value }
	left := ""
	if n := fresh.Excluded; n > 0 && totals[metricDevelopments].Tenants == 0 {
		pick = func(name string) int64 { return totals[name].Demo }
		left = " They are of " + plural(n, "demo tenant") + ": there is no other yet."
	} else if n > 0 {
		left = " " + withoutDemos(n)
	}
	units, activated := pick(metricUnits), pick(metricActivated)
	stats := ui.Stats{Items: []ui.Stat{
		{Label: "Units", Value: ui.Number{Value: units}, Versus: "in " + plural(int(pick(metricDevelopments)), "development"), Href: "/admin/tenants?sort=-units"},
		{Label: "Activation", Value: share(activated, units), Versus: digits(activated) + " of " + plural(int(units), "unit"), Href: "/admin/tenants?sort=-activated"},
		{Label: "Homeowners", Value: ui.Number{Value: pick(metricHomeowners)}, Versus: perUnit(pick(metricHomeowners), activated), Href: "/admin/tenants?sort=-homeowners"},
	}}
	scans := ui.Stat{Label: "Scans in " + now.Month().String(), Value: ui.Number{Value: pick(metricScans)}, Href: "/admin/tenants?sort=-scans"}
	if err := q.compareScans(&scans, now); err != nil {
		return nil, "", err
	}
	stats.Items = append(stats.Items, scans)
	return stats, "Figures " + q.asOf(fresh) + left, nil
}

func withoutDemos(n int) string {
	if n == 1 {
		return "1 demo tenant is left out."
	}
	return plural(n, "demo tenant") + " are left out."
}

// compareScans sets this month beside as many days of the one before, and
// draws the last thirty days.
func (q *request) compareScans(s *ui.Stat, now time.Time) error {
	first := time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, now.Location())
	days, err := q.site.Insight.Series(q.ctx, metricScans, "", insight.Day, insight.PeriodOf(insight.Day, first), insight.PeriodOf(insight.Day, now))
	if err != nil {
		return err
	}
	var before, current int64
	for n, p := range days {
		day := first.AddDate(0, 0, n)
		switch {
		case day.Month() == now.Month():
			current += p.Value
		case day.Day() <= now.Day():
			before += p.Value
		}
		if n >= len(days)-30 {
			s.Spark = append(s.Spark, p.Value)
		}
	}
	s.Versus = "vs 1 to " + strconv.Itoa(min(now.Day(), first.AddDate(0, 1, -1).Day())) + " " + first.Month().String()
	switch {
	case before > 0:
		s.Change, s.Tone = trend(current, before)
	case current == 0:
		s.Versus, s.Spark = "none in "+first.Month().String()+" either", nil
	default:
		s.Versus = "none " + s.Versus[len("vs "):]
	}
	return nil
}

// trend is how much more one number is than another: "+4.2%".
func trend(now, before int64) (string, ui.Tone) {
	tenths := (now - before) * 1000 / before
	sign, tone := "+", ui.Good
	switch {
	case tenths < 0:
		sign, tone, tenths = "−", ui.Bad, -tenths
	case tenths == 0:
		tone = ui.Plain
	}
	return fmt.Sprintf("%s%d.%d%%", sign, tenths/10, tenths%10), tone
}

// share is a part of a whole in percent; nothing of nothing is none.
func share(part, whole int64) ui.Value {
	if whole == 0 {
		return ui.Text{Text: "–", Muted: true}
	}
	return ui.Number{Value: (part*1000 + whole/2) / whole, Decimals: 1, Unit: "%"}
}

func perUnit(people, units int64) string {
	if units == 0 {
		return "no unit is activated yet"
	}
	tenths := (people*10 + units/2) / units
	return fmt.Sprintf("%d.%d for each activated unit", tenths/10, tenths%10)
}

func digits(n int64) string { return strconv.FormatInt(n, 10) }

// asOf says how fresh figures are: "as of 22 November, 09:12; 2 tenants are
// still being computed."
func (q *request) asOf(f insight.Freshness) string {
	text := "as of " + f.AsOf.In(q.zone()).Format("2 January 2006, 15:04")
	switch {
	case f.Stale == 1:
		return text + "; 1 tenant has changed since."
	case f.Stale > 1:
		return text + "; " + plural(f.Stale, "tenant") + " have changed since."
	}
	return text + "."
}

// scansAtGlance is the last thirty days of a tenant; nothing before the first
// scan.
func (q *request) scansAtGlance() (ui.Block, error) {
	now := q.site.Now().In(q.zone())
	first := now.AddDate(0, 0, -29)
	days, err := q.site.Insight.Series(q.ctx, metricScans, q.tenant.ID, insight.Day, insight.PeriodOf(insight.Day, first), insight.PeriodOf(insight.Day, now))
	if err != nil {
		return nil, err
	}
	all, fresh, err := q.site.Insight.Figures(q.ctx, q.tenant.ID, []string{metricScans}, "")
	if err != nil || len(all) == 0 {
		return nil, err
	}
	chart := ui.Chart{
		Title: "Scans", Kind: ui.Bars, Series: []ui.Series{{Name: "Scans a day"}},
		Actions: []ui.Action{{Label: "Units that were scanned", Href: q.base + "/units?status=scanned", Kind: ui.Quiet}},
	}
	var sum int64
	for n, p := range days {
		chart.Labels = append(chart.Labels, first.AddDate(0, 0, n).Format("2 Jan"))
		chart.Series[0].Values = append(chart.Series[0].Values, p.Value)
		sum += p.Value
	}
	chart.Lead = fmt.Sprintf("%d in the last 30 days, %d in all, %s", sum, all[0].Value, q.asOf(fresh))
	return chart, nil
}

// tenantFigures is a tenant and what it came to; nil before it was computed.
type tenantFigures struct {
	core.Tenant
	now, month map[string]int64
}

// tenantSorts are the columns of the list of tenants that are figures.
var tenantSorts = map[string]string{
	"units": metricUnits, "activated": metricActivated, "homeowners": metricHomeowners, "scans": metricScans,
}

// tenantsWithFigures is the list of tenants, which a figure can sort.
func (q *request) tenantsWithFigures(query core.Query) (core.List[tenantFigures], error) {
	month := insight.PeriodOf(insight.Month, q.site.Now().In(q.zone()))
	list, err := q.sortedTenants(query, month)
	out := core.List[tenantFigures]{Next: list.Next, Total: list.Total}
	if err != nil {
		return out, err
	}
	ids := make([]core.TenantID, len(list.Items))
	for n, t := range list.Items {
		ids[n] = t.ID
	}
	now, err := q.site.Insight.OfTenants(q.ctx, []string{metricUnits, metricActivated, metricHomeowners}, "", ids)
	if err != nil {
		return out, err
	}
	scans, err := q.site.Insight.OfTenants(q.ctx, []string{metricScans}, month, ids)
	if err != nil {
		return out, err
	}
	for _, t := range list.Items {
		out.Items = append(out.Items, tenantFigures{Tenant: t, now: now[t.ID], month: scans[t.ID]})
	}
	return out, nil
}

func (q *request) sortedTenants(query core.Query, month string) (list core.List[core.Tenant], err error) {
	metric, ok := tenantSorts[query.Sort]
	if !ok {
		return q.site.Tenants.List(q.ctx, query)
	}
	period := ""
	if metric == metricScans {
		period = month
	}
	query.Kind = ""
	ranked, err := q.site.Insight.Sorted(q.ctx, metric, period, query)
	list.Next, list.Total = ranked.Next, ranked.Total
	for _, r := range ranked.Items {
		list.Items = append(list.Items, r.Tenant)
	}
	return list, err
}

// figureCell is a figure of a row; a dash before it was computed.
func figureCell(figures map[string]int64, name string) ui.Value {
	if figures == nil {
		return nil
	}
	return ui.Number{Value: figures[name]}
}
