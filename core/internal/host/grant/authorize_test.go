package grant_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/grant"
	"github.com/openhouse-ai/console/tenants"
)

// TestHostileStatements sends each statement through the desk, by every way
// that there is, as a call that may write. None gets through, none changes
// anything, each is told why in a sentence, and the connection serves on.
func TestHostileStatements(t *testing.T) {
	t.Parallel()
	if len(hostile) < 73 {
		t.Fatalf("%d statements, want 73 or more", len(hostile))
	}
	h := newHouse(t)
	h.seed(h.one)
	c := h.call(h.one)
	watched := []string{"units", "homeowners", "developments", "notes_notes", "notes_tags", "other_notes", "events", "audit_records", "plugin_values", "sqlite_schema"}
	before := map[string]string{}
	for _, table := range watched {
		before[table] = h.digest(h.one, table)
	}
	ways := map[string]func(string) error{
		"Query": func(s string) error { _, _, _, err := c.query(s); return err },
		"Exec":  func(s string) error { _, err := c.exec(s); return err },
		"Batch": func(s string) error { _, err := c.batch(s, []any{int64(1)}); return err },
		"a transaction": func(s string) error {
			tx, err := c.begin(false)
			h.must(err)
			_, err = tx.exec(s)
			_ = tx.end(false) // SQLite may have given it up
			return err
		},
	}
	for _, s := range hostile {
		for way, try := range ways {
			err := try(s.statement)
			if code := core.CodeOf(err); code != core.Forbidden && code != core.Invalid {
				t.Errorf("%s by %s: %v", s.statement, way, err)
			} else if !strings.Contains(err.Error(), s.want) {
				t.Errorf("%s by %s: %v, want a sentence with %q", s.statement, way, err, s.want)
			}
		}
	}
	for _, table := range watched {
		if h.digest(h.one, table) != before[table] {
			t.Errorf("%s has changed", table)
		}
	}
	if got, err := c.text(`select count(*) from notes_notes`); err != nil || got != "3" {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

func TestLegitimateStatements(t *testing.T) {
	t.Parallel()
	if len(legitimate) < 25 {
		t.Fatalf("%d statements, want 25 or more", len(legitimate))
	}
	h := newHouse(t)
	for tenant, within := range map[core.TenantID]bool{h.one: false, h.two: true} {
		h.seed(tenant)
		c := h.call(tenant)
		for _, s := range legitimate {
			if within {
				tx, err := c.begin(false)
				h.must(err)
				c.transaction = tx.transaction
			}
			got, err := c.text(s.statement, s.args...)
			if err != nil || s.want != "" && got != s.want {
				t.Errorf("%s\n got %s, %v\nwant %s", s.statement, got, err, s.want)
			}
			if within {
				h.must(c.end(true))
				c.transaction = ""
			}
		}
	}
}

// TestReadOnlyCall tries to change things in a call that can't: by statement,
// by transaction, by event, record and value.
func TestReadOnlyCall(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seed(h.one)
	c := h.open(grant.Grant{Rights: rights(), Tenant: h.one, Call: "page"})
	before := h.digest(h.one, "notes_notes")
	_, err := c.exec(`delete from notes_notes`)
	_, returning := c.text(`delete from notes_notes returning id`)
	_, batch := c.batch(`delete from notes_notes where id = ?`, []any{int64(1)})
	_, begin := c.begin(false)
	for name, err := range map[string]error{
		"Exec": err, "Query": returning, "Batch": batch, "Begin": begin,
		"Emit":  c.emit(core.Event{Name: "notes.note.added", Subject: core.Target{Kind: "unit", ID: "unt_1"}}),
		"Audit": c.audit(core.Entry{Action: "notes.note.create"}),
	} {
		if core.CodeOf(err) != core.Forbidden || !strings.Contains(err.Error(), "This call can't change anything.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	tx, err := c.begin(true)
	h.must(err)
	if _, err := tx.exec(`delete from notes_notes`); core.CodeOf(err) != core.Forbidden {
		t.Errorf("Exec in a transaction that reads: %v", err)
	}
	if got, err := tx.text(`select count(*) from notes_notes`); err != nil || got != "3" {
		t.Errorf("it reads %q, %v", got, err)
	}
	h.must(tx.end(true))
	if h.digest(h.one, "notes_notes") != before {
		t.Error("something has changed")
	}
}

// TestPlatform has other rights in the control database than in a tenant's file.
func TestPlatform(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.call("")
	if got, err := c.text(`select count(*) from tenants`); err != nil || got != "2" {
		t.Errorf("tenants: %q, %v", got, err)
	}
	if _, err := c.exec(`insert into notes_notes (body) values ('of the platform')`); err != nil {
		t.Error(err)
	}
	for _, s := range []string{
		`select code from tenants`, `select count(*) from users`, `select password from users`, `select hash from sessions`,
		`select sealed from plugin_secrets`, `select manifest from plugin_manifests`, `update tenants set name = 'x'`, `select count(*) from units`,
	} {
		if _, err := c.text(s); core.CodeOf(err) != core.Forbidden && core.CodeOf(err) != core.Invalid {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// TestWhatNobodyCanGrant grants a plugin what holds secrets, and SQLite's own.
func TestWhatNobodyCanGrant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := rights()
	r.Revision = "mistaken"
	r.Read = map[string][]string{
		"plugin_secrets": {"sealed"}, "tenant_keys": {"keyset"}, "sqlite_schema": {"sql"}, "sqlite_master": {"sql"},
		"other_notes": {"body"}, "goose_tenant": {"version_id"}, "UNITS": {"ID", "RowID"},
	}
	c := h.open(grant.Grant{Rights: r, Tenant: h.one})
	for _, s := range []string{
		`select sealed from plugin_secrets`, `select keyset from tenant_keys`, `select sql from sqlite_schema`,
		`select body from other_notes`, `select version_id from goose_tenant`,
	} {
		if _, err := c.text(s); core.CodeOf(err) != core.Forbidden {
			t.Errorf("%s: %v", s, err)
		}
	}
	if _, err := c.text(`select id, rowid from units`); err != nil {
		t.Errorf("a grant in capitals: %v", err)
	}
	for _, c := range []struct {
		platform      bool
		table, column string
		want          bool
	}{
		{false, "units", "id", true}, {false, "Homeowners", "email", true}, {false, "plugin_secrets", "hint", false},
		{false, "tenants", "id", false}, {false, "sqlite_schema", "sql", false}, {false, "other_notes", "body", false}, {false, "", "", false},
		{true, "tenants", "id", true}, {true, "users", "name", true}, {true, "USERS", "Password", false}, {true, "keys", "name", true},
		{true, "keys", "hash", false}, {true, "sessions", "user_id", false}, {true, "units", "id", false}, {true, "goose_control", "id", false},
	} {
		if grant.Grantable(c.platform, c.table, c.column) != c.want {
			t.Errorf("%s.%s may be granted: %v", c.table, c.column, !c.want)
		}
	}
	r.ReadPlatform = map[string][]string{"users": {"id", "password"}, "sessions": {"hash"}}
	c = h.open(grant.Grant{Rights: r})
	for s, want := range map[string]core.Code{
		`select id from users`: "", `select password from users`: core.Forbidden, `select count(*) from sessions`: core.Forbidden,
	} {
		if _, err := c.text(s); core.CodeOf(err) != want {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// TestForeignKeyNeedsItsColumn writes rows that refer to a unit: SQLite asks for
// the column that it looks the unit up by. The console's deletes reach a
// plugin's rows without anybody's rights.
func TestForeignKeyNeedsItsColumn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seed(h.one)
	r := rights()
	r.Revision, r.Read = "less", map[string][]string{"units": {"label"}}
	c := h.open(grant.Grant{Rights: r, Tenant: h.one, Writes: true})
	if _, err := c.exec(`insert into notes_notes (unit_id, body) values ('unt_1', 'x')`); core.CodeOf(err) != core.Forbidden || err.Error() != "The plugin notes may not read units.id." {
		t.Errorf("without the column: %v", err)
	}
	c = h.call(h.one)
	if _, err := c.exec(`insert into notes_notes (unit_id, body) values ('unt_1', 'x')`); err != nil {
		t.Errorf("with the column: %v", err)
	}
	h.must(h.store.Update(t.Context(), h.one, func(tx *tenants.Tx) error {
		for _, table := range []string{"homeowners", "units"} {
			if _, err := tx.Exec(t.Context(), `delete from `+table); err != nil {
				return err
			}
		}
		return nil
	}))
	if got, err := c.text(`select count(*) from notes_notes`); err != nil || got != "0" {
		t.Errorf("after the units are gone there are %q notes, %v", got, err)
	}
}

// TestCoreTablesAreKnown compares what the desk takes for the console's tables
// with what the files have.
func TestCoreTablesAreKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.call(h.one)
	h.must(h.store.View(t.Context(), h.one, func(tx *tenants.Tx) error {
		rows, err := tx.Query(t.Context(), `select name from sqlite_schema where type in ('table', 'view')`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			own, granted := strings.HasPrefix(name, "notes_"), slices.Contains([]string{"units", "developments"}, name)
			if _, err := c.text(`select count(*) from ` + name); (err == nil) != (own || granted) {
				t.Errorf("count of %s: %v", name, err)
			}
		}
		return rows.Err()
	}))
}

// TestFunctions lists what this build of SQLite can do, so that a new version
// of it doesn't bring plugins a function that nobody has looked at.
func TestFunctions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	authorize := grant.Authorize(rights(), false, true, func(string) bool { return true })
	list := func(query string) (names []string) {
		h.must(h.store.View(context.Background(), h.one, func(tx *tenants.Tx) error {
			rows, err := tx.Query(context.Background(), query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var name string
				if err := rows.Scan(&name); err != nil {
					return err
				}
				names = append(names, name)
			}
			return rows.Err()
		}))
		return names
	}
	var lines []string
	for _, name := range list(`select distinct name from pragma_function_list order by name`) {
		verdict := "refused"
		if allowsFunction(authorize, name) {
			verdict = "allowed"
		}
		lines = append(lines, verdict+" "+name)
	}
	golden := filepath.Join("testdata", "functions.golden")
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		h.must(os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	h.must(err)
	if got != string(want) {
		t.Errorf("the functions differ from %s; when each was looked at, run go test -update\n%s", golden, got)
	}
	for _, module := range list(`select name from pragma_module_list where name not like 'json_%'`) {
		for _, column := range []string{"", "x"} {
			if allowsRead(authorize, module, column) {
				t.Errorf("the module %s can be read", module)
			}
		}
	}
}
