package tenants

import (
	"context"
	"errors"

	sqlite3 "modernc.org/sqlite/lib"
)

// outcome is how the transaction of a guest has ended.
type outcome int

const (
	undone outcome = iota
	kept
	unconfirmed // its sync has failed, and SQLite has forgotten it
	doubtful    // the disk alone knows
)

func commitOutcome(err error) outcome {
	switch {
	case err == nil:
		return kept
	case resultOf(err) == sqlite3.SQLITE_IOERR_FSYNC:
		return unconfirmed
	case errors.Is(err, errGivenUp), resultOf(err)&0xff == sqlite3.SQLITE_CONSTRAINT: // a deferred one
		return undone
	}
	return doubtful
}

// alone returns when it is the caller's turn and nobody else writes to the file
// until back is called.
func (f *file) alone(ctx context.Context) (back func(outcome), err error) {
	w := &write{ctx: ctx, turn: make(chan *Tx), answer: make(chan error, 1), back: make(chan outcome, 1)}
	if err := f.enqueue(w); err != nil {
		return nil, err
	}
	select {
	case <-w.turn:
		return func(o outcome) { w.back <- o }, nil
	case err := <-w.answer:
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-f.drained:
		return nil, errClosed
	}
}

// lend lets a guest write alone until it gives the turn back. After a failed
// sync the connections stay, for the reason that commit has.
func (f *file) lend(w *write) {
	select {
	case w.turn <- nil:
	case <-w.ctx.Done():
		return
	}
	switch <-w.back {
	case kept:
		f.commits.Add(1)
		f.checkpoint(context.Background())
	case doubtful:
		f.reset()
	}
}
