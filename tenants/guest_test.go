package tenants_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"modernc.org/sqlite"
)

// guest returns a guest that may use its own tables, and read the columns
// granted as table.column.
func guest(name, revision string, granted ...string) tenants.Guest {
	own := func(table string) bool { return strings.HasPrefix(table, name+"_") }
	allow := func(ok bool) sqlite.AuthorizerReturnCode {
		if ok {
			return sqlite.AuthorizerOK
		}
		return sqlite.AuthorizerDeny
	}
	return tenants.Guest{Name: name, Revision: revision,
		Authorize: func(action sqlite.AuthorizerActionCode, arg1, arg2, _, _ string) sqlite.AuthorizerReturnCode {
			switch action {
			case sqlite.AuthSelect, sqlite.AuthFunction, sqlite.AuthRecursive:
				return sqlite.AuthorizerOK
			case sqlite.AuthInsert, sqlite.AuthUpdate, sqlite.AuthDelete:
				return allow(own(arg1))
			case sqlite.AuthRead:
				return allow(own(arg1) || arg1 == "n" || slices.Contains(granted, arg1+"."+arg2))
			}
			return sqlite.AuthorizerDeny
		}}
}

// withGuest returns a tenant with a table notes of the console's and a table
// sample_notes of the guest's.
func withGuest(t testing.TB, s *tenants.Store) (core.TenantID, tenants.Guest) {
	t.Helper()
	id := newTenant(t, s)
	withNotes(t, s, id)
	must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `create table sample_notes (text text not null unique) strict`)
		return err
	}))
	return id, guest("sample", "1")
}

func addSample(ctx context.Context, tx *tenants.GuestTx, text string) error {
	_, err := tx.Exec(ctx, `insert into sample_notes (text) values (?)`, text)
	return err
}

func samples(t testing.TB, s *tenants.Store, id core.TenantID, g tenants.Guest) (list []string) {
	t.Helper()
	must(t, s.GuestView(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		rows, err := tx.Query(t.Context(), `select text from sample_notes order by text`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			list = append(list, text)
		}
		return rows.Err()
	}))
	return list
}

func TestGuestHasItsRightsAlone(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	must(t, s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		if tx.Tenant != id || !tx.Now.Equal(start) {
			t.Errorf("the transaction is of %s at %v", tx.Tenant, tx.Now)
		}
		for _, statement := range []string{
			`insert into notes (text) values ('no')`, `select text from notes`, `drop table sample_notes`,
			`begin`, `commit`, `rollback`, `savepoint one`, `pragma query_only = off`, `attach ':memory:' as other`,
			`create table sample_more (id integer) strict`,
		} {
			_, err := tx.Exec(t.Context(), statement)
			wantCode(t, err, core.Forbidden)
			rows, err := tx.Query(t.Context(), statement)
			wantCode(t, err, core.Forbidden)
			if rows != nil {
				t.Errorf("%s answers rows", statement)
			}
			if _, err := tx.Trusted().Exec(t.Context(), `insert into notes (text) values (?)`, statement); err != nil {
				t.Errorf("the console can't write after %s: %v", statement, err)
			}
		}
		return addSample(t.Context(), tx, "kept")
	}))
	if got := notes(t, s, id); len(got) != 10 {
		t.Errorf("the console has stored %q", got)
	}
	if got := samples(t, s, id, g); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("the guest has stored %q", got)
	}
}

func TestGuestAndConsoleCommitTogether(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	boom := errors.New("boom")
	called := 0
	for _, outcome := range []error{boom, nil, boom} {
		err := s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error {
			tx.Trusted().OnCommit(func() { called++ })
			must(t, addSample(t.Context(), tx, "one"+fmt.Sprint(called)))
			for _, text := range []string{"a", "b", "c"} { // the third runs a prepared statement
				must(t, addNote(t.Context(), tx.Trusted(), text+fmt.Sprint(called)))
			}
			return outcome
		})
		if !errors.Is(err, outcome) {
			t.Errorf("got %v", err)
		}
	}
	if got := append(notes(t, s, id), samples(t, s, id, g)...); !slices.Equal(got, []string{"a0", "b0", "c0", "one0"}) {
		t.Errorf("stored %q", got)
	}
	if called != 1 {
		t.Errorf("called %d times for one commit", called)
	}
	changed, err := s.Changed(t.Context())
	must(t, err)
	if !slices.Contains(changed, id) {
		t.Error("the tenant isn't marked as changed")
	}
}

// TestConsoleKeepsItsRightsBetweenRows reads the columns of all tables in one
// query: SQLite prepares a statement for each of them.
func TestConsoleKeepsItsRightsBetweenRows(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	must(t, s.GuestView(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		rows, err := tx.Trusted().Query(t.Context(), `
			select s.name from sqlite_schema s, pragma_table_info(s.name) where s.type = 'table' and s.name in ('notes', 'sample_notes')`)
		must(t, err)
		defer rows.Close()
		var names []string
		for rows.Next() {
			var name string
			must(t, rows.Scan(&name))
			names = append(names, name)
			_, err := tx.Query(t.Context(), `select text from notes`)
			wantCode(t, err, core.Forbidden)
		}
		if !slices.Equal(names, []string{"notes", "sample_notes"}) {
			t.Errorf("found %q", names)
		}
		return rows.Err()
	}))
}

func TestGuestViewCantChange(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	must(t, s.GuestView(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		wantCode(t, addSample(t.Context(), tx, "no"), core.Invalid)
		_, err := tx.Batch(t.Context(), `insert into sample_notes (text) values (?)`, [][]any{{"no"}})
		wantCode(t, err, core.Invalid)
		_, err = tx.Query(t.Context(), `insert into sample_notes (text) values ('no') returning text`)
		wantCode(t, err, core.Invalid)
		if err := addNote(t.Context(), tx.Trusted(), "no"); err == nil {
			t.Error("the console changes something in a GuestView")
		}
		return nil
	}))
}

func TestGuestReadsOneSnapshot(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	must(t, s.GuestView(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		count := func() (n int) {
			rows, err := tx.Query(t.Context(), `select count(*) as n from sample_notes`)
			must(t, err)
			defer rows.Close()
			if !rows.Next() {
				t.Fatal(rows.Err())
			}
			must(t, rows.Scan(&n))
			return n
		}
		before := count()
		must(t, s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error { return addSample(t.Context(), tx, "later") }))
		if after := count(); after != before {
			t.Errorf("%d rows, then %d", before, after)
		}
		return nil
	}))
}

func TestGuestUsesTheControlDatabase(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	must(t, s.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `create table sample_notes (text text not null unique) strict`)
		return err
	}))
	g := guest("sample", "1")
	must(t, s.GuestUpdate(t.Context(), "", g, func(tx *tenants.GuestTx) error {
		_, err := tx.Query(t.Context(), `select id from tenants`)
		wantCode(t, err, core.Forbidden)
		return addSample(t.Context(), tx, "platform")
	}))
	if got := samples(t, s, "", g); !slices.Equal(got, []string{"platform"}) {
		t.Errorf("stored %q", got)
	}
}

func TestGuestOfSuspendedTenant(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	_, err := s.UpdateTenant(t.Context(), core.Tenant{ID: id, Status: core.TenantSuspended})
	must(t, err)
	nothing := func(*tenants.GuestTx) error { return nil }
	wantCode(t, s.GuestUpdate(t.Context(), id, g, nothing), core.Forbidden)
	must(t, s.GuestView(t.Context(), id, g, nothing))
	wantCode(t, s.GuestView(t.Context(), core.NewTenantID(start), g, nothing), core.NotFound)
	wantCode(t, s.GuestUpdate(t.Context(), core.NewTenantID(start), g, nothing), core.NotFound)
}

func TestGuestBatch(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	const insert = `insert into sample_notes (text) values (?)`
	must(t, s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		n, err := tx.Batch(t.Context(), insert, [][]any{{"a"}, {"b"}, {"c"}})
		if n != 3 {
			t.Errorf("%d rows", n)
		}
		return err
	}))
	err := s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		n, err := tx.Batch(t.Context(), insert, [][]any{{"d"}, {"a"}, {"e"}})
		if n != 1 {
			t.Errorf("%d rows", n)
		}
		return err
	})
	wantCode(t, err, core.Conflict)
	if got := samples(t, s, id, g); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("stored %q", got)
	}
}

// TestGuestsAndUpdatesTakeTurns has both write at the same time: everything
// that was acknowledged is there.
func TestGuestsAndUpdatesTakeTurns(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	const callers, rounds = 64, 4
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for r := range rounds {
				note(t.Context(), t, s, id, fmt.Sprint(c, r))
			}
		})
		if c%8 != 0 {
			continue
		}
		wg.Go(func() {
			for r := range rounds {
				err := s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error {
					if err := addNote(t.Context(), tx.Trusted(), fmt.Sprint("guest", c, r)); err != nil {
						return err
					}
					return addSample(t.Context(), tx, fmt.Sprint(c, r))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got, want := len(notes(t, s, id)), (callers+callers/8)*rounds; got != want {
		t.Errorf("%d notes, want %d", got, want)
	}
	if got, want := len(samples(t, s, id, g)), callers/8*rounds; got != want {
		t.Errorf("%d samples, want %d", got, want)
	}
}
