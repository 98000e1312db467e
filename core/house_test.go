package core_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The rules of docs/house.md, as a test. Each failure says why.

const module = "github.com/openhouse-ai/console/"

// Limits of size, in lines.
const (
	fileLimit     = 400
	functionLimit = 80
	coreLimit     = 600 // of code: blank lines and comments are not counted
)

// source is one Go file of the project.
type source struct {
	path string // core/internal/web/web.go
	dir  string
	test bool
	text []byte
	tree *ast.File
	set  *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "data" || name != ".." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(strings.TrimPrefix(name, "../")), test: strings.HasSuffix(name, "_test.go"), text: text, set: token.NewFileSet()}
		s.dir = path.Dir(s.path)
		s.tree, err = parser.ParseFile(s.set, name, text, parser.ParseComments)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// libraries hold no state and know no noun but what they are handed: any room
// may use them.
var libraries = []string{"qr", "pdf", "report", "render", "problem"}

// doors name the types of the rooms whose interfaces they declare.
var doors = []string{"web", "api"}

// roomOf is the first folder below core/internal.
func roomOf(dir string) string {
	rest, ok := strings.CutPrefix(dir, "core/internal/")
	if !ok {
		return ""
	}
	room, _, _ := strings.Cut(rest, "/")
	return room
}

// pluginOf is the folder below plugins that a package belongs to.
func pluginOf(dir string) string {
	rest, _ := strings.CutPrefix(dir, "plugins/")
	plugin, _, _ := strings.Cut(rest, "/")
	return plugin
}

// refusal says why a package may not import another; "" when it may.
func refusal(from, to string) string {
	room, other := roomOf(from), roomOf(to)
	switch {
	case to == "core/internal/app" && from != "core/cmd/openhouse":
		return "nothing imports app but the command: app knows everybody, nobody knows app"
	case from == "core" || from == "ui" || strings.HasPrefix(from, "assets") || from == "migrations":
		return "core, ui, assets and migrations are the ground: they import nothing of ours"
	case (from == "core/sdk" || strings.HasPrefix(from, "core/sdk/")) && from != "core/sdk/sdktest" && to != "core" && to != "ui" && !strings.HasPrefix(to, "core/sdk"):
		return "the SDK is what strangers build on: it stands on core and ui alone"
	case from == "tenants" && to != "core" && to != "migrations":
		return "tenants stands on core and migrations alone"
	case strings.HasPrefix(from, "plugins/") && !slices.Contains([]string{"core", "core/sdk", "core/sdk/sdktest", "ui", "migrations"}, to) && pluginOf(to) != pluginOf(from):
		return "a plugin reaches the console through the SDK alone"
	case room == "app" || from == "core/cmd/openhouse" || other == "" || other == room || slices.Contains(libraries, other):
		return ""
	case slices.Contains(doors, room) && !slices.Contains(doors, other):
		return ""
	case room != "":
		return "rooms meet through interfaces that the user declares; app wires them"
	}
	return ""
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, spec := range s.tree.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			to, ours := strings.CutPrefix(name, module)
			if !ours || s.test || to == s.dir {
				continue
			}
			if why := refusal(s.dir, to); why != "" {
				t.Errorf("%s imports %s: %s", s.path, to, why)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	inCore := 0
	for _, s := range sources(t) {
		if ast.IsGenerated(s.tree) {
			continue
		}
		if lines := bytes.Count(s.text, []byte("\n")); lines > fileLimit {
			t.Errorf("%s has %d lines, more than %d: nobody knows their way around in it", s.path, lines, fileLimit)
		}
		if s.dir == "core" && !s.test {
			inCore += codeLines(s.text)
		}
		for _, d := range s.tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if lines := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1; lines > functionLimit {
				t.Errorf("%s: %s has %d lines, more than %d: it tells more than one story", s.path, f.Name.Name, lines, functionLimit)
			}
		}
	}
	if inCore >= coreLimit {
		t.Errorf("core has %d lines of code, %d or more: it holds words, not work", inCore, coreLimit)
	}
}

func codeLines(text []byte) int {
	n := 0
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			n++
		}
	}
	return n
}

func TestPackageComments(t *testing.T) {
	t.Parallel()
	comments, packages := map[string]int{}, map[string]string{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		packages[s.dir] = s.tree.Name.Name
		if s.tree.Doc == nil {
			continue
		}
		comments[s.dir]++
		want := "Package " + s.tree.Name.Name + " "
		if s.tree.Name.Name == "main" {
			want = "Command "
		}
		if !strings.HasPrefix(s.tree.Doc.Text(), want) {
			t.Errorf("%s: the package comment doesn't begin with %q", s.path, want)
		}
	}
	for dir := range packages {
		if comments[dir] != 1 {
			t.Errorf("%s has %d package comments, not one", dir, comments[dir])
		}
	}
}

// vague names say nothing about what is inside.
var vague = regexp.MustCompile(`(^|[/_])(utils?|common|helpers?|misc|base|types|models?|managers?)(\.go|_test\.go|$)`)

func TestNames(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if vague.MatchString(s.path) || vague.MatchString(s.dir) {
			t.Errorf("%s: name what is inside, not that it is shared", s.path)
		}
	}
}

// confined calls are made in the listed places alone.
var confined = map[string][]string{
	"time.Now":  {"core/cmd/openhouse"},
	"os.Getenv": {"core/internal/app", "core/cmd/openhouse"},
	"os.Exit":   {"core/cmd/openhouse", "core/sdk"}, // a plugin ends with its host
	"log.Fatal": {},
	"panic":     {},
}

func TestConfinedCalls(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.test || ast.IsGenerated(s.tree) {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := callee(call)
			if places, listed := confined[name]; listed && !slices.Contains(places, s.dir) {
				t.Errorf("%s:%d calls %s: time, environment and exits are the command's; errors are returned", s.path, s.set.Position(call.Pos()).Line, name)
			}
			return true
		})
	}
}

func callee(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
	}
	return ""
}

// statement looks like SQL in a string.
var statement = regexp.MustCompile(`(?is)^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+(table|index|trigger)\s|pragma\s)`)

func TestSQLLivesInStores(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.test || strings.HasPrefix(path.Base(s.path), "store") {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil && statement.MatchString(text) {
					t.Errorf("%s:%d has SQL outside a store*.go file", s.path, s.set.Position(lit.Pos()).Line)
				}
			}
			return true
		})
	}
}

func TestModuleStandsAlone(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?m)^\s*replace\b`).Match(text) {
		t.Error("go.mod has a replace: a clone elsewhere would not build")
	}
}

// words are listed once, in docs/words.md, each with the package that owns it.
func TestWordsHaveOneOwner(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/words.md")
	if err != nil {
		t.Fatal(err)
	}
	owners := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| \*\*(.+?)\*\* \| (.+?) \|`).FindAllStringSubmatch(string(text), -1) {
		if owners[row[1]] != "" {
			t.Errorf("%q has two owners: %s and %s", row[1], owners[row[1]], row[2])
		}
		owners[row[1]] = row[2]
	}
	for _, word := range []string{"tenant", "development", "unit", "homeowner", "run", "usage event", "event", "message", "record"} {
		if owners[word] == "" {
			t.Errorf("docs/words.md lacks %q", word)
		}
	}
}
