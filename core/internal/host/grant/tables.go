package grant

import (
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"github.com/openhouse-ai/console/migrations"
)

// The console's own tables, as its migrations make them.
var (
	tenantTables  = sync.OnceValue(func() map[string]bool { return tablesOf("tenant") })
	controlTables = sync.OnceValue(func() map[string]bool { return tablesOf("control") })
)

var createTable = regexp.MustCompile(`(?im)^\s*create\s+(?:virtual\s+)?table\s+(?:if\s+not\s+exists\s+)?"?(\w+)`)

// tablesOf reads a set that is a part of the binary: it can't be missing.
func tablesOf(set string) map[string]bool {
	tables := map[string]bool{"goose_" + set: true}
	files, err := migrations.Set(set)
	if err != nil {
		return tables
	}
	names, _ := fs.Glob(files, "*.sql")
	for _, name := range names {
		text, _ := fs.ReadFile(files, name)
		for _, found := range createTable.FindAllSubmatch(text, -1) {
			tables[fold(string(found[1]))] = true
		}
	}
	return tables
}

// secrets are tables that nobody can grant: what plugins keep for themselves,
// sealed keys, and what signs people in.
var secrets = map[string]bool{
	"tenant_keys": true, "plugin_settings": true, "plugin_secrets": true, "plugin_values": true, "plugin_runs": true,
	"audit_values": true, "idempotency_keys": true, "messages": true,
	"users": true, "keys": true, "sessions": true, "links": true, "challenges": true, "recovery_codes": true,
	"impersonations": true, "throttles": true, "unit_codes": true,
}

func secret(table string) bool { return secrets[table] || strings.HasPrefix(table, "goose_") }

// Grantable says whether columns of a table may be granted to a plugin: it is
// the console's, in a tenant's file or in the control database, and holds no
// secrets.
func Grantable(platform bool, table string) bool {
	table = fold(table)
	if platform {
		return controlTables()[table] && !secret(table)
	}
	return tenantTables()[table] && !secret(table)
}
