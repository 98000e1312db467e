package tenants

import (
	"fmt"
	"slices"
	"strings"

	"modernc.org/sqlite"
)

// owns reports whether a name is that of a table or an index of a guest.
func owns(guest, name string) bool {
	return strings.HasPrefix(strings.TrimPrefix(name, "sqlite_autoindex_"), guest+"_")
}

// Tables that SQLite itself changes when a table is made, altered or dropped.
// Statements can't change the schema by themselves, the counters can be: they
// are compared afterwards.
var bookkeeping = []string{"sqlite_master", "sqlite_temp_master", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4"}

// computed tables hold what they are given, and no row of the file. The last
// one is how SQLite looks at the rows that are there when a column is added.
var computed = []string{"json_each", "json_tree", "pragma_quick_check"}

// dangerous functions reach beyond the file.
var dangerous = []string{"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"}

// migrationRights are those of a migration: everything with the guest's own
// tables and indexes, nothing with others. What a rename makes of a name isn't
// asked for: it is compared afterwards. Others are the names of all tables that
// aren't the guest's: a bare name of a common table expression is none of them.
func migrationRights(guest string, others []string, denied func(string)) sqlite.AuthorizerFn {
	return func(action sqlite.AuthorizerActionCode, arg1, arg2, database, _ string) sqlite.AuthorizerReturnCode {
		own := false
		switch action {
		case sqlite.AuthSelect, sqlite.AuthRecursive:
			own = true
		case sqlite.AuthFunction:
			own = !slices.Contains(dangerous, strings.ToLower(arg2))
		case sqlite.AuthRead:
			own = owns(guest, arg1) || slices.Contains(bookkeeping, arg1) || slices.Contains(computed, arg1) ||
				database == "" && arg2 == "" && !slices.Contains(others, strings.ToLower(arg1))
		case sqlite.AuthInsert, sqlite.AuthUpdate, sqlite.AuthDelete:
			own = owns(guest, arg1) || slices.Contains(bookkeeping, arg1)
		case sqlite.AuthCreateTable, sqlite.AuthDropTable:
			own = owns(guest, arg1) || arg1 == "sqlite_sequence"
		case sqlite.AuthCreateIndex, sqlite.AuthDropIndex:
			own = owns(guest, arg1) && owns(guest, arg2)
		case sqlite.AuthAlterTable:
			own = arg1 == "main" && owns(guest, arg2)
		case sqlite.AuthReindex:
			own = owns(guest, arg1)
		case sqlite.AuthPragma:
			own = arg1 == "quick_check" && owns(guest, arg2)
		}
		if own {
			return sqlite.AuthorizerOK
		}
		denied(misdeed(action, arg1, arg2))
		return sqlite.AuthorizerDeny
	}
}

// misdeed says what a migration does that it may not.
func misdeed(action sqlite.AuthorizerActionCode, arg1, arg2 string) string {
	switch action {
	case sqlite.AuthRead:
		return fmt.Sprintf("reads %s, which isn't the plugin's own", strings.TrimSuffix(arg1+"."+arg2, "."))
	case sqlite.AuthInsert, sqlite.AuthUpdate, sqlite.AuthDelete:
		return fmt.Sprintf("changes rows of %s, which isn't the plugin's own", arg1)
	case sqlite.AuthCreateTable, sqlite.AuthDropTable, sqlite.AuthReindex:
		return fmt.Sprintf("changes %s, whose name isn't the plugin's own", arg1)
	case sqlite.AuthCreateIndex, sqlite.AuthDropIndex:
		return fmt.Sprintf("changes the index %s of %s, whose names aren't the plugin's own", arg1, arg2)
	case sqlite.AuthAlterTable:
		return fmt.Sprintf("changes %s, whose name isn't the plugin's own", arg2)
	case sqlite.AuthCreateTrigger, sqlite.AuthDropTrigger:
		return "has a trigger"
	case sqlite.AuthCreateView, sqlite.AuthDropView:
		return "has a view"
	case sqlite.AuthCreateVTable, sqlite.AuthDropVTable:
		return "has a virtual table"
	case sqlite.AuthCreateTempTable, sqlite.AuthCreateTempIndex, sqlite.AuthCreateTempTrigger, sqlite.AuthCreateTempView,
		sqlite.AuthDropTempTable, sqlite.AuthDropTempIndex, sqlite.AuthDropTempTrigger, sqlite.AuthDropTempView:
		return "has a temporary object"
	case sqlite.AuthPragma:
		return fmt.Sprintf("uses the pragma %s", arg1)
	case sqlite.AuthAttach, sqlite.AuthDetach:
		return "attaches a database"
	case sqlite.AuthTransaction, sqlite.AuthSavepoint:
		return "begins or ends a transaction"
	case sqlite.AuthFunction:
		return fmt.Sprintf("calls the function %s", arg2)
	}
	return "does what a migration may not"
}
