package cost

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
)

// newPrice is a row as somebody adds it, in the form and over HTTP alike.
type newPrice struct {
	Provider  string `json:"provider" label:"Provider" doc:"openai, google or hosting." minLength:"1" maxLength:"40"`
	SKU       string `json:"sku" label:"Model or SKU" doc:"As events and bills name it: gpt-6-luna, dynamic-maps, storage, egress." minLength:"1" maxLength:"100"`
	Usage     string `json:"usage" label:"Usage" enum:"input,cached,cache_write,output,requests,bytes,byte_months"`
	Tier      string `json:"tier,omitempty" label:"Service tier" enum:"standard,batch,flex,priority,standard_regional,batch_regional,flex_regional,priority_regional" default:"standard"`
	Band      string `json:"band,omitempty" label:"Context band" doc:"Long: prompts above 272,000 tokens." enum:"long"`
	Above     int64  `json:"above,omitempty" label:"Above" doc:"Units a month of the provider's account from which on the price holds; 0 for all." minimum:"0"`
	Per       int64  `json:"per" label:"Price for so many" doc:"Units that the price is for: 1,000,000 tokens, 1,000 requests." minimum:"1" default:"1000000"`
	Price     string `json:"price" label:"Price in USD" doc:"A decimal: 0.10" minLength:"1" maxLength:"30"`
	From      string `json:"from" label:"In force from" doc:"The provider's day (2026-11-20), or a moment. What Google charges begins with a month." minLength:"1" maxLength:"40"`
	To        string `json:"to,omitempty" label:"Until" doc:"The day on which it no longer holds; empty: until the next price." maxLength:"40"`
	Source    string `json:"source" label:"Source" doc:"Where the price was read." minLength:"1" maxLength:"500"`
	CheckedOn string `json:"checked_on,omitempty" label:"Read on" doc:"Empty: today." format:"date"`
}

// priceCorrection is what a row should have said.
type priceCorrection struct {
	Price     string `json:"price" label:"Right price in USD" doc:"For as many units as the row." minLength:"1" maxLength:"30"`
	From      string `json:"from,omitempty" label:"Wrong from" doc:"Empty: from the row's beginning." maxLength:"40"`
	To        string `json:"to,omitempty" label:"Wrong until" doc:"Empty: to the row's end." maxLength:"40"`
	Source    string `json:"source" label:"Source" doc:"Where the right price was read." minLength:"1" maxLength:"500"`
	CheckedOn string `json:"checked_on,omitempty" label:"Read on" doc:"Empty: today." format:"date"`
}

// rowCorrection is a correction as the form sends it: a row, and the fields of
// priceCorrection, which a form doesn't draw from a struct within.
type rowCorrection struct {
	Row       string `json:"row" label:"Row" minLength:"1" maxLength:"40"`
	Price     string `json:"price" label:"Right price in USD" doc:"For as many units as the row." minLength:"1" maxLength:"30"`
	From      string `json:"from,omitempty" label:"Wrong from" doc:"Empty: from the row's beginning." maxLength:"40"`
	To        string `json:"to,omitempty" label:"Wrong until" doc:"Empty: to the row's end." maxLength:"40"`
	Source    string `json:"source" label:"Source" doc:"Where the right price was read." minLength:"1" maxLength:"500"`
	CheckedOn string `json:"checked_on,omitempty" label:"Read on" doc:"Empty: today." format:"date"`
}

type priceFile struct {
	File []byte `json:"file" label:"File" doc:"CSV with the columns provider, sku, usage, tier, band, above, per, price, from, to, corrects, source and checked_on." format:"file" accept:".csv,text/csv" maxLength:"8388608"`
}

func addPrice(ctx context.Context, c sdk.Call, in newPrice) (price.Row, error) {
	r := price.Row{Key: price.Key{Provider: in.Provider, SKU: in.SKU, Usage: in.Usage, Tier: in.Tier, Band: in.Band}, Above: in.Above, Per: in.Per,
		Price: strings.TrimSpace(in.Price), Source: strings.TrimSpace(in.Source), CheckedOn: checked(in.CheckedOn, c)}
	if r.Tier == "" {
		r.Tier = price.Standard
	}
	if err := stretch(&r, in.From, in.To); err != nil {
		return r, err
	}
	added, err := extend(ctx, c, "cost.price.add", func(book *price.Book) (*price.Book, []price.Row, error) {
		next, r, err := book.Add(r)
		return next, []price.Row{r}, err
	})
	if err != nil {
		return r, err
	}
	return added[0], nil
}

// correctPrice adds a row that takes the place of one that was wrong. Returns
// not_found when the book has no such row.
func correctPrice(ctx context.Context, c sdk.Call, wrong string, in priceCorrection) (price.Row, error) {
	added, err := extend(ctx, c, "cost.price.correct", func(book *price.Book) (*price.Book, []price.Row, error) {
		r, found := book.Row(wrong)
		if !found {
			return nil, nil, core.Errorf(core.NotFound, "There is no such price.")
		}
		begins := r.From
		r.ID, r.Corrects, r.Price = "", r.ID, strings.TrimSpace(in.Price)
		r.Source, r.CheckedOn = strings.TrimSpace(in.Source), checked(in.CheckedOn, c)
		if err := stretch(&r, in.From, in.To); err != nil {
			return nil, nil, err
		}
		if r.From.IsZero() {
			r.From = begins
		}
		next, r, err := book.Add(r)
		return next, []price.Row{r}, err
	})
	if err != nil {
		return price.Row{}, err
	}
	return added[0], nil
}

// importPrices adds what the book doesn't have of a file: all of it or nothing.
func importPrices(ctx context.Context, c sdk.Call, file []byte) ([]price.Row, error) {
	return extend(ctx, c, "cost.price.import", func(book *price.Book) (*price.Book, []price.Row, error) {
		return book.Import(bytes.NewReader(file))
	})
}

// stretch reads from when until when a row holds.
func stretch(r *price.Row, from, to string) (err error) {
	var wrong core.Problems
	if r.From, err = price.Moment(r.Provider, strings.TrimSpace(from)); err != nil {
		wrong.Add("from", from, "has to be a day, 2026-11-20, or a moment, 2026-11-20T07:00:00Z")
	}
	if r.To, err = price.Moment(r.Provider, strings.TrimSpace(to)); err != nil {
		wrong.Add("to", to, "has to be a day, 2026-11-20, or a moment, 2026-11-20T07:00:00Z")
	}
	return wrong.Err()
}

func checked(day string, c sdk.Call) string {
	if day != "" {
		return day
	}
	return c.Now.UTC().Format(time.DateOnly)
}

// extend adds rows to the book, with their record and publication, in one
// transaction. A change that adds nothing leaves no trace.
func extend(ctx context.Context, c sdk.Call, verb string, change func(*price.Book) (*price.Book, []price.Row, error)) (added []price.Row, err error) {
	err = sdk.Update(ctx, c, func(tx *sql.Tx) error {
		book, seed, err := openBook(ctx, tx)
		if err != nil {
			return err
		}
		if book, added, err = change(book); err != nil || len(added) == 0 {
			return err
		}
		if err := insertPrices(ctx, tx, seed, c.Now, seededBy); err != nil {
			return err
		}
		if err := insertPrices(ctx, tx, added, c.Now, c.Actor.Name); err != nil {
			return err
		}
		if err := publishPrices(ctx, c, tx, book, slices.Concat(seed, added)); err != nil {
			return err
		}
		return c.Audit(ctx, tx, priceRecord(verb, added))
	})
	return added, err
}

// recorded is how many rows of an import are in its record; the book has all.
const recorded = 50

// priceRecord is what the audit log keeps: every field of a row, or a line for
// each of an import.
func priceRecord(verb string, added []price.Row) core.Entry {
	r := added[0]
	e := core.Entry{Action: verb, Target: core.Target{Kind: "price", ID: r.ID}}
	if verb == "cost.price.import" {
		e.Target = core.Target{Kind: "prices", ID: "file"}
		e.Changes = append(e.Changes, core.Change{Field: "rows", Before: "0", After: strconv.Itoa(len(added))})
		for _, r := range added[:min(len(added), recorded)] {
			e.Changes = append(e.Changes, core.Change{Field: r.ID, After: fmt.Sprintf("%s, above %d: %s for %d from %s", r.Key, r.Above, r.Price, r.Per, r.Begins())})
		}
		return e
	}
	for _, f := range [][2]string{{"provider", r.Provider}, {"sku", r.SKU}, {"usage", r.Usage}, {"tier", r.Tier}, {"band", r.Band}, {"above", strconv.FormatInt(r.Above, 10)},
		{"per", strconv.FormatInt(r.Per, 10)}, {"price", r.Price}, {"from", r.Begins()}, {"to", r.Ends()}, {"corrects", r.Corrects}, {"source", r.Source}, {"checked_on", r.CheckedOn}} {
		if f[1] != "" {
			e.Changes = append(e.Changes, core.Change{Field: f[0], After: f[1]})
		}
	}
	return e
}

// shownMistakes is how many mistakes of a file stand beside its field.
const shownMistakes = 10

// inFile says what is wrong with a file beside the form's field for it.
func inFile(err error) error {
	refused, ok := errors.AsType[*core.Error](err)
	if !ok || len(refused.Fields) == 0 {
		return err
	}
	var lines []string
	for _, f := range refused.Fields[:min(len(refused.Fields), shownMistakes)] {
		place := ""
		if f.Line > 0 {
			place = "line " + strconv.Itoa(f.Line) + ", "
		}
		lines = append(lines, strings.TrimSpace(place+strings.TrimSpace(f.Column+" "+f.Reason)))
	}
	if more := len(refused.Fields) - len(lines); more > 0 {
		lines = append(lines, "and "+strconv.Itoa(more)+" more")
	}
	return &core.Error{Code: core.Invalid, Message: "Nothing was imported.", Fields: []core.FieldError{{Field: "file", Reason: strings.Join(lines, "; ")}}}
}
