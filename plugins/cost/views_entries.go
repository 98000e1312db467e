package cost

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// The kinds of entries, as people say them.
var kinds = []ui.Option{
	{Value: "estimate", Label: "Priced"}, {Value: "correction", Label: "Correction"}, {Value: "unpriced", Label: "No price"}, {Value: "pooled", Label: "Rated with the account"},
}

func kindBadge(kind string) ui.Value {
	switch kind {
	case "estimate":
		return ui.Badge{Text: "Priced"}
	case "correction":
		return ui.Badge{Text: "Correction", Tone: ui.Info}
	case "unpriced":
		return ui.Badge{Text: "No price", Tone: ui.Warn}
	}
	return ui.Badge{Text: "Rated with the account"}
}

// showEntries are the entries behind a figure: what was used in an hour, by
// unit and price.
func showEntries(ctx context.Context, c sdk.Call) (ui.Page, error) {
	s, err := sceneryOf(ctx, c)
	if err != nil {
		return ui.Page{}, err
	}
	q := c.List()
	f := entryFilter{asked: asked{Development: q.Development, Category: c.QueryValue("category")},
		Unit: q.Unit, SKU: c.QueryValue("sku"), Usage: c.QueryValue("usage"), Kind: q.Kind}
	lead := "Of all days"
	if !q.From.IsZero() || !q.To.IsZero() {
		f.From, f.To, lead = s.asked.From, s.asked.To, s.words()
	}
	offset, _ := strconv.Atoi(q.After) // a cursor that is none is the first page
	entries, all, total, err := selectEntries(ctx, c, f, c.Limit(), offset)
	if err != nil {
		return ui.Page{}, err
	}
	list := core.List[entry]{Items: entries, Total: total}
	if next := offset + len(entries); next < total {
		list.Next = strconv.Itoa(next)
	}
	table := s.entryListing(c).Table(c, list)
	for _, name := range []string{"from", "to", "unit", "sku", "usage"} {
		if value := c.QueryValue(name); value != "" {
			table.Keep = append(table.Keep, ui.Hidden{Name: name, Value: value})
		}
	}
	if total > 0 {
		table.Totals = ui.Values{ui.Text{Text: "All"}, nil, nil, ui.Number{Value: all.Events}, nil, s.teller.fine(all.Estimate)}
	}
	p := ui.Page{
		Crumbs: []ui.Link{{Text: "Costs", Href: c.URL("/")}},
		Head:   ui.Head{Title: "Cost entries", Lead: lead + ": what was used in each hour, by unit and price. " + s.conversion()},
		Blocks: ui.Blocks{table},
	}
	if f.SKU != "" {
		p.Head.Title = "Cost entries of " + f.SKU
	}
	return p, nil
}

func (s scenery) entryListing(c sdk.Call) sdk.Listing[entry] {
	filters := append(s.filters(), ui.Filter{Name: "kind", Label: "Kind", Options: kinds})
	return sdk.Listing[entry]{
		ID: "entries", Title: "Entries", Path: "/entries", Filters: filters, Href: func(e entry) string { return e.href(c) },
		None: ui.Empty{Title: "No entries here.", Reason: "An entry is made within a minute of the usage events that it is derived from."},
		Columns: []sdk.Column[entry]{
			{Title: "Used", Cell: func(e entry) ui.Value {
				return ui.Link{Text: used(e.SKU, e.Usage), Note: categoryName(e.Category) + e.variant(), Href: e.href(c)}
			}},
			{Title: "Hour", Priority: 1, Cell: func(e entry) ui.Value { return ui.Time{At: e.at(), Exact: true} }},
			{Title: "Unit", Priority: 2, Cell: func(e entry) ui.Value {
				if e.Label == "" {
					return ui.Text{Text: s.names[e.Development], Muted: true}
				}
				return ui.Text{Text: e.Label, Note: s.names[e.Development]}
			}},
			{Title: "Uses", Numeric: true, Priority: 1, Cell: func(e entry) ui.Value { return ui.Number{Value: e.Events} }},
			{Title: "Kind", Priority: 1, Cell: func(e entry) ui.Value { return kindBadge(e.Kind) }},
			{Title: s.teller.column("Amount"), Numeric: true, Cell: func(e entry) ui.Value {
				if e.Amount == nil {
					return nil
				}
				return s.teller.fine(*e.Amount)
			}},
		},
	}
}

// variant names a service tier and a context band that aren't the usual ones.
func (e entry) variant() string {
	said := ""
	if e.Tier != "" && e.Tier != "standard" {
		said += " · " + e.Tier
	}
	if e.Band != "" {
		said += " · " + e.Band + " context"
	}
	return said
}

// href is the address of an entry's own page: its key, in the address.
func (e entry) href(c sdk.Call) string {
	return ui.Address(c.URL("/entries/"+strconv.FormatInt(e.Hour, 10)), nil, "date", e.Date, "development", e.Development, "unit", e.Unit,
		"category", e.Category, "provider", e.Provider, "sku", e.SKU, "usage", e.Usage, "tier", e.Tier, "band", e.Band, "row", e.PriceRow, "kind", e.Kind)
}

// span is the time that an entry is about: the part of its hour that is on its
// date, and of storage the whole date.
func (e entry) span(days calendar) (from, to time.Time) {
	date, _ := time.Parse(time.DateOnly, e.Date) // dates are our own
	from, to = days.begin(e.Date), days.begin(date.AddDate(0, 0, 1).Format(time.DateOnly))
	if e.Usage == storageKey.Usage {
		return from, to
	}
	if end := e.at().Add(time.Hour); end.Before(to) {
		to = end
	}
	return later(from, e.at()), to
}

// typesOf are the usage events that a category of cost is made of.
func typesOf(category string) []string {
	switch category {
	case "llm":
		return []string{"ai.openhouse.llm.called"}
	case "embeddings":
		return []string{"ai.openhouse.embedding.created"}
	case "rag":
		return []string{"ai.openhouse.rag.indexed"}
	case "maps":
		return []string{"ai.openhouse.map.loaded", "ai.openhouse.place.requested"}
	case "geocoding":
		return []string{"ai.openhouse.geocode.requested"}
	case "storage":
		return []string{"ai.openhouse.storage.measured"}
	}
	return []string{"ai.openhouse.bandwidth.measured"}
}

// shownEvents is how many events an entry's page lists.
const shownEvents = 100

// showEntry is one entry: the price row, the sum, and the events behind it.
func showEntry(ctx context.Context, c sdk.Call) (ui.Page, error) {
	s, err := sceneryOf(ctx, c)
	if err != nil {
		return ui.Page{}, err
	}
	hour, err := strconv.ParseInt(c.Param("hour"), 10, 64)
	if err != nil || hour <= 0 {
		return ui.Page{}, core.Errorf(core.NotFound, "There is no such entry.")
	}
	date := c.QueryValue("date")
	e, err := findEntry(ctx, c, entryFilter{
		asked: asked{From: date, To: date + "~", Development: c.QueryValue("development"), Category: c.QueryValue("category")},
		Hour:  hour, Unit: c.QueryValue("unit"), Provider: c.QueryValue("provider"), SKU: c.QueryValue("sku"),
		Usage: c.QueryValue("usage"), Kind: c.QueryValue("kind"), Tier: c.QueryValue("tier"), Band: c.QueryValue("band"), PriceRow: c.QueryValue("row"),
	})
	if err != nil {
		return ui.Page{}, err
	}
	days, _, err := selectZones(ctx, c)
	if err != nil {
		return ui.Page{}, err
	}
	from, to := e.span(days)
	events, total, err := selectReported(ctx, c, e, typesOf(e.Category), from, to, shownEvents)
	if err != nil {
		return ui.Page{}, err
	}
	badge, _ := kindBadge(e.Kind).(ui.Badge)
	return ui.Page{
		Crumbs: []ui.Link{{Text: "Costs", Href: c.URL("/")}, {Text: "Entries", Href: c.URL("/entries")}},
		Head:   ui.Head{Title: used(e.SKU, e.Usage), Lead: "In the hour from " + e.at().In(c.Location()).Format("2 January 2006, 15:04") + ".", Status: &badge},
		Blocks: ui.Blocks{
			ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{
				ui.Section{Title: "What it came to", Blocks: ui.Blocks{ui.Details{Items: e.sum(s)}}},
				ui.Section{Title: "Price", Blocks: ui.Blocks{e.price(c)}},
			}},
			eventTable(events, total),
		},
	}, nil
}

func (e entry) sum(s scenery) []ui.Detail {
	unit := e.Label
	if unit == "" {
		unit = "Outside of any unit"
	}
	items := []ui.Detail{
		{Label: "Unit", Value: ui.Text{Text: unit, Note: s.names[e.Development]}},
		{Label: "Day", Value: ui.Text{Text: e.Date}, Hint: "Where the developer is."},
		{Label: "Quantity", Value: ui.Number{Value: e.Quantity}},
		{Label: "Events", Value: ui.Number{Value: e.Events}},
	}
	switch {
	case e.Amount == nil && e.Kind == "pooled":
		return append(items, ui.Detail{Label: "Amount", Value: ui.Text{Text: "Its part of what the provider's account cost in the month"}})
	case e.Amount == nil && e.SKU == erased:
		return append(items, ui.Detail{Label: "Amount", Value: ui.Text{Text: "Unknown: the events were erased before they were priced"}})
	case e.Amount == nil:
		return append(items, ui.Detail{Label: "Amount", Value: ui.Text{Text: "Unknown: there is no price"}})
	}
	items = append(items, ui.Detail{Label: "Amount", Value: ui.Text{Text: dollars.decimals(*e.Amount, 12) + " USD"}})
	if s.teller.currency != "USD" {
		items = append(items, ui.Detail{Label: "In " + s.teller.currency, Value: s.teller.fine(*e.Amount), Hint: s.conversion()})
	}
	return items
}

// price says what the entry was priced with.
func (e entry) price(c sdk.Call) ui.Block {
	if e.Price == "" {
		return ui.Empty{Title: "No price row.", Reason: "What is rated on the provider's account, or has no price yet, has none of its own."}
	}
	day := func(ms int64) string { return time.UnixMilli(ms).UTC().Format("2 January 2006") }
	until := "until the next price"
	if e.PriceTo != nil {
		until = "to " + day(*e.PriceTo)
	}
	items := []ui.Detail{
		{Label: "Price", Value: ui.Text{Text: e.Price + " USD", Note: "for " + unitOf(e.Per, e.Usage)}},
		{Label: "In force", Value: ui.Text{Text: "from " + day(e.PriceFrom), Note: until}},
		{Label: "Source", Value: ui.Text{Text: e.PriceSource, Note: "checked on " + e.PriceCheck}},
		{Label: "Row", Value: ui.ID{Text: e.PriceRow}},
	}
	if e.Corrects != "" {
		items = append(items, ui.Detail{Label: "Corrects", Value: ui.ID{Text: e.Corrects}, Hint: "The amount is the difference."})
	}
	return ui.Details{Columns: 1, Items: items}
}

func eventTable(events []reported, total int) ui.Table {
	t := ui.Table{
		ID: "events", Title: "Usage events of the hour", Count: &total,
		None:    ui.Empty{Title: "The events are gone.", Reason: "They were erased when their time of retention was over. The entry stays."},
		Columns: []ui.Column{{Title: "When"}, {Title: "Event"}, {Title: "What was reported", Priority: 1}},
	}
	if total > len(events) {
		t.Lead = fmt.Sprintf("The first %d.", len(events))
	}
	for _, e := range events {
		t.Rows = append(t.Rows, ui.Row{Cells: ui.Values{ui.Time{At: e.At, Exact: true}, ui.Text{Text: e.ID, Note: e.Source}, ui.Text{Text: e.Body}}})
	}
	return t
}
