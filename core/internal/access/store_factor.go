package access

import (
	"context"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// replaceRecoveryCodes makes new codes, in groups of four as people read them,
// and voids the ones before.
func replaceRecoveryCodes(ctx context.Context, tx *tenants.Tx, user string) (codes []string, err error) {
	if err := deleteRecoveryCodes(ctx, tx, user); err != nil {
		return nil, err
	}
	for range recoveryCodes {
		code := core.NewSecret(recoveryBytes)
		_, err := tx.Exec(ctx, `insert into recovery_codes (user_id, hash) values (?, ?)`, user, fingerprint(code))
		if err != nil {
			return nil, err
		}
		codes = append(codes, strings.Join([]string{code[:4], code[4:8], code[8:12], code[12:]}, "-"))
	}
	return codes, nil
}

// useRecoveryCode reports whether the code was the user's and unused.
func useRecoveryCode(ctx context.Context, tx *tenants.Tx, user, code string) (bool, error) {
	return changed(tx.Exec(ctx, `update recovery_codes set used_at = ? where user_id = ? and hash = ? and used_at is null`,
		tx.Now.UnixMilli(), user, fingerprint(code)))
}

func deleteRecoveryCodes(ctx context.Context, tx *tenants.Tx, user string) error {
	_, err := tx.Exec(ctx, `delete from recovery_codes where user_id = ?`, user)
	return err
}
