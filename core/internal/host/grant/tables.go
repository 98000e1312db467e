package grant

import (
	"io/fs"
	"regexp"
	"slices"
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
// sealed keys, letters with links that sign people in, and what stands behind
// sessions.
var secrets = map[string]bool{
	"tenant_keys": true, "plugin_settings": true, "plugin_secrets": true, "plugin_values": true, "plugin_runs": true, "plugin_publications": true,
	"audit_values": true, "idempotency_keys": true, "messages": true, "sessions": true, "links": true, "challenges": true,
	"recovery_codes": true, "impersonations": true, "throttles": true, "unit_codes": true,
}

// secretColumns are columns of other tables that nobody can grant.
var secretColumns = map[string][]string{
	"users": {"password", "totp_secret", "totp_pending", "totp_step"},
	"keys":  {"hash"},
}

// Grantable says whether a column of a table may be granted to a plugin: the
// table is the console's, in a tenant's file or in the control database, and
// the column holds no secret. Whether there is such a column is not looked at.
func Grantable(platform bool, table, column string) bool {
	tables := tenantTables()
	if platform {
		tables = controlTables()
	}
	table = fold(table)
	return tables[table] && !secrets[table] && !strings.HasPrefix(table, "goose_") && !slices.Contains(secretColumns[table], fold(column))
}
