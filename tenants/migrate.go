package tenants

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/migrations"
	"github.com/pressly/goose/v3"
	"golang.org/x/sync/errgroup"
)

// migrateWorkers is the number of tenants that are migrated at a time.
const migrateWorkers = 4

// MigrationReport says what a migration of all tenants came to.
type MigrationReport struct {
	Checked  int // tenants in the registry
	Migrated int // were behind and are not any more
	Failed   []MigrationFailure
}

// MigrationFailure is a tenant whose file could not be migrated. Its status is
// failed until a later Migrate succeeds.
type MigrationFailure struct {
	Tenant core.TenantID
	Err    error
}

func newProvider(db *sql.DB, set string) (*goose.Provider, error) {
	fsys, err := migrations.Set(set)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, fsys,
		goose.WithTableName("goose_"+set), goose.WithDisableGlobalRegistry(true))
}

// migrateFile brings one database to the newest schema of a set, notes its
// version in the header and moves everything into the file itself. Mode is rw
// for a file that must be there, rwc for one that may be made.
func migrateFile(ctx context.Context, path, mode, set string) (err error) {
	db, err := openWriter(path, mode, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := newProvider(db, set)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", set, err)
	}
	sources := provider.ListSources()
	return stampVersion(ctx, db, sources[len(sources)-1].Version)
}

// migrateControl makes or migrates the control database, unless its header
// says that there is nothing to do: another process may be at work with it.
func migrateControl(ctx context.Context, dir *os.Root) error {
	newest, _, err := schemaOf("control")
	if err != nil {
		return err
	}
	version, err := headerVersion(dir, controlFile)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case version > newest:
		return errNewer
	case version == newest:
		return nil
	}
	return migrateFile(ctx, filepath.Join(dir.Name(), controlFile), "rwc", "control")
}

// schemaOf returns the newest version of a set and a name for its content: a
// template is right for exactly this one.
func schemaOf(set string) (version int64, digest string, err error) {
	fsys, err := migrations.Set(set)
	if err != nil {
		return 0, "", err
	}
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return 0, "", err
	}
	sum := sha256.New()
	for _, name := range names {
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return 0, "", err
		}
		if version, err = goose.NumericComponent(name); err != nil {
			return 0, "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(content), content)
	}
	return version, hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// buildTemplate makes the file that new tenants are copied from, once for each
// content of the migrations, and removes those of before.
func buildTemplate(ctx context.Context, root *os.Root, digest string) (name string, err error) {
	name = "template-" + digest + ".db"
	if _, err := root.Stat(name); err == nil {
		return name, nil
	}
	building := "building-" + core.NewSecret(10) + ".db"
	defer func() { err = errors.Join(err, removeFile(root, building)) }()
	if err := migrateFile(ctx, filepath.Join(root.Name(), building), "rwc", "tenant"); err != nil {
		return "", fmt.Errorf("build template: %w", err)
	}
	old, err := fs.Glob(root.FS(), "template-*.db")
	if err != nil {
		return "", err
	}
	for _, file := range old {
		if err := removeFile(root, file); err != nil {
			return "", fmt.Errorf("build template: %w", err)
		}
	}
	if err := root.Rename(building, name); err != nil {
		return "", fmt.Errorf("build template: %w", err)
	}
	return name, syncFolder(root, ".")
}

// Migrate brings the file of every tenant to the newest schema. One that fails
// gets the status failed and is reported; the others go on. With nothing to
// do it reads one index of the control database.
func (s *Store) Migrate(ctx context.Context) (MigrationReport, error) {
	report, behind, err := s.findBehind(ctx)
	if err != nil {
		return report, fmt.Errorf("migrate tenants: %w", err)
	}
	outcomes := make([]error, len(behind))
	group := errgroup.Group{}
	group.SetLimit(migrateWorkers)
	for i, t := range behind {
		group.Go(func() error {
			outcomes[i] = s.migrateTenant(ctx, t)
			return nil
		})
	}
	group.Wait()
	for i, err := range outcomes {
		if err == nil {
			report.Migrated++
			continue
		}
		s.options.Log.ErrorContext(ctx, "migrate", "tenant", behind[i].ID, "error", err)
		report.Failed = append(report.Failed, MigrationFailure{behind[i].ID, err})
	}
	return report, s.noteMigrated(ctx, behind, outcomes)
}

// migrateTenant migrates the file of one tenant while nobody has it open.
func (s *Store) migrateTenant(ctx context.Context, t core.Tenant) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	root, err := s.root(t.Region)
	if err != nil {
		return err
	}
	return s.files.alone(ctx, t.ID, func() error { return s.migrateBehind(ctx, root, t.ID) })
}

// migrateBehind migrates a closed file unless its header says that it has the
// newest schema: after a crash the header knows more than the registry.
func (s *Store) migrateBehind(ctx context.Context, root *os.Root, id core.TenantID) error {
	version, err := headerVersion(root, tenantPath(id))
	switch {
	case err != nil:
		return fmt.Errorf("read header: %w", err)
	case version == s.schema:
		return nil
	case version > s.schema:
		return errNewer
	}
	return migrateFile(ctx, filepath.Join(root.Name(), tenantPath(id)), "rw", "tenant")
}
