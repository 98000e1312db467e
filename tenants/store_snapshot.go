package tenants

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/openhouse-ai/console/core"
)

// Snapshot writes a consistent copy of one tenant's file to w: a SQLite
// database without anything that was deleted. Writers are not disturbed. The
// copy is made under the region's root first, and removed again.
func (s *Store) Snapshot(ctx context.Context, id core.TenantID, w io.Writer) error {
	err := s.files.use(ctx, id, func(f *file, _ core.TenantStatus) error {
		name := filepath.Join(temporaryFolder, core.NewSecret(10)+".db")
		err := f.vacuumInto(ctx, filepath.Join(f.root.Name(), name))
		if err == nil {
			err = copyOut(f, name, w)
		}
		return errors.Join(err, removeFile(f.root, name))
	})
	if err != nil {
		return fmt.Errorf("snapshot %s: %w", id, explain(err))
	}
	return nil
}

// vacuumInto copies the file over a connection of its own, because those that
// read may not write anything, a copy included.
func (f *file) vacuumInto(ctx context.Context, path string) (err error) {
	c, err := newConnector(f.path(), "rw", pragmas, nil)
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, `vacuum into ?`, path)
	return err
}

func copyOut(f *file, name string, w io.Writer) error {
	file, err := f.root.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(w, file)
	return err
}
