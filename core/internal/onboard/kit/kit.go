// Package kit prints what a development is launched with: the QR pack (label
// sheets, and each code as PNG and SVG) and the launch kit (the QR pack, a
// welcome letter for each unit, a poster, a checklist and the unit list), in
// the developer's brand and language.
package kit

import (
	"context"
	"io"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/pdf"
)

// Unit is a home as printed matter shows it.
type Unit struct {
	Label    string // 2 Harpur Park
	Address  string
	Postcode string
	URL      string // what its code holds: https://host/q/CODE
}

// Site is a development with all that is printed about it.
type Site struct {
	Brand       core.Brand
	Contact     core.Contact
	Development core.Development
	Units       []Unit
	URL         string    // what the poster's code holds; empty: the units' address without their code
	Locale      string    // BCP 47; the nearest language that the catalogue has
	Now         time.Time // the date of letters, in the tenant's time zone
}

// Printer prints with the fonts that it is given, Go's own by default. The same
// site makes the same bytes.
type Printer struct {
	Fonts pdf.Fonts
}

// QRPack writes a ZIP with labels.pdf, png/, svg/ and index.csv. The progress
// callback may be nil; it is called about a hundred times, never twice at once.
// Returns invalid for a site without units or with a link that makes no code.
func (p Printer) QRPack(ctx context.Context, w io.Writer, s Site, progress func(done, total int)) error {
	m := &meter{total: 3 * len(s.Units), report: progress}
	e, err := p.edition(ctx, s, m)
	if err != nil {
		return err
	}
	return e.zip(ctx, w, nil, e.qrPack(""))
}

// LaunchKit writes a ZIP with welcome-letters.pdf, poster.pdf, checklist.pdf,
// units.xlsx, README.txt and the QR pack in qr-pack/. Progress and errors are
// those of QRPack.
func (p Printer) LaunchKit(ctx context.Context, w io.Writer, s Site, progress func(done, total int)) error {
	m := &meter{total: 4 * len(s.Units), report: progress}
	e, err := p.edition(ctx, s, m)
	if err != nil {
		return err
	}
	documents := []document{
		{"README.txt", e.readme},
		{"welcome-letters.pdf", e.letters},
		{"poster.pdf", e.poster},
		{"checklist.pdf", e.checklist},
		{"units.xlsx", e.unitList},
	}
	return e.zip(ctx, w, documents, e.qrPack("qr-pack/"))
}

// Labels writes the A4 label sheets as a PDF.
func (p Printer) Labels(ctx context.Context, w io.Writer, s Site) error {
	return p.one(ctx, w, s, (*edition).labels)
}

// Letters writes a PDF with a welcome letter for each unit, a page each.
func (p Printer) Letters(ctx context.Context, w io.Writer, s Site) error {
	return p.one(ctx, w, s, (*edition).letters)
}

// Poster writes the poster as a PDF.
func (p Printer) Poster(ctx context.Context, w io.Writer, s Site) error {
	return p.one(ctx, w, s, (*edition).poster)
}

// Checklist writes the checklist for the site team as a PDF.
func (p Printer) Checklist(ctx context.Context, w io.Writer, s Site) error {
	return p.one(ctx, w, s, (*edition).checklist)
}

func (p Printer) one(ctx context.Context, w io.Writer, s Site, make func(*edition, context.Context) ([]byte, error)) error {
	e, err := p.edition(ctx, s, &meter{})
	if err != nil {
		return err
	}
	content, err := make(e, ctx)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// check tells what keeps a site from being printed.
func (s Site) check() error {
	if len(s.Units) == 0 {
		return core.Errorf(core.Invalid, "There is nothing to print: the development has no units yet.")
	}
	var problems core.Problems
	for i, u := range s.Units {
		if parsed, err := url.Parse(u.URL); err != nil || parsed.Host == "" {
			problems = append(problems, core.FieldError{Field: "url", Line: i + 1, Value: u.URL, Reason: "is not a link"})
		}
	}
	return problems.Err()
}

// posterURL is what the poster's code holds.
func (s Site) posterURL() string {
	if s.URL != "" {
		return s.URL
	}
	u, err := url.Parse(s.Units[0].URL)
	if err != nil {
		return s.Units[0].URL
	}
	return u.Scheme + "://" + u.Host + path.Dir(u.Path)
}

// short is a link as people read it and type it.
func short(link string) string {
	_, rest, found := strings.Cut(link, "://")
	if !found {
		return link
	}
	return strings.TrimSuffix(rest, "/")
}

// meter counts what is done, for everyone who works on an edition.
type meter struct {
	mu          sync.Mutex
	done, total int
	report      func(done, total int)
}

// add reports whenever another hundredth is done.
func (m *meter) add(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.done
	m.done += n
	if m.report != nil && m.total > 0 && m.done*100/m.total > before*100/m.total {
		m.report(m.done, m.total)
	}
}
