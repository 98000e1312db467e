package notify

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"strings"
	texttemplate "text/template"

	"github.com/openhouse-ai/console/core"
)

// Letter is one kind of mail with its data: WelcomePack, UserInvitation,
// PasswordReset, HomeownerWelcome.
type Letter interface {
	template() string // the message's template
	sender() string   // display name of the sender; empty: the platform's
	page() page
}

// page is what a letter says. One pair of templates sets every page, so that
// the HTML and the text can't drift apart and all letters look alike.
type page struct {
	Brand     core.Brand
	Subject   string
	Preheader string // what a mailbox shows after the subject
	Kicker    string // a few words above the title
	Title     string
	Lead      []string // paragraphs
	Facts     []fact
	Button    link
	Sections  []section
	Note      string // small print after everything
	Contact   core.Contact
	Footer    string
}

type fact struct{ Label, Value string }

type link struct{ Label, URL string }

// section is a titled list; a numbered one shows steps.
type section struct {
	Title    string
	Numbered bool
	Items    []Item
}

// Item is one entry of a list in a letter.
type Item struct {
	Name   string
	Detail string
}

// logoName is the content id of the logo.
const logoName = "logo"

//go:embed templates
var templates embed.FS

var (
	functions = map[string]any{"inc": func(i int) int { return i + 1 }, "underline": func(s string) string {
		return strings.Repeat("-", len([]rune(s)))
	}}
	htmlLetter = htmltemplate.Must(htmltemplate.New("letter.html").Funcs(functions).ParseFS(templates, "templates/letter.html"))
	textLetter = texttemplate.Must(texttemplate.New("letter.txt").Funcs(functions).ParseFS(templates, "templates/letter.txt"))
)

// Render writes a letter: a message with Template, Subject, HTML and Text, and
// the logo that the HTML shows. A logo that mail programs don't draw (SVG)
// gives way to a monogram. Returns invalid for an address of a page that is
// not http or https.
func Render(letter Letter) (core.Message, Inline, error) {
	p := letter.page()
	var logo Inline
	if p.Brand.LogoType == "image/png" || p.Brand.LogoType == "image/jpeg" {
		logo = Inline{Name: logoName, Type: p.Brand.LogoType, Bytes: p.Brand.Logo}
	}
	m := core.Message{Template: letter.template(), Subject: p.Subject}
	if err := checkURL(p.Button.URL); err != nil {
		return m, logo, err
	}
	look := lookOf(p.Brand)
	look.Logo = len(logo.Bytes) > 0

	var html, text strings.Builder
	if err := htmlLetter.Execute(&html, map[string]any{"Page": p, "Look": look}); err != nil {
		return m, logo, fmt.Errorf("set letter %s: %w", m.Template, err)
	}
	if err := textLetter.Execute(&text, p); err != nil {
		return m, logo, fmt.Errorf("set letter %s as text: %w", m.Template, err)
	}
	m.HTML, m.Text = html.String(), text.String()
	return m, logo, nil
}

func checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return core.Errorf(core.Invalid, "The address %q in the letter is not one of a page.", address)
	}
	return nil
}
