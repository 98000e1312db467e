package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// byChance are ids and moments: they differ between two runs that did the same.
var byChance = regexp.MustCompile(`\b[a-z]{2,5}_[0-9a-v]{26}\b|[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9]{10,}\b|20[0-9]{2}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+Z?)?`)

// readPluginData is what a plugin keeps in a tenant's file and has emitted
// there, without ids and moments, as text.
func readPluginData(ctx context.Context, store *tenants.Store, tenant core.TenantID, plugin string) (text string, rows int, err error) {
	var b strings.Builder
	err = store.View(ctx, tenant, func(tx *tenants.Tx) error {
		names, err := readTexts(ctx, tx, `select name from sqlite_schema where type = 'table' and name like ? || '\_%' escape '\' order by name`, plugin)
		if err != nil {
			return err
		}
		queries := map[string]string{"events": `select name, subject_kind, body from events where name like ?1 || '.%'`}
		for _, name := range names {
			queries[name] = `select * from "` + name + `" where ?1 <> ''`
		}
		for _, name := range sortedKeys(queries) {
			lines, err := readTexts(ctx, tx, queries[name], plugin)
			if err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
			rows += len(lines)
			fmt.Fprintf(&b, "%s: %d\n", name, len(lines))
			for i := range lines {
				lines[i] = byChance.ReplaceAllString(lines[i], "…")
			}
			slices.Sort(lines)
			for _, line := range lines {
				b.WriteString("  " + line + "\n")
			}
		}
		return nil
	})
	return b.String(), rows, err
}

// readTexts reads rows as text.
func readTexts(ctx context.Context, tx *tenants.Tx, query string, args ...any) (lines []string, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		parts := make([]string, len(columns))
		for i, v := range values {
			if raw, ok := v.([]byte); ok {
				v = string(raw)
			}
			parts[i] = fmt.Sprint(v)
		}
		lines = append(lines, strings.Join(parts, " | "))
	}
	return lines, rows.Err()
}
