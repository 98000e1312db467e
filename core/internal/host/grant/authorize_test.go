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

// seeds are what every tenant of these tests has.
var seeds = []string{
	`insert into developments (id, name, address, status, sort_key, search, created_at, updated_at)
		values ('dvt_1', 'Harpur Park', 'Harpur', 'selling', 'harpur park', ' harpur park', 1, 1)`,
	`insert into units (id, development_id, label, address, address_key, county, postcode, kind, size, sold_on, sort_key, search, created_at, updated_at)
		values ('unt_1', 'dvt_1', '1 Harpur Park', 'a', 'a', 'Cork', 'T12', 'house', '3', '', '1', '1', 1, 1),
		('unt_2', 'dvt_1', '2 Harpur Park', 'b', 'b', 'Cork', 'T12', 'house', '3', '', '2', '2', 1, 1)`,
	`insert into homeowners (id, unit_id, name, email, email_key, status, sort_key, search, created_at, updated_at)
		values ('hom_1', 'unt_1', 'Niamh', 'niamh@example.test', 'niamh@example.test', 'invited', 'niamh', ' niamh', 1, 1)`,
	`insert into notes_notes (id, unit_id, body, weight, raw, at) values (1, 'unt_1', 'first', 1.5, x'00ff', 10), (2, 'unt_1', 'Second', null, null, 20), (3, 'unt_2', 'third', 2, null, 30)`,
	`insert into notes_tags (note_id, tag) values (1, 'Red'), (2, 'red'), (2, 'blue')`,
	`insert into other_notes (id, unit_id, body) values (1, 'unt_1', 'secret of another plugin')`,
}

// hostile are statements that a plugin must not get through, by mistake or not,
// and a part of what it is told.
var hostile = []struct{ statement, want string }{
	// Columns and tables that nobody granted.
	{`select email from homeowners`, "homeowners.email"},
	{`select * from homeowners`, "homeowners."},
	{`select * from units`, "units."},
	{`select address from units`, "units.address"},
	{`select u.price_minor from units as u`, "units.price_minor"},
	{`select id from units where county = 'Cork'`, "units.county"},
	{`select id from units order by price_minor`, "units.price_minor"},
	{`select count(*) from units group by county`, "units.county"},
	{`select max(version) from units`, "units.version"},
	{`select rowid from units`, "units.ROWID"},
	{`select oid from units`, "units.ROWID"},
	{`select _rowid_ from units`, "units.ROWID"},
	{`select id from units where rowid > 1`, "units.ROWID"},
	{`select d.id from developments d natural join units u`, "join … on"},
	{`select n.body from notes_notes n join other_notes using (body)`, "join … on"},
	{`select 1 from notes_notes n JOIN homeowners h USING(id)`, "join … on"},
	{`select 1 from notes_notes "n"natural join homeowners`, "join … on"},
	{`select 1 from notes_notes n join notes_tags on ?1natural join homeowners`, "join … on"},
	{"select 1 from notes_notes n join homeowners h\ufeffusing/**/(id)", "join … on"},
	{`select 1 from notes_notes/* ' */natural/* ' */join homeowners`, "join … on"},
	{`insert into notes_plain select * from other_plain`, "other_plain"},
	{`insert into notes_plain table other_plain`, ""},
	{`select 'x' in other_plain`, ""},
	{`select (1, 2) in other_plain`, ""},
	{`select 'x' in (select a from other_plain)`, "other_plain.a"},
	{`select n.id from notes_notes n join units u on u.id = n.unit_id and u.postcode like 'T%'`, "units.postcode"},
	{`select id, (select name from homeowners h where h.unit_id = u.id) from units u`, "may not read homeowners"},
	{`select count(*) from homeowners`, "homeowners"},
	{`select exists (select 1 from homeowners)`, "homeowners"},
	{`select 1 from homeowners`, "homeowners"},
	{`select count(*) from Homeowners`, "may not read Homeowners"},
	{`select count(*) from "homeowners"`, "homeowners"},
	{`select count(*) from main.homeowners`, "homeowners"},
	{`select count(*) from temp.homeowners`, ""},
	{`select 1 where exists (select * from audit_records)`, "audit_records"},
	{`select value from plugin_secrets`, ""},
	{`select sealed from plugin_secrets`, "plugin_secrets.sealed"},
	{`select keyset from tenant_keys`, "tenant_keys.keyset"},
	{`select count(*) from tenant_keys`, "tenant_keys"},
	{`select value from plugin_values`, "plugin_values.value"},
	{`select body from events`, "events.body"},
	{`select body from other_notes`, "other_notes.body"},
	{`select count(*) from other_notes`, "other_notes"},
	{`select 1 from OTHER_notes`, "may not read OTHER_notes"},
	{`select count(*) from goose_tenant`, "goose_tenant"},
	{`select version_id from goose_notes`, "goose_notes.version_id"},
	{`select 1 union all select data from blob_chunks`, "blob_chunks.data"},
	{`select 1 from units where exists (select 1 from settings)`, "settings"},
	{`values ((select hash from audit_records))`, "audit_records.hash"},

	// Names that pretend to be something else.
	{`with homeowners as (select * from homeowners) select count(*) from homeowners`, ""},
	{`with units as (select email as id from homeowners) select id from units`, "homeowners.email"},
	{`with notes_view as (select name from homeowners) select * from notes_view`, "homeowners.name"},
	{`with recursive units(id) as (select address from main.units union select id from units) select id from units`, "units.address"},
	{`select units.email from homeowners as units`, "homeowners.email"},
	{`select u.email from (select * from homeowners) u`, "homeowners."},
	{`select json_each.value from json_each((select json_group_array(email) from homeowners))`, "homeowners.email"},

	// What SQLite says of itself.
	{`select sql from sqlite_schema`, "sqlite_master.sql"},
	{`select name from sqlite_master`, "sqlite_master.name"},
	{`select count(*) from sqlite_schema`, "sqlite_schema"},
	{`select count(*) from sqlite_master`, "sqlite_master"},
	{`select seq from sqlite_sequence`, "sqlite_sequence.seq"},
	{`update sqlite_sequence set seq = 1`, ""},
	{`select * from pragma_table_info('homeowners')`, "pragma_table_info."},
	{`select count(*) from pragma_table_list`, "pragma_table_list"},
	{`select * from pragma_function_list`, "pragma_function_list."},
	{`select * from dbstat`, "dbstat."},
	{`select count(*) from dbstat`, "dbstat"},
	{`select data from sqlite_dbpage where pgno = 1`, "sqlite_dbpage.data"},
	{`pragma table_info(homeowners)`, "pragma table_info"},
	{`pragma query_only = off`, "pragma query_only"},
	{`pragma foreign_keys = off`, "pragma foreign_keys"},
	{`pragma writable_schema = on`, "pragma writable_schema"},
	{`pragma main.journal_mode = delete`, "pragma journal_mode"},

	// Changes of what isn't the plugin's.
	{`insert into units (id) values ('unt_x')`, "may not change units"},
	{`update units set label = 'mine'`, "may not change units"},
	{`delete from units`, "may not change units"},
	{`replace into developments (id) values ('dvt_1')`, "may not change developments"},
	{`insert into other_notes (body) values ('x')`, "may not change other_notes"},
	{`delete from OTHER_NOTES`, "may not change other_notes"},
	{`update audit_records set record = '{}'`, "may not change audit_records"},
	{`insert into events (id, name, subject_kind, subject_id, body, at) values ('e', 'unit.created', '', '', '{}', 1)`, "may not change events"},
	{`insert into plugin_values (plugin, key, value, updated_at) values ('other', 'k', 'v', 1)`, "may not change plugin_values"},
	{`insert into notes_notes (body) select email from homeowners`, "homeowners.email"},
	{`update notes_notes set body = (select email from homeowners)`, "homeowners.email"},
	{`update notes_notes set body = h.email from homeowners h`, "homeowners.email"},
	{`delete from notes_notes where exists (select 1 from homeowners)`, "homeowners"},
	{`insert into notes_notes (id, body) values (1, 'x') on conflict (id) do update set body = (select email from homeowners)`, "homeowners.email"},
	{`insert into notes_notes (body) values ('x') returning (select email from homeowners)`, "homeowners.email"},
	{`with x as (select 1) delete from homeowners`, "may not change homeowners"},

	// The schema, other files, transactions.
	{`create table notes_more (id integer primary key) strict`, "schema"},
	{`create temp table notes_more (id integer)`, "schema"},
	{`create view notes_view as select * from homeowners`, "schema"},
	{`create temp view notes_view as select * from homeowners`, "schema"},
	{`create trigger notes_t after insert on notes_notes begin delete from units; end`, "one SQL statement"},
	{`create virtual table notes_search using fts5(body)`, ""},
	{`create index notes_i on notes_notes (body)`, "schema"},
	{`drop table notes_notes`, "schema"},
	{`drop table homeowners`, "schema"},
	{`drop index notes_notes_by_unit`, "schema"},
	{`alter table notes_notes rename to units_of_mine`, "schema"},
	{`alter table notes_notes add column x text`, "schema"},
	{`alter table units add column x text`, "schema"},
	{`create table notes_copy as select * from homeowners`, ""},
	{`attach database '/etc/passwd' as p`, "attach"},
	{`attach ':memory:' as m`, "attach"},
	{`detach main`, "detach"},
	{`vacuum`, ""},
	{`vacuum into '/tmp/copy.db'`, ""},
	{`begin`, "BeginTx"},
	{`commit`, "BeginTx"},
	{`rollback`, "BeginTx"},
	{`end transaction`, "BeginTx"},
	{`savepoint mine`, "BeginTx"},
	{`release mine`, "BeginTx"},
	{`analyze`, ""},
	{`analyze notes_notes`, ""},
	{`reindex units`, "reindex"},
	{`reindex notes_notes`, "reindex"},

	// Functions that do more than compute.
	{`select load_extension('/tmp/x.so')`, "load_extension"},
	{`select readfile('/etc/passwd')`, ""},
	{`select writefile('/tmp/x', 'y')`, ""},
	{`select edit('x')`, ""},
	{`select fts3_tokenizer('x')`, ""},
	{`select sqlite_compileoption_get(1)`, "sqlite_compileoption_get"},
	{`select sqlite_compileoption_used('X')`, "sqlite_compileoption_used"},
	{`select sqlite_log(1, 'x')`, "sqlite_log"},
	{`select sqlite_offset(id) from notes_notes`, "sqlite_offset"},
	{`select rtreecheck('main', 'units')`, "rtreecheck"},
	{`select fts5(1)`, "fts5"},
	{`insert into notes_notes (body) values (load_extension('x'))`, "load_extension"},

	// More or less than one statement.
	{`select 1; drop table notes_notes`, "one SQL statement"},
	{`select id from units; select email from homeowners`, "one SQL statement"},
	{`delete from notes_notes; commit`, "one SQL statement"},
	{``, "no SQL statement"},
	{`-- nothing`, "no SQL statement"},
	{"select 1\x00", "zero byte"},
	{`select 'never closed`, ""},
}

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

// legitimate are statements that authors write, with their results.
var legitimate = []struct {
	statement string
	args      []any
	want      string
}{
	{`select id, label from units order by id`, nil, "unt_1 1 Harpur Park; unt_2 2 Harpur Park"},
	{`select count(*) from units`, nil, "2"},
	{`select exists (select 1 from units where id = ?)`, []any{"unt_1"}, "1"},
	{`select * from notes_notes where id = 1`, nil, "1 unt_1 first 1.5 x'00ff' 10"},
	{`select rowid from notes_notes where rowid = 2`, nil, "2"},
	{`select count(*) from notes_notes`, nil, "3"},
	{`select body from NOTES_notes where body like 'SEC%'`, nil, "Second"},
	{`select body from notes_notes where body glob 'f*' or body = 'third' order by body desc`, nil, "third; first"},
	{`select d.name, count(n.id) from developments d join units u on u.development_id = d.id left join notes_notes n on n.unit_id = u.id group by d.id`, nil, "Harpur Park 3"},
	{`select unit_id, count(*) as n from notes_notes group by unit_id having n > 1`, nil, "unt_1 2"},
	{`with recent as (select * from notes_notes where at >= 20) select count(*) from recent`, nil, "2"},
	{`with units as (select 7 as id) select id from units`, nil, "7"},
	{`with recursive n(i) as (select 1 union all select i + 1 from n where i < 4) select sum(i) from n`, nil, "10"},
	{`with a as (select 1), b as (select 2) select exists (select 1 from a) + exists (select 1 from b)`, nil, "2"},
	{`select id, row_number() over (partition by unit_id order by at desc) from notes_notes order by id`, nil, "1 2; 2 1; 3 1"},
	{`select sum(at) over w, lag(body, 1, '-') over w from notes_notes window w as (order by id)`, nil, "10 -; 30 first; 60 Second"},
	{`select sum(at) filter (where unit_id = 'unt_1'), total(weight), round(avg(at), 1) from notes_notes`, nil, "30 3.5 20"},
	{`select value from json_each('[3, 4]')`, nil, "3; 4"},
	{`select count(*) from json_tree('{"a": [1, 2]}')`, nil, "4"},
	{`select json_group_array(body order by id), json_extract('{"a": 5}', '$.a') from notes_notes`, nil, `["first","Second","third"] 5`},
	{`select strftime('%Y-%m', at / 1000, 'unixepoch'), date(0, 'unixepoch') from notes_notes where id = 1`, nil, "1970-01 1970-01-01"},
	{`select distinct tag collate binary from notes_tags where tag = 'RED' order by 1`, nil, "Red; red"},
	{`select body from notes_notes where id in (select note_id from notes_tags where tag = 'blue') and not exists (select 1 from notes_tags t where t.note_id = 99)`, nil, "Second"},
	{`select id from notes_notes union select 9 except select 1 order by 1 limit 2 offset 1`, nil, "3; 9"},
	{`select case when weight is null then coalesce(weight, -1) else abs(weight) end, typeof(raw), hex(raw), length(body) from notes_notes where id = 1`, nil, "1.5 blob 00FF 5"},
	{`select iif(1, upper('a'), 'b') || printf('%03d', 7) || replace('xyz', 'y', '-')`, nil, "A007x-z"},
	{`values (1, 'a'), (2, 'b')`, nil, "1 a; 2 b"},
	{`select ?1, ?2, ?3, ?4`, []any{nil, 2.5, []byte{1, 2}, true}, "<nil> 2.5 x'0102' 1"},
	{`insert into notes_notes (unit_id, body) values ('unt_2', ?) returning id, body`, []any{"new"}, "4 new"},
	{`insert into notes_notes (id, body) values (4, 'newer') on conflict (id) do update set body = excluded.body returning body`, nil, "newer"},
	{`update notes_notes set at = at + 1 where id = 4 returning at`, nil, "1"},
	{`update notes_notes set body = u.label from units u where u.id = notes_notes.unit_id and notes_notes.id = 4 returning body`, nil, "2 Harpur Park"},
	{`insert into notes_tags (note_id, tag) select id, 'all' from notes_notes where true on conflict do nothing returning note_id`, nil, "1; 2; 3; 4"},
	{`with old as (select id from notes_notes where at < 5) delete from notes_notes where id in (select id from old) returning id`, nil, "4"},
	{`replace into notes_tags (note_id, tag) values (3, 'ALL') returning tag`, nil, "ALL"},
	{`explain query plan select body from notes_notes where unit_id = 'unt_1'`, nil, ""},
	{` /* a comment; with a semicolon */ select 1 ; -- and an end`, nil, "1"},
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
	for table, want := range map[string]bool{"units": true, "Homeowners": true, "plugin_secrets": false, "tenants": false, "sqlite_schema": false, "other_notes": false, "": false} {
		if grant.Grantable(false, table) != want {
			t.Errorf("%q may be granted: %v", table, !want)
		}
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
