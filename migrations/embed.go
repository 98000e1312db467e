// Package migrations holds the schema of every database: one folder is one
// goose set with its own version table.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed */*.sql
var files embed.FS

// Set returns the migrations of one set: control, tenant, or a plugin's id.
// Returns an error of fs when there is no such set.
func Set(name string) (fs.FS, error) { return fs.Sub(files, name) }
