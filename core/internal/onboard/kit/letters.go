package kit

import (
	"context"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core/internal/pdf"
)

// The columns of a letter, in millimetres.
const (
	letterLeft  = 24.0
	letterWidth = pdf.PageWidth - 2*letterLeft
	letterBody  = 98.0 // width of running text
	cardWidth   = 52.0
	cardLeft    = letterLeft + letterWidth - cardWidth
	cardCode    = 36.0
	cardPadding = (cardWidth - cardCode) / 2
	cardQuiet   = 5.6 // clear around the code
)

// headline is the type of a letter's first words.
var headline = pdf.Style{Weight: pdf.SemiBold, Size: 25, Leading: 30, Tracking: -22, Colour: pdf.Ink}

// small is the type of what stands beside the running text.
var small = pdf.Style{Size: 8.5, Leading: 12.5, Colour: pdf.Muted}

// bodyStyle is the type of the running text: smaller where long names make so
// many lines that the letter would not fit its page.
func (p *page) bodyStyle(u Unit) pdf.Style {
	body := pdf.Style{Size: 10, Leading: 15.5, Colour: pdf.Ink}
	lines := len(addressLines(u)) + 2*len(p.Lines(p.fill(p.words.Headline, u), letterWidth, headline))
	for _, text := range []string{p.words.Welcome, p.words.Assistant} {
		lines += len(p.Lines(p.fill(text, u), letterBody, body))
	}
	if lines > 12 {
		body.Size, body.Leading = 9, 13
	}
	return body
}

// strong is the running text's size in a heavier weight.
func (p *page) strong() pdf.Style {
	style := p.body
	style.Weight = pdf.SemiBold
	return style
}

// letters prints a page for each unit.
func (e *edition) letters(ctx context.Context) ([]byte, error) {
	p := e.document(e.words.Letters)
	for _, u := range e.Units {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.AddPage()
		p.Bookmark(u.Label)
		p.letter(u)
		e.meter.add(1)
	}
	return p.Bytes()
}

func (p *page) letter(u Unit) {
	p.body = p.bodyStyle(u)
	p.lockup(letterLeft, 18, 84, 13)
	p.sender()
	headlineTop := max(78, p.addressee(u)+13)
	headline := headline
	text := p.fill(p.words.Headline, u)
	if len(p.Lines(text, letterWidth, headline)) > 2 {
		headline.Size, headline.Leading = 17, 21
	}
	top := p.Block(letterLeft, headlineTop, letterWidth, text, headline) + 9
	cardBottom := p.card(u, top+1.5)

	y := p.Block(letterLeft, top, letterBody, p.words.Dear, p.body) + 2.2
	y = p.Block(letterLeft, y, letterBody, p.fill(p.words.Welcome, u), p.body) + 2.2
	y = p.Block(letterLeft, y, letterBody, p.fill(p.words.Assistant, u), p.body) + 5
	y = p.steps(y)
	y = p.topics(max(y, cardBottom) + 8)
	p.signature(y+7, u)
	p.privacy(u)
}

// sender sets who writes, at the top right.
func (p *page) sender() {
	y := 21.5
	style := small
	style.Align = pdf.Right
	for _, line := range []string{p.Contact.Name, p.Contact.Email, p.Contact.Phone} {
		if line == "" {
			continue
		}
		text, fitted := p.Fit(line, letterWidth-88, style, 6.5)
		p.Text(letterLeft+letterWidth, y, text, fitted)
		y += style.LineHeight()
	}
}

// addressee sets the date and to whom the letter goes, and returns where that ends.
func (p *page) addressee(u Unit) float64 {
	date := small
	date.Align = pdf.Right
	p.Block(letterLeft+letterWidth, 50, letterBody, p.words.date(p.Now), date)
	y := p.Block(letterLeft, 50, letterBody, p.words.To, small)
	for _, line := range addressLines(u) {
		text, style := p.Fit(line, letterBody+20, pdf.Style{Size: 10, Colour: pdf.Ink}, 8)
		y = p.Block(letterLeft, y, letterWidth, text, pdf.Style{Size: style.Size, Leading: 14, Colour: pdf.Ink})
	}
	return y
}

// addressLines is the label and, unless it says the same, the address.
func addressLines(u Unit) []string {
	lines := []string{u.Label}
	if address := strings.TrimPrefix(u.Address, u.Label+", "); address != "" && address != u.Label {
		lines = append(lines, address)
	}
	if u.Postcode != "" && !strings.Contains(u.Address, u.Postcode) {
		lines = append(lines, u.Postcode)
	}
	return lines
}

// card draws the code in a frame, with its invitation, and returns its bottom.
func (p *page) card(u Unit, top float64) float64 {
	const inside, centre = cardWidth - 8, cardLeft + cardWidth/2
	side := p.clearSide(u.URL, cardCode, cardQuiet)
	p.code(u.URL, centre-side/2, top+cardPadding, side)
	scan := pdf.Style{Weight: pdf.SemiBold, Size: 9, Leading: 11.5, Colour: p.text, Align: pdf.Centre}
	link := pdf.Style{Size: 6, Leading: 7.5, Colour: pdf.Muted, Align: pdf.Centre}
	y := p.Block(centre, top+cardPadding+side+cardQuiet-0.8, inside, p.words.Scan, scan) + 1
	for _, line := range p.linkLines(u.URL, inside, &link) {
		y = p.Block(centre, y, inside, line, link)
	}
	bottom := y + 3.5
	p.Outline(cardLeft, top, cardWidth, bottom-top, 3, 0.2, pdf.Hairline)
	p.Link(cardLeft, top, cardWidth, bottom-top, u.URL)
	return bottom
}

// steps numbers what to do.
func (p *page) steps(y float64) float64 {
	y = p.Block(letterLeft, y, letterBody, p.words.StepsTitle, p.strong()) + 1
	for i, step := range p.words.Steps {
		number := pdf.Style{Weight: pdf.SemiBold, Size: p.body.Size, Leading: p.body.Leading, Colour: p.text}
		p.Block(letterLeft, y, 8, strconv.Itoa(i+1), number)
		y = p.Block(letterLeft+7, y, letterBody-7, step, p.body) + 0.8
	}
	return y
}

// topics sets what can be asked, in two columns under hairlines.
func (p *page) topics(y float64) float64 {
	const gap = 10.0
	width := (letterWidth - gap) / 2
	y = p.Block(letterLeft, y, letterWidth, p.words.TopicsTitle, p.strong()) + 2
	for i := 0; i < len(p.words.Topics); i += 2 {
		bottom := y
		for j, t := range p.words.Topics[i : i+2] {
			x := letterLeft + float64(j)*(width+gap)
			p.Line(x, y, x+width, y, 0.2, pdf.Hairline)
			below := p.Block(x, y+2, width, t.Title, pdf.Style{Weight: pdf.Medium, Size: 9.5, Leading: 14, Colour: pdf.Ink})
			bottom = max(bottom, p.Block(x, below, width, t.Text, small))
		}
		y = bottom + 3
	}
	return y
}

func (p *page) signature(y float64, u Unit) {
	y = p.Block(letterLeft, y, letterWidth, p.fill(p.words.Closing, u), p.body) + 3
	y = p.Block(letterLeft, y, letterWidth, p.words.Regards, p.body)
	name := p.Contact.Name
	if name == "" || name == p.Brand.Name {
		p.Block(letterLeft, y, letterWidth, p.Brand.Name, p.strong())
		return
	}
	p.Block(letterLeft, y, letterWidth, name+", "+p.Brand.Name, p.strong())
}

// privacy sets the line at the foot.
func (p *page) privacy(u Unit) {
	style := pdf.Style{Size: 7, Leading: 10, Colour: pdf.Muted}
	text := p.fill(p.words.Privacy, u)
	lines := len(p.Lines(text, letterWidth, style))
	y := pdf.PageHeight - 14 - float64(lines)*style.LineHeight()
	p.Line(letterLeft, y-3, letterLeft+letterWidth, y-3, 0.2, pdf.Hairline)
	p.Block(letterLeft, y, letterWidth, text, style)
}
