package migrations_test

import (
	"database/sql"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/migrations"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver
)

var update = flag.Bool("update", false, "rewrite the golden files")

var sets = []string{"control", "tenant"}

// TestUpDownUp applies every migration, takes all back, and applies them again:
// the schema is the same, and in between nothing is left.
func TestUpDownUp(t *testing.T) {
	t.Parallel()
	for _, set := range sets {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			db, provider := openSet(t, set)
			up(t, provider)
			first := schema(t, db, set)
			if _, err := provider.DownTo(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			if left := schema(t, db, set); left != "" {
				t.Errorf("taking everything back leaves\n%s", left)
			}
			up(t, provider)
			if again := schema(t, db, set); again != first {
				t.Errorf("applied again it is\n%s\nwant\n%s", again, first)
			}
		})
	}
}

// TestSchema compares the resulting schema with the golden file, so that a
// review sees the effect of a migration. Run with -update to rewrite it.
func TestSchema(t *testing.T) {
	t.Parallel()
	for _, set := range sets {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			db, provider := openSet(t, set)
			up(t, provider)
			got, golden := schema(t, db, set), filepath.Join("testdata", set+".schema.sql")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the schema differs from %s; if that is right, run go test ./migrations -update\n%s", golden, got)
			}
		})
	}
}

// TestTablesAreStrict also forbids what reaches beyond a single update: several
// share a transaction, which a deferred constraint would fail for all at once
// and a rollback would undo for all.
func TestTablesAreStrict(t *testing.T) {
	t.Parallel()
	shared := regexp.MustCompile(`(?i)deferr(ed|able)|on conflict rollback|raise\s*\(\s*rollback`)
	for _, set := range sets {
		db, provider := openSet(t, set)
		up(t, provider)
		for statement := range strings.SplitSeq(schema(t, db, set), ";\n") {
			if regexp.MustCompile(`^create table `).MatchString(statement) && !regexp.MustCompile(`\bstrict\b`).MatchString(statement) {
				t.Errorf("%s: not strict: %s", set, statement)
			}
			if found := shared.FindString(statement); found != "" {
				t.Errorf("%s: %q reaches beyond one update: %s", set, found, statement)
			}
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile(`^[0-9]{5}_[a-z0-9_]+\.sql$`)
	for _, set := range sets {
		fsys, err := migrations.Set(set)
		if err != nil {
			t.Fatal(err)
		}
		err = fs.WalkDir(fsys, ".", func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && !pattern.MatchString(path) {
				t.Errorf("%s/%s: name a migration 00001_nouns.sql", set, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func openSet(t *testing.T, set string) (*sql.DB, *goose.Provider) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "set.db")+"?_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	fsys, err := migrations.Set(set)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, fsys,
		goose.WithTableName("goose_"+set), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	return db, provider
}

func up(t *testing.T, provider *goose.Provider) {
	t.Helper()
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// schema returns what the migrations have made, in a fixed order, without
// goose's own table and the shadows of virtual tables.
func schema(t *testing.T, db *sql.DB, set string) string {
	t.Helper()
	rows, err := db.Query(`
		select m.sql from sqlite_schema m join pragma_table_list l on l.name = m.tbl_name
		where m.sql is not null and m.tbl_name <> ? and m.name not like 'sqlite_%' and l.type <> 'shadow'
		order by m.tbl_name, m.type <> 'table', m.name`, "goose_"+set)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out strings.Builder
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			t.Fatal(err)
		}
		out.WriteString(regexp.MustCompile(`(?i)^create (virtual )?(table|view|trigger|index|unique index)`).
			ReplaceAllStringFunc(statement, strings.ToLower) + ";\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
