package kit

import (
	"context"
	"strconv"

	"github.com/openhouse-ai/console/core/internal/pdf"
	"github.com/openhouse-ai/console/core/internal/qr"
)

// The poster's panel and the card on it, in millimetres.
const (
	cardSide    = 124.0
	cardInset   = 12.0
	panelWidth  = pdf.PageWidth - 2*margin
	panelHeight = cardSide + 2*cardInset
	panelTop    = pdf.PageHeight - margin - panelHeight
)

// poster prints one page: a headline, and the code on the brand's colour.
func (e *edition) poster(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := e.document(e.words.Poster)
	p.AddPage()
	const left = margin + 6
	const width = pdf.PageWidth - 2*left
	p.lockup(left, 20, 100, 15)

	headline := pdf.Style{Weight: pdf.Bold, Size: 58, Leading: 62, Tracking: -32, Colour: pdf.Ink}
	for len(p.Lines(e.words.PosterHeadline, width, headline)) > 1 && headline.Size > 34 {
		headline.Size, headline.Leading = headline.Size-1, headline.Leading-1
	}
	y := p.Block(left, 58, width, e.words.PosterHeadline, headline) + 5
	p.Block(left, y, 150, e.fill(e.words.PosterText, Unit{}), pdf.Style{Size: 14, Leading: 21, Colour: pdf.Muted})

	p.Round(margin, panelTop, panelWidth, panelHeight, 6, e.primary)
	p.posterCode()
	p.posterSteps()
	return p.Bytes()
}

// posterCode draws the code on its white card, with its quiet zone.
func (p *page) posterCode() {
	x, y := margin+cardInset, panelTop+cardInset
	p.Round(x, y, cardSide, cardSide, 4, pdf.White)
	link := p.posterURL()
	modules := float64(p.codes[link].Size())
	side := cardSide * modules / (modules + 2*qr.QuietZone)
	p.code(link, x+(cardSide-side)/2, y+(cardSide-side)/2, side)
	p.Link(x, y, cardSide, cardSide, link)
}

// posterSteps sets the steps in the column beside the code.
func (p *page) posterSteps() {
	x := margin + cardInset + cardSide + 8
	width := margin + panelWidth - x - 8
	ink := p.primary.On()
	soft := ink.Mix(p.primary, 0.15)
	title := pdf.Style{Weight: pdf.SemiBold, Size: 11.5, Leading: 15, Colour: ink}
	text := pdf.Style{Size: 9.5, Leading: 13.5, Colour: soft}
	y := panelTop + cardInset
	for i, step := range p.words.PosterSteps {
		p.Line(x, y, x+width, y, 0.25, soft.Mix(p.primary, 0.4))
		p.Block(x, y+2.5, width, strconv.Itoa(i+1), pdf.Style{Weight: pdf.SemiBold, Size: 9.5, Leading: 15, Colour: soft})
		below := p.Block(x, y+8.5, width, step.Title, title)
		y = p.Block(x, below+0.5, width, step.Text, text) + 6
	}
	if p.Contact.Email == "" {
		return
	}
	style := pdf.Style{Size: 7.5, Leading: 11, Colour: soft}
	contact := p.fill(p.words.PosterContact, Unit{})
	lines := len(p.Lines(contact, width, style))
	p.Block(x, panelTop+cardInset+cardSide-float64(lines)*style.LineHeight(), width, contact, style)
}
