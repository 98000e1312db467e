package render

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// scene is what a template sees: the thing it draws as .It, the shell, and
// as methods what depends on the reader's locale, zone and clock.
type scene struct {
	Shell *ui.Shell
	It    any

	set    *template.Template
	format Format
}

func (r *Renderer) scene(shell ui.Shell) (*scene, error) {
	set := r.loaded
	if r.reload != "" {
		var err error
		if set, err = r.load(); err != nil {
			return nil, err
		}
	}
	return &scene{Shell: &shell, set: set, format: NewFormat(shell.Locale, shell.Zone)}, nil
}

// execute runs a template on one thing and returns what it wrote.
func (s *scene) execute(name string, it any) (template.HTML, error) {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	inner := *s
	inner.It = it
	if err := s.set.ExecuteTemplate(buf, name, &inner); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return template.HTML(buf.String()), nil
}

// View draws a block or a value with the template of its kind. Nothing at
// all is drawn as a dash.
func (s *scene) View(it any) (template.HTML, error) {
	if v := reflect.ValueOf(it); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return `<span class="none">–</span>`, nil
	}
	return s.execute(ui.Kind(it), it)
}

// Field draws a field of a form.
func (s *scene) Field(f ui.Field) (template.HTML, error) { return s.execute("field", f) }

// Action draws an action as a button or a link that looks like one.
func (s *scene) Action(a ui.Action) (template.HTML, error) { return s.execute("action", a) }

// Cell draws the value of a column, a dash when the row is too short.
func (s *scene) Cell(cells ui.Values, column int) (template.HTML, error) {
	if column >= len(cells) {
		return s.View(nil)
	}
	return s.View(cells[column])
}

// Number writes an exact decimal in the reader's digits and separators.
func (s *scene) Number(n ui.Number) string {
	text := s.format.Number(n.Value, n.Decimals)
	if n.Signed && n.Value > 0 {
		return "+" + text
	}
	return text
}

// Count writes a whole number.
func (s *scene) Count(n any) string {
	v := reflect.Indirect(reflect.ValueOf(n))
	return s.format.Number(v.Int(), 0)
}

// Money writes an exact amount with its symbol.
func (s *scene) Money(m ui.Money) string { return s.format.Money(core.Money(m)) }

// Figure writes an amount as a key figure: whole amounts without decimals.
func (s *scene) Figure(m ui.Money) string { return s.format.Figure(core.Money(m)) }

// Ago writes a moment as seen from now: "2 d ago", "in 3 h".
func (s *scene) Ago(t time.Time) string { return s.format.Ago(t, s.Shell.Now) }

// Exact writes date, time and zone.
func (s *scene) Exact(t time.Time) string { return s.format.Exact(t) }

// Date writes the date in the reader's zone.
func (s *scene) Date(t time.Time) string { return s.format.Date(t) }

// Clock writes the time of day in the reader's zone.
func (s *scene) Clock(t time.Time) string { return s.format.Clock(t) }

// Machine writes a moment for the datetime attribute.
func (s *scene) Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Took writes a duration: "0.4 s", "2 min 5 s".
func (s *scene) Took(d time.Duration) string { return s.format.Took(d) }

// Percent is the whole share of done in total, at most 100.
func (s *scene) Percent(done, total int64) int64 {
	if total <= 0 || done <= 0 {
		return 0
	}
	return min(100, done*100/total)
}

// Step is the number of a wizard's step, counted from one.
func (s *scene) Step(index int) int { return index + 1 }

// Ink is the text colour that can be read on a colour.
func (s *scene) Ink(hex string) string { return Ink(hex) }
