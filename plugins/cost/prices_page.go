package cost

import (
	"context"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"github.com/openhouse-ai/console/ui"
)

// showPrices is the price book: every row.
func showPrices(ctx context.Context, c sdk.Call) (ui.Page, error) {
	book, err := selectPrices(ctx, c.DB())
	if err != nil {
		return ui.Page{}, err
	}
	q := c.List()
	rows := priceFilter{q.Text, c.QueryValue("provider"), c.QueryValue("usage"), c.QueryValue("tier"), q.Status}.of(book, c.Now)
	sortPrices(rows, q.Sort, q.Desc)
	return ui.Page{
		Head: ui.Head{Title: "Price book", Lead: "What providers charge from a day on. Seeded rows are public list prices: confirm them before you rely on them.", Actions: []ui.Action{
			{Label: "Import prices", Icon: ui.IconUpload, Href: c.URL("/prices/import")}, {Label: "Add a price", Icon: ui.IconPlus, Kind: ui.Primary, Href: c.URL("/prices/new")},
		}},
		Blocks: ui.Blocks{priceListing(c, book).Table(c, pageOf(rows, q.After, c.Limit()))},
	}, nil
}

// showNewPrice asks for a row of any key.
func showNewPrice(_ context.Context, c sdk.Call) (ui.Page, error) {
	form := c.Form("add-price", "", map[string]any{"per": 1_000_000, "tier": price.Standard})
	form.Submit, form.Cancel = "Add price", &ui.Link{Text: "Cancel", Href: c.URL("/prices")}
	dates(&form)
	return priceForm(c, "Add a price", "A row ends where the next one of the same SKU, usage, tier, band and step begins. Rows are never changed.", form), nil
}

// showPriceFile asks for a file of rows.
func showPriceFile(_ context.Context, c sdk.Call) (ui.Page, error) {
	form := c.Form("import-prices", "")
	form.Submit, form.Cancel = "Import file", &ui.Link{Text: "Cancel", Href: c.URL("/prices")}
	form.Consequence = "What the book has already is left out; everything else of the file is added, or nothing is. The book as a file to edit is the plugin's route prices.csv in the API."
	return priceForm(c, "Import prices", "Rows of many prices at once, from a CSV file.", form), nil
}

func priceForm(c sdk.Call, title, lead string, form ui.Form) ui.Page {
	return ui.Page{Crumbs: []ui.Link{{Text: "Price book", Href: c.URL("/prices")}}, Head: ui.Head{Title: title, Lead: lead}, Blocks: ui.Blocks{form}}
}

// dates draws the fields of days as calendars.
func dates(form *ui.Form) {
	for _, name := range []string{"from", "to"} {
		form.Field(name).Kind = ui.DateField
	}
}

func priceListing(c sdk.Call, book *price.Book) sdk.Listing[bookRow] {
	var providers, tiers []string
	for _, key := range book.Keys() {
		providers, tiers = append(providers, key.Provider), append(tiers, key.Tier)
	}
	return sdk.Listing[bookRow]{
		ID: "prices", Title: "Prices", Path: "/prices", Search: "Model or SKU",
		Filters: []ui.Filter{
			{Name: "status", Label: "Status", Options: []ui.Option{{Value: inForce, Label: "In force now"}, {Value: toCome, Label: "To come"}, {Value: corrected, Label: "Corrected"}, {Value: ended, Label: "Ended"}}},
			{Name: "provider", Label: "Provider", Options: options(providers, providerName)},
			{Name: "usage", Label: "Usage", Options: options(price.Usages, usageName)},
			{Name: "tier", Label: "Tier", Options: options(tiers, nil)},
		},
		None: ui.Empty{Title: "No prices yet.", Reason: "A new console has its list prices within a minute."},
		Href: func(b bookRow) string { return c.URL("/prices/" + b.ID) },
		Columns: []sdk.Column[bookRow]{
			{Title: "SKU", Sort: "sku", Cell: func(b bookRow) ui.Value {
				return ui.Link{Text: b.SKU, Href: c.URL("/prices/" + b.ID), Note: providerName(b.Provider)}
			}},
			{Title: "Usage", Cell: func(b bookRow) ui.Value { return ui.Text{Text: usageName(b.Usage), Note: b.tierAndBand()} }},
			{Title: "Above", Numeric: true, Priority: 2, Cell: func(b bookRow) ui.Value {
				if b.Above == 0 {
					return nil
				}
				return ui.Number{Value: b.Above}
			}},
			{Title: "Price, USD", Sort: "price", Numeric: true, Cell: func(b bookRow) ui.Value { return b.priceCell() }},
			{Title: "For", Numeric: true, Cell: func(b bookRow) ui.Value { return ui.Number{Value: b.Per} }},
			{Title: "From", Sort: "from", Numeric: true, Priority: 1, Cell: func(b bookRow) ui.Value { return ui.Text{Text: b.Begins()} }},
			{Title: "To", Numeric: true, Priority: 1, Cell: func(b bookRow) ui.Value { return b.until() }},
			{Title: "Source", Sort: "checked", Priority: 2, Cell: func(b bookRow) ui.Value {
				return ui.Text{Text: b.Source, Note: readOn(b.CheckedOn), Muted: true}
			}},
			{Title: "Status", Priority: 1, Cell: func(b bookRow) ui.Value { return standings[b.standing] }},
		},
	}
}

// options are the words of a filter, each once and in order, by their names.
func options(words []string, name func(string) string) []ui.Option {
	words = slices.Clone(words)
	slices.Sort(words)
	var list []ui.Option
	for _, word := range slices.Compact(words) {
		option := ui.Option{Value: word}
		if name != nil {
			option.Label = name(word)
		}
		list = append(list, option)
	}
	return list
}

func (b bookRow) tierAndBand() string {
	if b.Band != "" {
		return b.Tier + ", " + b.Band
	}
	return b.Tier
}

// readOn says when a source was read.
func readOn(day string) string {
	if day == "" {
		return "read on an unknown day"
	}
	return "read on " + day
}

func (b bookRow) priceCell() ui.Value {
	if b.Price == "" {
		return ui.Text{Text: "not known", Muted: true}
	}
	return decimalCell(b.Price)
}

// decimalCell is a decimal as a number; one of too many digits stays text.
func decimalCell(text string) ui.Value {
	whole, rest, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+rest, 10, 64)
	if err != nil {
		return ui.Text{Text: text}
	}
	return ui.Number{Value: n, Decimals: len(rest)}
}

// words are the price with what it is for: "0.10 USD for 1,000,000".
func (b bookRow) words() string {
	if b.Price == "" {
		return "Not known"
	}
	return b.Price + " USD for " + thousands(b.Per)
}

// until is when the row ends, as the provider's day.
func (b bookRow) until() ui.Value {
	if b.end.IsZero() {
		return ui.Text{Text: "open", Muted: true}
	}
	ends := price.Row{Key: b.Key, To: b.end}
	return ui.Text{Text: ends.Ends()}
}

// thousands writes a count with separators: 1,000,000.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// comparePrices orders rows by what one unit costs; an unknown price comes first.
func comparePrices(a, b price.Row) int {
	return unitPrice(a).Cmp(unitPrice(b))
}

func unitPrice(r price.Row) *big.Rat {
	usd, ok := new(big.Rat).SetString(r.Price)
	if !ok {
		return big.NewRat(-1, 1)
	}
	return usd.Quo(usd, big.NewRat(r.Per, 1))
}

// showPrice is one key of the book: its rows from the latest on, the form of
// the next price and that of a correction.
func showPrice(ctx context.Context, c sdk.Call) (ui.Page, error) {
	book, err := selectShelf(ctx, c.DB(), c.Param("row"))
	if err != nil {
		return ui.Page{}, err
	}
	asked, found := book.Row(c.Param("row"))
	if !found {
		return ui.Page{}, core.Errorf(core.NotFound, "There is no such price.")
	}
	origins, err := selectOrigins(ctx, c.DB(), asked.Provider, asked.SKU)
	if err != nil {
		return ui.Page{}, err
	}
	var rows []bookRow
	for _, r := range book.Rows() {
		if r.Key == asked.Key {
			rows = append(rows, standing(book, r, c.Now))
		}
	}
	latest := slices.Clone(rows)
	slices.SortStableFunc(latest, func(a, b bookRow) int { return b.From.Compare(a.From) })
	badge := standings[standing(book, asked, c.Now).standing]
	return ui.Page{
		Crumbs: []ui.Link{{Text: "Price book", Href: c.URL("/prices")}},
		Head:   ui.Head{Title: used(asked.SKU, asked.Usage), Lead: keyLead(asked.Key), Status: &badge},
		Blocks: ui.Blocks{
			keyTable(c, book, rows, asked.ID),
			ui.Grid{Blocks: ui.Blocks{nextForm(c, asked), correctionForm(c, rows, asked.ID)}},
			ui.Section{Title: "What happened", Blocks: ui.Blocks{priceTimeline(c, latest, origins)}},
		},
	}, nil
}

func keyLead(key price.Key) string {
	lead := "What " + providerName(key.Provider) + " charges, tier " + key.Tier
	if key.Band != "" {
		lead += ", context band " + key.Band
	}
	if price.Pooled(key.Provider, key.SKU) {
		return lead + ". Rated on the total of our account in the provider's month, and shared out by use."
	}
	return lead + ". Each use is priced by the row of its moment."
}

// keyTable is every row of a key, with the step that it is of.
func keyTable(c sdk.Call, book *price.Book, rows []bookRow, asked string) ui.Table {
	l := priceListing(c, book)
	l.ID, l.Title, l.Path, l.Search, l.Filters = "rows", "Rows", "/prices/"+asked, "", nil
	l.Columns = slices.DeleteFunc(l.Columns, func(col sdk.Column[bookRow]) bool { return col.Title == "SKU" || col.Title == "Usage" })
	for i := range l.Columns {
		l.Columns[i].Sort = ""
	}
	l.Columns = slices.Insert(l.Columns, 0, sdk.Column[bookRow]{Title: "Row", Cell: func(b bookRow) ui.Value {
		if b.Corrects != "" {
			return ui.Text{Text: b.ID, Note: "in the place of " + b.Corrects}
		}
		return ui.Text{Text: b.ID}
	}})
	return l.Table(c, core.List[bookRow]{Items: rows, Total: len(rows)})
}

func priceTimeline(c sdk.Call, latest []bookRow, origins map[string]origin) ui.Timeline {
	var t ui.Timeline
	for _, b := range latest {
		title := b.words()
		if b.Above > 0 {
			title += ", above " + thousands(b.Above)
		}
		m := ui.Moment{At: b.From, Title: title, Note: b.Source, Href: c.URL("/prices/" + b.ID), Icon: ui.IconCosts}
		if b.Corrects != "" {
			m.Title, m.Icon, m.Tone = "Corrected: "+title, ui.IconEdit, ui.Warn
		}
		if o, known := origins[b.ID]; known {
			m.Who = o.by + ", " + o.at.Format("2 Jan 2006")
		}
		t.Items = append(t.Items, m)
	}
	return t
}

// nextForm adds the price that follows, of the step that was asked for.
func nextForm(c sdk.Call, r price.Row) ui.Form {
	form := c.Form("add-price", "Add the next price", map[string]any{"provider": r.Provider, "sku": r.SKU, "usage": r.Usage, "tier": r.Tier, "band": r.Band, "above": r.Above, "per": r.Per})
	form.Submit = "Add price"
	form.Consequence = "The price before it ends where this one begins. A beginning in the past prices use since then again."
	for _, name := range []string{"provider", "sku", "usage", "tier", "band"} {
		form.Field(name).Kind = ui.HiddenField
	}
	dates(&form)
	return form
}

// correctionForm corrects one of the rows, the one that was asked for first.
func correctionForm(c sdk.Call, rows []bookRow, asked string) ui.Form {
	form := c.Form("correct-price", "Correct a row", map[string]any{"row": asked})
	form.Submit = "Correct price"
	form.Consequence = "The row stays. What was computed with it gets a correction of the difference beside it, for every use in that time."
	field := form.Field("row")
	field.Kind = ui.Select
	for _, b := range rows {
		label := []string{b.words(), "from " + b.Begins()}
		if b.Above > 0 {
			label = append(label, "above "+thousands(b.Above))
		}
		if b.Corrects != "" {
			label = append(label, "a correction")
		}
		field.Options = append(field.Options, ui.Option{Value: b.ID, Label: strings.Join(label, ", ")})
	}
	dates(&form)
	return form
}
