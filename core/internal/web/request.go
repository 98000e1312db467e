package web

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// values are what a form sent.
type values = url.Values

// values reads the form, plain or multipart; files are read by file.
func (q *request) values() (values, error) {
	if strings.HasPrefix(q.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm) {
		sent, err := q.MultipartForm()
		if err != nil {
			return nil, core.Errorf(core.Invalid, "The form can't be read.")
		}
		return sent.Value, nil
	}
	sent, err := url.ParseQuery(string(q.Body()))
	if err != nil {
		return nil, core.Errorf(core.Invalid, "The form can't be read.")
	}
	return sent, nil
}

// show answers with a page inside the shell; a request for a format answers
// with the export of the page's table instead.
func (q *request) show(status int, p ui.Page) error {
	shell, err := q.shell()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := q.site.Renderer.Page(&b, shell, p); err != nil {
		return err
	}
	q.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return q.Status(status).Send(b.Bytes())
}

// fragment answers with blocks alone, for a Live's poll.
func (q *request) fragment(status int, blocks ui.Blocks) error {
	b, err := q.rendered(blocks)
	if err != nil {
		return err
	}
	q.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return q.Status(status).Send(b)
}

func (q *request) rendered(blocks ui.Blocks) ([]byte, error) {
	var b bytes.Buffer
	err := q.site.Renderer.Blocks(&b, q.plainShell(), blocks...)
	return b.Bytes(), err
}

// bare answers with a page without navigation.
func (s *site) bare(c *fiber.Ctx, status int, page ui.Bare) error {
	var b bytes.Buffer
	shell := ui.Shell{Theme: themeOf(c), Locale: staffLocale, Now: s.Now(), Path: c.Path(), Version: s.Version, Dev: s.Dev}
	if err := s.Renderer.Bare(&b, shell, page); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(status).Send(b.Bytes())
}

func themeOf(c *fiber.Ctx) ui.Theme {
	switch theme := ui.Theme(c.Cookies(ui.ThemeCookie)); theme {
	case ui.Light, ui.Dark:
		return theme
	}
	return ui.Auto
}

// toastCookie carries one sentence to the next page.
const toastCookie = "toast"

func (q *request) toast(text string) {
	q.Cookie(&fiber.Cookie{
		Name: toastCookie, Value: base64.RawURLEncoding.EncodeToString([]byte(text)), Path: "/", HTTPOnly: true,
		Secure: q.site.secure, SameSite: fiber.CookieSameSiteLaxMode, MaxAge: 60,
	})
}

// toasts takes the sentence that the page before left.
func (q *request) toasts() []ui.Toast {
	text, err := base64.RawURLEncoding.DecodeString(q.Cookies(toastCookie))
	if err != nil || len(text) == 0 || len(text) > 300 {
		return nil
	}
	q.Cookie(&fiber.Cookie{Name: toastCookie, Path: "/", HTTPOnly: true, Secure: q.site.secure, SameSite: fiber.CookieSameSiteLaxMode, Expires: time.Unix(1, 0)})
	return []ui.Toast{{Text: string(text), Tone: ui.Good}}
}

// list reads what every list takes from its address: q, sort, after and the
// filters of the same names.
func (q *request) list() core.Query {
	sort, desc := ui.ParseSort(q.query.Get("sort"))
	limit, _ := strconv.Atoi(q.query.Get("limit"))
	return core.Query{
		Text: strings.TrimSpace(q.query.Get("q")), Status: q.query.Get("status"), Kind: q.query.Get("kind"), Region: q.query.Get("region"),
		Tenant: core.TenantID(q.query.Get("tenant")), Development: q.query.Get("development"), Unit: q.query.Get("unit"), Actor: q.query.Get("actor"),
		From: q.day("from"), To: q.dayAfter("to"),
		Sort: sort, Desc: desc, After: q.query.Get("after"), Limit: limit,
	}
}

// day reads a local date of the query; zero without one.
func (q *request) day(name string) time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, q.query.Get(name), q.zone())
	return t
}

func (q *request) dayAfter(name string) time.Time {
	t := q.day(name)
	if t.IsZero() {
		return t
	}
	return t.AddDate(0, 0, 1)
}

// filtered reports whether the list is narrowed by any of the names.
func (q *request) filtered(names ...string) bool {
	for _, name := range append(names, "q") {
		if q.query.Get(name) != "" {
			return true
		}
	}
	return false
}

// failForm puts an error's fields beside the form's.
func failForm(f *ui.Form, err error) {
	e, ok := errors.AsType[*core.Error](err)
	if !ok {
		f.Error = "That didn't work."
		return
	}
	if len(e.Fields) == 0 {
		f.Error = e.Message
	}
	for _, field := range e.Fields {
		f.Fail(field.Field, field.Reason)
	}
}
