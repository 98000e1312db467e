package tenants_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// A statement that is kept prepared answers as a new one does: while rows of it
// are being read, after an error, after a change of the schema, and after so
// many others that it was let go.
func TestStatementsAreKept(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	ctx := t.Context()
	const query = `select text from notes where text < ? order by text`
	var texts func(tx *tenants.Tx, below string) string
	texts = func(tx *tenants.Tx, below string) (found string) {
		rows, err := tx.Query(ctx, query, below)
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			var text string
			must(t, rows.Scan(&text))
			if found += text; text == "b" && below != "c" {
				found += "(" + texts(tx, "c") + ")" // the same statement inside of itself
			}
		}
		must(t, rows.Err())
		return found
	}
	for round := range 3 {
		must(t, s.Update(ctx, id, func(tx *tenants.Tx) error {
			if round == 0 {
				for _, text := range []string{"a", "b", "c", "d"} {
					must(t, addNote(ctx, tx, text))
				}
			}
			wantCode(t, addNote(ctx, tx, "a"), core.Conflict)
			if got := texts(tx, "z"); got != "ab(ab)cd" {
				t.Errorf("round %d: read %q", round, got)
			}
			for i := range 100 {
				var n int
				must(t, tx.QueryRow(ctx, fmt.Sprintf(`select %d`, i)).Scan(&n))
				if n != i {
					t.Errorf("select %d answered %d", i, n)
				}
			}
			return nil
		}))
		must(t, s.Update(ctx, id, func(tx *tenants.Tx) error {
			_, err := tx.Exec(ctx, fmt.Sprintf(`alter table notes add column c%d text`, round))
			return err
		}))
		all := 0
		must(t, s.Update(ctx, id, func(tx *tenants.Tx) error {
			rows, err := tx.Query(ctx, `select * from notes`)
			must(t, err)
			defer rows.Close()
			columns, err := rows.Columns()
			all = len(columns)
			return err
		}))
		if all != round+2 {
			t.Errorf("round %d: %d columns, want %d", round, all, round+2)
		}
	}
}

// Rows that nobody closes are closed with their transaction, and their
// statement serves the next one.
func TestRowsAreLeftOpen(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	for round := range 3 {
		must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error {
			must(t, addNote(t.Context(), tx, fmt.Sprint(round)))
			rows, err := tx.Query(context.Background(), `select text from notes`)
			must(t, err)
			if !rows.Next() {
				t.Error("no rows")
			}
			return rows.Err()
		}))
	}
	if got := notes(t, s, id); len(got) != 3 {
		t.Errorf("stored %q", got)
	}
}
