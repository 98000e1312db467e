package sdktest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // reads the files as they are
)

// Dump is what the plugin keeps in the tenant, or on the platform, as text: its
// tables, their rows in order, and its keys. Two of them are compared as they are.
func (c *Console) Dump() string {
	c.t.Helper()
	text, err := c.dump(func(table string) bool { return strings.HasPrefix(table, c.plugin.ID+"_") })
	if err != nil {
		c.t.Fatalf("read the plugin's tables: %v", err)
	}
	keys, err := c.keys()
	if err != nil {
		c.t.Fatalf("read the plugin's keys: %v", err)
	}
	return text + keys
}

// file is where the tenant's file lies, or the control database.
func (c *Console) file() (found string, err error) {
	if c.Tenant == "" {
		return filepath.Join(c.dir, "control.db"), nil
	}
	err = filepath.WalkDir(c.dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(name) == ".db" && strings.Contains(name, string(c.Tenant)) {
			found = name
		}
		return nil // a temporary file may be gone by now
	})
	if err == nil && found == "" {
		err = fmt.Errorf("the tenant %s has no file", c.Tenant)
	}
	return found, err
}

// open opens the file to look at it.
func (c *Console) open() (*sql.DB, error) {
	path, err := c.file()
	if err != nil {
		return nil, err
	}
	return sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
}

// dump reads the tables that are wanted.
func (c *Console) dump(wanted func(table string) bool) (string, error) {
	db, err := c.open()
	if err != nil {
		return "", err
	}
	defer db.Close()
	ctx := context.WithoutCancel(c.ctx)
	tables, err := column(ctx, db, `select name from sqlite_schema where type = 'table' order by name`)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, table := range tables {
		if !wanted(table) {
			continue
		}
		rows, err := texts(ctx, db, `select * from "`+table+`"`)
		if err != nil {
			return "", fmt.Errorf("read %s: %w", table, err)
		}
		slices.Sort(rows)
		fmt.Fprintf(&b, "%s: %d rows\n", table, len(rows))
		for _, row := range rows {
			b.WriteString("  " + row + "\n")
		}
	}
	return b.String(), nil
}

// keys are the plugin's values of KV.
func (c *Console) keys() (string, error) {
	db, err := c.open()
	if err != nil {
		return "", err
	}
	defer db.Close()
	rows, err := texts(context.WithoutCancel(c.ctx), db, `select key, value from plugin_values where plugin = ? order by key`, c.plugin.ID)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return "keys:\n  " + strings.Join(rows, "\n  ") + "\n", nil
}

// theirs are tables of the console that change when a plugin works as it may:
// its events, its records and keys, and what the host notes of it.
var theirs = map[string]bool{
	"events": true, "audit_head": true, "audit_records": true, "audit_values": true, "plugin_values": true, "plugin_settings": true, "plugin_secrets": true,
	"tenant_keys": true, "tool_runs": true, "plugin_runs": true, "plugin_calls": true, "plugin_tenants": true, "plugin_manifests": true, "sqlite_sequence": true,
	"tenant_changes": true, "changes": true, "audit_heads": true, "sqlite_stat1": true,
}

// others are the hashes of every table of the console that no plugin changes.
func (c *Console) others() (map[string]string, error) {
	hashes := map[string]string{}
	for _, at := range []*Console{c.InTenant(c.tenants[0]), c.InTenant(c.tenants[1]), c.OnPlatform()} {
		text, err := at.dump(func(table string) bool { return !theirs[table] && !strings.HasPrefix(table, c.plugin.ID+"_") })
		if err != nil {
			return nil, err
		}
		for block := range strings.SplitSeq("\n"+text, "\n") {
			if table, rest, found := strings.Cut(block, ":"); found && !strings.HasPrefix(block, " ") {
				hashes[string(at.Tenant)+"/"+table] = rest
			}
		}
		sum := sha256.Sum256([]byte(text))
		hashes[string(at.Tenant)+"/all"] = hex.EncodeToString(sum[:])
	}
	return hashes, nil
}

// schema is what the plugin has made in a file: tables and indexes.
func (c *Console) schema() (string, error) {
	db, err := c.open()
	if err != nil {
		return "", err
	}
	defer db.Close()
	rows, err := texts(context.WithoutCancel(c.ctx), db,
		`select type, name, coalesce(sql, '') from sqlite_schema where tbl_name like ? || '\_%' escape '\' order by type, name`, c.plugin.ID)
	return strings.Join(rows, "\n"), err
}

// spoil gives a planned run the hash of another plan.
func (c *Console) spoil(run Run) error {
	path, err := c.file()
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(c.ctx, `update plugin_runs set plan = json_set(plan, '$.hash', 'of another plan') where id = ?`, run.ID)
	return err
}

func column(ctx context.Context, db *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// texts reads rows as text: column=value, in the order of the columns.
func texts(ctx context.Context, db *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	var all []string
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		parts := make([]string, len(names))
		for i, v := range values {
			switch v := v.(type) {
			case []byte:
				parts[i] = names[i] + "=" + string(v)
			case string:
				parts[i] = names[i] + "=" + v
			default:
				parts[i] = fmt.Sprintf("%s=%v", names[i], v)
			}
		}
		all = append(all, strings.Join(parts, " "))
	}
	return all, rows.Err()
}
