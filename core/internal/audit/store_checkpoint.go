package audit

import (
	"context"
	"database/sql"
	"encoding/hex"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// readHeads returns the head of every chain at the last checkpoint, in the
// order of the tree.
func readHeads(ctx context.Context, tx *tenants.Tx) ([]leaf, error) {
	return readLeaves(ctx, tx, `select chain, seq, head from audit_heads order by position`)
}

func readLeaves(ctx context.Context, tx *tenants.Tx, query string, args ...any) ([]leaf, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var leaves []leaf
	for rows.Next() {
		var l leaf
		var head []byte
		if err := rows.Scan(&l.Chain, &l.Seq, &head); err != nil {
			return nil, err
		}
		l.Head = hex.EncodeToString(head)
		leaves = append(leaves, l)
	}
	return leaves, rows.Err()
}

// writeCheckpoint numbers, signs and keeps a statement with the heads that
// moved, which become the last known ones.
func (l *Log) writeCheckpoint(ctx context.Context, tx *tenants.Tx, s *statement, fresh []leaf) error {
	err := tx.QueryRow(ctx, `select coalesce(max(number), 0) + 1 from audit_checkpoints`).Scan(&s.Number)
	if err != nil {
		return err
	}
	body, err := canonical(*s)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into audit_checkpoints (number, at, statement, signature) values (?, ?, ?, ?)`,
		s.Number, s.At, string(body), l.signature(body))
	if err != nil {
		return err
	}
	for _, f := range fresh {
		head, err := hex.DecodeString(f.Head)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into audit_leaves (checkpoint, chain, seq, head) values (?, ?, ?, ?)`,
			s.Number, f.Chain, f.Seq, head)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into audit_heads (position, chain, seq, head)
			values ((select coalesce(max(position), -1) + 1 from audit_heads), ?, ?, ?)
			on conflict (chain) do update set seq = excluded.seq, head = excluded.head`, f.Chain, f.Seq, head)
		if err != nil {
			return err
		}
	}
	return nil
}

// readLastCheckpoint returns the newest checkpoint without its moved heads.
func readLastCheckpoint(ctx context.Context, tx *tenants.Tx) (anchor, error) {
	found, err := readCheckpoints(ctx, tx, `
		select number, statement, signature from audit_checkpoints order by number desc limit 1`)
	if err == nil && len(found) == 0 {
		err = core.Errorf(core.NotFound, "There is no checkpoint of the audit log yet.")
	}
	if err != nil {
		return anchor{}, err
	}
	return found[0], nil
}

func readCheckpoints(ctx context.Context, tx *tenants.Tx, query string, args ...any) ([]anchor, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []anchor
	for rows.Next() {
		var a anchor
		var signature []byte
		if err := rows.Scan(&a.number, (*[]byte)(&a.Statement), &signature); err != nil {
			return nil, err
		}
		a.Signature = hex.EncodeToString(signature)
		found = append(found, a)
	}
	return found, rows.Err()
}

// readAnchor returns the first checkpoint after a number with the heads that
// moved, and sql.ErrNoRows after the last one. A chain keeps to the checkpoints
// in which its head moved.
func readAnchor(ctx context.Context, tx *tenants.Tx, after int64, chain string) (anchor, error) {
	found, err := readCheckpoints(ctx, tx, `
		select number, statement, signature from audit_checkpoints
		where number = (select min(checkpoint) from audit_leaves where checkpoint > ? and (chain = ? or ? = ''))`,
		after, chain, chain)
	if err != nil {
		return anchor{}, err
	}
	if len(found) == 0 {
		return anchor{}, sql.ErrNoRows
	}
	leaves, err := readLeaves(ctx, tx, `
		select chain, seq, head from audit_leaves where checkpoint = ? order by chain`, found[0].number)
	if err != nil {
		return anchor{}, err
	}
	found[0].Moved, err = canonical(leaves)
	return found[0], err
}
