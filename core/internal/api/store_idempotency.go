package api

import (
	"context"
	"database/sql"
	"errors"

	"github.com/openhouse-ai/console/tenants"
)

func findAnswer(ctx context.Context, tx *tenants.Tx, name []byte) (before answered, found bool, err error) {
	var request []byte
	err = tx.QueryRow(ctx, `select request_sha256, status, location, etag, body from idempotency_keys where key_sha256 = ?`, name).
		Scan(&request, &before.status, &before.location, &before.etag, &before.body)
	if errors.Is(err, sql.ErrNoRows) {
		return before, false, nil
	}
	copy(before.request[:], request)
	return before, err == nil, err
}

func insertAnswer(ctx context.Context, tx *tenants.Tx, name []byte, a answered) error {
	_, err := tx.Exec(ctx, `
		insert into idempotency_keys (key_sha256, request_sha256, status, location, etag, body, created_at)
		values (?, ?, ?, ?, ?, ?, ?)`, name, a.request[:], a.status, a.location, a.etag, a.body, tx.Now.UnixMilli())
	return err
}
