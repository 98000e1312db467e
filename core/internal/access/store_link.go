package access

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// A link proves that its bearer reads the mail it came in, once.
const (
	linkOwner      = "owner"
	linkInvitation = "invitation"
	linkReset      = "reset"
)

// insertLink replaces the user's links of the purpose by a new one and returns
// its token. The user is empty for the first owner's link.
func insertLink(ctx context.Context, tx *tenants.Tx, purpose, user string, life time.Duration) (string, error) {
	if _, err := tx.Exec(ctx, `delete from links where purpose = ? and user_id is ?`, purpose, nullable(user)); err != nil {
		return "", err
	}
	token := core.NewSecret(tokenBytes)
	_, err := tx.Exec(ctx, `insert into links (hash, purpose, user_id, expires_at) values (?, ?, ?, ?)`,
		fingerprint(token), purpose, nullable(user), tx.Now.Add(life).UnixMilli())
	return token, err
}

// findLink returns the user of a link that still holds.
func findLink(ctx context.Context, tx *tenants.Tx, purpose, token string) (string, error) {
	var user sql.NullString
	row := tx.QueryRow(ctx, `select user_id from links where hash = ? and purpose = ? and expires_at > ?`,
		fingerprint(token), purpose, tx.Now.UnixMilli())
	err := row.Scan(&user)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errNoLink
	}
	return user.String, err
}

// useLink deletes a link that still holds and returns its user: of two who
// come with the same link, the second finds nothing.
func useLink(ctx context.Context, tx *tenants.Tx, purpose, token string) (string, error) {
	user, err := findLink(ctx, tx, purpose, token)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `delete from links where hash = ?`, fingerprint(token))
	return user, err
}

// deleteLinks makes every link of a user void.
func deleteLinks(ctx context.Context, tx *tenants.Tx, user string) error {
	_, err := tx.Exec(ctx, `delete from links where user_id = ?`, user)
	return err
}
