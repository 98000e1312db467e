package tenants

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/openhouse-ai/console/core"
	sqlite3 "modernc.org/sqlite/lib"
)

// maxBatch is the number of updates that share one transaction at most.
const maxBatch = 512

// errAbandoned is what an update leaves that panicked or ended its goroutine.
var errAbandoned = errors.New("the update did not return")

// errTogether is told to updates whose shared transaction SQLite gave up
// because of another one in it.
var errTogether = core.Errorf(core.Unavailable, "The change could not be stored together with others. Nothing was changed; try again.")

// write is one update in the queue of a file. Its function runs in the
// goroutine of the caller, so that a panic has the caller's stack and goes the
// caller's way; the writer grants the turn and waits for the end.
type write struct {
	ctx    context.Context
	turn   chan *Tx
	ended  chan error   // the function has returned; room for one
	answer chan error   // the transaction has ended; room for one
	back   chan outcome // of a guest, who has the file alone meanwhile; room for one; nil: an update
}

// enqueue queues a write.
func (f *file) enqueue(w *write) error {
	select {
	case f.queue <- w:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	case <-f.stopped:
		return errClosed
	}
}

// update queues fn and returns when the transaction that holds it is on disk.
func (f *file) update(ctx context.Context, fn func(*Tx) error) error {
	w := &write{ctx: ctx, turn: make(chan *Tx), ended: make(chan error, 1), answer: make(chan error, 1)}
	if err := f.enqueue(w); err != nil {
		return err
	}
	var tx *Tx
	select {
	case tx = <-w.turn:
		w.run(tx, fn)
	case err := <-w.answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-f.drained: // queued at the very end, and never granted a turn
		return errClosed
	}
	if err := <-w.answer; err != nil {
		return err
	}
	for _, then := range tx.committed {
		then()
	}
	return nil
}

func (w *write) run(tx *Tx, fn func(*Tx) error) {
	err := errAbandoned
	defer func() { w.ended <- err }()
	err = fn(tx)
}

// write is the goroutine of the file's writer. Once the file is stopped it
// ends with an empty queue.
func (f *file) write() {
	defer close(f.drained)
	for {
		select {
		case w := <-f.queue:
			f.serve(w)
			continue
		case <-f.stopped:
		}
		for w := f.next(); w != nil; w = f.next() {
			f.serve(w)
		}
		return
	}
}

// serve runs one write with those that may share its transaction. A guest
// among them waits for their commit and has its turn then, so that nobody
// overtakes anybody.
func (f *file) serve(w *write) {
	if w.back == nil {
		w = f.batch(w)
	}
	if w != nil {
		f.lend(w)
	}
}

// next returns the next waiting update, or nil when there is none.
func (f *file) next() *write {
	select {
	case w := <-f.queue:
		return w
	default:
		return nil
	}
}

// batch runs the update and those that wait behind it in one transaction, and
// answers them when it is on disk. The first of them has the transaction for
// itself: if it fails, all is undone, and the next one begins another. Each
// behind it has a savepoint, because an update that fails takes nothing of the
// others along. A guest ends the batch and is returned.
func (f *file) batch(first *write) (guest *write) {
	var tx *shared
	var done []*write
	for w, n := first, 0; w != nil; n++ {
		if w.back != nil {
			guest = w
			break
		}
		if tx == nil {
			var err error
			if tx, err = f.share(); err != nil {
				for ; w != nil; w = f.next() {
					w.answer <- explain(err)
				}
				return nil
			}
		}
		switch kept := f.grant(tx, w, len(done) > 0); {
		case kept:
			done = append(done, w)
		case len(done) == 0:
			f.commit(tx.tx, false) // undoes it; that was answered already
			tx = nil
		}
		if tx != nil && f.rolledBack.Load() || n == maxBatch {
			break
		}
		w = f.next()
	}
	if tx == nil {
		return guest
	}
	err := f.commit(tx.tx, len(done) > 0)
	for _, w := range done {
		w.answer <- err
	}
	if err == nil {
		f.checkpoint(context.Background())
	}
	return guest
}

func (f *file) share() (*shared, error) {
	tx, err := f.begin()
	if err != nil {
		return nil, err
	}
	return &shared{tx: tx}, nil
}

// shared is the transaction of a batch. The writer's connection keeps its
// statements prepared. A guest's can't, for what the console has prepared with
// its rights is not the guest's to run: there a statement that changes
// something is prepared when it comes for the second time in a transaction.
type shared struct {
	tx         *sql.Tx
	statements map[string]*sql.Stmt // of a guest's transaction; nil inside: has come once
}

func (s *shared) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	statement, again := s.statements[query]
	if !again {
		if s.statements != nil && len(s.statements) < maxStatements {
			s.statements[query] = nil
		}
		return s.tx.ExecContext(ctx, query, args...)
	}
	if statement == nil {
		var err error
		if statement, err = s.tx.PrepareContext(ctx, query); err != nil {
			return nil, err
		}
		s.statements[query] = statement
	}
	return statement.ExecContext(ctx, args...)
}

// control runs a statement of the writer's own.
func (s *shared) control(statement string) error {
	_, err := s.exec(context.Background(), statement)
	return err
}

// end closes the savepoint of an update, keeping its changes or not.
func (s *shared) end(keep bool) error {
	if !keep {
		if err := s.control(`rollback to one`); err != nil {
			return err
		}
	}
	return s.control(`release one`)
}

// begin starts a transaction that no caller's context can interrupt: SQLite
// answers an interrupt by rolling back all of it.
func (f *file) begin() (*sql.Tx, error) {
	if f.writer == nil {
		db, err := openWriter(f.path(), "rw", func() { f.rolledBack.Store(true) })
		if err != nil {
			return nil, err
		}
		f.writer = db
	}
	f.lost = nil
	f.rolledBack.Store(false)
	tx, err := f.writer.BeginTx(context.Background(), nil)
	if err != nil {
		f.reset()
	}
	return tx, err
}

// grant lets one update run, in a savepoint if others are in the transaction
// already, and reports whether its changes await the commit. An update that
// fails is answered here: it does not wait for the others. Without a savepoint
// its changes are still to be undone then.
func (f *file) grant(shared *shared, w *write, others bool) bool {
	if others {
		if err := shared.control(`savepoint one`); err != nil {
			w.answer <- explain(err)
			return false
		}
	}
	tx := &Tx{tx: shared.tx, shared: shared, lost: &f.rolledBack, why: errTogether, Tenant: f.tenant, Now: f.now()}
	var failed error
	select {
	case w.turn <- tx:
		failed = <-w.ended
	case <-w.ctx.Done():
		failed = w.ctx.Err()
	}
	if f.rolledBack.Load() {
		f.lost = cmp.Or(tx.failed, error(errTogether))
		w.answer <- explain(cmp.Or(failed, f.lost))
		return false
	}
	if !others {
		if failed != nil {
			w.answer <- explain(failed)
		}
		return failed == nil
	}
	if err := shared.end(failed == nil); err != nil {
		// What the savepoint holds can't be told from the rest any more.
		f.rolledBack.Store(true)
		f.lost = explain(err)
		w.answer <- cmp.Or(failed, f.lost)
		return false
	}
	if failed != nil {
		w.answer <- explain(failed)
	}
	return failed == nil
}

// commit ends a transaction. After a failure the connections are opened anew,
// because what the disk has kept is known to the disk alone. After a failed sync
// they stay: SQLite forgets the commit and writes the next one over it in the
// log. Opened anew it would find it there, take it for stored, and add commits
// behind what the system may have dropped, which are lost with the power.
func (f *file) commit(tx *sql.Tx, changed bool) error {
	if f.rolledBack.Load() {
		tx.Rollback()
		f.reset()
		return f.lost
	}
	if !changed {
		tx.Rollback()
		return nil
	}
	err := f.end(tx)
	if err == nil {
		f.commits.Add(1)
		return nil
	}
	if resultOf(err) != sqlite3.SQLITE_IOERR_FSYNC {
		f.reset()
	}
	return f.uncommitted(err)
}

// uncommitted says and logs what a failed commit means.
func (f *file) uncommitted(err error) error {
	if resultOf(err)&0xff == sqlite3.SQLITE_IOERR {
		err = fmt.Errorf("%w: %w", errUnknown, err)
	}
	f.log.Error("commit", "tenant", f.tenant, "error", err)
	return explain(err)
}
