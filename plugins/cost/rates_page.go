package cost

import (
	"context"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// showRates is the table of exchange rates, with forms that add to it.
func showRates(ctx context.Context, c sdk.Call) (ui.Page, error) {
	q := c.List()
	from, _ := strconv.Atoi(q.After) // a cursor that is none is the first page
	list, err := selectRateList(ctx, c.DB(), q, c.QueryValue("currency"), c.Limit(), max(0, from))
	if err != nil {
		return ui.Page{}, err
	}
	currencies, err := selectCurrencies(ctx, c.DB())
	if err != nil {
		return ui.Page{}, err
	}
	form := c.Form("add-rate", "Add an exchange rate", map[string]any{"date": c.Now.UTC().Format(time.DateOnly), "base": "EUR", "quote": "USD"})
	form.Submit = "Add rate"
	file := c.Form("import-rates", "Import exchange rates")
	file.Lead = "A rate of the same day and pair takes the place of the one that was there."
	file.Submit = "Import file"
	listing := sdk.Listing[dailyRate]{
		ID: "rates", Title: "Exchange rates", Path: "/rates", Search: "Day or currency",
		Filters: []ui.Filter{{Name: "currency", Label: "Currency", Options: options(currencies, nil)}},
		None:    ui.Empty{Title: "No exchange rates yet.", Reason: "Without them costs are shown in US dollars, and bills in other currencies can't be compared."},
		Columns: []sdk.Column[dailyRate]{
			{Title: "Day", Sort: "date", Cell: func(r dailyRate) ui.Value { return ui.Text{Text: r.Date} }},
			{Title: "Pair", Sort: "pair", Cell: func(r dailyRate) ui.Value { return ui.Text{Text: r.Quote + " for 1 " + r.Base} }},
			{Title: "Rate", Numeric: true, Cell: func(r dailyRate) ui.Value {
				return decimalCell(r.Rate)
			}},
			{Title: "Source", Priority: 1, Cell: func(r dailyRate) ui.Value { return ui.Text{Text: r.Source, Muted: true} }},
		},
	}
	return ui.Page{
		Head:   ui.Head{Title: "Exchange rates", Lead: "Costs are kept in US dollars, and shown in other currencies at the latest rate up to the day."},
		Blocks: ui.Blocks{ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{listing.Table(c, list), ui.Stack{Blocks: ui.Blocks{form, file}}}}},
	}, nil
}

type ratesInput struct {
	Currency string `query:"currency" doc:"Rates from or to it."`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"25"`
	After    string `query:"after" doc:"The next of the page before."`
}

type ratesOutput struct {
	Body struct {
		Items []dailyRate `json:"items"`
		Next  string      `json:"next,omitempty"`
		Total int         `json:"total"`
	}
}

func listRates(ctx context.Context, c sdk.Call, in *ratesInput) (*ratesOutput, error) {
	from, _ := strconv.Atoi(in.After) // a cursor that is none is the first page
	list, err := selectRateList(ctx, c.DB(), c.List(), in.Currency, in.Limit, max(0, from))
	if err != nil {
		return nil, err
	}
	out := new(ratesOutput)
	out.Body.Items, out.Body.Next, out.Body.Total = append([]dailyRate{}, list.Items...), list.Next, list.Total
	return out, nil
}

// rateFileInput is a file of rates as the body of a request.
type rateFileInput struct {
	RawBody []byte `contentType:"text/csv" doc:"The file: the columns date, base, quote, rate and source, or eurofxref-hist.csv of the European Central Bank."`
}

type ratesImported struct {
	Body struct {
		Changed int `json:"changed" doc:"Rates that are new or another than before."`
	}
}

func postRates(ctx context.Context, c sdk.Call, in *rateFileInput) (*ratesImported, error) {
	changed, err := importRates(ctx, c, in.RawBody)
	out := new(ratesImported)
	out.Body.Changed = len(changed)
	return out, err
}
