package access

import (
	"context"
	"database/sql"
	"errors"

	"github.com/openhouse-ai/console/tenants"
)

func findThrottle(ctx context.Context, tx *tenants.Tx, bucket string) (t throttle, err error) {
	var last, until int64
	row := tx.QueryRow(ctx, `select failures, last_at, until from throttles where bucket = ?`, bucket)
	if err := row.Scan(&t.failures, &last, &until); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t, err
	}
	t.last, t.until = moment(last), moment(until)
	return t, nil
}

func saveThrottle(ctx context.Context, tx *tenants.Tx, bucket string, t throttle) error {
	until := int64(0)
	if !t.until.IsZero() {
		until = t.until.UnixMilli()
	}
	_, err := tx.Exec(ctx, `
		insert into throttles (bucket, failures, last_at, until) values (?, ?, ?, ?)
		on conflict (bucket) do update set failures = excluded.failures, last_at = excluded.last_at, until = excluded.until`,
		bucket, t.failures, t.last.UnixMilli(), until)
	return err
}

func deleteThrottle(ctx context.Context, tx *tenants.Tx, bucket string) error {
	_, err := tx.Exec(ctx, `delete from throttles where bucket = ?`, bucket)
	return err
}

func returnAttempt(ctx context.Context, tx *tenants.Tx, bucket string) error {
	_, err := tx.Exec(ctx, `update throttles set failures = max(failures - 1, 0), until = 0 where bucket = ?`, bucket)
	return err
}

// sweepThrottles deletes the ones that would be forgotten anyway.
func sweepThrottles(ctx context.Context, tx *tenants.Tx) error {
	_, err := tx.Exec(ctx, `delete from throttles where last_at < ?`, tx.Now.Add(-forgetAfter).UnixMilli())
	return err
}
