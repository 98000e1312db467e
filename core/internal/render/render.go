// Package render turns the view vocabulary of package ui into HTML. It loads
// the templates with gofiber/template/html/v2 and executes them itself: a
// body first, then what surrounds it with the body as a value. The engine's
// own layouts are never used, because a fragment rendered beside a page makes
// the page fail, and because they render one page at a time.
package render

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/gofiber/template/html/v2"

	"github.com/openhouse-ai/console/assets"
	"github.com/openhouse-ai/console/ui"
)

// Options configure a Renderer.
type Options struct {
	// Reload is a folder of templates that is read again for each page, so
	// that an edit shows at once. Empty: the embedded templates.
	Reload string
}

// Renderer writes pages and fragments. It is safe for concurrent use.
type Renderer struct {
	reload string
	loaded *template.Template
}

// New loads the templates. It returns an error when one of them is broken, so
// that the process stops at start and not at a click.
func New(o Options) (*Renderer, error) {
	r := &Renderer{reload: o.Reload}
	t, err := r.load()
	if err != nil {
		return nil, err
	}
	r.loaded = t
	return r, nil
}

func (r *Renderer) load() (*template.Template, error) {
	var engine *html.Engine
	if r.reload != "" {
		engine = html.New(r.reload, ".html")
	} else {
		engine = html.NewFileSystem(http.FS(ui.Templates()), ".html")
	}
	engine.AddFuncMap(functions)
	if err := engine.Load(); err != nil {
		return nil, fmt.Errorf("load templates: %w", err)
	}
	for _, name := range append(ui.Kinds(), frames...) {
		if engine.Templates.Lookup(name) == nil {
			return nil, fmt.Errorf("load templates: %s.html is missing", name)
		}
	}
	return engine.Templates, nil
}

// frames are the templates that are no block and no value.
var frames = []string{"document", "shell", "page", "bare", "landing", "field", "action"}

// functions need nothing of the request; what does is a method of scene.
var functions = map[string]any{
	"asset":    assets.URL,
	"icon":     icon,
	"picture":  picture,
	"monogram": ui.Monogram,
	"kind":     ui.Kind,
}

// icon is the drawing of an icon, hidden from screen readers. The markup
// comes from the build, never from a caller.
func icon(name ui.Icon) template.HTML {
	if name == "" {
		return ""
	}
	return template.HTML(assets.Icon(string(name)))
}

// Page writes a whole page inside the shell.
func (r *Renderer) Page(w io.Writer, shell ui.Shell, page ui.Page) error {
	s, err := r.scene(shell)
	if err != nil {
		return err
	}
	body, err := s.execute("page", page)
	if err != nil {
		return err
	}
	inner, err := s.execute("shell", framed{Page: page, Body: body})
	if err != nil {
		return err
	}
	title := page.Title
	if title == "" {
		title = page.Head.Title
	}
	return s.document(w, document{Title: title, Class: "in-shell", Body: inner})
}

// framed is what the shell's template draws.
type framed struct {
	Page ui.Page
	Body template.HTML
}

// Blocks writes blocks without anything around them: a fragment for htmx, or
// the data of a Live's event.
func (r *Renderer) Blocks(w io.Writer, shell ui.Shell, blocks ...ui.Block) error {
	s, err := r.scene(shell)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		out, err := s.View(b)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, string(out)); err != nil {
			return err
		}
	}
	return nil
}

// Bare writes a page without navigation: sign-in, first run, errors.
func (r *Renderer) Bare(w io.Writer, shell ui.Shell, page ui.Bare) error {
	return r.standalone(w, shell, "bare", page, document{Title: page.Title, Class: "is-bare"})
}

// Landing writes the public page behind a scanned QR code.
func (r *Renderer) Landing(w io.Writer, shell ui.Shell, page ui.Landing) error {
	title := page.Title
	if page.Brand.Name != "" {
		title += " · " + page.Brand.Name
	}
	return r.standalone(w, shell, "landing", page, document{
		Title: title, Whole: true, Class: "is-landing", Style: page.Style,
	})
}

func (r *Renderer) standalone(w io.Writer, shell ui.Shell, name string, it any, d document) error {
	s, err := r.scene(shell)
	if err != nil {
		return err
	}
	if d.Body, err = s.execute(name, it); err != nil {
		return err
	}
	return s.document(w, d)
}

// document is the outermost template: head, styles, scripts.
type document struct {
	Title string
	Whole bool // the title stands alone, without the product's name
	Class string
	Style string // address of one more stylesheet
	Body  template.HTML
}

func (s *scene) document(w io.Writer, d document) error {
	out, err := s.execute("document", d)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, string(out))
	return err
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// picture is the address of an image. The template engine trusts no data:
// address; one that says it is an image can do nothing else inside an img.
func picture(src string) any {
	if strings.HasPrefix(src, "data:image/") {
		return template.URL(src)
	}
	return src
}
