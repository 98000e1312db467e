package tenants_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"pgregory.net/rapid"
)

func TestOneStatement(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		quiet := rapid.SampledFrom([]string{" ", "\n", "\t", "-- it's; a \"comment\n", "/* ; ' [ */", "/**/", "/*/ ; */"})
		word := rapid.SampledFrom([]string{"select", "'a;b'", "'it''s;'", `"x;""y"`, "`;`", "[a;'b]", "-", "/", "*", "1", "é", "--;\n", "/*;*/"})
		statements, text := 0, strings.Join(rapid.SliceOfN(quiet, 0, 3).Draw(t, "before"), "")
		for range rapid.IntRange(0, 3).Draw(t, "statements") {
			text += "select " + strings.Join(rapid.SliceOfN(word, 0, 6).Draw(t, "words"), " ") + " ;"
			text += strings.Join(rapid.SliceOfN(quiet, 0, 3).Draw(t, "after"), "") + rapid.SampledFrom([]string{"", ";", " ; "}).Draw(t, "more")
			statements++
		}
		if err := tenants.OneStatement(text); (err == nil) != (statements == 1) {
			t.Errorf("%q has %d statements: %v", text, statements, err)
		}
	})
	for _, text := range []string{"", ";", " -- nothing", "select 1\x00", "select 1; select 2", "select 1;;drop table x", "select '", "select 1 /* ; select 2"} {
		if err := tenants.OneStatement(text); (err == nil) != (text == "select '" || strings.HasPrefix(text, "select 1 /*")) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestGuestHasOneStatement(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, g := withGuest(t, s)
	const two = `insert into sample_notes (text) values ('one'); insert into sample_notes (text) values ('two')`
	must(t, s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		_, err := tx.Exec(t.Context(), two)
		wantCode(t, err, core.Invalid)
		_, err = tx.Query(t.Context(), two)
		wantCode(t, err, core.Invalid)
		_, err = tx.Batch(t.Context(), two, [][]any{{}})
		wantCode(t, err, core.Invalid)
		_, err = tx.Exec(t.Context(), "insert into sample_notes (text) values (';'); -- that's it;")
		return err
	}))
	if got := samples(t, s, id, g); !slices.Equal(got, []string{";"}) {
		t.Errorf("stored %q", got)
	}
}
