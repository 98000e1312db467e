package notify_test

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/notify"
	"github.com/openhouse-ai/console/tenants"
)

var update = flag.Bool("update", false, "rewrite the golden letters")

var (
	harpur = core.Brand{Name: "Harpur Homes", Primary: "#075a4d", Locale: "en-IE"}
	house  = core.Brand{Name: "OpenHouse Console", Primary: "#1f3a5f", Locale: "en-IE"}
	help   = core.Contact{Name: "Aoife Kelly", Email: "hello@openhouse.example", Phone: "+353 1 555 0100"}
	soon   = time.Date(2027, 3, 4, 14, 0, 0, 0, time.UTC)
)

var letters = []notify.Letter{
	notify.WelcomePack{
		Brand: harpur, Contact: "Site office", Development: "Harpur Lane", Units: 1220, Region: "Ireland",
		Kit: []notify.Item{{Name: "QR pack", Detail: "A4 label sheets, and each code as PNG & SVG"}, {Name: "Unit list"}},
		URL: "https://console.example/portal/kit?development=dvt_1&v=2", Help: help,
	},
	notify.UserInvitation{
		Brand: house, Name: "Niamh", InvitedBy: "Conor Byrne", Role: "Finance",
		URL: "https://console.example/invitations/abc", Expires: soon, Help: help,
	},
	notify.PasswordReset{Brand: house, Name: "Niamh", URL: "https://console.example/reset/abc", Expires: soon, Help: help},
	notify.HomeownerWelcome{
		Brand: harpur, Name: "Seán O'Brien", Unit: "2 Harpur Park", Development: "Harpur Lane",
		URL: "https://harpur.example/home", Help: help,
	},
}

func TestLettersReadWell(t *testing.T) {
	t.Parallel()
	for _, l := range letters {
		m, _, err := notify.Render(l)
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", m.Template+".txt")
		got := "Subject: " + m.Subject + "\n\n" + m.Text
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs from %s (go test -update rewrites it):\n%s", m.Template, golden, got)
		}
	}
}

var (
	tags   = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)
	spaces = regexp.MustCompile(`[\s\p{Zs}]+`)
)

// Each line of the text is also read in the HTML, or stands in its links.
func TestHTMLAndTextSayTheSame(t *testing.T) {
	t.Parallel()
	for _, l := range letters {
		m, _, err := notify.Render(l)
		if err != nil {
			t.Fatal(err)
		}
		visible := spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(m.HTML, " ")), " ")
		links := html.UnescapeString(m.HTML)
		for line := range strings.Lines(m.Text) {
			line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "*-0123456789."))
			for _, part := range strings.Split(strings.TrimPrefix(line, "Questions? "), ", ") {
				for _, part := range strings.SplitN(strings.TrimSuffix(part, ":"), ": ", 2) {
					if !strings.Contains(visible, part) && !strings.Contains(links, part) {
						t.Errorf("%s: the HTML doesn't say %q", m.Template, part)
					}
				}
			}
		}
		if strings.Contains(m.HTML, "ZgotmplZ") || strings.Contains(m.HTML, "src=\"http") || strings.Contains(m.HTML, "<script") {
			t.Errorf("%s: the HTML holds something filtered, remote or active", m.Template)
		}
	}
}

func TestRenderRefusesOtherAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "javascript:alert(1)", "/kit", "mailto:x@y.example", "https://"} {
		_, _, err := notify.Render(notify.PasswordReset{Brand: house, URL: address})
		if core.CodeOf(err) != core.Invalid {
			t.Errorf("%q: %v, want invalid", address, err)
		}
	}
}

func TestRenderShowsLogoOrMonogram(t *testing.T) {
	t.Parallel()
	for kind, embedded := range map[string]bool{"image/png": true, "image/jpeg": true, "image/svg+xml": false, "": false} {
		brand := harpur
		brand.Logo, brand.LogoType = []byte("logo"), kind
		m, logo, err := notify.Render(notify.PasswordReset{Brand: brand, URL: "https://console.example/reset"})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(m.HTML, `src="cid:logo"`) != embedded || (len(logo.Bytes) > 0) != embedded || strings.Contains(m.HTML, ">HH</td>") == embedded {
			t.Errorf("%q: the letter doesn't show the right sign", kind)
		}
	}
}

func TestSentLetterKeepsItsLogo(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{})
	p := newPost(t, server.client(t))
	brand := harpur
	brand.Logo, brand.LogoType = []byte("\x89PNG not really"), "image/png"
	welcome := notify.HomeownerWelcome{Brand: brand, Name: "Niamh", Unit: "2 Harpur Park", Development: "Harpur Lane", URL: "https://harpur.example/home"}
	id := notify.IDFor("hom_1 welcome")
	p.must(p.store.Update(t.Context(), p.tenant, func(tx *tenants.Tx) error {
		return p.outbox.Send(t.Context(), tx, id, "niamh@example.com", welcome)
	}))
	p.deliver()
	if letter := server.last(); !strings.Contains(letter, "Content-Id: <logo>") || !strings.Contains(letter, `From: "Harpur Homes" <console@openhouse.example>`) {
		t.Errorf("the letter lacks its logo or its sender:\n%.1500s", letter)
	}
	if m := p.find(id); !strings.Contains(m.HTML, `src="data:image/png;base64,`) {
		t.Error("the message can't be shown with its logo")
	}
}

// Whatever colour a developer picks, all text can be read.
func TestEveryBrandIsReadable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		primary := rapid.StringMatching(`#[0-9a-f]{6}`).Draw(t, "primary")
		for pair, ratio := range notify.Contrasts(core.Brand{Name: "X", Primary: primary}) {
			if ratio < 4.5 {
				t.Errorf("%s: contrast %.2f", pair, ratio)
			}
		}
	})
}
