package grant

import (
	"slices"
	"strings"

	"modernc.org/sqlite"
)

// Authorize returns what SQLite asks before it prepares a statement of a
// plugin. What isn't allowed here is refused: a plugin reads its own tables and
// the granted columns of core tables, and changes its own tables alone, and
// these only with write. Exists says whether the file has a table of a name.
//
// The fifth argument, the trigger or view that an access comes from, is
// ignored: a common table expression can take any name and would borrow its
// rights.
func Authorize(r Rights, platform, write bool, exists func(table string) bool) sqlite.AuthorizerFn {
	p := newPolicy(r, platform, write, exists)
	return func(action sqlite.AuthorizerActionCode, arg1, arg2, database, _ string) sqlite.AuthorizerReturnCode {
		if p.allows(action, fold(arg1), fold(arg2), fold(database)) {
			return sqlite.AuthorizerOK
		}
		return sqlite.AuthorizerDeny
	}
}

// policy are the rights of one plugin in one kind of file.
type policy struct {
	prefix  string
	core    map[string]bool            // every table of the console in such a file
	granted map[string]map[string]bool // columns by table
	write   bool
	exists  func(string) bool
}

func newPolicy(r Rights, platform, write bool, exists func(string) bool) *policy {
	p := &policy{prefix: r.Plugin + "_", core: tenantTables(), granted: map[string]map[string]bool{}, write: write, exists: exists}
	read := r.Read
	if platform {
		p.core, read = controlTables(), r.ReadPlatform
	}
	for table, columns := range read {
		table = fold(table)
		for _, column := range columns {
			if !Grantable(platform, table, column) {
				continue // whoever has granted it was mistaken
			}
			if p.granted[table] == nil {
				p.granted[table] = map[string]bool{}
			}
			p.granted[table][fold(column)] = true
		}
	}
	return p
}

// own says whether a table is the plugin's. No id has an underscore, so no
// prefix is the beginning of another; a table of the console stays its own.
func (p *policy) own(table string) bool {
	return strings.HasPrefix(table, p.prefix) && !p.core[table]
}

func (p *policy) allows(action sqlite.AuthorizerActionCode, arg1, arg2, database string) bool {
	if database != "" && database != "main" {
		return false
	}
	switch action {
	case sqlite.AuthSelect, sqlite.AuthRecursive:
		return true
	case sqlite.AuthRead:
		return p.reads(arg1, arg2)
	case sqlite.AuthInsert, sqlite.AuthUpdate, sqlite.AuthDelete:
		return p.write && p.own(arg1)
	case sqlite.AuthFunction:
		return !deniedFunction(arg2)
	}
	return false
}

// reads decides about a column, or about a table of which no column is used:
// for count(*) and exists SQLite asks with an empty name, and it does the same
// for common table expressions. Those are no tables of the file.
func (p *policy) reads(table, column string) bool {
	switch {
	case p.own(table), slices.Contains(expanders, table):
		return true
	case reserved(table):
		return false
	case p.granted[table] != nil:
		return column == "" || p.granted[table][column]
	case column != "" || p.core[table]:
		return false
	}
	return !p.exists(table)
}

// expanders are table-valued functions that show their arguments and nothing
// else.
var expanders = []string{"json_each", "json_tree"}

// reserved are the names of tables and modules of SQLite: its schema, its
// statistics, its pages, its pragmas.
func reserved(table string) bool {
	return slices.ContainsFunc([]string{"sqlite_", "pragma_", "dbstat", "fts", "rtree", "geopoly"}, func(prefix string) bool {
		return strings.HasPrefix(table, prefix)
	})
}

// deniedFunction says whether a function does more than compute: it loads code,
// reaches files, looks into the database's inner structure, writes to a log, or
// hands out pointers.
func deniedFunction(name string) bool {
	switch name {
	case "load_extension", "readfile", "writefile", "edit", "fts3_tokenizer":
		return true
	}
	return slices.ContainsFunc([]string{"sqlite_", "fts5", "rtree", "geopoly_"}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	}) && name != "sqlite_version"
}

// fold makes names of any case equal, as SQLite does: in ASCII alone.
func fold(name string) string {
	for i := range len(name) {
		if c := name[i]; 'A' <= c && c <= 'Z' {
			b := []byte(name)
			for ; i < len(b); i++ {
				if c := b[i]; 'A' <= c && c <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return name
}
