package grant_test

import (
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// TestMistakesAreTold passes on what SQLite says to an author, whenever it does.
func TestMistakesAreTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seed(h.one)
	outside := h.call(h.one)
	inside, err := h.call(h.one).begin(true)
	h.must(err)
	for _, c := range []caller{outside, inside} {
		for query, want := range map[string]string{
			`selec 1`:                          "syntax error",
			`select ?`:                         "parameters without a value",
			`select :name`:                     "parameters without a value",
			`select nowhere from units`:        "no such column: nowhere",
			`select 1 from notes_missing`:      "no such table: notes_missing",
			`select abs(-9223372036854775808)`: "integer overflow",
			`select 1 union all select abs(-9223372036854775808)`: "integer overflow",
			`with recursive r(i) as (select 1 union all select i + 1 from r where i < 600) select abs(iif(i = 599, -9223372036854775808, i)) from r`: "integer overflow",
		} {
			if _, err := c.text(query); core.CodeOf(err) != core.Invalid || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", query, err)
			}
		}
	}
	for statement, code := range map[string]core.Code{
		`insert into notes_notes (id, body) values (1, 'again')`:           core.Conflict,
		`insert into notes_notes (body) values (null)`:                     core.Invalid,
		`insert into notes_notes (unit_id, body) values ('unt_none', 'x')`: core.Invalid,
		`insert into notes_notes (body, at) values ('x', 'not a number')`:  core.Invalid,
	} {
		if _, err := outside.exec(statement); core.CodeOf(err) != code || !strings.Contains(err.Error(), "constraint failed") && !strings.Contains(err.Error(), "cannot store") {
			t.Errorf("%s: %v, want %s", statement, err, code)
		}
	}
}

// TestGarbage sends what no SDK would, and a request whose service panics: each
// is an error of that request alone.
func TestGarbage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.call(h.one)
	insert := `insert into notes_notes (body, at) values (?, ?)`
	row, err := wire.Append(nil, "x", int64(1))
	h.must(err)
	for name, b := range map[string]*wire.BatchRequest{
		"no rows":                 {Sql: insert},
		"rows without a count":    {Sql: insert, Rows: row},
		"a count without rows":    {Sql: insert, Count: 5},
		"half a row":              {Sql: insert, Rows: row, Count: 3},
		"more than there are":     {Sql: insert, Rows: row, Count: 1 << 31},
		"damaged rows":            {Sql: insert, Rows: row[:len(row)-1], Count: 1},
		"too few parameters":      {Sql: insert, Rows: row, Count: 2},
		"an invented transaction": {Sql: insert, Rows: row, Count: 1, Transaction: "9"},
	} {
		_, err := c.host.Batch(c.with(), b)
		if core.CodeOf(wire.FromStatus(err)) != core.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = c.host.Exec(c.with(), &wire.Statement{Sql: insert, Args: []byte{250, 1, 2}})
	if core.CodeOf(wire.FromStatus(err)) != core.Invalid {
		t.Errorf("damaged parameters: %v", err)
	}
	_, err = c.host.NoteCall(c.with(), &wire.OutsideCall{Host: "panic"})
	if fault := wire.FromStatus(err); core.CodeOf(fault) != core.Internal || strings.Contains(fault.Error(), "note") {
		t.Errorf("a panic: %v", fault)
	}
	if !strings.Contains(h.lines.String(), "panic: noted") {
		t.Error("the panic is not in the log")
	}
	if n := h.count(h.one, "notes_notes"); n != 0 {
		t.Errorf("%d notes", n)
	}
	if _, err := c.exec(insert, "x", int64(1)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestLogIsNotFlooded presents invented tokens without end.
func TestLogIsNotFlooded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := caller{ctx: t.Context(), host: h.notes, token: "invented"}
	for range 300 {
		if _, err := c.exec(`select 1`); core.CodeOf(err) != core.Unauthenticated {
			t.Fatal(err)
		}
	}
	if n := strings.Count(h.lines.String(), "refused a plugin"); n != 100 {
		t.Errorf("%d lines in one minute, want 100", n)
	}
	h.clock.add(time.Minute)
	if _, err := c.exec(`select 1`); err == nil {
		t.Error("an invented token is accepted")
	}
	if n := strings.Count(h.lines.String(), "refused a plugin"); n != 101 {
		t.Errorf("%d lines in the next minute, want 101", n)
	}
}
