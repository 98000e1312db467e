package usage

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/openhouse-ai/console/tenants"
)

// batch is how many events one statement takes: parsing it costs little then,
// and its parameters stay far below SQLite's limit of 32,766.
const batch = 100

// claim writes the identities that are not among the recent ones and returns
// them.
func claim(ctx context.Context, tx *tenants.Tx, entries []entry) (map[[16]byte]bool, error) {
	args := make([]any, 0, 3*len(entries))
	for _, e := range entries {
		args = append(args, e.hash[:], e.hour, tx.Now.UnixMilli())
	}
	return written(tx.Query(ctx, "insert into usage_identities (hash, hour, received_at) values "+
		rows("(?, ?, ?)", len(entries))+" on conflict (hash) do nothing returning hash", args...))
}

// insert writes the events whose identity their hour does not have and returns
// their hashes.
func insert(ctx context.Context, tx *tenants.Tx, entries []entry) (map[[16]byte]bool, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	args := make([]any, 0, 12*len(entries))
	for _, e := range entries {
		args = append(args, e.hour, e.hash[:], e.event.Source, e.event.ID, e.event.Type, e.event.Development, e.event.Unit,
			e.event.Visitor, e.event.Time.UnixMilli(), tx.Now.UnixMilli(), e.body, e.payload[:])
	}
	return written(tx.Query(ctx, `
insert into usage_events (hour, hash, source, id, type, development_id, unit_id, visitor, time, received_at, body, payload_hash)
values `+rows("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", len(entries))+" on conflict (hour, hash) do nothing returning hash", args...))
}

func rows(row string, n int) string { return strings.Repeat(row+", ", n-1) + row }

// written collects the hashes that a statement returns.
func written(rows *sql.Rows, err error) (map[[16]byte]bool, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	hashes := map[[16]byte]bool{}
	for rows.Next() {
		var hash []byte
		if err := rows.Scan(&hash); err != nil {
			return nil, err
		}
		hashes[[16]byte(hash)] = true
	}
	return hashes, rows.Err()
}

// firstOf finds the event that has the identity: its hour, and its payload;
// nil if the event itself was erased.
func firstOf(ctx context.Context, tx *tenants.Tx, e entry) (hour int64, payload *[16]byte, err error) {
	if err := tx.QueryRow(ctx, "select hour from usage_identities where hash = ?", e.hash[:]).Scan(&hour); err != nil {
		return 0, nil, err
	}
	var bytes []byte
	err = tx.QueryRow(ctx, "select payload_hash from usage_events where hour = ? and hash = ?", hour, e.hash[:]).Scan(&bytes)
	if errors.Is(err, sql.ErrNoRows) {
		return hour, nil, nil
	}
	if err != nil {
		return hour, nil, err
	}
	found := [16]byte(bytes)
	return hour, &found, nil
}
