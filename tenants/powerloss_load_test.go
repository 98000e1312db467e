package tenants_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"modernc.org/sqlite"
)

// load stores rows like those of usage in the file of one tenant, whose folder
// is watched. Update number n stores rowsOf(n) rows, and counts them by the
// hour.
type load struct {
	store  *tenants.Store
	tenant core.TenantID
	path   string
	disk   *disk
	level  string // of synchronous; the store's own is full
	guests int    // of three updates, so many are a guest's; 0: all are the console's

	mu           sync.Mutex
	next         int
	acknowledged map[int]int // update → position of the journal when it was acknowledged
}

// newLoad makes a tenant in a watched folder. Its file has no more than the
// tables of the load: reading the schema of all the others would be most of
// the time that a power loss takes here.
func newLoad(t *testing.T, level string) *load {
	t.Helper()
	l := &load{store: newStore(t), level: level, acknowledged: map[int]int{}}
	l.tenant = newTenant(t, l.store)
	l.path = l.store.PathOf("eu-west", l.tenant)
	root, err := os.OpenRoot(filepath.Dir(l.path))
	must(t, err)
	defer root.Close()
	version, err := tenants.HeaderOfFile(root, filepath.Base(l.path))
	must(t, err)
	must(t, os.Remove(l.path))
	must(t, l.alone(t.Context(), "rwc", `pragma journal_mode = wal`, fmt.Sprintf(`pragma user_version = %d`, version),
		`create table metered (hour integer not null, hash blob not null, number integer not null, quantity integer not null,
			payload text not null, primary key (hour, hash)) strict, without rowid`,
		`create index metered_number on metered (number, quantity)`,
		`create table hours (hour integer primary key, events integer not null) strict`))
	l.disk = watch(t, filepath.Dir(l.path))
	return l
}

func rowsOf(number int) int { return 1 + number*number%7 }

func quantityOf(number, row int) int { return number*1_000_003 + row*row*7919 + 1 }

// storing is a transaction of the console's or of a guest's.
type storing interface {
	Exec(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// addUsage stores the rows of an update.
func addUsage(ctx context.Context, tx storing, number int) error {
	for row := range rowsOf(number) {
		hour := (number*7 + row*row) % 40
		_, err := tx.Exec(ctx, `insert into metered values (?, randomblob(16), ?, ?, hex(randomblob(?)))`,
			hour, number, quantityOf(number, row), 20+(number*31+row*17)%280)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into hours values (?, 1) on conflict do update set events = events + 1`, hour)
		if err != nil {
			return err
		}
	}
	return nil
}

// update runs the next update, and notes when it was acknowledged.
func (l *load) update(ctx context.Context) error {
	l.mu.Lock()
	number := l.next
	l.next++
	l.mu.Unlock()
	err := l.add(ctx, number)
	if err == nil {
		l.mu.Lock()
		l.acknowledged[number] = l.disk.position()
		l.mu.Unlock()
	}
	return err
}

// add stores what update number stores, as the console or as a guest.
func (l *load) add(ctx context.Context, number int) error {
	if number%3 >= l.guests {
		return l.store.Update(ctx, l.tenant, func(tx *tenants.Tx) error { return addUsage(ctx, tx, number) })
	}
	anything := func(sqlite.AuthorizerActionCode, string, string, string, string) sqlite.AuthorizerReturnCode {
		return sqlite.AuthorizerOK
	}
	g := tenants.Guest{Name: "load", Revision: "1", Authorize: anything}
	return l.store.GuestUpdate(ctx, l.tenant, g, func(tx *tenants.GuestTx) error { return addUsage(ctx, tx, number) })
}

// together runs updates that come at the same time and share transactions.
func (l *load) together(ctx context.Context, callers, each int) error {
	errs := make([]error, callers)
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for range each {
				errs[caller] = errors.Join(errs[caller], l.update(ctx))
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// settle gives the writer its level, and a checkpoint within a commit after so
// many pages, which is much sooner than the store's 4,000. Where guests alone
// write there is no such writer.
func (l *load) settle(t *testing.T, pages int) {
	t.Helper()
	for range l.guests + 1 {
		must(t, l.update(t.Context())) // opens the writer
	}
	if l.guests == 3 {
		return
	}
	l.store.OnWriter(t, l.tenant, `pragma synchronous = `+l.level)
	l.store.OnWriter(t, l.tenant, fmt.Sprintf(`pragma wal_autocheckpoint = %d`, pages))
}

// alone runs statements on a connection beside those of the store.
func (l *load) alone(ctx context.Context, mode string, statements ...string) error {
	dsn := url.URL{Scheme: "file", Path: l.path, RawQuery: "mode=" + mode + "&_pragma=busy_timeout(5000)&_pragma=synchronous(" + l.level + ")"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	for _, statement := range statements {
		_, failed := db.ExecContext(ctx, statement)
		err = errors.Join(err, failed)
	}
	return errors.Join(err, db.Close())
}

// checkpoint does what the store does in the background when a log is 4 MiB
// long.
func (l *load) checkpoint(ctx context.Context) error {
	return l.alone(ctx, "rw", `pragma wal_checkpoint(passive)`)
}

// run stores for a while: with checkpoints within commits, beside commits, and
// when the file is closed, which also removes the log.
func (l *load) run(t *testing.T, rounds int) {
	t.Helper()
	for round := range rounds {
		l.settle(t, 20+round%2*180)
		var wg sync.WaitGroup
		wg.Go(func() { must(t, l.checkpoint(t.Context())) })
		must(t, l.together(t.Context(), 8, 3))
		wg.Wait()
		must(t, l.together(t.Context(), 2, 5))
		if round%2 == 0 {
			l.store.CloseTenant(t, l.tenant)
		}
	}
}

// positions returns where a power loss finds most to destroy: the moments of
// the acknowledgements.
func (l *load) positions() []int {
	var all []int
	for _, position := range l.acknowledged {
		all = append(all, position)
	}
	slices.Sort(all)
	return all
}

// mirror is a tenant of a store on the usual VFS, whose file is replaced by
// what power losses have left of another.
type mirror struct {
	store  *tenants.Store
	tenant core.TenantID
}

func newMirror(t *testing.T) mirror {
	s := newStore(t)
	return mirror{store: s, tenant: newTenant(t, s)}
}

// found is what the next start found.
type found struct {
	lost   []int // acknowledged updates that are not there
	damage error // anything that must not be, whatever is lost
}

// after opens what a power loss has left of a load's file.
func (m mirror) after(t *testing.T, l *load, loss loss) (f found) {
	t.Helper()
	m.store.CloseTenant(t, m.tenant)
	must(t, restore(l.disk.after(loss), filepath.Base(l.path), m.store.PathOf("eu-west", m.tenant)))
	f.damage = m.store.View(t.Context(), m.tenant, func(tx *tenants.Tx) error {
		numbers, err := l.whole(t.Context(), tx)
		for number, position := range l.acknowledged {
			if position <= loss.position && !numbers[number] {
				f.lost = append(f.lost, number)
			}
		}
		return err
	})
	if f.damage == nil && loss.rand.IntN(8) == 0 { // and it can go on
		f.damage = m.store.Update(t.Context(), m.tenant, func(tx *tenants.Tx) error { return addUsage(t.Context(), tx, l.next) })
	}
	return f
}

// whole checks a file, and that each update in it is there with all it stored,
// and returns their numbers.
func (l *load) whole(ctx context.Context, tx *tenants.Tx) (map[int]bool, error) {
	var integrity string
	if err := tx.QueryRow(ctx, `pragma integrity_check`).Scan(&integrity); err != nil || integrity != "ok" {
		return nil, fmt.Errorf("integrity check: %s %w", integrity, err)
	}
	rows, err := tx.Query(ctx, `select number, count(*), sum(quantity) from metered group by number`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	numbers, all := map[int]bool{}, 0
	for rows.Next() {
		var number, n, sum int
		if err := rows.Scan(&number, &n, &sum); err != nil {
			return nil, err
		}
		want := 0
		for row := range rowsOf(number) {
			want += quantityOf(number, row)
		}
		if n != rowsOf(number) || sum != want {
			return nil, fmt.Errorf("update %d stored %d rows, and %d with the sum %d are there and not %d", number, rowsOf(number), n, sum, want)
		}
		numbers[number], all = true, all+n
	}
	var counted int
	err = errors.Join(rows.Err(), tx.QueryRow(ctx, `select coalesce(sum(events), 0) from hours`).Scan(&counted))
	if err == nil && counted != all {
		err = fmt.Errorf("the hours count %d rows, and there are %d", counted, all)
	}
	return numbers, err
}
