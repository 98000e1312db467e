package tenants

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"reflect"
	"time"

	"modernc.org/sqlite"
)

// What a guest has open of one file at a time: readers, of which one stays
// open, and one writer. Those that nobody uses are closed after a while.
const (
	maxGuestReaders = 4
	guestIdle       = time.Minute
)

// guestPool holds the connections of one guest, with one revision of its
// rights, to one file.
type guestPool struct {
	revision string
	ctx      context.Context // ends when the guest is dropped
	cancel   context.CancelCauseFunc
	readers  *sql.DB // opened on demand, and so is the writer
	writer   *sql.DB
	users    int  // guarded by the file's mu, and so is leaving
	leaving  bool // closed when nobody uses it
}

// useGuest returns a guest's pool and the part of it that was asked for. Rights
// of another revision leave at once; transactions that have them end undisturbed.
func (f *file) useGuest(g Guest, writing bool) (*guestPool, *sql.DB, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, nil, errClosed
	}
	p := f.guests[g.Name]
	if p != nil && p.revision != g.Revision {
		f.leaveGuest(g.Name, p)
		p = nil
	}
	if p == nil {
		p = &guestPool{revision: g.Revision}
		p.ctx, p.cancel = context.WithCancelCause(context.Background())
		f.guests[g.Name] = p
	}
	db, pragmas, most := &p.readers, readerPragmas, maxGuestReaders
	if writing {
		db, pragmas, most = &p.writer, writerPragmas, 1
	}
	if *db == nil {
		opened, err := openGuest(f.path(), pragmas, g.Authorize)
		if err != nil {
			return nil, nil, err
		}
		opened.SetMaxOpenConns(most)
		opened.SetMaxIdleConns(1)
		opened.SetConnMaxIdleTime(guestIdle)
		*db = opened
	}
	p.users++
	return p, *db, nil
}

func (f *file) releaseGuest(p *guestPool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p.users--
	p.close()
}

// leaveGuest takes a pool from the file; f.mu is held.
func (f *file) leaveGuest(name string, p *guestPool) {
	delete(f.guests, name)
	p.leaving = true
	p.close()
}

// leaveGuests closes what guests have open; f.mu is held. With a reason,
// running transactions end for it.
func (f *file) leaveGuests(why error) {
	for name, p := range f.guests {
		if why != nil {
			p.cancel(why)
		}
		f.leaveGuest(name, p)
	}
}

func (f *file) dropGuest(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.guests[name]; p != nil {
		p.cancel(errDropped)
		f.leaveGuest(name, p)
	}
}

func (p *guestPool) close() {
	if !p.leaving || p.users > 0 {
		return
	}
	for _, db := range []*sql.DB{p.readers, p.writer} {
		if db != nil {
			db.Close()
		}
	}
}

func openGuest(path string, pragmas []string, authorize sqlite.AuthorizerFn) (*sql.DB, error) {
	c, err := newConnector(path, "rw", pragmas, nil)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(guestConnector{c, authorize}), nil
}

// guestConnector opens connections with an authorizer.
type guestConnector struct {
	connector
	authorize sqlite.AuthorizerFn
}

// Connect implements driver.Connector.
func (g guestConnector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := g.connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	// The driver interrupts a statement until its first row and no later. Its
	// handle is needed to do so between two rows.
	handle := reflect.Indirect(reflect.ValueOf(inner)).FieldByName("db")
	if handle.Kind() != reflect.Uintptr {
		return nil, errors.Join(errors.New("the SQLite driver hides its handle"), inner.Close())
	}
	c := &guestConn{Conn: inner, handle: uintptr(handle.Uint())}
	c.limit()
	inner.(sqlite.HookRegisterer).RegisterRollbackHook(func() { c.lost = true })
	err = inner.(sqlite.AuthorizerRegisterer).RegisterAuthorizer(
		func(action sqlite.AuthorizerActionCode, arg1, arg2, database, within string) sqlite.AuthorizerReturnCode {
			if c.trusted {
				return sqlite.AuthorizerOK
			}
			answer := g.authorize(action, arg1, arg2, database, within)
			if answer == sqlite.AuthorizerDeny && c.refusal == nil {
				c.refusal = &Refusal{action, arg1, arg2}
			}
			return answer
		})
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	return c, nil
}
