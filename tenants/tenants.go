// Package tenants is the only door to a SQLite file: the control database and
// one file for each tenant, under its region's root.
//
// Updates of one file that are asked for at the same time share a transaction.
// The function of a View or an Update must not start an Update of the same
// file, and that of an UpdateControl no Update of a tenant: it would wait for
// itself. The same holds for GuestUpdate and MigrateGuest.
//
// A guest is a plugin: it uses a part of a file, under SQLite's authorizer.
package tenants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
)

// Options say where the files are and how many stay open.
type Options struct {
	Dir          string // control database, and the regions without a root of their own
	Regions      []Region
	Now          func() time.Time
	Log          *slog.Logger
	MaxOpen      int    // tenants kept open; 0 means 512; lowered to what the process may open
	TombstoneKey []byte // of the HMAC that deleted ids are kept as; empty: a plain hash
}

// controlFile is the control database, in Options.Dir.
const controlFile = "control.db"

// Store opens tenants' files and runs transactions on them.
type Store struct {
	options  Options
	dir      *os.Root
	roots    map[string]*os.Root
	control  *file
	files    *files
	changes  *changes
	schema   int64  // version of a tenant's file
	template string // file in dir that new tenants are copied from
	closing  sync.Once
	closed   error
}

// Open opens the control database, migrates it and then every tenant that is
// behind. A tenant that can't be migrated is logged and does not stop it.
func Open(ctx context.Context, options Options) (_ *Store, err error) {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Dir, err = filepath.Abs(options.Dir); err != nil {
		return nil, fmt.Errorf("open storage: %w", err)
	}
	s := &Store{options: options}
	s.files = newFiles(openLimit(options.MaxOpen, options.Log), s.openTenant)
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open storage: %w", explain(err)), s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if err := os.MkdirAll(s.options.Dir, 0o700); err != nil {
		return err
	}
	if s.dir, err = os.OpenRoot(s.options.Dir); err != nil {
		return err
	}
	if s.roots, err = openRoots(s.options.Dir, s.options.Regions); err != nil {
		return err
	}
	if err := migrateControl(ctx, s.dir); err != nil {
		return err
	}
	s.control = openFile(s.dir, controlFile, "", s.now, s.options.Log)
	s.changes = watchChanges(s)
	version, digest, err := schemaOf("tenant")
	if err != nil {
		return err
	}
	s.schema = version
	if s.template, err = buildTemplate(ctx, s.dir, digest); err != nil {
		return err
	}
	_, err = s.Migrate(ctx)
	return err
}

func (s *Store) now() time.Time { return s.options.Now().UTC().Truncate(time.Millisecond) }

// Close waits for running transactions, stores what is still in memory and
// closes every file. What comes later is refused as unavailable; closing again
// changes nothing.
func (s *Store) Close() error {
	s.closing.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Store) close() error {
	s.files.stop()
	var errs []error
	if s.changes != nil {
		errs = append(errs, s.changes.stop())
	}
	if s.control != nil {
		errs = append(errs, s.control.close())
	}
	for _, root := range s.roots {
		errs = append(errs, root.Close())
	}
	if s.dir != nil {
		errs = append(errs, s.dir.Close())
	}
	return errors.Join(errs...)
}

// ViewControl reads the control database in one snapshot.
func (s *Store) ViewControl(ctx context.Context, fn func(*Tx) error) error {
	return s.control.view(ctx, fn)
}

// UpdateControl changes the control database like Update does a tenant's file.
func (s *Store) UpdateControl(ctx context.Context, fn func(*Tx) error) error {
	return s.control.update(ctx, fn)
}

// View reads one tenant's file in one snapshot.
// Returns not_found for a tenant that does not exist or is deleted.
func (s *Store) View(ctx context.Context, id core.TenantID, fn func(*Tx) error) error {
	return s.files.use(ctx, id, func(f *file, _ core.TenantStatus) error { return f.view(ctx, fn) })
}

// Update changes one tenant's file: fn runs once, in a transaction that it may
// share with others. Its changes are on disk when Update returns nil; they
// alone are undone when fn returns an error or panics.
// Returns not_found for a tenant that does not exist or is deleted, forbidden
// for a suspended one, unavailable when the disk is full or read-only.
func (s *Store) Update(ctx context.Context, id core.TenantID, fn func(*Tx) error) error {
	return s.change(ctx, id, func(f *file) error { return f.update(ctx, fn) })
}

// change runs fn with the file of a tenant that may be changed, and marks it.
func (s *Store) change(ctx context.Context, id core.TenantID, fn func(*file) error) error {
	return s.files.use(ctx, id, func(f *file, status core.TenantStatus) error {
		if status == core.TenantSuspended {
			return errSuspended
		}
		if err := fn(f); err != nil {
			return err
		}
		s.changes.mark(id)
		return nil
	})
}

// closedTo says why a tenant of the status can't even be read, or nil.
func closedTo(status core.TenantStatus) error {
	switch status {
	case core.TenantDeleted:
		return errNoTenant
	case core.TenantFailed:
		return errBehind
	}
	return nil
}

// openTenant opens the file of a tenant that the registry knows.
func (s *Store) openTenant(ctx context.Context, id core.TenantID) (*file, core.TenantStatus, error) {
	var t core.Tenant
	var schema int64
	err := s.ViewControl(ctx, func(tx *Tx) (err error) {
		if buried, err := hasTombstone(ctx, tx, s.tombstone(id)); buried || err != nil {
			return cmp.Or(err, error(errNoTenant))
		}
		t, schema, err = placeOf(ctx, tx, id)
		return err
	})
	switch {
	case err != nil:
		return nil, "", err
	case closedTo(t.Status) != nil:
		return nil, "", closedTo(t.Status)
	case schema == 0:
		return nil, "", errNotYet
	}
	root, err := s.root(t.Region)
	if err == nil {
		err = s.migrateBehind(ctx, root, id)
	}
	if err != nil {
		return nil, "", fmt.Errorf("open tenant %s: %w", id, explain(err))
	}
	f := openFile(root, tenantPath(id), id, s.now, s.options.Log)
	f.moved = s.changes.moved
	return f, t.Status, nil
}
