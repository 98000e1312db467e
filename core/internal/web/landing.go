package web

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/core/internal/render"
	"github.com/openhouse-ai/console/ui"
)

// consentVersion names the consent text of the sign-up; a changed text gets a
// new one, and what people have agreed to stays known.
const consentVersion = "2026-11"

// landing is the public page behind a scanned code.
type landing struct {
	key [32]byte // of this process: pseudonyms of visitors can't be undone, nor followed across restarts
}

func newLanding() *landing {
	l := &landing{}
	rand.Read(l.key[:])
	return l
}

// visitor is a pseudonym that holds for a day: who scans twice counts once.
func (l *landing) visitor(ipPrefix, agent string, now time.Time) string {
	mac := hmac.New(sha256.New, l.key[:])
	for _, part := range []string{ipPrefix, agent, now.UTC().Format(time.DateOnly)} {
		mac.Write([]byte(part))
		mac.Write([]byte{0})
	}
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// door is what a code leads to: the tenant, its look and its settings.
type door struct {
	tenant   core.Tenant
	brand    core.Brand
	settings core.Settings
	code     string
}

// codeShape is how a code looks, as it may be typed off a label.
var codeShape = regexp.MustCompile(`^[0-9a-vA-V]{16}$`)

// landingPerMinute bounds what one network asks of all codes together: it is
// what guessing codes runs into.
const landingPerMinute = 600

// errNoCode reads the same for a code that never was and one that is gone.
var errNoCode = core.Errorf(core.NotFound, "This code leads nowhere.")

// open finds what the address's code leads to, within the limits of the
// visitor's network.
func (l *landing) open(q *request) (d door, err error) {
	network := core.OriginOf(q.ctx).IPPrefix
	if err := q.site.spend("landing "+network, landingPerMinute, pass); err != nil {
		return d, err
	}
	if d.code = q.Params("code"); !codeShape.MatchString(d.code) {
		return d, errNoCode
	}
	id, err := q.site.Units.Locate(q.ctx, d.code)
	if err == nil {
		d.tenant, err = q.site.Tenants.Find(q.ctx, id)
	}
	if err == nil {
		d.settings, err = q.site.Settings.Find(q.ctx, id)
		if core.CodeOf(err) == core.NotFound {
			d.settings, err = core.Settings{Locale: staffLocale}, nil
		}
	}
	if err != nil {
		return d, err
	}
	if d.brand, err = q.site.brand(q.ctx, d.tenant); err != nil || d.settings.ScansPerMinute == 0 {
		return d, err
	}
	return d, q.site.spend("scan "+string(id)+" "+network, d.settings.ScansPerMinute, pass)
}

func pass() error { return nil }

// unit is the home behind the address's code, without noting a visit.
func (l *landing) unit(q *request) (d door, u core.Unit, err error) {
	if d, err = l.open(q); err == nil {
		u, err = q.site.Units.FindByCode(q.ctx, d.tenant.ID, d.code)
	}
	return d, u, err
}

// show answers a scan: on to the developer's portal, or the welcome.
func (l *landing) show(q *request) error {
	d, err := l.open(q)
	if err != nil {
		return l.fail(q, err)
	}
	u, err := l.scan(q, d)
	if err != nil {
		return l.fail(q, err)
	}
	if to := portalAddress(d); to != "" {
		return q.Redirect(to, http.StatusSeeOther)
	}
	if d.tenant.Status == core.TenantSuspended {
		return q.land(http.StatusOK, d, u, nil)
	}
	f := signUpForm(d)
	return q.land(http.StatusOK, d, u, &f)
}

// scan notes the visit; a suspended tenant's codes are looked at alone.
func (l *landing) scan(q *request, d door) (core.Unit, error) {
	if d.tenant.Status == core.TenantSuspended {
		return q.site.Units.FindByCode(q.ctx, d.tenant.ID, d.code)
	}
	agent := q.Get(fiber.HeaderUserAgent)
	return q.site.Units.Scan(q.ctx, d.tenant.ID, d.code, directory.Visit{
		UserAgent: agent, Visitor: l.visitor(core.OriginOf(q.ctx).IPPrefix, agent, q.site.Now()),
	})
}

// portalAddress is the developer's own portal with the code; empty without one.
func portalAddress(d door) string {
	u, err := url.Parse(d.settings.PortalURL)
	if d.settings.PortalURL == "" || err != nil {
		return ""
	}
	query := u.Query()
	query.Set("code", d.code)
	u.RawQuery = query.Encode()
	return u.String()
}

// signUp onboards the person who filled in the form.
func (l *landing) signUp(q *request) error {
	d, u, err := l.unit(q)
	if err != nil {
		return l.fail(q, err)
	}
	sent, err := q.values()
	if err != nil {
		return err
	}
	in := directory.SignUp{Name: sent.Get("name"), Email: sent.Get("email")}
	if sent.Get("consent") != "" {
		in.Consent = consentVersion
	}
	if _, err := q.site.Homeowners.SignUp(q.ctx, d.tenant.ID, d.code, in); err != nil {
		if core.CodeOf(err) != core.Invalid {
			return l.fail(q, err)
		}
		f := signUpForm(d)
		f.Fill(sent)
		failForm(&f, signUpWords(err))
		return q.land(problem.Status(err), d, u, &f)
	}
	return q.Redirect("/q/"+d.code+"/welcome", http.StatusSeeOther)
}

// done is where a sign-up ends; loading it again changes nothing.
func (l *landing) done(q *request) error {
	d, u, err := l.unit(q)
	if err != nil {
		return l.fail(q, err)
	}
	return q.land(http.StatusOK, d, u, nil)
}

// style is the brand's stylesheet, logo its logo.
func (l *landing) style(q *request) error {
	d, err := l.open(q)
	if err != nil {
		return err
	}
	q.Set(fiber.HeaderCacheControl, "public, max-age=300")
	q.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
	return q.Send(render.BrandCSS(d.brand))
}

func (l *landing) logo(q *request) error {
	d, err := l.open(q)
	if err != nil {
		return err
	}
	if len(d.brand.Logo) == 0 {
		return core.Errorf(core.NotFound, "There is no logo.")
	}
	return q.cached(d.brand.LogoType, d.brand.Logo)
}

// fail says in the words of somebody who holds a telephone that the code
// leads nowhere. Everything else is the console's own error page.
func (l *landing) fail(q *request, err error) error {
	if core.CodeOf(err) != core.NotFound {
		return err
	}
	return q.site.bare(q.Ctx, http.StatusNotFound, ui.Bare{
		Code: "404", Title: "This code leads nowhere",
		Lead: "Please scan it once more, or type the address exactly as it is printed below the code. If it still doesn't work, the site office of your development can give you a new one.",
	})
}

// land answers with the landing page, in the developer's colours.
func (q *request) land(status int, d door, u core.Unit, f *ui.Form) error {
	page := landingPage(d, u, f)
	var b bytes.Buffer
	shell := ui.Shell{Locale: d.settings.Locale, Zone: zoneOf(d.settings), Now: q.site.Now(), Path: q.Path(), Theme: themeOf(q.Ctx)}
	if err := q.site.Renderer.Landing(&b, shell, page); err != nil {
		return err
	}
	q.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return q.Status(status).Send(b.Bytes())
}
