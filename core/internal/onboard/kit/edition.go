package kit

import (
	"bytes"
	"cmp"
	"context"
	"image/png"
	"strings"
	"unicode"

	"github.com/openhouse-ai/console/core/internal/onboard/logo"
	"github.com/openhouse-ai/console/core/internal/pdf"
	"github.com/openhouse-ai/console/core/internal/qr"
)

// logoPixels is the longer side of a logo in print: 300 dpi at 60 mm.
const logoPixels = 720

// edition is a site made ready for printing: its words, colours, logo and
// codes. It does not change any more, so its documents are made in parallel.
type edition struct {
	Site
	fonts     pdf.Fonts
	words     texts
	primary   pdf.Colour // fills
	text      pdf.Colour // the primary colour where it is type on white
	logo      []byte     // PNG; nil: a monogram
	lightLogo bool       // needs a dark ground
	codes     map[string]qr.Code
	meter     *meter
}

func (p Printer) edition(ctx context.Context, s Site, m *meter) (*edition, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	e := &edition{Site: s, fonts: p.Fonts, words: textsFor(s.Locale), meter: m}
	var err error
	if e.primary, err = pdf.ParseColour(s.Brand.Primary); err != nil {
		e.primary = pdf.Ink
	}
	e.text = e.primary.Readable()
	if err := e.readLogo(); err != nil {
		return nil, err
	}
	links := []string{s.posterURL()}
	for _, u := range s.Units {
		links = append(links, u.URL)
	}
	done := 0
	e.codes, err = qr.EncodeAll(ctx, links, func(n int) {
		n = n * len(s.Units) / len(links)
		m.add(n - done)
		done = n
	})
	return e, err
}

func (e *edition) readLogo() error {
	if len(e.Brand.Logo) == 0 {
		return nil
	}
	picture, err := logo.Raster(logo.Image{Type: e.Brand.LogoType, Bytes: e.Brand.Logo}, logoPixels)
	if err != nil {
		return err
	}
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return err
	}
	var light, opaque float64
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			r, g, b, a := img.At(x, y).RGBA() // premultiplied by a
			light += 0.2126*float64(r) + 0.7152*float64(g) + 0.0722*float64(b)
			opaque += float64(a)
		}
	}
	corner, _, _, alpha := img.At(img.Bounds().Min.X, img.Bounds().Min.Y).RGBA()
	onWhite := corner > 0xf000 && alpha > 0xf000 // brings its own ground
	e.logo, e.lightLogo = picture, !onWhite && light > 0.85*opaque
	return nil
}

// document starts a PDF of the edition.
func (e *edition) document(title string) *page {
	d := pdf.New(pdf.Options{Fonts: e.fonts, Title: title + " · " + e.Development.Name, Author: e.Brand.Name, Language: e.words.Locale, Now: e.Now})
	p := &page{Document: d, edition: e}
	if e.logo != nil {
		p.picture = d.Picture(e.logo)
	}
	return p
}

// page is a document in the developer's brand.
type page struct {
	*pdf.Document
	*edition
	picture pdf.Picture
	body    pdf.Style // of the letter that is being set
}

// lockup draws the logo, or the monogram with the name beside it, in a box.
func (p *page) lockup(x, y, width, height float64) {
	if p.logo != nil {
		p.placeLogo(x, y, width, height)
		return
	}
	p.Round(x, y, height, height, height*0.22, p.primary)
	initials := monogram(p.Brand.Name)
	style := pdf.Style{Weight: pdf.SemiBold, Size: height * 1.32, Colour: p.primary.On(), Align: pdf.Centre}
	if len([]rune(initials)) == 1 {
		style.Size *= 1.2
	}
	p.Text(x+height/2, y+height/2+style.Size*0.127, initials, style)

	gap := height * 0.36
	p.name(x+height+gap, y+height/2, width-height-gap, height*1.25)
}

// name sets the developer's name around a middle line: a long one smaller, and
// a very long one in two lines.
func (p *page) name(x, middle, width, size float64) {
	style := pdf.Style{Weight: pdf.SemiBold, Size: size, Tracking: -10, Colour: pdf.Ink}
	text, style := p.Fit(p.Brand.Name, width, style, size*0.72)
	if text == p.Brand.Name {
		p.Text(x, middle+style.Size*0.127, text, style)
		return
	}
	style.Leading = style.Size * 1.22
	lines := p.Lines(p.Brand.Name, width, style)
	second, last := p.Fit(strings.Join(lines[1:], " "), width, style, style.Size*0.9)
	p.Text(x, middle-style.LineHeight()/2+style.Size*0.127, lines[0], style)
	p.Text(x, middle+style.LineHeight()/2+style.Size*0.127, second, last)
}

func (p *page) placeLogo(x, y, width, height float64) {
	if p.lightLogo {
		pad := height * 0.2
		w, h := p.picture.Within(width-2*pad, height-2*pad)
		ground := p.primary
		if ground.On() != pdf.White {
			ground = pdf.Ink
		}
		p.Round(x, y, w+2*pad, h+2*pad, pad*0.7, ground)
		p.Place(p.picture, x+pad, y+pad, w, h)
		return
	}
	w, h := p.picture.Within(width, height)
	p.Place(p.picture, x, y+(height-h)/2, w, h)
}

// monogram is the initials of a name's first two words.
func monogram(name string) string {
	var initials []rune
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if strings.EqualFold(word, "the") || strings.EqualFold(word, "and") {
			continue
		}
		initials = append(initials, unicode.ToUpper([]rune(word)[0]))
		if len(initials) == 2 {
			break
		}
	}
	return string(initials)
}

// code draws the code of a link.
func (p *page) code(link string, x, y, side float64) {
	p.QR(p.codes[link], x, y, side, pdf.Ink)
}

// longest is how many characters of a name running text shows.
const longest = 64

// fill puts the site's names into a text of the catalogue.
func (e *edition) fill(text string, u Unit) string {
	filled := strings.NewReplacer(
		"{developer}", clip(e.Brand.Name), "{development}", clip(e.Development.Name),
		"{unit}", clip(u.Label), "{email}", clip(cmp.Or(e.Contact.Email, e.Contact.Phone, e.Brand.Name)),
	).Replace(text)
	return strings.ReplaceAll(filled, "….", "…") // one end of a sentence is enough
}

// clip cuts a name that is too long, between words where it can.
func clip(name string) string {
	letters := []rune(name)
	if len(letters) <= longest {
		return name
	}
	head := string(letters[:longest-1])
	if space := strings.LastIndexByte(head, ' '); space > len(head)/2 {
		head = head[:space]
	}
	return strings.TrimRight(head, " ,.-(") + "…"
}
