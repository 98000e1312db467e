package keep

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/tenants"
)

func readManifest(ctx context.Context, tx *tenants.Tx, sha256 string) (m sdk.Manifest, found bool, err error) {
	var body []byte
	err = tx.QueryRow(ctx, `select manifest from plugin_manifests where sha256 = ?`, sha256).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	if err != nil {
		return m, false, fmt.Errorf("read manifest: %w", err)
	}
	return m, true, nil
}

func writeManifest(ctx context.Context, tx *tenants.Tx, sha256, plugin string, body []byte) error {
	_, err := tx.Exec(ctx, `
		insert into plugin_manifests (sha256, plugin, manifest, seen_at) values (?1, ?2, ?3, ?4)
		on conflict (sha256) do update set plugin = ?2, manifest = ?3, seen_at = ?4`,
		sha256, plugin, string(body), tx.Now.UnixMilli())
	return err
}

func readApproval(ctx context.Context, tx *tenants.Tx, plugin string) (a Approval, found bool, err error) {
	var body []byte
	var at int64
	err = tx.QueryRow(ctx, `select grants, sha256, approved_by, approved_at from plugin_grants where plugin = ?`, plugin).
		Scan(&body, &a.SHA256, &a.By, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return a, false, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &a.Grants)
	}
	if err != nil {
		return a, false, fmt.Errorf("read grants of %s: %w", plugin, err)
	}
	a.At = time.UnixMilli(at).UTC()
	return a, true, nil
}

func writeApproval(ctx context.Context, tx *tenants.Tx, plugin, sha256 string, grants []byte) error {
	_, err := tx.Exec(ctx, `
		insert into plugin_grants (plugin, grants, sha256, approved_by, approved_at) values (?1, ?2, ?3, ?4, ?5)
		on conflict (plugin) do update set grants = ?2, sha256 = ?3, approved_by = ?4, approved_at = ?5`,
		plugin, string(grants), sha256, core.ActorOf(ctx).ID, tx.Now.UnixMilli())
	return err
}

func readSwitches(ctx context.Context, tx *tenants.Tx) (map[string]string, error) {
	rows, err := tx.Query(ctx, `select plugin, reason from plugin_switches`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	reasons := map[string]string{}
	for rows.Next() {
		var plugin, reason string
		if err := rows.Scan(&plugin, &reason); err != nil {
			return nil, err
		}
		reasons[plugin] = reason
	}
	return reasons, rows.Err()
}

func insertSwitch(ctx context.Context, tx *tenants.Tx, plugin, reason string) error {
	_, err := tx.Exec(ctx, `
		insert into plugin_switches (plugin, reason, changed_by, changed_at) values (?1, ?2, ?3, ?4)
		on conflict (plugin) do update set reason = ?2, changed_by = ?3, changed_at = ?4`,
		plugin, reason, core.ActorOf(ctx).ID, tx.Now.UnixMilli())
	return err
}

func deleteSwitch(ctx context.Context, tx *tenants.Tx, plugin string) error {
	_, err := tx.Exec(ctx, `delete from plugin_switches where plugin = ?`, plugin)
	return err
}
