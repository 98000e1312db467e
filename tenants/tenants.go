// Package tenants is the only door to a SQLite file: the control database and
// one file for each tenant, under its region's root.
package tenants

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/migrations"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver
)

// Region is a place where tenants' files may lie.
type Region struct {
	Name  string // eu-west
	Label string // Ireland
	Root  string // folder; empty: DIR/regions/NAME
}

// Options say where the files are and how many stay open.
type Options struct {
	Dir     string // control database, and the regions without a root of their own
	Regions []Region
	Now     func() time.Time
	Log     *slog.Logger
	MaxOpen int // tenants kept open; 0 means 512
}

// Store opens tenants' files and runs transactions on them.
type Store struct {
	options Options
	mu      sync.Mutex
	control *sql.DB
	open    map[core.TenantID]*sql.DB
}

// Open opens the control database and migrates it.
func Open(ctx context.Context, options Options) (*Store, error) {
	db, err := openFile(ctx, filepath.Join(options.Dir, "control.db"), "control")
	if err != nil {
		return nil, err
	}
	return &Store{options: options, control: db, open: map[core.TenantID]*sql.DB{}}, nil
}

func openFile(ctx context.Context, path, set string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=foreign_keys(1)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	fsys, err := migrations.Set(set)
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, fsys, goose.WithTableName("goose_"+set), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, err
	}
	_, err = provider.Up(ctx)
	return db, err
}

// Close closes every file.
func (s *Store) Close() error { return s.control.Close() }

// ViewControl reads the control database in one snapshot.
func (s *Store) ViewControl(ctx context.Context, fn func(*Tx) error) error {
	return s.run(ctx, s.control, "", fn)
}

// UpdateControl changes the control database in one transaction.
func (s *Store) UpdateControl(ctx context.Context, fn func(*Tx) error) error {
	return s.run(ctx, s.control, "", fn)
}

// View reads one tenant's file in one snapshot.
// Returns not_found for a tenant that does not exist or is deleted.
func (s *Store) View(ctx context.Context, id core.TenantID, fn func(*Tx) error) error {
	return s.Update(ctx, id, fn)
}

// Update changes one tenant's file: fn runs in a transaction that is committed
// and synced when Update returns nil, and rolled back when fn returns an error.
func (s *Store) Update(ctx context.Context, id core.TenantID, fn func(*Tx) error) error {
	s.mu.Lock()
	db := s.open[id]
	if db == nil {
		var err error
		if db, err = openFile(ctx, filepath.Join(s.options.Dir, string(id)+".db"), "tenant"); err != nil {
			s.mu.Unlock()
			return err
		}
		s.open[id] = db
	}
	s.mu.Unlock()
	return s.run(ctx, db, id, fn)
}

func (s *Store) run(ctx context.Context, db *sql.DB, id core.TenantID, fn func(*Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := fn(&Tx{tx: tx, Tenant: id, Now: s.options.Now().UTC().Truncate(time.Millisecond)}); err != nil {
		return err
	}
	return tx.Commit()
}
