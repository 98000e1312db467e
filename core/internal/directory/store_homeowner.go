package directory

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const homeownerColumns = `h.id, h.unit_id, u.label, h.name, h.email, h.status, h.consent_at, h.consent_version,
  h.onboarded_at, h.created_at, h.updated_at, h.version`

const homeownerJoin = "cross join units u on u.id = h.unit_id"

var homeownerSorts = map[string]string{
	"": "h.sort_key", "name": "h.sort_key", "status": "h.status", "created_at": "h.id",
	"onboarded_at": "ifnull(h.onboarded_at, 0)",
}

func scanHomeowner(row scanner) (core.Homeowner, error) {
	var h core.Homeowner
	var consent, onboarded sql.Null[int64]
	var created, updated int64
	err := row.Scan(&h.ID, &h.UnitID, &h.Unit, &h.Name, &h.Email, &h.Status, &consent, &h.ConsentVersion,
		&onboarded, &created, &updated, &h.Version)
	h.ConsentAt, h.OnboardedAt = maybeAt(consent), maybeAt(onboarded)
	h.CreatedAt, h.UpdatedAt = at(created), at(updated)
	return h, err
}

var errNoHomeowner = core.Errorf(core.NotFound, "There is no such homeowner.")

func findHomeowner(ctx context.Context, tx *tenants.Tx, id string) (core.Homeowner, error) {
	return oneHomeowner(ctx, tx, "h.id = ?", id)
}

// findHomeownerByEmail returns errNoHomeowner if the unit has none of this
// address.
func findHomeownerByEmail(ctx context.Context, tx *tenants.Tx, unitID, email string) (core.Homeowner, error) {
	return oneHomeowner(ctx, tx, "h.unit_id = ? and h.email_key = ?", unitID, strings.ToLower(email))
}

func oneHomeowner(ctx context.Context, tx *tenants.Tx, condition string, args ...any) (core.Homeowner, error) {
	h, err := scanHomeowner(tx.QueryRow(ctx, "select "+homeownerColumns+" from homeowners h "+homeownerJoin+" where "+condition, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = errNoHomeowner
	}
	return h, err
}

func listHomeowners(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[core.Homeowner], error) {
	l := listing{columns: homeownerColumns, table: "homeowners h", join: homeownerJoin, id: "h.id", sorts: homeownerSorts}
	if q.Development != "" || q.Text != "" {
		l.lookup = homeownerJoin
	}
	if q.Unit != "" {
		l.and("h.unit_id = ?", q.Unit)
	}
	if q.Development != "" {
		l.and("u.development_id = ?", q.Development)
	}
	if q.Status != "" {
		l.and("h.status = ?", q.Status)
	}
	l.words("(h.search || u.search)", q.Text)
	return page(ctx, tx, q, l, scanHomeowner)
}

func insertHomeowner(ctx context.Context, tx *tenants.Tx, h core.Homeowner) error {
	_, err := tx.Exec(ctx, `
insert into homeowners (id, unit_id, name, email, email_key, status, sort_key, search, created_at, updated_at, version)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		h.ID, h.UnitID, h.Name, h.Email, strings.ToLower(h.Email), h.Status, sortKey(h.Name), searchText(h.Name, h.Email),
		h.CreatedAt.UnixMilli(), h.UpdatedAt.UnixMilli(), h.Version)
	return err
}

func updateHomeowner(ctx context.Context, tx *tenants.Tx, h core.Homeowner) error {
	_, err := tx.Exec(ctx, `
update homeowners set name = ?, email = ?, email_key = ?, status = ?, consent_at = ?, consent_version = ?,
  onboarded_at = ?, sort_key = ?, search = ?, updated_at = ?, version = ?
where id = ?`,
		h.Name, h.Email, strings.ToLower(h.Email), h.Status, milliseconds(h.ConsentAt), h.ConsentVersion,
		milliseconds(h.OnboardedAt), sortKey(h.Name), searchText(h.Name, h.Email), h.UpdatedAt.UnixMilli(), h.Version, h.ID)
	return err
}

func deleteHomeowner(ctx context.Context, tx *tenants.Tx, id string) error {
	_, err := tx.Exec(ctx, "delete from homeowners where id = ?", id)
	return err
}

// countHomeowners counts those who have left too: they hang on the unit.
func countHomeowners(ctx context.Context, tx *tenants.Tx, unitID string) (int, error) {
	var n int
	err := tx.QueryRow(ctx, "select count(*) from homeowners where unit_id = ?", unitID).Scan(&n)
	return n, err
}

// unitOf finds the unit that an input names, or says that the field is wrong.
func unitOf(ctx context.Context, tx *tenants.Tx, id string) (core.Unit, error) {
	unit, err := findUnit(ctx, tx, id)
	if core.CodeOf(err) == core.NotFound {
		var problems core.Problems
		problems.Add("unit_id", id, "is no unit of this tenant")
		return unit, problems.Err()
	}
	return unit, err
}

// emailIsFree returns conflict if another homeowner of the unit has the address.
func emailIsFree(ctx context.Context, tx *tenants.Tx, h core.Homeowner) error {
	other, err := findHomeownerByEmail(ctx, tx, h.UnitID, h.Email)
	switch {
	case errors.Is(err, errNoHomeowner) || err == nil && other.ID == h.ID:
		return nil
	case err != nil:
		return err
	}
	return &core.Error{Code: core.Conflict, Message: "The unit has a homeowner with this e-mail address already.",
		Fields: []core.FieldError{{Field: "email", Value: h.Email, Reason: "is taken"}}}
}
