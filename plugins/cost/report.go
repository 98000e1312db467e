package cost

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
	"github.com/openhouse-ai/console/ui"
)

// costQuery is what the endpoints are asked with.
type costQuery struct {
	From        string `query:"from" format:"date" doc:"First local day; the first of this month without it." example:"2026-11-01"`
	To          string `query:"to" format:"date" doc:"Last local day; today without it." example:"2026-11-30"`
	Category    string `query:"category" enum:"llm,embeddings,rag,maps,geocoding,storage,bandwidth,other" doc:"Only this category."`
	Development string `query:"development" maxLength:"40" doc:"Only this development's, by its id."`
	Currency    string `query:"currency" pattern:"^[A-Z]{3}$" doc:"Convert to this currency, by the latest exchange rate; USD without it." example:"EUR"`
	Format      string `query:"format" enum:"json,csv,xlsx" default:"json" doc:"csv and xlsx are sent as files."`
	After       string `query:"after" maxLength:"40" doc:"By development across developers: the next of the answer before. Files hold all of it."`
}

// costItem is one line of a report. Amounts are decimals in the report's
// currency, of six places.
type costItem struct {
	Period      string `json:"period,omitempty" doc:"Local day, or month." example:"2026-11-23"`
	TenantID    string `json:"tenant_id,omitempty" doc:"In reports across developers."`
	Tenant      string `json:"tenant,omitempty" doc:"The developer's name, in reports across developers."`
	Development string `json:"development_id,omitempty"`
	Name        string `json:"development,omitempty"`
	Category    string `json:"category" example:"llm"`
	Estimate    string `json:"estimate,omitempty" doc:"Our prices times what was used; left out while nothing of it has a price." example:"12.345600"`
	Actual      string `json:"actual,omitempty" doc:"What the provider has charged; left out while it has not." example:"12.310000"`
	Uses        *int64 `json:"uses,omitempty" doc:"What was used, one thing of an event each; left out in reports across developers."`
	Unpriced    *int64 `json:"unpriced,omitempty" doc:"Uses without a price, which the estimate lacks; left out in reports across developers."`
	Pending     *int64 `json:"pending,omitempty" doc:"Uses that are rated with the provider's whole account and haven't been yet, which the estimate lacks; left out in reports across developers."`
}

// costReport is what the endpoints answer.
type costReport struct {
	Currency   string     `json:"currency" example:"USD"`
	Conversion string     `json:"conversion,omitempty" doc:"The exchange rate used, its day and its source." example:"0.92 EUR for 1 USD on 20 Nov 2026, ECB"`
	From       string     `json:"from" example:"2026-11-01"`
	To         string     `json:"to" example:"2026-11-30"`
	AsOf       *time.Time `json:"as_of,omitempty" doc:"Until when usage has been turned into costs."`
	Complete   bool       `json:"complete" doc:"Everything used has a price."`
	Items      []costItem `json:"items"`
	Total      costItem   `json:"total"`
	Next       string     `json:"next,omitempty" doc:"By development across developers: there is more, behind this."`

	lines []line
}

// begin reads the query and prepares an empty report.
func (q costQuery) begin(ctx context.Context, c sdk.Call) (costReport, asked, teller, error) {
	if err := askedWell(q.From, q.To, q.Category); err != nil {
		return costReport{}, asked{}, dollars, err
	}
	today := dayOf(c.Now, c.Location())
	if q.To == "" {
		q.To = today.Format(time.DateOnly)
	}
	if q.From == "" {
		q.From = min(today.AddDate(0, 0, 1-today.Day()).Format(time.DateOnly), q.To)
	}
	currency := q.Currency
	if currency == "" {
		currency = "USD"
	}
	t, missing, err := tellerOf(ctx, c, currency)
	if err == nil && missing != "" {
		err = &core.Error{Code: core.Invalid, Message: "There is no exchange rate for " + missing + ".", Fields: []core.FieldError{{Field: "currency", Value: missing, Reason: "has no exchange rate"}}}
	}
	if err == nil {
		err = askedWell(q.From, q.To, "") // with what was left out
	}
	end, _ := time.Parse(time.DateOnly, q.To) // was checked
	report := costReport{Currency: t.currency, Conversion: t.source, From: q.From, To: q.To, Complete: true, Items: []costItem{}}
	return report, asked{q.From, end.AddDate(0, 0, 1).Format(time.DateOnly), q.Development, q.Category}, t, err
}

// add puts one line into the report.
func (r *costReport) add(item costItem, l line, t teller) {
	item.fill(l, t)
	r.Items, r.lines = append(r.Items, item), append(r.lines, l)
	r.Complete = r.Complete && l.Unpriced == 0 && l.Pending == 0
}

func (i *costItem) fill(l line, t teller) {
	if !l.unknown() {
		i.Estimate = t.decimals(l.Estimate, 6)
	}
	if !l.Rolled {
		i.Uses, i.Unpriced, i.Pending = &l.Events, &l.Unpriced, &l.Pending
	}
	if l.Billed {
		i.Actual = t.decimals(l.Actual, 6)
	}
}

// unknown reports whether a line was used, and nothing of it has a price: that
// isn't nothing (H20).
func (l line) unknown() bool {
	return l.Events > 0 && l.Estimate == 0 && l.Unpriced+l.Pending == l.Events
}

// end adds the lines up. The sum is rounded once, like every figure (H24).
func (r *costReport) end(t teller) {
	var all line
	for _, l := range r.lines {
		all.add(l)
	}
	r.Total.Category = "all"
	r.Total.fill(all, t)
}

// sheet is the report as a table, for files.
func (r costReport) sheet(t teller) ui.Table {
	table := ui.Table{Columns: []ui.Column{
		{Title: "Period"}, {Title: "Tenant id"}, {Title: "Tenant"}, {Title: "Development id"}, {Title: "Development"}, {Title: "Category"},
		{Title: "Estimate " + r.Currency, Numeric: true}, {Title: "Actual " + r.Currency, Numeric: true},
		{Title: "Uses", Numeric: true}, {Title: "Unpriced", Numeric: true}, {Title: "Pending", Numeric: true},
	}}
	number := func(a rate.Amount) ui.Value { return ui.Number{Value: t.places(a, 6), Decimals: 6} }
	for i, item := range r.Items {
		l := r.lines[i]
		row := ui.Row{Cells: ui.Values{
			ui.Text{Text: item.Period}, ui.Text{Text: item.TenantID}, ui.Text{Text: item.Tenant}, ui.Text{Text: item.Development}, ui.Text{Text: item.Name}, ui.Text{Text: item.Category},
			nil, nil, nil, nil, nil,
		}}
		if !l.unknown() {
			row.Cells[6] = number(l.Estimate)
		}
		if l.Billed {
			row.Cells[7] = number(l.Actual)
		}
		if !l.Rolled {
			row.Cells[8], row.Cells[9], row.Cells[10] = ui.Number{Value: l.Events}, ui.Number{Value: l.Unpriced}, ui.Number{Value: l.Pending}
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// report makes the report of one developer, or of all of them.
func (q costQuery) report(ctx context.Context, c sdk.Call, by string) (costReport, teller, error) {
	r, a, t, err := q.begin(ctx, c)
	if err != nil {
		return r, t, err
	}
	if c.Tenant == "" {
		err = r.ofAll(ctx, c, a, t, q, by)
	} else {
		err = r.ofTenant(ctx, c, a, t, by)
	}
	r.end(t)
	return r, t, err
}

func (r *costReport) ofTenant(ctx context.Context, c sdk.Call, a asked, t teller, by string) error {
	lines, err := selectLines(ctx, c, a, by)
	if err != nil {
		return err
	}
	_, names, err := selectDevelopments(ctx, c)
	if err != nil {
		return err
	}
	if _, known := names[a.Development]; !known && len(lines) == 0 { // one that was removed keeps its costs
		return core.Problems{{Field: "development", Value: a.Development, Reason: "is none of the developer's"}}.Err()
	}
	for _, l := range lines {
		item := costItem{Period: l.Period, Development: l.Development, Category: l.Category}
		if by == byDevelopment {
			item.Name = names[l.Development]
		}
		r.add(item, l, t)
	}
	at, _, err := selectDerived(ctx, c)
	if at > 0 {
		asOf := time.UnixMilli(at).UTC()
		r.AsOf = &asOf
	}
	return err
}
