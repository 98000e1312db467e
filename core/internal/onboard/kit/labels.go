package kit

import (
	"context"

	"github.com/openhouse-ai/console/core/internal/pdf"
)

// The grid of a label sheet, in millimetres.
const (
	margin       = 12.0
	labelColumns = 3
	labelRows    = 4
	labelWidth   = (pdf.PageWidth - 2*margin) / labelColumns
	labelHeight  = (pdf.PageHeight - 2*margin) / labelRows
	labelCode    = 32.0 // side of a code without its quiet zone
	labelPadding = 6.5  // wider than the quiet zone of every code: 4 modules of 29 or more
)

// labels prints twelve labels a sheet.
func (e *edition) labels(ctx context.Context) ([]byte, error) {
	p := e.document(e.words.Labels)
	for i, u := range e.Units {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		cell := i % (labelColumns * labelRows)
		if cell == 0 {
			p.AddPage()
			p.cropMarks()
		}
		column, row := cell%labelColumns, cell/labelColumns
		p.label(margin+float64(column)*labelWidth, margin+float64(row)*labelHeight, u)
		e.meter.add(1)
	}
	return p.Bytes()
}

// label draws one label. Everything stands on one left edge, and the padding is
// the quiet zone of the code.
func (p *page) label(x, y float64, u Unit) {
	left, width := x+labelPadding, labelWidth-2*labelPadding
	p.lockup(left, y+5.5, width, 7)

	top := y + 16.5
	p.code(u.URL, left, top, labelCode)
	p.scanLine(left+labelCode+4.5, top+labelCode, width-labelCode-4.5+2)

	name, style := p.Fit(u.Label, width, pdf.Style{Weight: pdf.SemiBold, Size: 11, Tracking: -10, Colour: pdf.Ink}, 7.5)
	p.Text(left, y+56.2, name, style)
	development, style := p.Fit(p.Development.Name, width, pdf.Style{Size: 7.5, Colour: pdf.Muted}, 6)
	p.Text(left, y+60.2, development, style)
	p.typedLink(left, y+64, width, u.URL)
}

// scanLine sets the invitation beside the code, word above word, on its foot.
func (p *page) scanLine(x, bottom, width float64) {
	style := pdf.Style{Weight: pdf.SemiBold, Size: 8.5, Leading: 10.5, Colour: p.text}
	lines := p.Lines(p.words.Scan, width, style)
	for widest(p, lines, style) > width || len(lines) > 6 {
		style.Size, style.Leading = style.Size*0.95, style.Leading*0.95
		lines = p.Lines(p.words.Scan, width, style)
		if style.Size < 5 {
			break
		}
	}
	y := bottom - float64(len(lines)-1)*style.LineHeight()
	for _, line := range lines {
		p.Text(x, y, line, style)
		y += style.LineHeight()
	}
}

func widest(p *page, lines []string, style pdf.Style) float64 {
	most := 0.0
	for _, line := range lines {
		most = max(most, p.Width(line, style))
	}
	return most
}

// typedLink sets a link to be read and typed: never cut, in two lines if need be.
func (p *page) typedLink(x, y, width float64, link string) {
	style := pdf.Style{Size: 5.8, Leading: 7, Colour: pdf.Muted}
	text, fitted := p.Fit(short(link), width, style, 5)
	if text == short(link) {
		p.Text(x, y, text, fitted)
	} else {
		style.Size = 5
		for _, line := range p.Lines(short(link), width, style) {
			p.Text(x, y-0.4, line, style)
			y += 2.1
		}
	}
	p.Link(x, y-2, width, 3, link)
}

// cropMarks draws the lines to cut along: in the margin around the grid, and a
// small cross where four labels meet.
func (p *page) cropMarks() {
	const gap, length, pen, arm = 2.0, 5.0, 0.1, 1.2
	right, bottom := pdf.PageWidth-margin, pdf.PageHeight-margin
	for column := range labelColumns + 1 {
		x := margin + float64(column)*labelWidth
		p.Line(x, margin-gap-length, x, margin-gap, pen, pdf.Muted)
		p.Line(x, bottom+gap, x, bottom+gap+length, pen, pdf.Muted)
		for row := 1; row < labelRows; row++ {
			y := margin + float64(row)*labelHeight
			p.Line(x-arm, y, x+arm, y, pen, pdf.Hairline)
			p.Line(x, y-arm, x, y+arm, pen, pdf.Hairline)
		}
	}
	for row := range labelRows + 1 {
		y := margin + float64(row)*labelHeight
		p.Line(margin-gap-length, y, margin-gap, y, pen, pdf.Muted)
		p.Line(right+gap, y, right+gap+length, y, pen, pdf.Muted)
	}
}
