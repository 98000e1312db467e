package cost

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
	"github.com/openhouse-ai/console/plugins/cost/price"
)

// autumn is when the tests of prices take place.
var autumn = sdktest.At(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))

var luna = price.Key{Provider: "openai", SKU: "gpt-6-luna", Usage: "input", Tier: "standard"}

// priced is a console that has its first prices, seen from the platform.
func withPrices(t *testing.T) *sdktest.Console {
	t.Helper()
	c := sdktest.Host(t, Plugin(), autumn)
	if line, err := c.OnPlatform().Job("publish"); err != nil || line == "" {
		t.Fatalf("the job says %q (%v)", line, err)
	}
	return c.OnPlatform()
}

// copied takes what was published for the tenant, as its job does, and returns
// from when on prices and rates are others than before.
func copied(t *testing.T, c sdk.Call) (prices, rates time.Time) {
	t.Helper()
	ctx := context.Background()
	first := func(a *time.Time, b time.Time) {
		if a.IsZero() || !b.IsZero() && b.Before(*a) {
			*a = b
		}
	}
	err := sdk.Update(ctx, c, func(tx *sql.Tx) error {
		for after, more := int64(0), true; more; {
			var list []sdk.Publication
			var err error
			if list, more, err = c.Published(ctx, after); err != nil {
				return err
			}
			for _, p := range list {
				after = p.Revision
				var from time.Time
				switch {
				case strings.HasPrefix(p.Key, pricesPrefix):
					from, err = takePrices(ctx, tx, p)
					first(&prices, from)
				case strings.HasPrefix(p.Key, ratesPrefix):
					from, err = takeRates(ctx, tx, p)
					first(&rates, from)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return prices, rates
}

func rowsIn(t *testing.T, c sdk.Call) []price.Row {
	t.Helper()
	book, err := selectPrices(context.Background(), c.DB())
	if err != nil {
		t.Fatal(err)
	}
	return book.Rows()
}

// A console has its prices within a minute, in every developer's file.
func TestFirstPrices(t *testing.T) {
	t.Parallel()
	c := withPrices(t)
	if line, err := c.Job("publish"); err != nil || line != "" {
		t.Errorf("the second run says %q (%v)", line, err)
	}
	seed, err := price.New(price.Seed())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rowsIn(t, c.Call()), seed.Rows()) {
		t.Error("the book doesn't hold the prices of the seed")
	}
	tenant := c.InTenant(c.Other()).Call()
	if from, _ := copied(t, tenant); !from.Equal(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the first prices are from %v", from)
	}
	if !slices.Equal(rowsIn(t, tenant), seed.Rows()) {
		t.Error("the developer's file doesn't hold the prices of the seed")
	}
	if from, _ := copied(t, tenant); !from.IsZero() {
		t.Errorf("taken once more, prices differ from %v", from)
	}
	page, err := c.Page("/prices?q=luna&status=in-force&usage=input&tier=batch&sort=-price")
	if err != nil {
		t.Fatal(err)
	}
	if text := written(t, page); !strings.Contains(text, `"Value":10,"Decimals":2`) || !strings.Contains(text, `"Value":5,"Decimals":2`) || strings.Contains(text, `"Value":25,"Decimals":3`) {
		t.Errorf("the page is %s", text)
	}
}

// Whoever adds a price before the job has run finds the console's first prices
// beside it.
func TestAPriceBeforeTheFirst(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin(), autumn).OnPlatform()
	if answer := c.Route("POST", "/prices", december); answer.Err != nil {
		t.Fatal(answer.Err)
	}
	if got, want := len(rowsIn(t, c.Call())), len(price.Seed())+1; got != want {
		t.Errorf("the book has %d rows, want %d", got, want)
	}
	if line, err := c.Job("publish"); err != nil || line != "" {
		t.Errorf("the job says %q (%v)", line, err)
	}
	tenant := c.InTenant(c.Other()).Call()
	copied(t, tenant)
	if !slices.Equal(rowsIn(t, tenant), rowsIn(t, c.Call())) {
		t.Error("the developer's file doesn't hold the prices of the book")
	}
}

func written(t *testing.T, it any) string {
	t.Helper()
	text, err := json.Marshal(it)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var december = map[string]any{"provider": "openai", "sku": "gpt-6-luna", "usage": "input", "per": 1_000_000, "price": "0.08", "from": "2026-12-01", "source": "price list of November"}

// A price is added by its form: with a record, in every developer's file, and
// from its day on alone.
func TestAddPrice(t *testing.T) {
	t.Parallel()
	c := withPrices(t)
	tenant := c.InTenant(c.Other()).Call()
	copied(t, tenant)
	form := url.Values{}
	for name, v := range december {
		form.Set(name, strings.Trim(written(t, v), `"`))
	}
	done, err := c.Act("add-price", form)
	if err != nil || !strings.Contains(done.Said, "1 Dec 2026") {
		t.Fatalf("the form answers %+v (%v)", done, err)
	}
	page, err := c.Page(done.Next)
	if err != nil || page.Head.Title != "gpt-6-luna, input tokens" || page.Head.Status.Text != "To come" {
		t.Errorf("the price's page is %+v (%v)", page.Head, err)
	}
	if from, _ := copied(t, tenant); !from.Equal(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("prices differ from %v", from)
	}
	book, err := price.New(rowsIn(t, tenant))
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{"2026-11-30": "0.10", "2026-12-01": "0.08"} {
		at, err := price.Moment("openai", day)
		if r, _ := book.At(luna, at); err != nil || r.Price != want {
			t.Errorf("on %s the developer's price is %s, want %s", day, r.Price, want)
		}
	}
	records := c.Records()
	if len(records) != 1 || records[0].Action != "cost.price.add" || !strings.Contains(written(t, records[0].Changes), "price list of November") {
		t.Errorf("the records are %+v", records)
	}
}

func TestAddPriceRefuses(t *testing.T) {
	t.Parallel()
	c := withPrices(t)
	before := c.Dump()
	for field, value := range map[string]string{"price": "a lot", "from": "1 December", "provider": "Open AI", "usage": "reasoning", "to": "2026-11-01"} {
		form := url.Values{"from": {"2026-12-01"}}
		for name, v := range december {
			form.Set(name, strings.Trim(written(t, v), `"`))
		}
		form.Set(field, value)
		_, err := c.Act("add-price", form)
		refused, ok := err.(*core.Error)
		if !ok || refused.Code != core.Invalid || !slices.ContainsFunc(refused.Fields, func(f core.FieldError) bool { return f.Field == field }) {
			t.Errorf("%s %q: %v", field, value, err)
		}
	}
	for role, want := range map[core.Role][2]int{core.Engineer: {200, 403}, core.Auditor: {200, 403}, core.Sales: {403, 403}} {
		if read, write := c.As(role).Route("GET", "/prices", nil), c.As(role).Route("POST", "/prices", december); read.Status != want[0] || write.Status != want[1] {
			t.Errorf("%s reads prices with %d and adds one with %d, want %d", role, read.Status, write.Status, want)
		}
	}
	if answer := c.InTenant(c.Other()).As(core.DeveloperAdmin).Route("GET", "/prices", nil); answer.Status != 404 {
		t.Errorf("a developer's staff read prices: %d", answer.Status)
	}
	if c.Dump() != before {
		t.Error("a refused price has changed something")
	}
}

// A correction stands in the place of a row; the row stays.
func TestCorrectPrice(t *testing.T) {
	t.Parallel()
	c := withPrices(t)
	tenant := c.InTenant(c.Other()).Call()
	copied(t, tenant)
	var list struct{ Items []bookedPrice }
	if err := c.Route("GET", "/prices?q=gpt-6-luna&usage=output&tier=batch&status=in-force", nil).JSON(&list); err != nil || len(list.Items) != 2 {
		t.Fatalf("the list is %+v (%v)", list, err)
	}
	wrong := list.Items[0]
	path := "/prices/" + wrong.ID + "/correction"
	fix := map[string]any{"price": "0.30", "from": "2026-10-01", "to": "2026-11-01", "source": "read again"}
	var right bookedPrice
	if err := c.Route("POST", path, fix).JSON(&right); err != nil || right.Corrects != wrong.ID || right.Price != "0.30" || right.CheckedOn != "2026-11-20" {
		t.Fatalf("the correction is %+v (%v)", right, err)
	}
	if from, _ := copied(t, tenant); !from.Equal(right.From) {
		t.Errorf("prices differ from %v, want %v", from, right.From)
	}
	book, err := price.New(rowsIn(t, tenant))
	if err != nil {
		t.Fatal(err)
	}
	at := right.From.AddDate(0, 0, 10)
	base, _ := book.At(price.Key{Provider: "openai", SKU: "gpt-6-luna", Usage: "output", Tier: "batch"}, at)
	if chain := book.Corrections(base.ID, at); base.ID != wrong.ID || len(chain) != 1 || chain[0].ID != right.ID {
		t.Errorf("the developer's file has %+v for %s", chain, base.ID)
	}
	if answer := c.Route("POST", path, fix); answer.Status != 422 && answer.Status != 400 {
		t.Errorf("the same correction again is answered with %d: %v", answer.Status, answer.Err)
	}
	if answer := c.Route("POST", "/prices/prc_0/correction", fix); answer.Status != 404 {
		t.Errorf("a correction of nothing is answered with %d", answer.Status)
	}
	if records := c.Records(); len(records) != 1 || records[0].Action != "cost.price.correct" {
		t.Errorf("the records are %+v", records)
	}
}

// The file that is exported is imported; what is wrong in a file is named, and
// then nothing of it is taken.
func TestImportPrices(t *testing.T) {
	t.Parallel()
	c := withPrices(t)
	answer := c.Route("GET", "/prices.csv", nil)
	if answer.Err != nil || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/csv") {
		t.Fatalf("the file is %s (%v)", answer.Header, answer.Err)
	}
	file := string(answer.Body)
	done, err := c.Act("import-prices", url.Values{"file": {sdktest.File([]byte(file))}})
	if err != nil || len(c.Records()) > 0 {
		t.Fatalf("the book's own file: %+v (%v)", done, err)
	}
	more := file + ",hosting,storage,byte_months,,,,1000000000,0.02,2026-01-01,,,our contract,2026-11-01\n"
	before := c.Dump()
	_, err = c.Act("import-prices", url.Values{"file": {sdktest.File([]byte(more + ",hosting,egress,bytes,,,,1000000000,-1,2026-01-01,,,,\n"))}})
	if err == nil || !strings.Contains(err.Error(), "price has to be a decimal") || !strings.Contains(err.Error(), "line ") || c.Dump() != before {
		t.Errorf("a file with a mistake: %v", err)
	}
	if _, err = c.Act("import-prices", url.Values{"file": {sdktest.File([]byte(more))}}); err != nil {
		t.Fatal(err)
	}
	if records := c.Records(); len(records) != 1 || records[0].Action != "cost.price.import" {
		t.Errorf("the records are %+v", records)
	}
	egress := "provider,sku,usage,per,price,from\nhosting,egress,bytes,1000000000,0.05,2026-01-01\n"
	out, err := postPrices(t.Context(), c.Call(), &fileInput{RawBody: []byte(egress)})
	if err != nil || out.Body.Added != 1 || len(out.Body.IDs) != 1 {
		t.Errorf("over HTTP the file adds %+v (%v)", out, err)
	}
	if answer := c.Route("POST", "/prices/import", "no file of prices"); answer.Status != 422 && answer.Status != 400 {
		t.Errorf("what is no file of prices is answered with %d (%v)", answer.Status, answer.Err)
	}
	tenant := c.InTenant(c.Other()).Call()
	copied(t, tenant)
	if rows := rowsIn(t, tenant); len(rows) != len(price.Seed())+2 {
		t.Errorf("the developer's file has %d rows", len(rows))
	}
}
