package ui_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/ui"
)

// TestEveryStructHasItsFiles keeps the vocabulary whole: a block or value has
// a template, an example in the gallery and a section in the stylesheets; and
// there is none of these for anything else.
func TestEveryStructHasItsFiles(t *testing.T) {
	t.Parallel()
	kinds := ui.Kinds()
	if got := declared(t); !slices.Equal(got, slices.Sorted(slices.Values(kinds))) {
		t.Errorf("registered in kind.go: %v\ndeclared: %v", kinds, got)
	}
	shown := map[string]bool{}
	for _, e := range ui.Gallery() {
		shown[e.Kind] = true
		if !slices.Contains(kinds, e.Kind) {
			t.Errorf("the gallery shows %q, which is neither block nor value", e.Kind)
		}
	}
	styled := sections(t)
	for _, kind := range kinds {
		if _, err := fs.Stat(ui.Templates(), kind+".html"); err != nil {
			t.Errorf("%s has no template: %v", kind, err)
		}
		if !shown[kind] {
			t.Errorf("%s is not in the gallery", kind)
		}
		if !styled[kind] {
			t.Errorf("no stylesheet has a section \"ui: %s\"", kind)
		}
	}
	frames := []string{"action", "bare", "document", "field", "landing", "page", "shell"}
	files, err := fs.Glob(ui.Templates(), "*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		stem := strings.TrimSuffix(file, ".html")
		if !slices.Contains(kinds, stem) && !slices.Contains(frames, stem) {
			t.Errorf("%s belongs to no struct", file)
		}
	}
}

// declared returns the receivers of the marker methods in this package.
func declared(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "block" && f.Name.Name != "value" {
				continue
			}
			kinds = append(kinds, strings.ToLower(f.Recv.List[0].Type.(*ast.Ident).Name))
		}
	}
	slices.Sort(kinds)
	return kinds
}

// sections returns the names in the "ui: a, b" headings of the stylesheets.
func sections(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../assets/css/*.css")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stylesheets: %v", err)
	}
	heading := regexp.MustCompile(`/\* ui: ([a-z, ]+)`)
	found := map[string]bool{}
	for _, name := range files {
		css, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range heading.FindAllStringSubmatch(string(css), -1) {
			for kind := range strings.SplitSeq(match[1], ",") {
				found[strings.TrimSpace(kind)] = true
			}
		}
	}
	return found
}

func TestIconsAreBuilt(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../assets/icons.json")
	if err != nil {
		t.Fatal(err)
	}
	var built []ui.Icon
	if err := json.Unmarshal(data, &built); err != nil {
		t.Fatal(err)
	}
	if want := slices.Sorted(slices.Values(ui.Icons)); !slices.Equal(built, want) {
		t.Errorf("assets/icons.json lists %v, want %v", built, want)
	}
	source, err := os.ReadFile("icon.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), " Icon = "); n != len(ui.Icons) {
		t.Errorf("%d icons are declared and %d listed", n, len(ui.Icons))
	}
}

func TestGalleryOverTheWire(t *testing.T) {
	t.Parallel()
	for _, e := range ui.Gallery() {
		data, err := json.Marshal(e.Blocks)
		if err != nil {
			t.Fatal(err)
		}
		var got ui.Blocks
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%s: %v", e.Kind, err)
		}
		if !reflect.DeepEqual(got, e.Blocks) {
			t.Errorf("%s comes back as %+v", e.Kind, got)
		}
	}
	var blocks ui.Blocks
	if err := json.Unmarshal([]byte(`[{"script":{}}]`), &blocks); err == nil {
		t.Error("an unknown kind is accepted")
	}
}

func FuzzPage(f *testing.F) {
	data, err := json.Marshal(ui.SamplePage())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"Blocks":[{"stats":{"Items":[{"Value":[null]}]}},null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var page ui.Page
		if json.Unmarshal(data, &page) != nil {
			return
		}
		if _, err := json.Marshal(page); err != nil {
			t.Errorf("a page that was read can't be written: %v", err)
		}
	})
}

func TestForm(t *testing.T) {
	t.Parallel()
	form := ui.SampleForm()
	form.Fields = []ui.Field{{Kind: ui.PasswordField, Name: "password"}, {Kind: ui.Checkbox, Name: "demo", Checked: true}, {Kind: ui.ListField, Name: "tags"}}
	form.Fill(map[string][]string{"name": {"Quay"}, "password": {"secret"}, "tags": {" a \r\n\r\nb"}})
	form.Fail("code", "It is taken.")
	form.Fail("units", "The file is empty.")
	if got := form.Sections[0].Fields[0].Value; got != "Quay" {
		t.Errorf("name = %q", got)
	}
	if form.Fields[0].Value != "" || form.Fields[1].Checked {
		t.Errorf("password %q, demo %v: both should be empty", form.Fields[0].Value, form.Fields[1].Checked)
	}
	if got := form.Fields[2].Values; !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("tags = %q", got)
	}
	if form.Failed() != 1 || form.Error != "units: The file is empty." {
		t.Errorf("%d fields failed, the form says %q", form.Failed(), form.Error)
	}
	if !form.Multipart() {
		t.Error("a form with a file is not multipart")
	}
}

func TestMonogram(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Harpur Homes": "HH", "Árd na Gréine": "ÁN", "quayside": "Q", "O'Brien & Sons": "OS", "": "?", "–": "?", "3 Arena": "3A",
	} {
		if got := ui.Monogram(name); got != want {
			t.Errorf("Monogram(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	query := url.Values{"q": {"harpur"}, "sort": {"name"}, "after": {"cursor"}, "trail": {"0~first"}, "region": {""}}
	if got := ui.Address("/tenants", query, "region", "uk"); got != "/tenants?q=harpur&region=uk&sort=name" {
		t.Errorf("address = %s", got)
	}
	if got := ui.Address("/tenants", query, "q", "", "sort", ""); got != "/tenants" {
		t.Errorf("address = %s", got)
	}
	if got := ui.Address("/tenants", query, "sort", "", "after", "next", "trail", "0"); got != "/tenants?after=next&q=harpur&trail=0" {
		t.Errorf("address = %s", got)
	}
	for sort, want := range map[string]ui.Sort{
		"":      {Href: "/t?sort=name"},
		"units": {Href: "/t?sort=name"},
		"name":  {Href: "/t?sort=-name", Direction: ui.Ascending},
		"-name": {Href: "/t?sort=name", Direction: ui.Descending},
	} {
		if got := ui.SortBy("/t", url.Values{"sort": {sort}}, "name"); *got != want {
			t.Errorf("sorted by %q: %+v, want %+v", sort, *got, want)
		}
	}
}
