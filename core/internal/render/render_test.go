package render_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core/internal/render"
	"github.com/openhouse-ai/console/ui"
)

func newRenderer(t testing.TB) *render.Renderer {
	t.Helper()
	r, err := render.New(render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestGallery draws every example, and checks what no page may hold.
func TestGallery(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	forbidden := regexp.MustCompile(`(?i)<[^>]*\s(style|on\w+|hx-on\S*)=|ZgotmplZ|javascript:|<script>|<no value>|%!`)
	for _, example := range ui.Gallery() {
		t.Run(example.Kind, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := r.Blocks(&b, ui.SampleShell(ui.Console), example.Blocks...); err != nil {
				t.Fatal(err)
			}
			if b.Len() < 40 {
				t.Errorf("%s draws almost nothing: %q", example.Kind, b.String())
			}
			if found := forbidden.FindString(b.String()); found != "" {
				t.Errorf("%s holds %q", example.Kind, found)
			}
		})
	}
}

// A chart without series is said to be empty: there is nothing for its script.
func TestChartWithoutSeries(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := newRenderer(t).Blocks(&b, ui.SampleShell(ui.Console), ui.Chart{Title: "By month", Labels: []string{"Oct", "Nov"}}); err != nil {
		t.Fatal(err)
	}
	if drawn := b.String(); strings.Contains(drawn, "data-chart") || !strings.Contains(drawn, "Nothing in this time.") {
		t.Errorf("it is drawn as %s", drawn)
	}
}

// TestGalleryEmpty draws every block and value at its zero value: a page
// whose data is missing must still be drawn.
func TestGalleryEmpty(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	for _, example := range ui.Gallery() {
		for _, block := range example.Blocks {
			zero := reflect.Zero(reflect.TypeOf(block)).Interface().(ui.Block)
			if err := r.Blocks(io.Discard, ui.Shell{}, zero); err != nil {
				t.Errorf("an empty %s: %v", ui.Kind(block), err)
			}
		}
	}
	if err := r.Page(io.Discard, ui.Shell{}, ui.Page{}); err != nil {
		t.Errorf("an empty page: %v", err)
	}
	if err := r.Bare(io.Discard, ui.Shell{}, ui.Bare{}); err != nil {
		t.Errorf("an empty bare page: %v", err)
	}
	if err := r.Landing(io.Discard, ui.Shell{}, ui.Landing{}); err != nil {
		t.Errorf("an empty landing page: %v", err)
	}
}

func TestPageEscapesWhatCallersSay(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script>`
	page := ui.Page{Head: ui.Head{Title: evil, Lead: evil}, Blocks: ui.Blocks{
		ui.Table{Title: evil, Columns: []ui.Column{{Title: evil}}, Rows: []ui.Row{{Href: "javascript:alert(1)", Cells: ui.Values{ui.Link{Text: evil, Href: "javascript:alert(1)", Monogram: evil}}}}},
		ui.Chart{Title: evil, Labels: []string{"</script><script>alert(1)</script>"}, Series: []ui.Series{{Name: evil, Values: []int64{1}}}},
		ui.Form{Typed: evil, Fields: []ui.Field{{Name: evil, Value: evil, Error: evil}}},
		ui.Preview{Name: evil, Primary: evil},
		ui.Code{Text: evil},
	}}
	shell := ui.SampleShell(ui.Console)
	shell.Toasts = []ui.Toast{{Text: evil}}
	var b bytes.Buffer
	if err := newRenderer(t).Page(&b, shell, page); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script>alert", `href="javascript:`} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}

// TestConcurrent renders fragments beside pages: with the engine's layouts
// this fails.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	var want bytes.Buffer
	if err := r.Page(&want, ui.SampleShell(ui.Console), ui.SamplePage()); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 4 {
				var got bytes.Buffer
				if err := r.Page(&got, ui.SampleShell(ui.Console), ui.SamplePage()); err != nil {
					t.Error(err)
				}
				if !bytes.Equal(got.Bytes(), want.Bytes()) {
					t.Error("a page differs from itself")
				}
				if err := r.Blocks(io.Discard, ui.SampleShell(ui.Portal), ui.Progress{Label: "Units", Done: 1, Total: 2}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, ui.Templates()); err != nil {
		t.Fatal(err)
	}
	r, err := render.New(render.Options{Reload: dir})
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "code.html"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("edited: {{.It.Text}}")
	var b bytes.Buffer
	if err := r.Blocks(&b, ui.Shell{}, ui.Code{Text: "x"}); err != nil || b.String() != "edited: x" {
		t.Errorf("after an edit: %q, %v", b.String(), err)
	}
	write("{{if}}")
	if err := r.Blocks(io.Discard, ui.Shell{}, ui.Code{}); err == nil {
		t.Error("a broken template is drawn")
	}
	if _, err := render.New(render.Options{Reload: dir}); err == nil {
		t.Error("New accepts a broken template")
	}
}

// TestPageOverTheWire draws a page that has been sent as JSON, as a plugin's
// pages are.
func TestPageOverTheWire(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(ui.SamplePage())
	if err != nil {
		t.Fatal(err)
	}
	var page ui.Page
	if err := json.Unmarshal(data, &page); err != nil {
		t.Fatal(err)
	}
	r := newRenderer(t)
	var want, got bytes.Buffer
	if err := r.Page(&want, ui.SampleShell(ui.Console), ui.SamplePage()); err != nil {
		t.Fatal(err)
	}
	if err := r.Page(&got, ui.SampleShell(ui.Console), page); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Error("the page differs after the wire")
	}
}
