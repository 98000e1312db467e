package tenants

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// object is one entry of a schema, or the counter of a table.
type object struct{ kind, name, table, text string }

// objects returns what the file holds, by kind and name. Temporary objects have
// kinds of their own.
func (r *reshaping) objects(ctx context.Context) (map[string]object, error) {
	found := map[string]object{}
	read := func(query string) error {
		rows, err := r.db.QueryContext(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var o object
			if err := rows.Scan(&o.kind, &o.name, &o.table, &o.text); err != nil {
				return err
			}
			found[o.kind+" "+o.name] = o
		}
		return rows.Err()
	}
	err := read(`
		select type, name, tbl_name, coalesce(sql, '') from sqlite_schema union all
		select 'temporary ' || type, name, tbl_name, coalesce(sql, '') from sqlite_temp_schema`)
	if _, counts := found["table sqlite_sequence"]; err == nil && counts {
		err = read(`select 'counter', name, name, cast(seq as text) from sqlite_sequence`)
	}
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	return found, nil
}

// onlyOwn refuses a migration that has changed what isn't the guest's.
func (r *reshaping) onlyOwn(ctx context.Context, migration string, before map[string]object) error {
	after, err := r.objects(ctx)
	if err != nil {
		return err
	}
	check := func(o object) error {
		mine := owns(r.guest, o.name) && owns(r.guest, o.table)
		switch {
		case o.name == "sqlite_sequence" && o.kind == "table", o.kind == "counter" && (mine || o.name == versionTable(r.guest)):
			return nil
		case o.kind == "counter":
			return refusal(r.guest, migration, fmt.Sprintf("changes the counter of %s, which isn't the plugin's own", o.name))
		case o.kind != "table" && o.kind != "index":
			return refusal(r.guest, migration, "has a "+o.kind)
		case !mine:
			return refusal(r.guest, migration, fmt.Sprintf("changes the %s %s, whose name isn't the plugin's own", o.kind, o.name))
		}
		return nil
	}
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, key := range slices.Backward(slices.Sorted(maps.Keys(all))) { // tables come before their indexes
		if before[key] == after[key] {
			continue
		}
		if err := check(all[key]); err != nil {
			return err
		}
	}
	return nil
}

// inShape refuses tables that don't keep the rules, after the last migration.
func (r *reshaping) inShape(ctx context.Context, migration string) error {
	rows, err := r.db.QueryContext(ctx, `select name, type, strict from pragma_table_list where schema = 'main'`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var own []string
	for rows.Next() {
		var name, kind string
		var strict bool
		if err := rows.Scan(&name, &kind, &strict); err != nil {
			return err
		}
		switch {
		case !owns(r.guest, name):
			continue
		case kind != "table":
			return refusal(r.guest, migration, fmt.Sprintf("leaves %s, a %s table", name, kind))
		case !strict:
			return refusal(r.guest, migration, fmt.Sprintf("leaves the table %s, which isn't strict", name))
		}
		own = append(own, name)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close() // there is one connection
	return r.keysInShape(ctx, migration, own)
}

// foreignKey refers from a table of the guest to another one.
type foreignKey struct {
	table, parent, onDelete string
	columns                 []string
	fixed                   bool // a column can't be null
	indexed                 bool // by an index that begins with the columns
}

// keysInShape refuses foreign keys that would hinder the console when it
// deletes: directly, or because a row goes with one of the console's.
func (r *reshaping) keysInShape(ctx context.Context, migration string, own []string) error {
	var keys []foreignKey
	for _, table := range own {
		of, err := r.foreignKeys(ctx, table)
		if err != nil {
			return fmt.Errorf("read foreign keys of %s: %w", table, err)
		}
		keys = append(keys, of...)
		var broken int
		if err := r.db.QueryRowContext(ctx, `select count(*) from pragma_foreign_key_check(?)`, table).Scan(&broken); err != nil {
			return fmt.Errorf("%w: %w", refusal(r.guest, migration, "leaves a foreign key of "+table+" that refers to no key"), err)
		}
		if broken > 0 {
			return refusal(r.guest, migration, fmt.Sprintf("leaves %d rows of %s without the row that they refer to", broken, table))
		}
	}
	going := slices.Clone(r.core) // tables whose rows the console deletes
	for more := true; more; {
		more = false
		for _, k := range keys {
			if k.onDelete == "CASCADE" && slices.Contains(going, k.parent) && !slices.Contains(going, k.table) {
				going, more = append(going, k.table), true
			}
		}
	}
	for _, k := range keys {
		if why := k.fault(r.guest, going); why != "" {
			return refusal(r.guest, migration, fmt.Sprintf("leaves a foreign key from %s to %s %s", k.table, k.parent, why))
		}
	}
	return nil
}

func (k foreignKey) fault(guest string, going []string) string {
	switch hinders := slices.Contains(going, k.parent); {
	case !hinders && !owns(guest, k.parent):
		return "that is neither the console's nor the plugin's own table"
	case !hinders:
		return ""
	case k.onDelete != "CASCADE" && k.onDelete != "SET NULL":
		return "without on delete cascade or set null"
	case k.onDelete == "SET NULL" && k.fixed:
		return "that sets a column to null that can't be null"
	case !k.indexed:
		return "without an index on " + strings.Join(k.columns, ", ")
	}
	return ""
}

func (r *reshaping) foreignKeys(ctx context.Context, table string) (keys []foreignKey, err error) {
	rows, err := r.db.QueryContext(ctx, `
		select k.seq, lower(k."table"), k.on_delete, lower(k."from"), c."notnull" or c.pk > 0,
		  c.pk = 1 and upper(c.type) = 'INTEGER' and (select count(*) from pragma_table_info(?1) where pk > 0) = 1
		from pragma_foreign_key_list(?1) k join pragma_table_info(?1) c on c.name = k."from" collate nocase
		order by k.id, k.seq`, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int
		var parent, onDelete, column string
		var fixed, rowID bool
		if err := rows.Scan(&seq, &parent, &onDelete, &column, &fixed, &rowID); err != nil {
			return nil, err
		}
		if seq == 0 {
			keys = append(keys, foreignKey{table: strings.ToLower(table), parent: parent, onDelete: onDelete})
		}
		k := &keys[len(keys)-1]
		k.columns, k.fixed, k.indexed = append(k.columns, column), k.fixed || fixed, rowID
	}
	if err := rows.Err(); err != nil || len(keys) == 0 {
		return nil, err
	}
	rows.Close() // there is one connection
	indexes, err := r.indexes(ctx, table)
	for i := range keys {
		k := &keys[i]
		k.indexed = k.indexed && len(k.columns) == 1 || slices.ContainsFunc(indexes, func(columns []string) bool {
			return len(columns) >= len(k.columns) && !slices.ContainsFunc(k.columns, func(c string) bool {
				return !slices.Contains(columns[:len(k.columns)], c)
			})
		})
	}
	return keys, err
}

// indexes returns the columns of each index that holds all rows of a table.
func (r *reshaping) indexes(ctx context.Context, table string) (all [][]string, err error) {
	rows, err := r.db.QueryContext(ctx, `
		select c.seqno, lower(coalesce(c.name, ''))
		from pragma_index_list(?) i, pragma_index_info(i.name) c where not i.partial
		order by i.seq, c.seqno`, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int
		var column string
		if err := rows.Scan(&seq, &column); err != nil {
			return nil, err
		}
		if seq == 0 {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], column)
	}
	return all, rows.Err()
}
