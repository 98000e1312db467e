package tenants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/migrations"
	"github.com/pressly/goose/v3"
)

// GuestSchema is what a guest keeps in a file.
type GuestSchema struct {
	Guest      string // its id; the names of its tables and indexes begin with it and an underscore
	Migrations fs.FS  // 00001_what.sql and so on, with goose's Up and Down; nil: it keeps no tables
}

// MigrateGuest brings a guest's tables in one file to the newest of its
// migrations and returns their version. All of them and the rules for them are
// one transaction: an error leaves nothing. A file that is newer stays as it is.
// Returns invalid, with migration and rule, for one that breaks a rule. Tenant
// "" is the control database; a suspended tenant is migrated too.
func (s *Store) MigrateGuest(ctx context.Context, tenant core.TenantID, schema GuestSchema) (version int64, err error) {
	newest, err := schema.newest()
	if err != nil {
		return 0, err
	}
	err = s.onGuestFile(ctx, tenant, func(f *file) error {
		version, err = f.guestVersion(ctx, schema.Guest)
		if err != nil || version >= newest {
			return err
		}
		version, err = f.reshape(ctx, schema.Guest, func(r *reshaping) (int64, error) { return r.up(ctx, schema.Migrations) })
		if err == nil {
			s.markGuest(tenant)
		}
		return err
	})
	return version, err
}

// GuestVersion returns the version of a guest's tables in one file; 0: none.
func (s *Store) GuestVersion(ctx context.Context, tenant core.TenantID, guest string) (version int64, err error) {
	if err := checkGuest(guest); err != nil {
		return 0, err
	}
	err = s.onGuestFile(ctx, tenant, func(f *file) error {
		version, err = f.guestVersion(ctx, guest)
		return err
	})
	return version, err
}

// DemoteGuest takes a guest's tables in one file back to a version, 0 for
// none, under the rules of MigrateGuest.
func (s *Store) DemoteGuest(ctx context.Context, tenant core.TenantID, schema GuestSchema, to int64) error {
	if _, err := schema.newest(); err != nil || schema.Migrations == nil {
		return err
	}
	return s.onGuestFile(ctx, tenant, func(f *file) error {
		_, err := f.reshape(ctx, schema.Guest, func(r *reshaping) (int64, error) { return r.down(ctx, schema.Migrations, to) })
		if err == nil {
			s.markGuest(tenant)
		}
		return err
	})
}

// PurgeGuest removes a guest's tables from one file, with everything in them,
// in one transaction.
func (s *Store) PurgeGuest(ctx context.Context, tenant core.TenantID, guest string) error {
	if err := checkGuest(guest); err != nil {
		return err
	}
	return s.onGuestFile(ctx, tenant, func(f *file) error {
		_, err := f.reshape(ctx, guest, func(r *reshaping) (int64, error) { return 0, r.purge(ctx) })
		if err == nil {
			s.markGuest(tenant)
		}
		return err
	})
}

// onGuestFile runs fn with a tenant's file, or with the control database.
func (s *Store) onGuestFile(ctx context.Context, tenant core.TenantID, fn func(*file) error) error {
	if tenant == "" {
		return fn(s.control)
	}
	return s.files.use(ctx, tenant, func(f *file, _ core.TenantStatus) error { return fn(f) })
}

func (s *Store) markGuest(tenant core.TenantID) {
	if tenant != "" {
		s.changes.mark(tenant)
	}
}

var (
	guestName = regexp.MustCompile(`^[a-z][a-z0-9]{1,30}$`)
	madeTable = regexp.MustCompile(`(?i)create\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)`)
)

// checkGuest refuses a name whose tables could be the console's: what a guest
// may drop is told by the beginning of its name alone.
func checkGuest(guest string) error {
	if !guestName.MatchString(guest) {
		return core.Errorf(core.Invalid, "A plugin's id is 2 to 31 small letters and digits, and begins with a letter.")
	}
	taken := slices.Contains([]string{"sqlite", "goose", "tenant", "control"}, guest)
	for _, set := range []string{"tenant", "control"} {
		tables, err := coreTables(set)
		if err != nil {
			return err
		}
		taken = taken || slices.ContainsFunc(tables, func(table string) bool { return strings.HasPrefix(table, guest+"_") })
	}
	if taken {
		return core.Errorf(core.Invalid, "The id %s can't be a plugin's: tables of the console begin with it.", guest)
	}
	return nil
}

// coreTables returns the names of the tables that a set has ever made.
func coreTables(set string) ([]string, error) {
	if set == "control" {
		return controlTables()
	}
	return tenantTables()
}

var (
	controlTables = sync.OnceValues(func() ([]string, error) { return tablesOf("control") })
	tenantTables  = sync.OnceValues(func() ([]string, error) { return tablesOf("tenant") })
)

func tablesOf(set string) (tables []string, err error) {
	fsys, err := migrations.Set(set)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		for _, found := range madeTable.FindAllSubmatch(text, -1) {
			tables = append(tables, strings.ToLower(string(found[1])))
		}
	}
	return tables, nil
}

// newest checks the files of a schema and returns the last version; 0: none.
func (g GuestSchema) newest() (version int64, err error) {
	if err := checkGuest(g.Guest); err != nil || g.Migrations == nil {
		return 0, err
	}
	entries, err := fs.ReadDir(g.Migrations, ".")
	if err != nil {
		return 0, fmt.Errorf("read migrations of %s: %w", g.Guest, err)
	}
	for _, entry := range entries {
		if entry.IsDir() || path.Ext(entry.Name()) != ".sql" && path.Ext(entry.Name()) != ".go" {
			continue
		}
		n, err := goose.NumericComponent(entry.Name())
		if err != nil || path.Ext(entry.Name()) != ".sql" {
			return 0, core.Errorf(core.Invalid, "The migration %s of the plugin %s must be named like 00001_what.sql.", entry.Name(), g.Guest)
		}
		text, err := fs.ReadFile(g.Migrations, entry.Name())
		if err != nil {
			return 0, fmt.Errorf("read migrations of %s: %w", g.Guest, err)
		}
		if why := forbiddenNote(string(text)); why != "" {
			return 0, refusal(g.Guest, entry.Name(), why)
		}
		version = max(version, n)
	}
	return version, nil
}

// forbiddenNote finds the notes to goose that would take a migration out of its
// transaction, or bring the console's environment into it.
func forbiddenNote(text string) string {
	for line := range strings.Lines(text) {
		line = strings.ToLower(line)
		switch {
		case !strings.Contains(line, "+goose"):
		case strings.Contains(line, "no transaction"):
			return "asks for no transaction"
		case strings.Contains(line, "envsub"):
			return "asks for variables of the environment"
		}
	}
	return ""
}

// refusal says which migration of a guest breaks which rule.
func refusal(guest, migration, why string) *core.Error {
	return core.Errorf(core.Invalid, "The migration %s of the plugin %s %s.", migration, guest, why)
}

// up runs the migrations that the file lacks.
func (r *reshaping) up(ctx context.Context, files fs.FS) (int64, error) {
	provider, err := r.provider(ctx, files)
	if err != nil {
		return 0, err
	}
	last := ""
	for {
		before, err := r.objects(ctx)
		if err != nil {
			return 0, err
		}
		result, err := provider.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			break
		}
		if err != nil {
			return 0, r.failed(err)
		}
		last = path.Base(result.Source.Path)
		if err := r.onlyOwn(ctx, last, before); err != nil {
			return 0, err
		}
	}
	if err := r.inShape(ctx, last); err != nil {
		return 0, err
	}
	return provider.GetDBVersion(ctx)
}

// down takes migrations back until the file has the version.
func (r *reshaping) down(ctx context.Context, files fs.FS, to int64) (int64, error) {
	provider, err := r.provider(ctx, files)
	if err != nil {
		return 0, err
	}
	before, err := r.objects(ctx)
	if err != nil {
		return 0, err
	}
	results, err := provider.DownTo(ctx, to)
	if err != nil {
		return 0, r.failed(err)
	}
	if len(results) > 0 {
		last := path.Base(results[len(results)-1].Source.Path)
		if err := errors.Join(r.onlyOwn(ctx, last, before), r.inShape(ctx, last)); err != nil {
			return 0, err
		}
	}
	return provider.GetDBVersion(ctx)
}

func (r *reshaping) provider(ctx context.Context, files fs.FS) (*goose.Provider, error) {
	if err := r.makeVersionTable(ctx); err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, r.db, files,
		goose.WithTableName(versionTable(r.guest)), goose.WithDisableGlobalRegistry(true))
}

// failed explains why a migration could not run. The disk's faults aren't the
// guest's.
func (r *reshaping) failed(err error) error {
	if explained := explain(err); core.CodeOf(explained) == core.Unavailable || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return explained
	}
	partial, ok := errors.AsType[*goose.PartialError](err)
	if !ok {
		return fmt.Errorf("%w: %w", core.Errorf(core.Invalid, "The migrations of the plugin %s don't fit what the file has.", r.guest), err)
	}
	return fmt.Errorf("%w: %w", refusal(r.guest, path.Base(partial.Failed.Source.Path), cmp.Or(r.denied, "fails")), partial.Err)
}
