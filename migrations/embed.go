// Package migrations holds the schema of every database: one folder is one
// goose set with its own version table.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed control/*.sql tenant/*.sql
var files embed.FS

// Set returns the migrations of one set: control, tenant, or a plugin's id.
// Returns fs.ErrNotExist when there is no such set.
func Set(name string) (fs.FS, error) {
	if _, err := fs.Stat(files, name); err != nil {
		return nil, err
	}
	return fs.Sub(files, name)
}
