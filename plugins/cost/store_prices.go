package cost

import (
	"context"
	"database/sql"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
)

// selecter is a database or a transaction of it.
type selecter interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

const selectPrice = `
	select id, provider, sku, usage, tier, band, above, per, price, from_at, to_at, corrects, source, checked_on
	from cost_price_rows `

// selectPrices reads the price book: the platform's, or the copy in the tenant's
// file.
func selectPrices(ctx context.Context, db selecter) (*price.Book, error) {
	rows, err := scanPrices(db.QueryContext(ctx, selectPrice))
	if err != nil {
		return nil, err
	}
	return price.New(rows)
}

// selectPricesOf reads the rows of one SKU.
func selectPricesOf(ctx context.Context, db selecter, provider, sku string) ([]price.Row, error) {
	return scanPrices(db.QueryContext(ctx, selectPrice+`where provider = ? and sku = ?`, provider, sku))
}

// selectShelf reads the book of the SKU that a row is of; an empty book when
// there is no such row.
func selectShelf(ctx context.Context, db selecter, row string) (*price.Book, error) {
	rows, err := scanPrices(db.QueryContext(ctx, selectPrice+`where (provider, sku) = (select provider, sku from cost_price_rows where id = ?)`, row))
	if err != nil {
		return nil, err
	}
	return price.New(rows)
}

func scanPrices(rows *sql.Rows, err error) ([]price.Row, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []price.Row
	for rows.Next() {
		var r price.Row
		var from int64
		var to sql.NullInt64
		if err := rows.Scan(&r.ID, &r.Provider, &r.SKU, &r.Usage, &r.Tier, &r.Band, &r.Above, &r.Per, &r.Price, &from, &to, &r.Corrects, &r.Source, &r.CheckedOn); err != nil {
			return nil, err
		}
		if r.From = time.UnixMilli(from).UTC(); to.Valid {
			r.To = time.UnixMilli(to.Int64).UTC()
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// priceValues are the columns of selectPrice.
func priceValues(r price.Row) []any {
	var to any
	if !r.To.IsZero() {
		to = r.To.UnixMilli()
	}
	return []any{r.ID, r.Provider, r.SKU, r.Usage, r.Tier, r.Band, r.Above, r.Per, r.Price, r.From.UnixMilli(), to, r.Corrects, r.Source, r.CheckedOn}
}

// insertPrices adds rows to the platform's book.
func insertPrices(ctx context.Context, tx *sql.Tx, rows []price.Row, now time.Time, by string) error {
	var batch [][]any
	for _, r := range rows {
		batch = append(batch, append(priceValues(r), now.UnixMilli(), by))
	}
	_, err := sdk.Batch(ctx, tx, `
		insert into cost_price_rows (id, provider, sku, usage, tier, band, above, per, price, from_at, to_at, corrects, source, checked_on, added_at, added_by)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, batch)
	return err
}

// replacePrices puts rows in the place of a SKU's in the tenant's file.
func replacePrices(ctx context.Context, tx *sql.Tx, provider, sku string, rows []price.Row) error {
	if _, err := tx.ExecContext(ctx, `delete from cost_price_rows where provider = ? and sku = ?`, provider, sku); err != nil {
		return err
	}
	var batch [][]any
	for _, r := range rows {
		batch = append(batch, priceValues(r))
	}
	_, err := sdk.Batch(ctx, tx, `
		insert into cost_price_rows (id, provider, sku, usage, tier, band, above, per, price, from_at, to_at, corrects, source, checked_on)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, batch)
	return err
}

// origin says who added a row to the book, and when.
type origin struct {
	at time.Time
	by string
}

// selectOrigins returns where the rows of a SKU come from, by their ids.
func selectOrigins(ctx context.Context, db selecter, provider, sku string) (map[string]origin, error) {
	rows, err := db.QueryContext(ctx, `select id, added_at, added_by from cost_price_rows where provider = ? and sku = ?`, provider, sku)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	origins := map[string]origin{}
	for rows.Next() {
		var id, by string
		var at int64
		if err := rows.Scan(&id, &at, &by); err != nil {
			return nil, err
		}
		origins[id] = origin{time.UnixMilli(at).UTC(), by}
	}
	return origins, rows.Err()
}
