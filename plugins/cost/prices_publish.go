package cost

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
)

// Prices are published by SKU, so that a tenant's file copies what has changed
// and no more: "prices/openai/gpt-6-luna" is every row of it.
const pricesPrefix = "prices/"

// publishPrices publishes the SKUs of the rows as they stand in the book.
func publishPrices(ctx context.Context, c sdk.Call, tx *sql.Tx, book *price.Book, of []price.Row) error {
	touched := map[string]bool{}
	for _, r := range of {
		touched[priceKey(r)] = true
	}
	values := published(book)
	maps.DeleteFunc(values, func(key string, _ []byte) bool { return !touched[key] })
	return publishAll(ctx, c, tx, values)
}

// publishAll publishes values for all developers, in the order of their keys.
func publishAll(ctx context.Context, c sdk.Call, tx *sql.Tx, values map[string][]byte) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if err := c.Publish(ctx, tx, "", key, values[key]); err != nil {
			return err
		}
	}
	return nil
}

func priceKey(r price.Row) string { return pricesPrefix + r.Provider + "/" + r.SKU }

// published is the book as it is published.
func published(book *price.Book) map[string][]byte {
	bySKU := map[string][]price.Row{}
	for _, r := range book.Rows() {
		bySKU[priceKey(r)] = append(bySKU[priceKey(r)], r)
	}
	values := map[string][]byte{}
	for key, rows := range bySKU {
		value, err := json.Marshal(rows)
		if err != nil { // the book has refused a time that JSON can't write
			continue
		}
		values[key] = value
	}
	return values
}

// takePrices copies a publication of prices into the tenant's file. From is the
// earliest moment that is priced differently by it; zero: none is.
func takePrices(ctx context.Context, tx *sql.Tx, p sdk.Publication) (from time.Time, err error) {
	provider, sku, ok := strings.Cut(strings.TrimPrefix(p.Key, pricesPrefix), "/")
	if !ok || p.Value == nil { // prices are never withdrawn
		return time.Time{}, nil
	}
	var rows []price.Row
	if err := json.Unmarshal(p.Value, &rows); err != nil {
		return time.Time{}, fmt.Errorf("read the prices of %s: %w", sku, err)
	}
	have, err := selectPricesOf(ctx, tx, provider, sku)
	if err != nil {
		return time.Time{}, err
	}
	from, _ = price.Since(have, rows)
	return from, replacePrices(ctx, tx, provider, sku, rows)
}

// seededBy stands beside the prices that a console begins with.
const seededBy = "OpenHouse Console"

// openBook is the book as it is, or, where nothing is in it yet, as a console
// begins: with the seed, which has still to be written. So whoever is quicker
// than the job doesn't leave the console without it.
func openBook(ctx context.Context, db selecter) (book *price.Book, seed []price.Row, err error) {
	if book, err = selectPrices(ctx, db); err != nil || len(book.Rows()) > 0 {
		return book, nil, err
	}
	seed = price.Seed()
	book, err = price.New(seed)
	return book, seed, err
}

// publish is the platform's job behind prices and exchange rates: it gives an
// empty book the prices that a console begins with, and publishes what isn't
// published as it stands. The doors publish what they change themselves, so
// that there is seldom anything to do.
func publish(ctx context.Context, c sdk.Call) (string, error) {
	book, seed, err := openBook(ctx, c.DB())
	if err != nil {
		return "", err
	}
	rates, err := selectYears(ctx, c.DB())
	if err != nil {
		return "", err
	}
	stale, err := unpublished(ctx, c, published(book), rates)
	if err != nil || len(stale) == 0 && len(seed) == 0 {
		return "", err
	}
	err = sdk.Update(ctx, c, func(tx *sql.Tx) error {
		if err := insertPrices(ctx, tx, seed, c.Now, seededBy); err != nil {
			return err
		}
		return publishAll(ctx, c, tx, stale)
	})
	if err != nil {
		return "", err
	}
	if len(seed) > 0 {
		return fmt.Sprintf("%d prices to begin with", len(seed)), nil
	}
	return fmt.Sprintf("published: %d", len(stale)), nil
}

// unpublished are the values that calls of tenants would not find as they are.
func unpublished(ctx context.Context, c sdk.Call, wanted ...map[string][]byte) (map[string][]byte, error) {
	stale := map[string][]byte{}
	for _, values := range wanted {
		maps.Copy(stale, values)
	}
	for after, more := int64(0), true; more; {
		var list []sdk.Publication
		var err error
		if list, more, err = c.Published(ctx, after); err != nil {
			return nil, err
		}
		for _, p := range list {
			if after = p.Revision; bytes.Equal(stale[p.Key], p.Value) {
				delete(stale, p.Key)
			}
		}
	}
	return stale, nil
}
