package cost

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"github.com/openhouse-ai/console/ui"
)

// Who may look at prices and exchange rates, and who may add to them.
const (
	seePrices   = core.CostsRead
	writePrices = core.CostsWrite
)

// prices are the price book and the exchange rates.
var prices = part{
	pages: []sdk.Page{
		{ID: "prices", Path: "/prices", Title: "Price book", Scope: sdk.Platform, Nav: true, Permission: seePrices, Show: showPrices},
		{ID: "new-price", Path: "/prices/new", Title: "Add a price", Scope: sdk.Platform, Permission: writePrices, Show: showNewPrice},
		{ID: "price-file", Path: "/prices/import", Title: "Import prices", Scope: sdk.Platform, Permission: writePrices, Show: showPriceFile},
		{ID: "price", Path: "/prices/{row}", Title: "Price", Scope: sdk.Platform, Permission: seePrices, Show: showPrice},
		{ID: "rates", Path: "/rates", Title: "Exchange rates", Scope: sdk.Platform, Nav: true, Permission: seePrices, Show: showRates},
	},
	actions: []sdk.Action{
		sdk.NewAction("add-price", writePrices, actAddPrice).OnPlatform(),
		sdk.NewAction("correct-price", writePrices, actCorrectPrice).OnPlatform(),
		sdk.NewAction("import-prices", writePrices, actImportPrices).OnPlatform(),
		sdk.NewAction("add-rate", writePrices, actAddRate).OnPlatform(),
		sdk.NewAction("import-rates", writePrices, actImportRates).OnPlatform(),
	},
	routes: []sdk.Route{
		sdk.NewRoute("GET", "/prices", "List prices", seePrices, listPrices).OnPlatform(),
		sdk.NewRoute("GET", "/prices.csv", "The price book as a file", seePrices, exportPrices).OnPlatform(),
		sdk.NewRoute("POST", "/prices", "Add a price", writePrices, postPrice).OnPlatform(),
		sdk.NewRoute("POST", "/prices/import", "Import prices from a file", writePrices, postPrices).OnPlatform(),
		sdk.NewRoute("POST", "/prices/{row}/correction", "Correct a price", writePrices, postCorrection).OnPlatform(),
		sdk.NewRoute("GET", "/rates", "List exchange rates", seePrices, listRates).OnPlatform(),
		sdk.NewRoute("POST", "/rates/import", "Import exchange rates from a file", writePrices, postRates).OnPlatform(),
	},
	jobs: []sdk.Job{{
		ID: "publish", Summary: "Gives a new console its prices, and developers' costs the prices and exchange rates that they are computed with.",
		Schedule: "* * * * *", Scope: sdk.Platform, Run: publish,
	}},
	records: map[string]string{
		"price.add": "added the price", "price.correct": "corrected the price", "price.import": "imported prices",
		"rate.add": "added the exchange rate", "rate.import": "imported exchange rates",
	},
}

// How a row stands at a moment.
const (
	inForce   = "in-force"
	toCome    = "to-come"
	ended     = "ended"
	corrected = "corrected"
)

var standings = map[string]ui.Badge{
	inForce: {Text: "In force", Tone: ui.Good}, toCome: {Text: "To come", Tone: ui.Info}, ended: {Text: "Ended"}, corrected: {Text: "Corrected", Tone: ui.Warn},
}

// bookRow is a row with its end in the book and how it stands.
type bookRow struct {
	price.Row
	end      time.Time // zero: open
	standing string
}

func standing(book *price.Book, r price.Row, now time.Time) bookRow {
	b := bookRow{r, book.End(r.ID), inForce}
	switch {
	case r.From.After(now):
		b.standing = toCome
	case !b.end.IsZero() && !now.Before(b.end):
		b.standing = ended
	case len(book.Corrections(r.ID, now)) > 0:
		b.standing = corrected
	}
	return b
}

// priceFilter says which rows are meant; what is empty is any.
type priceFilter struct {
	text, provider, usage, tier, standing string
}

func (f priceFilter) of(book *price.Book, now time.Time) []bookRow {
	var rows []bookRow
	for _, r := range book.Rows() {
		b := standing(book, r, now)
		if f.provider != "" && f.provider != r.Provider || f.usage != "" && f.usage != r.Usage || f.tier != "" && f.tier != r.Tier ||
			f.standing != "" && f.standing != b.standing || !strings.Contains(strings.ToLower(r.SKU), strings.ToLower(f.text)) {
			continue
		}
		rows = append(rows, b)
	}
	return rows
}

// pageOf is one page of a list whose cursor is the number of entries before it;
// a limit below zero is none.
func pageOf[T any](all []T, after string, limit int) core.List[T] {
	from, _ := strconv.Atoi(after) // a cursor that is none is the first page
	from = max(0, min(from, len(all)))
	to := len(all)
	if limit >= 0 {
		to = min(to, from+limit)
	}
	list := core.List[T]{Items: all[from:to], Total: len(all)}
	if to < len(all) {
		list.Next = strconv.Itoa(to)
	}
	return list
}

func sortPrices(rows []bookRow, by string, desc bool) {
	compare := map[string]func(a, b bookRow) int{
		"sku":     func(a, b bookRow) int { return cmp.Compare(a.SKU, b.SKU) },
		"price":   func(a, b bookRow) int { return comparePrices(a.Row, b.Row) },
		"from":    func(a, b bookRow) int { return a.From.Compare(b.From) },
		"checked": func(a, b bookRow) int { return cmp.Compare(a.CheckedOn, b.CheckedOn) },
	}[by]
	if compare == nil {
		return
	}
	slices.SortStableFunc(rows, func(a, b bookRow) int {
		if desc {
			return compare(b, a)
		}
		return compare(a, b)
	})
}

// pricesSince says what a change of prices leads to.
func pricesSince(from, now time.Time, provider string) string {
	if from.After(now) {
		return "It is in force from " + from.In(price.Location(provider)).Format("2 Jan 2006") + "."
	}
	return "Use since " + from.In(price.Location(provider)).Format("2 Jan 2006") + " is priced again within a few minutes."
}

// actAddPrice adds the price that somebody has filled in.
func actAddPrice(ctx context.Context, c sdk.Call, in newPrice) (sdk.Done, error) {
	r, err := addPrice(ctx, c, in)
	return sdk.Done{Next: "/prices/" + r.ID, Said: "Price added. " + pricesSince(r.From, c.Now, r.Provider)}, err
}

func actCorrectPrice(ctx context.Context, c sdk.Call, in rowCorrection) (sdk.Done, error) {
	r, err := correctPrice(ctx, c, in.Row, priceCorrection{in.Price, in.From, in.To, in.Source, in.CheckedOn})
	return sdk.Done{Next: "/prices/" + r.ID, Said: "Price corrected. " + pricesSince(r.From, c.Now, r.Provider)}, err
}

func actImportPrices(ctx context.Context, c sdk.Call, in priceFile) (sdk.Done, error) {
	added, err := importPrices(ctx, c, in.File)
	if err != nil {
		return sdk.Done{}, inFile(err)
	}
	said := "Every price of the file is in the book already."
	if len(added) > 0 {
		said = "Prices added: " + strconv.Itoa(len(added)) + "."
	}
	return sdk.Done{Next: "/prices", Said: said}, nil
}
