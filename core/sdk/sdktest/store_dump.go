package sdktest

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // reads the files as they are
)

// Dump is what the plugin keeps in the tenant, or on the platform, as text: its
// tables, their rows in order, its keys, and on the platform what it has
// published. Two of them are compared as they are.
func (c *Console) Dump() string {
	c.t.Helper()
	tables, err := c.tables(func(table string) bool { return strings.HasPrefix(table, c.plugin.ID+"_") })
	if err != nil {
		c.t.Fatalf("read the plugin's tables: %v", err)
	}
	var text strings.Builder
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		fmt.Fprintf(&text, "%s:\n  %s\n", table, strings.ReplaceAll(tables[table], "\n", "\n  "))
	}
	keys, err := c.keys()
	if err != nil {
		c.t.Fatalf("read the plugin's keys: %v", err)
	}
	published, err := c.publications()
	if err != nil {
		c.t.Fatalf("read what the plugin has published: %v", err)
	}
	return text.String() + keys + published
}

// publications are what the plugin has published, seen from the platform.
func (c *Console) publications() (string, error) {
	if c.Tenant != "" {
		return "", nil
	}
	return c.listed("publications", `select tenant_id, key, value, revision from plugin_publications where plugin = ? order by revision`)
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

// tables reads those that are wanted: their rows as text, in order.
func (c *Console) tables(wanted func(table string) bool) (map[string]string, error) {
	db, err := c.open()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	ctx := context.WithoutCancel(c.ctx)
	names, err := texts(ctx, db, `select name from sqlite_schema where type = 'table'`)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, name := range names {
		table := strings.TrimPrefix(name, "name=")
		if !wanted(table) {
			continue
		}
		rows, err := texts(ctx, db, `select * from "`+table+`"`)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", table, err)
		}
		slices.Sort(rows)
		all[table] = strings.Join(rows, "\n")
	}
	return all, nil
}

// keys are the plugin's values of KV.
func (c *Console) keys() (string, error) {
	return c.listed("keys", `select key, value from plugin_values where plugin = ? order by key`)
}

// listed are the plugin's rows of one of the console's tables, under a title.
func (c *Console) listed(title, query string) (string, error) {
	db, err := c.open()
	if err != nil {
		return "", err
	}
	defer db.Close()
	rows, err := texts(context.WithoutCancel(c.ctx), db, query, c.plugin.ID)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return title + ":\n  " + strings.Join(rows, "\n  ") + "\n", nil
}

// theirs are tables of the console that change when a plugin works as it may:
// its events, its records and keys, and what the host notes of it.
var theirs = map[string]bool{
	"events": true, "audit_records": true, "audit_values": true, "plugin_values": true, "plugin_settings": true, "plugin_secrets": true,
	"tenant_keys": true, "tool_runs": true, "plugin_runs": true, "plugin_calls": true, "plugin_tenants": true, "plugin_manifests": true, "sqlite_sequence": true,
	"tenant_changes": true, "tenant_signatures": true, "audit_heads": true, "audit_leaves": true, "audit_checkpoints": true, "plugin_crashes": true, "sqlite_stat1": true,
	"plugin_publications": true,
}

// others is what every table of the console holds that no plugin changes.
func (c *Console) others() (map[string]string, error) {
	all := map[string]string{}
	for _, at := range []*Console{c.InTenant(c.tenants[0]), c.InTenant(c.tenants[1]), c.OnPlatform()} {
		tables, err := at.tables(func(table string) bool { return !theirs[table] && !strings.HasPrefix(table, c.plugin.ID+"_") })
		if err != nil {
			return nil, err
		}
		for table, text := range tables {
			all[string(at.Tenant)+"/"+table] = text
		}
	}
	return all, nil
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
