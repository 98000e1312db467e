package kit

import (
	"context"
	"strings"

	"github.com/openhouse-ai/console/core/internal/pdf"
	"github.com/openhouse-ai/console/core/internal/qr"
)

// The grid of a label sheet, in millimetres.
const (
	margin       = 12.0
	labelColumns = 3
	labelRows    = 4
	labelWidth   = (pdf.PageWidth - 2*margin) / labelColumns
	labelHeight  = (pdf.PageHeight - 2*margin) / labelRows
	labelPadding = 6.5
	labelCode    = 32.0 // side of a code without its quiet zone
	labelQuiet   = 4.5  // kept clear around it
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

// label draws one label. Everything stands on one left edge, and what is clear
// around the code is its quiet zone.
func (p *page) label(x, y float64, u Unit) {
	left, width := x+labelPadding, labelWidth-2*labelPadding
	p.lockup(left, y+5, width, 7)

	top := y + 5 + 7 + labelQuiet
	side := p.clearSide(u.URL, labelCode, labelQuiet)
	p.code(u.URL, left, top+labelCode-side, side)
	p.scanLine(left+side+labelQuiet, top+labelCode, width-side-labelQuiet+2)

	y = p.labelName(left, top+labelCode+labelQuiet, width, u.Label) + 3.4
	development, style := p.Fit(p.Development.Name, width, pdf.Style{Size: 7.5, Colour: pdf.Muted}, 6)
	p.Text(left, y, development, style)
	p.typedLink(left, y+3.1, width, u.URL)
}

// clearSide is the largest side of a code, most at most, whose quiet zone of
// four modules is no wider than what is clear around it.
func (p *page) clearSide(link string, most, clear float64) float64 {
	return min(most, clear*float64(p.codes[link].Size())/qr.QuietZone)
}

// labelName sets what the unit is called below top, in one line, or a long name
// in two, and returns the last baseline.
func (p *page) labelName(x, top, width float64, name string) float64 {
	style := pdf.Style{Weight: pdf.SemiBold, Size: 11, Tracking: -10, Colour: pdf.Ink}
	text, fitted := p.Fit(name, width, style, 8.5)
	if text == name {
		p.Text(x, top+3.2, text, fitted)
		return top + 3.2
	}
	style.Size, style.Leading = 8, 9.4
	lines := p.Lines(name, width, style)
	second, last := p.Fit(strings.Join(lines[1:], " "), width, style, 6.5)
	p.Text(x, top+2.1, lines[0], style)
	p.Text(x, top+2.1+style.LineHeight(), second, last)
	return top + 2.1 + style.LineHeight()
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
	style := pdf.Style{Size: 5.8, Leading: 6.4, Colour: pdf.Muted}
	for _, line := range p.linkLines(link, width, &style) {
		p.Text(x, y, line, style)
		y += style.LineHeight()
	}
	p.Link(x, y-3, width, 3, link)
}

// linkLines returns a link as people type it, smaller if that keeps it on one
// line, else parted before its code and smaller still.
func (p *page) linkLines(link string, width float64, style *pdf.Style) []string {
	const least, leastParted = 5, 4.2
	text := short(link)
	if whole, fitted := p.Fit(text, width, *style, least); whole == text {
		*style = fitted
		return []string{text}
	}
	slash := strings.LastIndex(text, "/") + 1
	var lines []string
	for _, part := range []string{text[:slash], text[slash:]} {
		_, fitted := p.Fit(part, width, *style, leastParted)
		*style = fitted
	}
	for _, part := range []string{text[:slash], text[slash:]} {
		lines = append(lines, p.Lines(part, width, *style)...)
	}
	return lines
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
