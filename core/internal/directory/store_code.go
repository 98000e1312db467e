package directory

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// codeBatch is how many codes one transaction of the control database takes,
// so that an import never holds up other tenants for long.
const codeBatch = 1000

const noCode = "This code is not known. It may have been replaced."

// codeHash is what the control database keeps of a code.
func codeHash(code string) []byte {
	sum := sha256.Sum256([]byte(strings.ToLower(code)))
	return sum[:16]
}

func locateCode(ctx context.Context, tx *tenants.Tx, code string) (core.TenantID, error) {
	var tenant core.TenantID
	err := tx.QueryRow(ctx, "select tenant_id from unit_codes where code_hash = ?", codeHash(code)).Scan(&tenant)
	return tenant, orNotFound(err, noCode)
}

func registerCodes(ctx context.Context, tx *tenants.Tx, tenant core.TenantID, codes []string) error {
	args := make([]any, 0, 2*len(codes))
	for _, code := range codes {
		args = append(args, codeHash(code), string(tenant))
	}
	// A code of the same tenant is written over with the same value and counts
	// as changed; a foreign one is not.
	result, err := tx.Exec(ctx, "insert into unit_codes (code_hash, tenant_id) values "+
		strings.Repeat("(?, ?), ", len(codes)-1)+"(?, ?) "+
		"on conflict (code_hash) do update set tenant_id = excluded.tenant_id where tenant_id = excluded.tenant_id", args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(len(codes)) {
		return core.Errorf(core.Conflict, "A code belongs to another tenant already.")
	}
	return nil
}

func deleteCode(ctx context.Context, tx *tenants.Tx, code string) error {
	_, err := tx.Exec(ctx, "delete from unit_codes where code_hash = ?", codeHash(code))
	return err
}

func findUnitByCode(ctx context.Context, tx *tenants.Tx, code string) (core.Unit, error) {
	u, err := scanUnit(tx.QueryRow(ctx, "select "+unitColumns+" from units u "+unitJoin+" where u.code = ?", strings.ToLower(code)))
	return u, orNotFound(err, noCode)
}

func uncodedUnits(ctx context.Context, tx *tenants.Tx, developmentID string) ([]string, error) {
	rows, err := tx.Query(ctx, "select id from units where development_id = ? and code is null order by sort_key, id", developmentID)
	if err != nil {
		return nil, err
	}
	return texts(rows)
}

// setCodes returns how many units of each development have got their code.
func setCodes(ctx context.Context, tx *tenants.Tx, codes map[string]string) (map[string]int, error) {
	pairs, err := json.Marshal(codes)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
update units set code = given.value, updated_at = ?
from json_each(?) as given
where units.id = given.key and units.code is null
returning development_id`, tx.Now.UnixMilli(), string(pairs))
	if err != nil {
		return nil, err
	}
	developments, err := texts(rows)
	counts := map[string]int{}
	for _, development := range developments {
		counts[development]++
	}
	return counts, err
}

// texts reads a column of text to its end and closes the rows.
func texts(rows *sql.Rows) ([]string, error) {
	defer rows.Close()
	var list []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}

// markScanned notes the first scan of a unit.
func markScanned(ctx context.Context, tx *tenants.Tx, id string) error {
	_, err := tx.Exec(ctx, "update units set first_scan_at = ? where id = ? and first_scan_at is null", tx.Now.UnixMilli(), id)
	return err
}
