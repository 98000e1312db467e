package keep

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func readValue(ctx context.Context, tx *tenants.Tx, plugin, key string) (value []byte, err error) {
	err = tx.QueryRow(ctx, `select value from plugin_values where plugin = ? and key = ?`, plugin, key).Scan(&value)
	return value, err
}

func writeValue(ctx context.Context, tx *tenants.Tx, plugin, key string, value []byte) error {
	if value == nil {
		value = []byte{} // not null
	}
	result, err := tx.Exec(ctx, `
		update plugin_values set value = ?3, updated_at = ?4 where plugin = ?1 and key = ?2`,
		plugin, key, value, tx.Now.UnixMilli())
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil {
		return err
	}
	result, err = tx.Exec(ctx, `
		insert into plugin_values (plugin, key, value, updated_at) select ?1, ?2, ?3, ?4
		where (select count(*) from plugin_values where plugin = ?1) < ?5`,
		plugin, key, value, tx.Now.UnixMilli(), MaxValues)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil {
		return err
	}
	return core.Errorf(core.Invalid, "A plugin keeps at most %d values.", MaxValues)
}

func deleteValue(ctx context.Context, tx *tenants.Tx, plugin, key string) error {
	_, err := tx.Exec(ctx, `delete from plugin_values where plugin = ? and key = ?`, plugin, key)
	return err
}

func listKeys(ctx context.Context, tx *tenants.Tx, plugin, prefix string) ([]string, error) {
	rows, err := tx.Query(ctx, `
		select key from plugin_values where plugin = ? and substr(key, 1, length(?2)) = ?2 order by key`, plugin, prefix)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []string
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}
