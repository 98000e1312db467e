package audit

import (
	"context"
	"database/sql"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// readSpan returns the link before the first record of a span of time, and the
// last record of it: 0 when the span is open to the end of the chain.
func readSpan(ctx context.Context, tx *tenants.Tx, from, to time.Time) (start head, ends int64, err error) {
	if !to.IsZero() {
		err := tx.QueryRow(ctx, `select coalesce(max(seq), 0) from audit_records where at < ?`, to.UnixMilli()).Scan(&ends)
		if err != nil {
			return start, 0, err
		}
	}
	if from.IsZero() {
		return start, ends, nil
	}
	entries, err := readEntries(ctx, tx, `
		select seq, record, hash from audit_records
		where seq < (select min(seq) from audit_records where at >= ?) order by seq desc limit 1`, from.UnixMilli())
	if len(entries) > 0 {
		start = head{entries[0].seq, entries[0].hash}
	}
	return start, ends, err
}

// readPiece returns records after a place in the chain, up to ends unless that
// is 0, with their values.
func readPiece(ctx context.Context, tx *tenants.Tx, after, ends int64) ([]entry, error) {
	entries, err := readEntries(ctx, tx, `
		select seq, record, hash from audit_records
		where seq > ? and (seq <= ? or ? = 0) order by seq limit ?`, after, ends, ends, pieceSize)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	return entries, attachValues(ctx, tx, entries)
}

// attachValues gives entries, in the order of the chain, their values.
func attachValues(ctx context.Context, tx *tenants.Tx, entries []entry) error {
	values, err := readValues(ctx, tx, entries[0].seq, entries[len(entries)-1].seq)
	if err != nil {
		return err
	}
	for i := range entries {
		n := 0
		for n < len(values) && values[n].seq == entries[i].seq {
			n++
		}
		entries[i].values, values = values[:n], values[n:]
	}
	return nil
}

// strayValue returns the first record after a place that has a value and does
// not exist, or 0.
func strayValue(ctx context.Context, tx *tenants.Tx, after int64) (int64, error) {
	var seq sql.NullInt64
	err := tx.QueryRow(ctx, `select min(seq) from audit_values where seq > ?`, after).Scan(&seq)
	return seq.Int64, err
}

// readErasures returns the targets whose values were erased after a place.
func readErasures(ctx context.Context, tx *tenants.Tx, after int64) ([]core.Target, error) {
	rows, err := tx.Query(ctx, `
		select target_kind, target_id from audit_records
		where action = ? and seq > ? order by seq`, erase, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var targets []core.Target
	for rows.Next() {
		var t core.Target
		if err := rows.Scan(&t.Kind, &t.ID); err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, rows.Err()
}
