package tenants

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// versionTable is where goose notes the migrations of a guest.
func versionTable(guest string) string { return "goose_" + guest }

// guestVersion returns the version of a guest's tables. It reads it once while
// the file is open.
func (f *file) guestVersion(ctx context.Context, guest string) (version int64, err error) {
	f.mu.Lock()
	version, known := f.versions[guest]
	f.mu.Unlock()
	if known {
		return version, nil
	}
	err = f.view(ctx, func(tx *Tx) error {
		var made bool
		err := tx.QueryRow(ctx, `select exists (select 1 from sqlite_schema where name = ?)`, versionTable(guest)).Scan(&made)
		if err != nil || !made {
			return err
		}
		return tx.QueryRow(ctx, `select coalesce(max(version_id), 0) from `+versionTable(guest)).Scan(&version)
	})
	if err != nil {
		return 0, fmt.Errorf("read version of %s: %w", guest, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if changed, known := f.versions[guest]; known { // since it was read
		return changed, nil
	}
	f.versions[guest] = version
	return version, nil
}

// reshaping is a transaction that changes the tables of one guest, while nobody
// else writes to the file. Its statements run with the rights of a migration.
type reshaping struct {
	guest  string
	core   []string // the console's tables
	conn   *guestConn
	outer  driver.Tx
	db     *sql.DB // of this one connection, which is inside the transaction
	denied string  // what the first refused statement would have done
}

// reshape runs fn in such a transaction and notes the version that it returns.
func (f *file) reshape(ctx context.Context, guest string, fn func(*reshaping) (int64, error)) (version int64, err error) {
	back, err := f.alone(ctx)
	if err != nil {
		return 0, err
	}
	ended := undone
	defer func() { back(ended) }()
	r, err := f.beginReshaping(ctx, guest)
	if err != nil {
		return 0, explain(err)
	}
	defer r.close()
	if version, err = fn(r); err != nil {
		return 0, explain(err)
	}
	err = f.end(r.outer)
	if ended = commitOutcome(err); err != nil {
		return 0, f.uncommitted(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.versions[guest] = version
	return version, nil
}

func (f *file) beginReshaping(ctx context.Context, guest string) (_ *reshaping, err error) {
	r := &reshaping{guest: guest}
	set := "tenant"
	if f.tenant == "" {
		set = "control"
	}
	if r.core, err = coreTables(set); err != nil {
		return nil, err
	}
	others, err := f.othersTables(ctx, guest)
	if err != nil {
		return nil, err
	}
	// Without foreign keys a table can be copied, dropped and renamed, as SQLite
	// advises, and no row of another table is looked at. They are checked in the
	// end.
	c, err := newConnector(f.path(), "rw", append(slices.Clip(writerPragmas), `pragma foreign_keys = off`), nil)
	if err != nil {
		return nil, err
	}
	rights := migrationRights(guest, others, func(what string) { r.denied = cmp.Or(r.denied, what) })
	conn, err := guestConnector{c, rights}.Connect(ctx)
	if err != nil {
		return nil, err
	}
	r.conn = conn.(*guestConn)
	if r.outer, err = r.conn.BeginTx(ctx, driver.TxOptions{}); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	r.db = sql.OpenDB(&nested{connector: c, conn: r.conn})
	r.db.SetMaxOpenConns(1)
	return r, nil
}

// close ends the transaction, undone unless it is committed.
func (r *reshaping) close() {
	if r.conn.open {
		r.outer.Rollback()
	}
	r.db.Close()
	r.conn.Close() // unless the pool has had it
}

// othersTables returns the names of all tables that aren't the guest's, in
// small letters.
func (f *file) othersTables(ctx context.Context, guest string) (names []string, err error) {
	err = f.view(ctx, func(tx *Tx) error {
		rows, err := tx.Query(ctx, `select lower(name) from sqlite_schema where type in ('table', 'view')`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			if !owns(guest, name) {
				names = append(names, name)
			}
		}
		return rows.Err()
	})
	return names, err
}

// nested hands out one connection that is inside a transaction, once.
type nested struct {
	connector
	conn  *guestConn
	taken bool
}

// Connect implements driver.Connector.
func (n *nested) Connect(context.Context) (driver.Conn, error) {
	if n.taken {
		return nil, errGivenUp
	}
	n.taken = true
	return nestedConn{n.conn}, nil
}

// nestedConn makes savepoints of the transactions that goose begins.
type nestedConn struct{ *guestConn }

// BeginTx implements driver.ConnBeginTx.
func (c nestedConn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	return c, c.control(`savepoint nested`)
}

// Commit implements driver.Tx.
func (c nestedConn) Commit() error { return c.control(`release nested`) }

// Rollback implements driver.Tx.
func (c nestedConn) Rollback() error {
	return errors.Join(c.control(`rollback to nested`), c.control(`release nested`))
}

func (c nestedConn) control(statement string) error {
	_, err := c.guestConn.ExecContext(trust(context.Background()), statement, nil)
	return err
}

// IsValid implements driver.Validator.
func (c nestedConn) IsValid() bool { return true }

// ExecContext implements driver.ExecerContext. A migration has no arguments:
// a statement with some is goose's own.
func (c nestedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) > 0 {
		ctx = trust(ctx)
	}
	result, err := c.guestConn.ExecContext(ctx, query, args)
	if err == nil && ctx.Value(trustedKey{}) == nil {
		err = plainJoins(query)
	}
	return result, err
}

// QueryContext implements driver.QueryerContext. A migration is executed: what
// is queried is goose's and the console's.
func (c nestedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.guestConn.QueryContext(trust(ctx), query, args)
}

// makeVersionTable makes what goose would, with the console's rights.
func (r *reshaping) makeVersionTable(ctx context.Context) error {
	table := versionTable(r.guest)
	_, err := r.db.ExecContext(trust(ctx), `
		create table if not exists `+table+` (
		  id         integer primary key autoincrement,
		  version_id integer not null,
		  is_applied integer not null,
		  tstamp     timestamp default (datetime('now'))
		);
		insert into `+table+` (version_id, is_applied)
		select 0, 1 where not exists (select 1 from `+table+`)`)
	return err
}

// purge drops the tables of the guest and its versions.
func (r *reshaping) purge(ctx context.Context) error {
	objects, err := r.objects(ctx)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if o.kind != "table" || !owns(r.guest, o.name) && o.name != versionTable(r.guest) {
			continue
		}
		if _, err := r.db.ExecContext(trust(ctx), `drop table `+quote(o.name)); err != nil {
			return fmt.Errorf("drop %s: %w", o.name, err)
		}
	}
	return nil
}

// quote makes an identifier of any name.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
