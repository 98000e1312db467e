package web

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/openhouse-ai/console/ui"
)

// dresser looks through a page that a plugin has made, before it is drawn, and
// adds what is the console's part: where a form was, and the exports of tables.
//
// A link stays inside the console unless it says that it leaves it, and then
// leads to the web, a mailbox or a telephone. Forms and buttons are posted to
// the plugin's own actions alone; a form that asks (Get) leads to the plugin's
// own pages, and takes no files. Pictures come from the console's own addresses
// or are data. A Live, a Reference and an Upload are the console's: work that
// goes on is a tool, and a file is a field of a form.
type dresser struct {
	base    string // what addresses of the plugin's pages begin with here
	here    string // the page, below base, with its query
	query   url.Values
	refusal *refusal

	forms  int
	ids    map[string]bool
	tables []*ui.Table
}

// dress returns an error for the first thing that can't be shown.
func (d *dresser) dress(p *ui.Page) error {
	d.ids = map[string]bool{}
	return d.walk(reflect.ValueOf(p).Elem(), "page")
}

// walk goes through everything that can be set. Blocks and values are held by
// interfaces, so that each is copied, dressed and put back.
func (d *dresser) walk(v reflect.Value, path string) error {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return nil
		}
		held := reflect.New(v.Elem().Type()).Elem()
		held.Set(v.Elem())
		if err := d.walk(held, path+"."+ui.Kind(held.Interface())); err != nil {
			return err
		}
		v.Set(held)
	case reflect.Pointer:
		if !v.IsNil() {
			return d.walk(v.Elem(), path)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := d.walk(v.Index(i), path+"["+strconv.Itoa(i)+"]"); err != nil {
				return err
			}
		}
	case reflect.Struct:
		return d.part(v, path)
	}
	return nil
}

func (d *dresser) part(v reflect.Value, path string) error {
	if v.Type().PkgPath() == "time" {
		return nil
	}
	if err := d.check(v.Addr().Interface(), path); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		if err := d.walk(v.Field(i), path+"."+field.Name); err != nil {
			return err
		}
	}
	return nil
}

// check looks at one struct of the page.
func (d *dresser) check(it any, path string) error {
	switch it := it.(type) {
	case *ui.Link:
		return d.link(it)
	case *ui.Action:
		return d.action(it)
	case *ui.Form:
		return d.form(it)
	case *ui.Mapping:
		it.Hidden = append(it.Hidden, ui.Hidden{Name: pageField, Value: d.here})
		if slices.ContainsFunc(it.Fields, func(f ui.Field) bool { return f.Kind == ui.FileField }) {
			return errNoFiles
		}
		return d.own(it.Action)
	case *ui.Table:
		return d.table(it)
	case *ui.Section:
		it.ID = d.unique(it.ID, "")
	case *ui.Live, *ui.Reference, *ui.Upload:
		return fmt.Errorf("a plugin's page has no such block")
	}
	return d.addresses(reflect.ValueOf(it).Elem())
}

// leading are the fields that lead somewhere, in every struct that has no rule
// of its own.
var leading = []string{"Href", "Src", "Logo", "Prev", "Next", "Then", "Stream", "Poll", "Document", "Exit"}

func (d *dresser) addresses(v reflect.Value) error {
	for _, name := range leading {
		if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
			if picture := name == "Src" || name == "Logo"; picture && isPicture(f.String()) {
				continue
			}
			if err := inside(f.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// isPicture tells data that can be nothing but an image.
func isPicture(src string) bool {
	for _, kind := range []string{"png", "jpeg", "gif", "webp", "svg+xml"} {
		if strings.HasPrefix(src, "data:image/"+kind+";base64,") {
			return true
		}
	}
	return false
}

// inside refuses what isn't an address of the console.
func inside(href string) error {
	if href == "" || !strings.ContainsFunc(href, unicode.IsControl) && (strings.HasPrefix(href, "?") || strings.HasPrefix(href, "#") || returnTo(href) == href) {
		return nil
	}
	return fmt.Errorf("%q leads out of the console", href)
}

// outward are the ways out of the console.
var outward = []string{"https", "http", "mailto", "tel"}

func (d *dresser) link(l *ui.Link) error {
	if !l.External {
		return inside(l.Href)
	}
	u, err := url.Parse(l.Href)
	if err != nil || !slices.Contains(outward, u.Scheme) || strings.ContainsFunc(l.Href, unicode.IsControl) {
		return fmt.Errorf("%q is no address of the web, a mailbox or a telephone", l.Href)
	}
	return nil
}

func (d *dresser) action(a *ui.Action) error {
	if !a.Post {
		return inside(a.Href)
	}
	a.Fields = append(a.Fields, ui.Hidden{Name: pageField, Value: d.here})
	return d.own(a.Href)
}

// own refuses an address that isn't one of the plugin's actions, here.
func (d *dresser) own(href string) error {
	path, _, _ := strings.Cut(href, "?")
	action, ok := strings.CutPrefix(path, d.base+"/actions/")
	if !ok || action == "" || strings.ContainsAny(action, "/\\#%") || inside(href) != nil {
		return fmt.Errorf("%q is none of the plugin's actions", href)
	}
	return nil
}

var errNoFiles = errors.New("only a form that is posted to an action takes files")

func (d *dresser) form(f *ui.Form) error {
	if f.Get && f.Multipart() {
		return errNoFiles
	}
	if f.Get {
		if f.Action == "" {
			f.Action = pageAddress(d.base, d.path())
		}
		at, _, _ := strings.Cut(f.Action, "?")
		if _, ok := below(d.base, f.Action); !ok || at != d.base && !strings.HasPrefix(at, d.base+"/") {
			return fmt.Errorf("%q is no page of the plugin", f.Action)
		}
		return nil
	}
	if err := d.own(f.Action); err != nil {
		return err
	}
	d.forms++
	if r := d.refusal; r != nil && !r.shown && r.action == f.Action && (r.number == d.forms || r.number == 0) {
		f.Fill(r.sent)
		failForm(f, wholeFields(r.err))
		r.shown = true
	}
	f.Fields = append(f.Fields,
		ui.Field{Kind: ui.HiddenField, Name: pageField, Value: d.here},
		ui.Field{Kind: ui.HiddenField, Name: formField, Value: strconv.Itoa(d.forms)})
	return nil
}

// table gives a table an id of its own, and its exports.
func (d *dresser) table(t *ui.Table) error {
	named := t.ID != ""
	t.ID = d.unique(t.ID, "table")
	if t.Href == "" {
		t.Href = pageAddress(d.base, d.path())
	}
	for len(t.Totals) > 0 && len(t.Totals) < len(t.Columns) {
		t.Totals = append(t.Totals, nil)
	}
	t.Exports = nil
	if named && len(t.Rows) > 0 {
		t.Exports = []ui.Link{
			{Text: "CSV", Href: ui.Address(pageAddress(d.base, d.path()), d.query, "format", "csv", "table", t.ID)},
			{Text: "Excel", Href: ui.Address(pageAddress(d.base, d.path()), d.query, "format", "xlsx", "table", t.ID)},
		}
	}
	d.tables = append(d.tables, t)
	return d.addresses(reflect.ValueOf(t).Elem())
}

func (d *dresser) path() string {
	path, _, _ := strings.Cut(d.here, "?")
	return path
}

// unique is the id, or one like it that nothing else on the page has.
func (d *dresser) unique(id, otherwise string) string {
	if id == "" {
		id = otherwise
	}
	if id == "" {
		return ""
	}
	found := id
	for n := 2; d.ids[found]; n++ {
		found = id + "-" + strconv.Itoa(n)
	}
	d.ids[found] = true
	return found
}
