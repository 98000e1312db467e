package render_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/openhouse-ai/console/assets"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/render"
	"github.com/openhouse-ai/console/ui"
)

var out = flag.String("out", "", "write the sample pages and the assets into this folder, to look at")

// TestSamplePages draws the sample pages in each theme. With -out they can be
// looked at: serve the folder with any file server.
func TestSamplePages(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	for _, theme := range []ui.Theme{ui.Light, ui.Dark} {
		for name, draw := range samples(r) {
			var b bytes.Buffer
			if err := draw(&b, theme); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			keep(t, name+"-"+string(theme)+".html", b.Bytes())
		}
	}
	if *out == "" {
		return
	}
	keep(t, "brand.css", render.BrandCSS(core.Brand{Primary: "#7a2e3a", Accent: "#e6b566"}))
	if err := os.RemoveAll(filepath.Join(*out, "assets")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(*out, "assets"), assets.FS()); err != nil {
		t.Fatal(err)
	}
}

func keep(t *testing.T, name string, data []byte) {
	t.Helper()
	if *out == "" {
		return
	}
	if err := os.MkdirAll(*out, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*out, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func samples(r *render.Renderer) map[string]func(*bytes.Buffer, ui.Theme) error {
	shell := func(accent ui.Accent, theme ui.Theme) ui.Shell {
		s := ui.SampleShell(accent)
		s.Theme = theme
		return s
	}
	landing := func(done bool) func(*bytes.Buffer, ui.Theme) error {
		return func(b *bytes.Buffer, theme ui.Theme) error {
			page := ui.SampleLanding(done)
			if !done {
				page.Style = "/brand.css"
			}
			return r.Landing(b, shell(ui.Console, theme), page)
		}
	}
	return map[string]func(*bytes.Buffer, ui.Theme) error{
		"page": func(b *bytes.Buffer, theme ui.Theme) error {
			return r.Page(b, shell(ui.Console, theme), ui.SamplePage())
		},
		"portal": func(b *bytes.Buffer, theme ui.Theme) error {
			return r.Page(b, shell(ui.Portal, theme), ui.SamplePage())
		},
		"form": func(b *bytes.Buffer, theme ui.Theme) error { return r.Page(b, shell(ui.Console, theme), formPage()) },
		"components": func(b *bytes.Buffer, theme ui.Theme) error {
			return r.Page(b, shell(ui.Console, theme), ui.GalleryPage())
		},
		"reference": func(b *bytes.Buffer, theme ui.Theme) error {
			return r.Page(b, shell(ui.Console, theme), referencePage())
		},
		"sign-in": func(b *bytes.Buffer, theme ui.Theme) error {
			return r.Bare(b, shell(ui.Console, theme), ui.SampleSignIn())
		},
		"landing":      landing(false),
		"landing-done": landing(true),
	}
}

func formPage() ui.Page {
	form := ui.SampleForm()
	form.Fail("code", "HARP is taken. Choose another code.")
	return ui.Page{
		Title:  "Settings",
		Crumbs: []ui.Link{{Text: "Tenants", Href: "#"}, {Text: "Harpur Homes", Href: "#"}},
		Head: ui.Head{Title: "Harpur Homes", Monogram: "HH", Lead: "HARP · eu-west", Status: &ui.Badge{Text: "Active", Tone: ui.Good},
			Actions: []ui.Action{{Label: "Impersonate", Href: "#", Icon: ui.IconUser}}},
		Tabs:   []ui.Tab{{Label: "Overview", Href: "#"}, {Label: "Units", Href: "#", Count: new(20)}, {Label: "Settings", Href: "#", Current: true}, {Label: "Audit", Href: "#"}},
		Blocks: ui.Blocks{form},
	}
}

func referencePage() ui.Page {
	return ui.Page{Head: ui.Head{Title: "API reference"}, Blocks: ui.Blocks{ui.Reference{Document: "/api/openapi.json"}}}
}
