package tenants

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/openhouse-ai/console/core"
	"modernc.org/sqlite"
)

// What every connection is told first, and then each kind of its own.
// Temporary tables stay in memory, so that no byte of a tenant lands outside
// its region's root.
var (
	pragmas = []string{
		`pragma busy_timeout = 5000`,
		`pragma foreign_keys = on`,
		`pragma trusted_schema = off`,
		`pragma temp_store = memory`,
	}
	readerPragmas = append(slices.Clip(pragmas),
		`pragma cache_size = -2048`,
		`pragma query_only = on`,
	)
	writerPragmas = append(slices.Clip(pragmas),
		`pragma journal_mode = wal`,
		`pragma synchronous = full`,
		`pragma secure_delete = on`,
		`pragma cache_size = -8192`,
		`pragma wal_autocheckpoint = 4000`,
		`pragma journal_size_limit = 1048576`,
	)
)

// checkpointAt is the size of a write-ahead log from which a checkpoint runs
// in the background; SQLite's own, which a writer waits for, comes at 4,000 pages.
const checkpointAt = 4 << 20

// maxReaders is the number of connections that read one file at a time.
const maxReaders = 8

// connector opens connections that have run its pragmas.
type connector struct {
	driver.Connector
	pragmas    []string
	rolledBack func() // called when SQLite gives up a transaction; may be nil
	preparing  bool   // they keep statements prepared
}

func newConnector(path, mode string, pragmas []string, rolledBack func()) (connector, error) {
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: "_txlock=immediate&_defensive=1&_dqs=0&mode=" + mode}
	c, err := sqlite.NewConnector(dsn.String())
	return connector{Connector: c, pragmas: pragmas, rolledBack: rolledBack}, err
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, pragma := range c.pragmas {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, pragma, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", pragma, err), conn.Close())
		}
	}
	if c.rolledBack != nil {
		conn.(sqlite.HookRegisterer).RegisterRollbackHook(c.rolledBack)
	}
	if c.preparing {
		return newPreparingConn(conn), nil
	}
	return conn, nil
}

// openWriter opens the one connection that changes a file. Mode is SQLite's:
// rw for a file that must be there, rwc for one that may be made.
func openWriter(path, mode string, rolledBack func()) (*sql.DB, error) {
	c, err := newConnector(path, mode, writerPragmas, rolledBack)
	if err != nil {
		return nil, err
	}
	c.preparing = true
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	return db, nil
}

// openReaders opens a file that must be there for reading. SQLite needs to
// write to the index of the log beside it, so the file itself is opened rw.
func openReaders(path string) (*sql.DB, error) {
	c, err := newConnector(path, "rw", readerPragmas, nil)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(maxReaders)
	db.SetMaxIdleConns(2)
	return db, nil
}

// file is one open SQLite file: a writer with its queue, and readers beside it.
type file struct {
	tenant core.TenantID // empty: the control database
	root   *os.Root
	name   string // inside root
	now    func() time.Time
	log    *slog.Logger

	mu       sync.Mutex // guards what follows, up to closed
	readers  *sql.DB
	guests   map[string]*guestPool // by name
	versions map[string]int64      // of guests' tables, once they were read
	closed   bool

	queue      chan *write
	stopped    chan struct{} // closed when nothing may be queued any more
	drained    chan struct{} // closed when the writer has ended
	writer     *sql.DB       // nil until the first write, and after a failed one; the writer's own
	rolledBack atomic.Bool   // SQLite has given up the running transaction
	lost       error         // why; the writer's own
	commits    atomic.Int64
	ending     sync.RWMutex // held while a commit is on its way to the disk

	checkpointing atomic.Bool
	background    sync.WaitGroup

	// moved is told the signatures before and after the file was closed, which
	// moves the log into it and changes nothing; nil: nobody asks.
	moved func(id core.TenantID, before, after string)
}

func openFile(root *os.Root, name string, tenant core.TenantID, now func() time.Time, log *slog.Logger) *file {
	f := &file{tenant: tenant, root: root, name: name, now: now, log: log, guests: map[string]*guestPool{}, versions: map[string]int64{},
		queue: make(chan *write, maxBatch), stopped: make(chan struct{}), drained: make(chan struct{})}
	go f.write()
	return f
}

// path is where SQLite finds the file.
func (f *file) path() string { return filepath.Join(f.root.Name(), f.name) }

// reading returns the readers, opened on demand.
func (f *file) reading() (*sql.DB, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, errClosed
	}
	if f.readers == nil {
		db, err := openReaders(f.path())
		if err != nil {
			return nil, err
		}
		if f.tenant == "" { // there is one control database, and every request reads it
			db.SetMaxIdleConns(maxReaders)
		}
		f.readers = db
	}
	return f.readers, nil
}

// view runs fn on one snapshot.
func (f *file) view(ctx context.Context, fn func(*Tx) error) error {
	db, err := f.reading()
	if err != nil {
		return explain(err)
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(err)
	}
	defer tx.Rollback()
	return explain(fn(&Tx{tx: tx, Tenant: f.tenant, Now: f.now()}))
}

// end commits. The commit moves the signature before anybody can read what it
// has changed, so that who takes the signature waits for it.
func (f *file) end(tx interface{ Commit() error }) error {
	f.ending.Lock()
	defer f.ending.Unlock()
	return tx.Commit()
}

// await returns when the commit that is on its way can be read.
func (f *file) await() {
	f.ending.RLock()
	defer f.ending.RUnlock()
}

// reset closes every connection, so that the next ones read from the disk what
// it has really kept. Snapshots that are being read end undisturbed.
func (f *file) reset() {
	f.mu.Lock()
	readers := f.readers
	f.readers = nil
	f.leaveGuests(nil)
	f.mu.Unlock()
	if readers != nil {
		readers.Close()
	}
	if f.writer != nil {
		f.writer.Close()
		f.writer = nil
	}
}

// checkpoint moves a long write-ahead log into the file, beside the writer.
func (f *file) checkpoint(ctx context.Context) {
	info, err := f.root.Stat(f.name + "-wal")
	if err != nil || info.Size() < checkpointAt || !f.checkpointing.CompareAndSwap(false, true) {
		return
	}
	f.background.Go(func() {
		defer f.checkpointing.Store(false)
		db, err := f.reading()
		if err == nil {
			_, err = db.ExecContext(ctx, `pragma wal_checkpoint(passive)`)
		}
		if err != nil {
			f.log.WarnContext(ctx, "checkpoint", "tenant", f.tenant, "error", err)
		}
	})
}

// close waits for the queue to drain, moves the write-ahead log into the file
// and closes it. What comes later is refused.
func (f *file) close() error {
	close(f.stopped)
	<-f.drained
	f.background.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.leaveGuests(errClosed)
	var before string
	var err error
	if f.moved != nil {
		before, err = signature(f.root, f.tenant)
	}
	if f.readers != nil {
		err = errors.Join(err, f.readers.Close())
	}
	if f.writer != nil {
		_, checkpointed := f.writer.Exec(`pragma wal_checkpoint(truncate)`)
		err = errors.Join(err, checkpointed, f.writer.Close())
	}
	if err != nil || f.moved == nil {
		return err
	}
	after, err := signature(f.root, f.tenant)
	if err == nil && after != before {
		f.moved(f.tenant, before, after)
	}
	return err
}

// versionOffset is where the header of a SQLite file keeps its user_version.
const versionOffset = 60

// headerVersion reads the schema version from the header of a file.
func headerVersion(root *os.Root, name string) (int64, error) {
	file, err := root.Open(name)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	var b [4]byte
	if _, err := file.ReadAt(b[:], versionOffset); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	return int64(b[0])<<24 | int64(b[1])<<16 | int64(b[2])<<8 | int64(b[3]), nil
}

// removeFile unlinks a database with what SQLite keeps beside it; what is gone
// already is no error.
func removeFile(root *os.Root, name string) error {
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := root.Remove(name + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, syncFolder(root, filepath.Dir(name)))...)
}
