package tenants_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"modernc.org/sqlite"
)

// How the transaction of a guest can end otherwise than by its function.

// endless counts for ever.
const endless = `select count(*) from (with recursive n (i) as (select 1 union all select i + 1 from n) select i from n)`

// withSignal returns the guest and a channel that is closed when the first
// recursive statement of its is prepared.
func withSignal(g tenants.Guest) (tenants.Guest, chan struct{}) {
	prepared := make(chan struct{})
	var once sync.Once
	authorize := g.Authorize
	g.Authorize = func(action sqlite.AuthorizerActionCode, arg1, arg2, database, within string) sqlite.AuthorizerReturnCode {
		if action == sqlite.AuthRecursive {
			once.Do(func() { close(prepared) })
		}
		return authorize(action, arg1, arg2, database, within)
	}
	g.Revision = fmt.Sprint("with signal ", codes.Add(1)) // the authorizer is another one
	return g, prepared
}

func TestGuestIsInterrupted(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]func(context.Context, *tenants.GuestTx) error{
		"exec": func(ctx context.Context, tx *tenants.GuestTx) error {
			_, err := tx.Exec(ctx, `insert into sample_notes (text) `+endless)
			return err
		},
		"batch": func(ctx context.Context, tx *tenants.GuestTx) error {
			_, err := tx.Batch(ctx, `insert into sample_notes (text) `+endless, [][]any{{}, {}})
			return err
		},
		"first row": func(ctx context.Context, tx *tenants.GuestTx) error {
			_, err := tx.Query(ctx, endless)
			return err
		},
		"second row": func(ctx context.Context, tx *tenants.GuestTx) error {
			rows, err := tx.Query(ctx, `select 1 union all `+endless)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			id, g := withGuest(t, s)
			for _, own := range []bool{true, false} { // the statement has the transaction's context, or one that never ends
				g, prepared := withSignal(g)
				ctx, cancel := context.WithCancel(t.Context())
				go func() { <-prepared; cancel() }()
				of := t.Context()
				if own {
					of = ctx
				}
				err := s.GuestUpdate(ctx, id, g, func(tx *tenants.GuestTx) error {
					must(t, addSample(of, tx, "undone"))
					must(t, addNote(of, tx.Trusted(), "undone"))
					if err := statement(of, tx); err == nil {
						t.Error("an endless statement has ended")
					}
					cancel() // returns when everybody knows
					if err := addSample(t.Context(), tx, "late"); !errors.Is(err, context.Canceled) {
						t.Errorf("a late statement answers %v", err)
					}
					if err := addNote(t.Context(), tx.Trusted(), "late"); err == nil {
						t.Error("the console changes something late")
					}
					return nil
				})
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			}
			note(t.Context(), t, s, id, "next")
			if got := append(notes(t, s, id), samples(t, s, id, g)...); !slices.Equal(got, []string{"next"}) {
				t.Errorf("stored %q", got)
			}
		})
	}
}

// TestGuestRollsBack has one statement make SQLite give up the transaction: what
// comes later isn't stored by itself.
func TestGuestRollsBack(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	wantCode(t, s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		must(t, addSample(t.Context(), tx, "undone"))
		must(t, addNote(t.Context(), tx.Trusted(), "undone"))
		_, err := tx.Exec(t.Context(), `insert or rollback into sample_notes (text) values ('undone')`)
		wantCode(t, err, core.Conflict)
		wantCode(t, addSample(t.Context(), tx, "late"), core.Unavailable)
		wantCode(t, addNote(t.Context(), tx.Trusted(), "late"), core.Unavailable)
		_, err = tx.Query(t.Context(), `select text from sample_notes`)
		wantCode(t, err, core.Unavailable)
		return nil
	}), core.Unavailable)
	note(t.Context(), t, s, id, "next")
	if got := append(notes(t, s, id), samples(t, s, id, g)...); !slices.Equal(got, []string{"next"}) {
		t.Errorf("stored %q", got)
	}
}

func TestGuestViewIsInterrupted(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	g, prepared := withSignal(g)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-prepared; cancel() }()
	err := s.GuestView(ctx, id, g, func(tx *tenants.GuestTx) error {
		rows, err := tx.Query(t.Context(), `select 1 union all `+endless)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
		}
		return rows.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	samples(t, s, id, g)
}

// TestGuestIsStuck has the function of a guest not come back, with rows open:
// others write meanwhile.
func TestGuestIsStuck(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	inside, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		ended <- s.GuestUpdate(ctx, id, g, func(tx *tenants.GuestTx) error {
			if err := addSample(ctx, tx, "undone"); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, `select text from sample_notes`)
			if err != nil {
				return err
			}
			defer rows.Close()
			close(inside)
			<-goOn
			return addSample(t.Context(), tx, "late")
		})
	}()
	<-inside
	cancel()
	note(t.Context(), t, s, id, "meanwhile")
	must(t, s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error { return addSample(t.Context(), tx, "another") }))
	close(goOn)
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := append(notes(t, s, id), samples(t, s, id, g)...); !slices.Equal(got, []string{"meanwhile", "another"}) {
		t.Errorf("stored %q", got)
	}
}

func TestGuestThatWaitsIsCancelled(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	must(t, s.GuestUpdate(t.Context(), id, g, func(*tenants.GuestTx) error {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		err := s.GuestUpdate(ctx, id, g, func(*tenants.GuestTx) error { t.Error("ran inside of another one"); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		return nil
	}))
	note(t.Context(), t, s, id, "next")
}

func TestGuestPanics(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	func() {
		defer func() {
			if got := recover(); got != "on purpose" {
				t.Errorf("recovered %v", got)
			}
		}()
		s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error {
			must(t, addSample(t.Context(), tx, "undone"))
			panic("on purpose")
		})
	}()
	var kept *tenants.GuestTx
	must(t, s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		kept = tx
		return addSample(t.Context(), tx, "kept")
	}))
	if err := addSample(t.Context(), kept, "late"); err == nil {
		t.Error("a transaction is used after its end")
	}
	if err := addNote(t.Context(), kept.Trusted(), "late"); err == nil {
		t.Error("a transaction is used by the console after its end")
	}
	if got := append(notes(t, s, id), samples(t, s, id, g)...); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("stored %q", got)
	}
}

func TestGuestRightsChange(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, _ := withGuest(t, s)
	read := func(g tenants.Guest) error {
		return s.GuestView(t.Context(), id, g, func(tx *tenants.GuestTx) error {
			rows, err := tx.Query(t.Context(), `select text from notes`)
			if err != nil {
				return err
			}
			return rows.Close()
		})
	}
	before, after := guest("sample", "1", "notes.text"), guest("sample", "2")
	must(t, s.GuestView(t.Context(), id, before, func(tx *tenants.GuestTx) error {
		must(t, read(before))
		wantCode(t, read(after), core.Forbidden)
		// What has begun ends undisturbed.
		rows, err := tx.Query(t.Context(), `select text from notes`)
		must(t, err)
		return rows.Close()
	}))
	if n := s.GuestConnections(t, id, "sample"); n != 1 {
		t.Errorf("%d connections are open, want those of the second revision alone", n)
	}
	must(t, read(before))
	must(t, s.GuestUpdate(t.Context(), id, before, func(*tenants.GuestTx) error { return nil }))
	if n := s.GuestConnections(t, id, "sample"); n != 2 {
		t.Errorf("%d connections are open, want a reader and a writer", n)
	}
}

func TestDropGuest(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	wantCode(t, s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		must(t, addSample(t.Context(), tx, "undone"))
		s.DropGuest("another")
		must(t, addSample(t.Context(), tx, "undone too"))
		s.DropGuest("sample")
		_, err := tx.Exec(t.Context(), `insert into sample_notes (text) `+endless)
		wantCode(t, err, core.Unavailable)
		return nil
	}), core.Unavailable)
	if n := s.GuestConnections(t, id, "sample"); n != 0 {
		t.Errorf("%d connections are open", n)
	}
	if got := samples(t, s, id, g); len(got) != 0 {
		t.Errorf("stored %q", got)
	}
}

func TestCloseWithGuests(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	s := open(t, options(dir))
	id, g := withGuest(t, s)
	must(t, s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error { return addSample(t.Context(), tx, "kept") }))
	samples(t, s, id, g)
	s.CloseTenant(t, id)
	if got := samples(t, s, id, g); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("stored %q", got)
	}
	must(t, s.GuestView(t.Context(), "", g, func(*tenants.GuestTx) error { return nil }))
	must(t, s.Close())
	for _, pattern := range []string{"*-wal", filepath.Join("regions", "*", "tenants", "*-wal")} {
		if left, err := filepath.Glob(filepath.Join(dir, pattern)); err != nil || len(left) > 0 {
			t.Errorf("%v, %v are left", left, err)
		}
	}
	nothing := func(*tenants.GuestTx) error { return nil }
	for _, tenant := range []core.TenantID{id, ""} {
		wantCode(t, s.GuestView(t.Context(), tenant, g, nothing), core.Unavailable)
		wantCode(t, s.GuestUpdate(t.Context(), tenant, g, nothing), core.Unavailable)
	}
	s.DropGuest("sample")
}
