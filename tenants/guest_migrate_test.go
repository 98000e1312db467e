package tenants_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// schema returns the migrations of the guest sample: each text is what one does
// going up, or up and down with "--down" between them.
func schema(texts ...string) tenants.GuestSchema {
	files := fstest.MapFS{}
	for i, text := range texts {
		up, down, _ := strings.Cut(text, "--down")
		files[fmt.Sprintf("%05d_step.sql", i+1)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + up + "\n-- +goose Down\n" + down)}
	}
	return tenants.GuestSchema{Guest: "sample", Migrations: files}
}

// visits is a good migration: with keys to a table of the console, indexed, and
// to one of its own.
const visits = `
create table sample_visits (
  id      integer not null primary key autoincrement,
  unit_id text    not null references units (id) on delete cascade,
  note    text    not null unique
) strict;
create index sample_visits_by_unit on sample_visits (unit_id);
create table sample_photos (
  id       integer not null primary key,
  visit_id integer references sample_visits (id) on delete set null
) strict;
create index sample_photos_by_visit on sample_photos (visit_id);
--down
drop table sample_photos;
drop table sample_visits;`

// everything returns the schema of a tenant's file, and its counters.
func everything(t testing.TB, s *tenants.Store, id core.TenantID) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, s.View(t.Context(), id, func(tx *tenants.Tx) error {
		rows, err := tx.Query(t.Context(), `
			select type || ' ' || name, coalesce(sql, '') from sqlite_schema union all
			select 'counter ' || name, cast(seq as text) from sqlite_sequence`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name, text string
			if err := rows.Scan(&name, &text); err != nil {
				return err
			}
			found[name] = text
		}
		return rows.Err()
	}))
	return found
}

func withoutVersions(found map[string]string) map[string]string {
	found = maps.Clone(found)
	maps.DeleteFunc(found, func(name, _ string) bool { return strings.HasSuffix(name, " goose_sample") })
	return found
}

func TestGuestMigrations(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	empty := everything(t, s, id)
	long := schema(visits,
		`alter table sample_photos add column title text not null default '' check (length(title) < 100); --down
		 alter table sample_photos drop column title;`,
		// A table that is made anew, as SQLite advises.
		`insert into sample_photos (id, title) with recursive n (i) as (select 1 union all select i + 1 from n where i < 3)
		 select i, value from n join json_each('["one", "two", "three"]') on key = i - 1;
		 create table sample_new (id integer not null primary key, visit_id integer references sample_visits (id) on delete cascade, title text not null) strict;
		 insert into sample_new select id, visit_id, title from sample_photos;
		 drop table sample_photos;
		 alter table sample_new rename to sample_photos;
		 alter table sample_photos rename column title to name;
		 create index sample_photos_by_visit on sample_photos (visit_id);
		 --down
		 alter table sample_photos rename column name to title;`)
	for _, step := range []struct {
		schema tenants.GuestSchema
		want   int64
	}{{schema(), 0}, {schema(visits), 1}, {schema(visits), 1}, {long, 3}, {long, 3}, {schema(visits), 3}} {
		version, err := s.MigrateGuest(t.Context(), id, step.schema)
		must(t, err)
		if version != step.want {
			t.Errorf("version %d, want %d", version, step.want)
		}
		s.CloseTenant(t, id) // and read it from the file
		if version, err = s.GuestVersion(t.Context(), id, "sample"); err != nil || version != step.want {
			t.Errorf("the file says %d, %v", version, err)
		}
	}
	up := everything(t, s, id)
	must(t, s.View(t.Context(), id, func(tx *tenants.Tx) error {
		var names string
		must(t, tx.QueryRow(t.Context(), `select group_concat(name, ' ') from (select name from sample_photos order by id)`).Scan(&names))
		if names != "one two three" {
			t.Errorf("the rows are %q", names)
		}
		return nil
	}))
	must(t, s.DemoteGuest(t.Context(), id, long, 0))
	if got := withoutVersions(everything(t, s, id)); !maps.Equal(got, empty) {
		t.Errorf("down leaves %v", slices.Sorted(maps.Keys(got)))
	}
	_, err := s.MigrateGuest(t.Context(), id, long)
	must(t, err)
	if again := everything(t, s, id); !maps.Equal(withoutVersions(again), withoutVersions(up)) {
		t.Errorf("up again: %v", again)
	}
	must(t, s.PurgeGuest(t.Context(), id, "sample"))
	if got := everything(t, s, id); !maps.Equal(got, empty) {
		t.Errorf("purge leaves %v", slices.Sorted(maps.Keys(got)))
	}
	if version, err := s.GuestVersion(t.Context(), id, "sample"); err != nil || version != 0 {
		t.Errorf("version %d after a purge, %v", version, err)
	}
}

// TestBadGuestMigrations has one for each rule: it is named with the rule, and
// nothing of it or of those before it is left.
func TestBadGuestMigrations(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `
			create table other_notes (text text not null) strict;
			create table counted (id integer primary key autoincrement) strict;
			insert into counted default values`)
		return err
	}))
	before := everything(t, s, id)
	for _, bad := range []struct{ text, why string }{
		{`alter table sample_visits rename to visits;`, "changes the table visits"},
		{`alter table sample_visits rename to other_visits;`, "changes the table other_visits"},
		{`alter table sample_visits rename to samples;`, "changes the table samples"},
		{`alter table units rename to sample_units;`, "changes units"},
		{`alter table units add column sample text;`, "changes units"},
		{`drop table units;`, "units"},
		{`create index sample_units on units (label);`, "changes the index sample_units of units"},
		{`create index other_visits on sample_visits (note);`, "changes the index other_visits"},
		{`create table other_x (id integer) strict;`, "changes other_x"},
		{`create table Sample_x (id integer) strict;`, "changes Sample_x"},
		{`create table sample_x (id integer);`, "isn't strict"},
		{`create table sample_x as select 1 as a;`, "isn't strict"},
		{`create virtual table sample_x using fts5(text);`, "has a virtual table"},
		{`create temp table sample_x (id integer) strict;`, "has a temporary object"},
		{`create temp view sample_x as select 1;`, "has a temporary object"},
		{`create view sample_x as select 1;`, "has a view"},
		{"-- +goose StatementBegin\ncreate trigger sample_x after insert on sample_visits begin delete from sample_photos; end;\n-- +goose StatementEnd", "has a trigger"},
		{"-- +goose StatementBegin\ncreate temp trigger sample_x after insert on units begin delete from units; end;\n-- +goose StatementEnd", "has a temporary object"},
		{`insert into units (id) values ('unt_1');`, "changes rows of units"},
		{`update units set label = 'x';`, "changes rows of units"},
		{`delete from other_notes;`, "changes rows of other_notes"},
		{`insert into sample_visits (unit_id, note) select id, label from units;`, "reads units"},
		{`insert into sample_photos (id) select count(*) from units;`, "reads units"},
		{`insert into sample_photos (id) select 1 where exists (select 1 from Other_notes);`, "reads Other_notes"},
		{`update goose_sample set version_id = 9;`, "changes rows of goose_sample"},
		{`delete from goose_tenant;`, "changes rows of goose_tenant"},
		{`update sqlite_sequence set seq = 0 where name = 'counted';`, "changes the counter of counted"},
		{`delete from sqlite_schema where name = 'units';`, "fails"},
		{`pragma foreign_keys = on;`, "uses the pragma foreign_keys"},
		{`pragma writable_schema = on;`, "uses the pragma writable_schema"},
		{`attach ':memory:' as other;`, "attaches a database"},
		{`commit;`, "begins or ends a transaction"},
		{`rollback to nested;`, "begins or ends a transaction"},
		{`analyze;`, "changes sqlite_stat1"},
		{`select load_extension('x');`, "calls the function load_extension"},
		{`insert into sample_visits (unit_id, note) values ('unt_none', 'x');`, "leaves 1 rows of sample_visits without"},
		{`create table sample_x (unit_id text references units (id)) strict; create index sample_x_by on sample_x (unit_id);`, "without on delete cascade"},
		{`create table sample_x (unit_id text references units (id) on delete restrict) strict; create index sample_x_by on sample_x (unit_id);`, "without on delete cascade"},
		{`create table sample_x (unit_id text references Units (id) on delete cascade) strict;`, "without an index on unit_id"},
		{`create table sample_x (unit_id text references units (id) on delete cascade, n integer) strict; create index sample_x_by on sample_x (n, unit_id);`, "without an index on unit_id"},
		{`create table sample_x (unit_id text references units (id) on delete cascade) strict; create index sample_x_by on sample_x (unit_id) where unit_id > '';`, "without an index on unit_id"},
		{`create table sample_x (unit_id text not null references units (id) on delete set null) strict; create index sample_x_by on sample_x (unit_id);`, "can't be null"},
		{`create table sample_x (visit_id integer references sample_visits (id)) strict; create index sample_x_by on sample_x (visit_id);`, "from sample_x to sample_visits without on delete cascade"},
		{`create table sample_x (id text references other_notes (text) on delete cascade) strict; create index sample_x_by on sample_x (id);`, "sample_x"},
		{`create table sample_x (id integer references nowhere (id) on delete cascade) strict; create index sample_x_by on sample_x (id);`, "nor the plugin's own table"},
		{`create table sample_x (broken;`, "fails"},
		{`insert into sample_visits (unit_id, note) select v.unit_id, v.note from sample_visits v join units using (id);`, "using and natural"},
		{"-- +goose NO TRANSACTION\ncreate table sample_x (id integer) strict;", "asks for no transaction"},
		{"-- +goose ENVSUB ON\ncreate table sample_x (id integer default '${HOME}') strict;", "asks for variables of the environment"},
	} {
		_, err := s.MigrateGuest(t.Context(), id, schema(visits, `create table sample_second (id integer primary key) strict;`, bad.text))
		wantCode(t, err, core.Invalid)
		if err == nil || !strings.Contains(err.Error(), "The migration 00003_step.sql of the plugin sample") || !strings.Contains(err.Error(), bad.why) {
			t.Errorf("%s\nis refused with %v, want %q", bad.text, err, bad.why)
		}
		if after := everything(t, s, id); !maps.Equal(after, before) {
			t.Fatalf("%s\nleaves %v", bad.text, slices.Sorted(maps.Keys(after)))
		}
	}
}

func TestGuestMigrationIsInterrupted(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	before := everything(t, s, id)
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	_, err := s.MigrateGuest(ctx, id, schema(visits, `insert into sample_photos (id) `+endless+`;`))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	note(t.Context(), t, s, id, "next")
	if after := everything(t, s, id); !maps.Equal(after, before) {
		t.Errorf("it leaves %v", slices.Sorted(maps.Keys(after)))
	}
}

// TestGuestMigratesOnce has several migrate at the same time.
func TestGuestMigratesOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if version, err := s.MigrateGuest(t.Context(), id, schema(visits)); err != nil || version != 1 {
				t.Errorf("version %d, %v", version, err)
			}
		})
	}
	wg.Wait()
}

func TestGuestNames(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	for _, name := range []string{"", "x", "Sample", "sam_ple", "sam-ple", "1st", "goose", "sqlite", "tenant", "control", "blob", "audit", "staged", strings.Repeat("a", 32)} {
		_, err := s.MigrateGuest(t.Context(), id, tenants.GuestSchema{Guest: name})
		wantCode(t, err, core.Invalid)
		_, err = s.GuestVersion(t.Context(), id, name)
		wantCode(t, err, core.Invalid)
		wantCode(t, s.PurgeGuest(t.Context(), id, name), core.Invalid)
	}
	_, err := s.MigrateGuest(t.Context(), id, schema(visits))
	must(t, err)
	late := schema("select 1;", "select 1;")
	delete(late.Migrations.(fstest.MapFS), "00001_step.sql")
	late.Migrations.(fstest.MapFS)["00003_step.sql"] = late.Migrations.(fstest.MapFS)["00002_step.sql"]
	wantCode(t, s.DemoteGuest(t.Context(), id, late, 0), core.Invalid) // the file has a version that is unknown
	for _, name := range []string{"step.sql", "00001_step.go", "00000_step.sql"} {
		_, err := s.MigrateGuest(t.Context(), id, tenants.GuestSchema{Guest: "sample", Migrations: fstest.MapFS{name: {}}})
		wantCode(t, err, core.Invalid)
	}
}

func TestGuestMigratesTheControlDatabase(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	version, err := s.MigrateGuest(t.Context(), "", schema(`
		create table sample_links (tenant_id text not null primary key references tenants (id) on delete cascade) strict;`))
	if must(t, err); version != 1 {
		t.Errorf("version %d", version)
	}
	must(t, s.PurgeGuest(t.Context(), "", "sample"))
}

// TestConsoleDeletesWithGuest has the console delete a row that a guest refers
// to: the guest's rows go with it.
func TestConsoleDeletesWithGuest(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	_, err := s.MigrateGuest(t.Context(), id, schema(`
		create table sample_logos (blob_id text not null primary key references blobs (id) on delete cascade) strict;`))
	must(t, err)
	g := guest("sample", "1", "blobs.id")
	must(t, s.GuestUpdate(t.Context(), id, g, func(tx *tenants.GuestTx) error {
		_, err := tx.Trusted().Exec(t.Context(), `insert into blobs (id, name, type, kind, size, sha256, created_at) values ('blb_1', 'n', 't', 'k', 1, 'x', 1)`)
		must(t, err)
		_, err = tx.Exec(t.Context(), `insert into sample_logos (blob_id) values ('blb_1')`)
		return err
	}))
	must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `delete from blobs where id = 'blb_1'`)
		must(t, err)
		var left int
		must(t, tx.QueryRow(t.Context(), `select count(*) from sample_logos`).Scan(&left))
		if left != 0 {
			t.Errorf("%d rows are left", left)
		}
		return nil
	}))
}
