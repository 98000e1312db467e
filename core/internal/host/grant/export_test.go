package grant_test

import (
	"flag"

	"modernc.org/sqlite"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func allowsFunction(f sqlite.AuthorizerFn, name string) bool {
	return f(sqlite.AuthFunction, "", name, "", "") == sqlite.AuthorizerOK
}

func allowsRead(f sqlite.AuthorizerFn, table, column string) bool {
	return f(sqlite.AuthRead, table, column, "main", "") == sqlite.AuthorizerOK
}
