package keep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/openhouse-ai/console/tenants"
)

// settings are a plugin's, as they are stored: the secrets beside the body.
type settings struct {
	body    []byte
	version int64
	secrets map[string]secret
}

// secret is sealed; the hint is what people may see of it.
type secret struct {
	sealed []byte
	hint   string
}

func (s settings) object() (map[string]any, error) {
	object := map[string]any{}
	if len(s.body) == 0 {
		return object, nil
	}
	if err := decode(s.body, &object); err != nil {
		return nil, fmt.Errorf("read stored settings: %w", err)
	}
	return object, nil
}

func readSettings(ctx context.Context, tx *tenants.Tx, plugin string) (s settings, err error) {
	s.secrets = map[string]secret{}
	err = tx.QueryRow(ctx, `select body, version from plugin_settings where plugin = ?`, plugin).Scan(&s.body, &s.version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, err
	}
	rows, err := tx.Query(ctx, `select field, sealed, hint from plugin_secrets where plugin = ?`, plugin)
	if err != nil {
		return s, err
	}
	defer rows.Close()
	for rows.Next() {
		var field string
		var one secret
		if err := rows.Scan(&field, &one.sealed, &one.hint); err != nil {
			return s, err
		}
		s.secrets[field] = one
	}
	return s, rows.Err()
}

func writeSettings(ctx context.Context, tx *tenants.Tx, plugin string, s settings) error {
	_, err := tx.Exec(ctx, `
		insert into plugin_settings (plugin, body, version, updated_at) values (?1, ?2, ?3, ?4)
		on conflict (plugin) do update set body = ?2, version = ?3, updated_at = ?4`,
		plugin, string(s.body), s.version, tx.Now.UnixMilli())
	return err
}

func writeSecret(ctx context.Context, tx *tenants.Tx, plugin, field string, s secret) error {
	_, err := tx.Exec(ctx, `
		insert into plugin_secrets (plugin, field, sealed, hint, updated_at) values (?1, ?2, ?3, ?4, ?5)
		on conflict (plugin, field) do update set sealed = ?3, hint = ?4, updated_at = ?5`,
		plugin, field, s.sealed, s.hint, tx.Now.UnixMilli())
	return err
}

func deleteSecret(ctx context.Context, tx *tenants.Tx, plugin, field string) error {
	_, err := tx.Exec(ctx, `delete from plugin_secrets where plugin = ? and field = ?`, plugin, field)
	return err
}

// readKeyset returns the sealed keyset of the file, or nil when it has none.
func readKeyset(ctx context.Context, tx *tenants.Tx) (sealed []byte, err error) {
	err = tx.QueryRow(ctx, `select keyset from tenant_keys`).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return sealed, err
}

func writeKeyset(ctx context.Context, tx *tenants.Tx, sealed []byte) error {
	_, err := tx.Exec(ctx, `insert into tenant_keys (id, keyset, created_at) values (1, ?, ?)`, sealed, tx.Now.UnixMilli())
	return err
}
