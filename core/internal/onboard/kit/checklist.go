package kit

import (
	"context"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core/internal/pdf"
)

// The layout of the checklist, in millimetres.
const (
	listLeft  = 20.0
	listWidth = pdf.PageWidth - 2*listLeft
	boxSide   = 4.0
	rowHeight = 8.0
	rowsTop   = 57.0
	rowsLast  = pdf.PageHeight - 24 // no row begins below
	tickWidth = 19.0
)

var title = pdf.Style{Weight: pdf.SemiBold, Size: 24, Leading: 29, Tracking: -20, Colour: pdf.Ink}

// checklist prints the rounds on one page, then a register of all units.
func (e *edition) checklist(ctx context.Context) ([]byte, error) {
	p := e.document(e.words.Checklist)
	rows := int((rowsLast - rowsTop) / rowHeight)
	pages := 1 + (len(e.Units)+rows-1)/rows
	p.AddPage()
	p.rounds()
	p.foot(1, pages)
	for first, number := 0, 2; first < len(e.Units); first, number = first+rows, number+1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.AddPage()
		p.register(e.Units[first:min(first+rows, len(e.Units))])
		p.foot(number, pages)
	}
	return p.Bytes()
}

func (p *page) rounds() {
	p.lockup(listLeft, 16, 90, 10)
	y := p.Block(listLeft, 38, listWidth, p.words.Checklist, title)
	y = p.Block(listLeft, y+1, listWidth, p.fill(p.words.ChecklistIntro, Unit{}), pdf.Style{Size: 10, Colour: pdf.Muted}) + 12
	for _, s := range p.words.Sections {
		p.Text(listLeft, y, s.Title, pdf.Style{Weight: pdf.SemiBold, Size: 11.5, Colour: p.text})
		p.Text(listLeft+listWidth, y, p.words.Initials, pdf.Style{Size: 7.5, Colour: pdf.Muted, Align: pdf.Right})
		y += 3
		for _, item := range s.Items {
			y = p.item(y, item)
		}
		p.Line(listLeft, y, listLeft+listWidth, y, 0.2, pdf.Hairline)
		y += 11
	}
}

// item is a box to tick, what to do, and a line to sign on.
func (p *page) item(y float64, item topic) float64 {
	const indent, sign = 9.0, 30.0
	p.Line(listLeft, y, listLeft+listWidth, y, 0.2, pdf.Hairline)
	p.box(listLeft, y+2.6)
	width := listWidth - indent - sign - 6
	bottom := p.Block(listLeft+indent, y+2, width, item.Title, pdf.Style{Weight: pdf.Medium, Size: 10, Leading: 14.5, Colour: pdf.Ink})
	if item.Text != "" {
		bottom = p.Block(listLeft+indent, bottom-0.3, width, item.Text, small)
	}
	bottom += 2
	right := listLeft + listWidth
	p.Line(right-sign, bottom-2.6, right, bottom-2.6, 0.2, pdf.Muted.Mix(pdf.White, 0.5))
	return bottom
}

func (p *page) box(x, y float64) { p.Outline(x, y, boxSide, boxSide, 0.8, 0.3, pdf.Muted) }

// register is a page of units, a row and four boxes each.
func (p *page) register(units []Unit) {
	y := p.Block(listLeft, 16, listWidth, p.words.Register, title)
	p.Block(listLeft, y+1, listWidth, p.words.RegisterIntro, pdf.Style{Size: 10, Colour: pdf.Muted})
	ticks := listLeft + listWidth - float64(len(p.words.RegisterTicks))*tickWidth
	head := pdf.Style{Weight: pdf.Medium, Size: 7.5, Colour: pdf.Muted}
	p.Text(listLeft, rowsTop-3, p.words.Unit, head)
	head.Align = pdf.Centre
	for i, tick := range p.words.RegisterTicks {
		text, style := p.Fit(tick, tickWidth-2, head, 5.5)
		p.Text(ticks+(float64(i)+0.5)*tickWidth, rowsTop-3, text, style)
	}
	y = rowsTop
	for _, u := range units {
		p.Line(listLeft, y, listLeft+listWidth, y, 0.2, pdf.Hairline)
		label, style := p.Fit(u.Label, 74, pdf.Style{Weight: pdf.Medium, Size: 9, Colour: pdf.Ink}, 7)
		p.Text(listLeft, y+5.2, label, style)
		used := p.Width(label, style) + 4
		if room := ticks - listLeft - used - 4; room > 15 {
			rest, style := p.Fit(strings.Join(addressLines(u)[1:], ", "), room, pdf.Style{Size: 7.5, Colour: pdf.Muted}, 6.5)
			p.Text(listLeft+used, y+5.2, rest, style)
		}
		for i := range p.words.RegisterTicks {
			p.box(ticks+(float64(i)+0.5)*tickWidth-boxSide/2, y+(rowHeight-boxSide)/2)
		}
		y += rowHeight
	}
	p.Line(listLeft, y, listLeft+listWidth, y, 0.2, pdf.Hairline)
}

func (p *page) foot(number, pages int) {
	style := pdf.Style{Size: 7.5, Colour: pdf.Muted}
	y := pdf.PageHeight - 14
	p.Text(listLeft, y, p.Development.Name+" · "+p.words.units(len(p.Units))+" · "+p.words.date(p.Now), style)
	style.Align = pdf.Right
	text := strings.NewReplacer("{page}", strconv.Itoa(number), "{pages}", strconv.Itoa(pages)).Replace(p.words.Page)
	p.Text(listLeft+listWidth, y, text, style)
}
