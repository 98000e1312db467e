package web

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/core/internal/qr"
	"github.com/openhouse-ai/console/ui"
)

// showFactor says what a second factor is before one is set up: the secret is
// made by the POST that follows, since looking at a page must change nothing.
func showFactor(q *request) (ui.Page, error) {
	u, err := q.me()
	if err != nil {
		return ui.Page{}, err
	}
	p := q.profilePage(u)
	p.Title = "Second factor"
	lead := "You need an authenticator on your telephone: any app that shows six-digit codes, such as the one of your password manager."
	if u.TOTP {
		lead = "You have a second factor already. Setting up another one replaces it as soon as you have entered its first code."
	}
	p.Blocks = ui.Blocks{ui.Section{
		Title: "Set up your authenticator", Lead: lead,
		Actions: []ui.Action{{Label: "Show the code to scan", Href: "/profile/factor", Post: true, Kind: ui.Primary, Icon: ui.IconQR}},
	}}
	return p, nil
}

// enrolment is a second factor that waits for its first code. The page carries
// it from one try to the next, because it is stored sealed.
type enrolment struct{ secret, url string }

// enrol makes the secret and shows it.
func enrol(q *request) error {
	secret, url, err := q.site.Factors.Enrol(q.ctx)
	if err != nil {
		return err
	}
	return q.enrolmentPage(http.StatusOK, enrolment{secret, url}, nil)
}

func (q *request) enrolmentPage(status int, e enrolment, wrong error) error {
	u, err := q.me()
	if err != nil {
		return err
	}
	code, err := qr.Encode(e.url)
	if err != nil {
		return err
	}
	f := ui.Form{
		Action: "/profile/factor/confirm", Title: "2. Enter what it shows", Lead: "The first code proves that both agree.", Submit: "Turn on the second factor",
		Fields: []ui.Field{
			{Kind: ui.HiddenField, Name: "secret", Value: e.secret}, {Kind: ui.HiddenField, Name: "url", Value: e.url},
			{Kind: ui.CodeField, Name: "code", Label: "Code that it shows now", Required: true, Autofocus: true},
		},
		Consequence: "Your other sessions end.", Cancel: &ui.Link{Text: "Cancel", Href: "/profile/security"},
	}
	if wrong != nil {
		failForm(&f, wrong)
	}
	p := q.profilePage(u)
	p.Title = "Second factor"
	p.Blocks = ui.Blocks{ui.Grid{Blocks: ui.Blocks{
		ui.Section{Title: "1. Scan the code", Lead: "With your authenticator, or type the secret into it.", Blocks: ui.Blocks{
			ui.Image{Src: dataImage("image/svg+xml", code.SVG()), Alt: "QR code with the secret below", Width: 200},
			ui.Secret{Label: "Secret", Value: e.secret, Note: "Nobody else may see it."},
		}},
		f,
	}}}
	return q.show(status, p)
}

func dataImage(media string, body []byte) string {
	return "data:" + media + ";base64," + base64.StdEncoding.EncodeToString(body)
}

// confirmFactor turns the second factor on and shows the recovery codes.
func confirmFactor(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	codes, err := q.site.Factors.Confirm(q.ctx, strings.ReplaceAll(sent.Get("code"), " ", ""))
	e := enrolment{sent.Get("secret"), sent.Get("url")}
	if core.CodeOf(err) == core.Invalid && strings.HasPrefix(e.url, "otpauth://totp/") {
		return q.enrolmentPage(problem.Status(err), e, err)
	}
	if err != nil {
		return err
	}
	return q.recoveryPage("The second factor is on", codes)
}

// renewRecovery replaces the recovery codes.
func renewRecovery(q *request) error {
	codes, err := q.site.Factors.NewRecoveryCodes(q.ctx)
	if err != nil {
		return err
	}
	return q.recoveryPage("Your new recovery codes", codes)
}

// recoveryPage shows the codes this once.
func (q *request) recoveryPage(title string, codes []string) error {
	u, err := q.me()
	if err != nil {
		return err
	}
	p := q.profilePage(u)
	p.Title = "Recovery codes"
	p.Blocks = ui.Blocks{ui.Section{
		Title: title, Lead: "Each of these codes lets you in once when your telephone is lost. Print them or keep them in a safe place now: they are not shown again.",
		Actions: []ui.Action{{Label: "I have kept them", Href: "/profile/security", Kind: ui.Primary, Icon: ui.IconCheck}},
		Blocks:  ui.Blocks{ui.Code{Title: "Recovery codes", Text: strings.Join(codes, "\n")}},
	}}
	return q.show(http.StatusOK, p)
}

func removeFactor(q *request) (string, string, error) {
	return "/profile/security", "The second factor is off.", q.site.Factors.Remove(q.ctx, q.actor.ID, "")
}
