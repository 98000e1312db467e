package directory

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const unitColumns = `u.id, u.development_id, d.name, u.label, u.address, u.county, u.postcode, u.kind, u.size,
  u.price_minor, u.currency, u.sold_on, u.handed_over_at, u.code, u.first_scan_at, u.homeowners,
  u.created_at, u.updated_at, u.version`

const unitJoin = "cross join developments d on d.id = u.development_id"

var unitSorts = map[string]string{
	"": "u.sort_key", "label": "u.sort_key", "created_at": "u.id", "sold_on": "u.sold_on",
	"price": "ifnull(u.price_minor, -1)", "handed_over_at": "ifnull(u.handed_over_at, 0)",
	"first_scan_at": "ifnull(u.first_scan_at, 0)",
}

var unitStatuses = map[string]string{
	"handed_over": "u.handed_over_at is not null", "not_handed_over": "u.handed_over_at is null",
	"with_homeowner": "u.homeowners > 0", "without_homeowner": "u.homeowners = 0",
	"scanned": "u.first_scan_at is not null", "not_scanned": "u.first_scan_at is null",
}

func scanUnit(row scanner) (core.Unit, error) {
	var u core.Unit
	var price, handedOver, firstScan sql.Null[int64]
	var currency, code sql.Null[string]
	var created, updated int64
	err := row.Scan(&u.ID, &u.DevelopmentID, &u.Development, &u.Label, &u.Address, &u.County, &u.Postcode, &u.Kind, &u.Size,
		&price, &currency, &u.SoldOn, &handedOver, &code, &firstScan, &u.Homeowners, &created, &updated, &u.Version)
	if price.Valid {
		u.Price = &core.Money{Minor: price.V, Currency: currency.V}
	}
	u.Code = code.V
	u.HandedOverAt, u.FirstScanAt = maybeAt(handedOver), maybeAt(firstScan)
	u.CreatedAt, u.UpdatedAt = at(created), at(updated)
	return u, err
}

func findUnit(ctx context.Context, tx *tenants.Tx, id string) (core.Unit, error) {
	u, err := scanUnit(tx.QueryRow(ctx, "select "+unitColumns+" from units u "+unitJoin+" where u.id = ?", id))
	return u, orNotFound(err, "There is no such unit.")
}

func unitsOf(ctx context.Context, tx *tenants.Tx, developmentID string) ([]core.Unit, error) {
	rows, err := tx.Query(ctx, "select "+unitColumns+" from units u "+unitJoin+" where u.development_id = ? order by u.sort_key, u.id", developmentID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var units []core.Unit
	for rows.Next() {
		unit, err := scanUnit(rows)
		if err != nil {
			return nil, err
		}
		units = append(units, unit)
	}
	return units, rows.Err()
}

func listUnits(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[core.Unit], error) {
	l, err := unitListing(q)
	if err != nil {
		return core.List[core.Unit]{}, err
	}
	return page(ctx, tx, q, l, scanUnit)
}

func unitListing(q core.Query) (listing, error) {
	l := listing{columns: unitColumns, table: "units u", join: unitJoin, id: "u.id", sorts: unitSorts}
	if q.Development != "" {
		l.and("u.development_id = ?", q.Development)
	}
	if q.Kind != "" {
		l.and("u.kind = ?", q.Kind)
	}
	if q.Status != "" {
		condition, ok := unitStatuses[q.Status]
		if !ok {
			return l, statusError(q.Status)
		}
		l.and(condition)
	}
	l.words("u.search", q.Text)
	return l, nil
}

// unitInsert names the columns in the order of unitValues.
const unitInsert = `insert into units (id, development_id, label, address, address_key, county, postcode, kind, size,
  price_minor, currency, sold_on, code, sort_key, search, created_at, updated_at) values `

// unitBatch is how many rows one statement inserts: parsing it costs little
// then, and its parameters stay far below SQLite's limit of 32,766.
const unitBatch = 100

// insertUnits adds the units, which have ids, and returns the ids of those
// whose address was free.
func insertUnits(ctx context.Context, tx *tenants.Tx, units []core.Unit) (map[string]bool, error) {
	added := make(map[string]bool, len(units))
	for len(units) > 0 {
		n := min(len(units), unitBatch)
		if err := insertUnitBatch(ctx, tx, units[:n], added); err != nil {
			return nil, err
		}
		units = units[n:]
	}
	return added, nil
}

func insertUnitBatch(ctx context.Context, tx *tenants.Tx, units []core.Unit, added map[string]bool) error {
	const row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	statement := unitInsert + strings.Repeat(row+", ", len(units)-1) + row +
		" on conflict (development_id, address_key) do nothing returning id"
	args := make([]any, 0, len(units)*strings.Count(row, "?"))
	for _, u := range units {
		args = append(args, unitValues(u, tx.Now.UnixMilli())...)
	}
	rows, err := tx.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	ids, err := texts(rows)
	for _, id := range ids {
		added[id] = true
	}
	return err
}

func unitValues(u core.Unit, now int64) []any {
	price, currency := priceColumns(u.Price)
	return []any{u.ID, u.DevelopmentID, u.Label, u.Address, AddressKey(u.Label, u.Address), u.County, u.Postcode, u.Kind, u.Size,
		price, currency, u.SoldOn, nullable(u.Code), sortKey(u.Label), unitSearch(u), now, now}
}

func updateUnit(ctx context.Context, tx *tenants.Tx, u core.Unit) error {
	price, currency := priceColumns(u.Price)
	_, err := tx.Exec(ctx, `
update units set label = ?, address = ?, address_key = ?, county = ?, postcode = ?, kind = ?, size = ?,
  price_minor = ?, currency = ?, sold_on = ?, handed_over_at = ?, sort_key = ?, search = ?, updated_at = ?, version = ?
where id = ?`,
		u.Label, u.Address, AddressKey(u.Label, u.Address), u.County, u.Postcode, u.Kind, u.Size,
		price, currency, u.SoldOn, milliseconds(u.HandedOverAt), sortKey(u.Label), unitSearch(u),
		u.UpdatedAt.UnixMilli(), u.Version, u.ID)
	return err
}

func deleteUnit(ctx context.Context, tx *tenants.Tx, id string) error {
	_, err := tx.Exec(ctx, "delete from units where id = ?", id)
	return err
}

// addressIsFree returns conflict if another unit of the development is there.
func addressIsFree(ctx context.Context, tx *tenants.Tx, u core.Unit) error {
	var label string
	err := tx.QueryRow(ctx, "select label from units where development_id = ? and address_key = ? and id <> ?",
		u.DevelopmentID, AddressKey(u.Label, u.Address), u.ID).Scan(&label)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return &core.Error{Code: core.Conflict, Message: "The development has a unit at this address already: " + label + ".",
		Fields: []core.FieldError{{Field: "address", Value: u.Address, Reason: "is taken by " + label}}}
}

// developmentExists returns an invalid error that names the field otherwise.
func developmentExists(ctx context.Context, tx *tenants.Tx, id string) error {
	var one int
	err := tx.QueryRow(ctx, "select 1 from developments where id = ?", id).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		var problems core.Problems
		problems.Add("development_id", id, "is no development of this tenant")
		return problems.Err()
	}
	return err
}

// unitSearch holds the postcode with and without its space.
func unitSearch(u core.Unit) string {
	return searchText(u.Label, u.Address, u.County, u.Postcode, strings.ReplaceAll(u.Postcode, " ", ""), u.Kind)
}

func priceColumns(price *core.Money) (minor, currency any) {
	if price == nil {
		return nil, nil
	}
	return price.Minor, price.Currency
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}
