package cost

import (
	"bytes"
	"context"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
)

// bookedPrice is a row of the book as it is answered over HTTP.
type bookedPrice struct {
	ID        string     `json:"id"`
	Provider  string     `json:"provider"`
	SKU       string     `json:"sku"`
	Usage     string     `json:"usage"`
	Tier      string     `json:"tier"`
	Band      string     `json:"band"`
	Above     int64      `json:"above" doc:"Units a month of the provider's account from which on the price holds."`
	Per       int64      `json:"per" doc:"Units that the price is for."`
	Price     string     `json:"price" doc:"USD, a decimal; empty: nobody knows it."`
	From      time.Time  `json:"from"`
	To        *time.Time `json:"to" doc:"When it ends, by itself or because another row begins; null: open."`
	Corrects  string     `json:"corrects" doc:"The row in whose place it stands; empty: none."`
	Source    string     `json:"source"`
	CheckedOn string     `json:"checked_on" doc:"When somebody read it; empty: not noted."`
	Status    string     `json:"status" enum:"in-force,to-come,ended,corrected"`
}

func booked(b bookRow) bookedPrice {
	out := bookedPrice{b.ID, b.Provider, b.SKU, b.Usage, b.Tier, b.Band, b.Above, b.Per, b.Price, b.From, nil, b.Corrects, b.Source, b.CheckedOn, b.standing}
	if !b.end.IsZero() {
		out.To = &b.end
	}
	return out
}

type pricesInput struct {
	Text     string `query:"q" doc:"A part of the SKU's name."`
	Provider string `query:"provider"`
	Usage    string `query:"usage"`
	Tier     string `query:"tier"`
	Status   string `query:"status" enum:"in-force,to-come,ended,corrected"`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"25"`
	After    string `query:"after" doc:"The next of the page before."`
}

type pricesOutput struct {
	Body struct {
		Items []bookedPrice `json:"items"`
		Next  string        `json:"next,omitempty"`
		Total int           `json:"total"`
	}
}

func listPrices(ctx context.Context, c sdk.Call, in *pricesInput) (*pricesOutput, error) {
	book, err := selectPrices(ctx, c.DB())
	if err != nil {
		return nil, err
	}
	list := pageOf(priceFilter{in.Text, in.Provider, in.Usage, in.Tier, in.Status}.of(book, c.Now), in.After, in.Limit)
	out := new(pricesOutput)
	out.Body.Items, out.Body.Next, out.Body.Total = []bookedPrice{}, list.Next, list.Total
	for _, b := range list.Items {
		out.Body.Items = append(out.Body.Items, booked(b))
	}
	return out, nil
}

type nothingAsked struct{}

// exportPrices is the whole book as the file that an import reads.
func exportPrices(ctx context.Context, c sdk.Call, _ *nothingAsked) (*sdk.File, error) {
	book, err := selectPrices(ctx, c.DB())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := price.WriteCSV(&b, book.Rows()); err != nil {
		return nil, err
	}
	return &sdk.File{Name: "prices.csv", Type: "text/csv; charset=utf-8", Body: &b}, nil
}

type postPriceInput struct{ Body newPrice }

type correctionInput struct {
	Row  string `path:"row" doc:"The id of the row that was wrong."`
	Body priceCorrection
}

type priceOutput struct{ Body bookedPrice }

func postPrice(ctx context.Context, c sdk.Call, in *postPriceInput) (*priceOutput, error) {
	r, err := addPrice(ctx, c, in.Body)
	return answerPrice(ctx, c, r, err)
}

func postCorrection(ctx context.Context, c sdk.Call, in *correctionInput) (*priceOutput, error) {
	r, err := correctPrice(ctx, c, in.Row, in.Body)
	return answerPrice(ctx, c, r, err)
}

// answerPrice is the row that was added as it stands in the book now.
func answerPrice(ctx context.Context, c sdk.Call, r price.Row, err error) (*priceOutput, error) {
	if err != nil {
		return nil, err
	}
	book, err := selectPrices(ctx, c.DB())
	if err != nil {
		return nil, err
	}
	return &priceOutput{Body: booked(standing(book, r, c.Now))}, nil
}

// fileInput is a file as the body of a request.
type fileInput struct {
	RawBody []byte `contentType:"text/csv" doc:"The file: the columns of prices.csv, of which id, tier, band, above, to, corrects, source and checked_on may be left out."`
}

type importedOutput struct {
	Body struct {
		Added int      `json:"added" doc:"Rows that were not there."`
		IDs   []string `json:"ids,omitempty"`
	}
}

func postPrices(ctx context.Context, c sdk.Call, in *fileInput) (*importedOutput, error) {
	added, err := importPrices(ctx, c, in.RawBody)
	if err != nil {
		return nil, err
	}
	out := new(importedOutput)
	out.Body.Added = len(added)
	for _, r := range added {
		out.Body.IDs = append(out.Body.IDs, r.ID)
	}
	return out, nil
}
