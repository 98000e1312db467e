package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// head is the last link of a chain; zero for an empty one.
type head struct {
	seq  int64
	hash hash
}

// readHead returns the last link that the transaction sees, its own included.
func readHead(ctx context.Context, tx *tenants.Tx) (head, error) {
	var h head
	var link []byte
	err := tx.QueryRow(ctx, `select seq, hash from audit_records order by seq desc limit 1`).Scan(&h.seq, &link)
	if errors.Is(err, sql.ErrNoRows) {
		return head{}, nil
	}
	copy(h.hash[:], link)
	return h, err
}

// appendRecord gives r the next place in the chain and writes it, with its
// personal values beside it. It returns the new head.
func appendRecord(ctx context.Context, tx *tenants.Tx, r *record, beside []value) (head, error) {
	last, err := readHead(ctx, tx)
	if err != nil {
		return head{}, err
	}
	r.Seq = last.seq + 1
	body, err := canonical(r)
	if err != nil {
		return head{}, err
	}
	next := link(r.Seq, last.hash, body)
	_, err = tx.Exec(ctx, `insert into audit_records (seq, record, hash) values (?, ?, ?)`, r.Seq, string(body), next[:])
	if err != nil {
		return head{}, err
	}
	for _, v := range beside {
		_, err := tx.Exec(ctx, `insert into audit_values (seq, change, side, salt, value) values (?, ?, ?, ?, ?)`,
			r.Seq, v.Change, v.Side, v.Salt, v.Value)
		if err != nil {
			return head{}, fmt.Errorf("keep personal value: %w", err)
		}
	}
	return head{r.Seq, next}, nil
}

// deleteValues deletes the personal values of the records about a target.
func deleteValues(ctx context.Context, tx *tenants.Tx, target core.Target) (int, error) {
	result, err := tx.Exec(ctx, `
		delete from audit_values
		where seq in (select seq from audit_records where target_kind = ? and target_id = ?)`, target.Kind, target.ID)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
