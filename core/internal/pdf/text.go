package pdf

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Weight is the weight of type.
type Weight int

// The weights of the brand font.
const (
	Regular Weight = iota
	Medium
	SemiBold
	Bold
)

// Align is the edge that lines of text stand on.
type Align int

// Text starts, ends or is centred at its x.
const (
	Left Align = iota
	Right
	Centre
)

// Style is how text is set. Leading is the distance of baselines in points,
// 1.4 times the size when it is 0; Tracking is in thousandths of the size.
type Style struct {
	Weight   Weight
	Size     float64
	Leading  float64
	Tracking float64
	Colour   Colour
	Align    Align
}

// LineHeight is the distance of two baselines in millimetres.
func (s Style) LineHeight() float64 {
	if s.Leading > 0 {
		return s.Leading / points
	}
	return s.Size * 1.4 / points
}

// tracking is the space after each character, in points.
func (s Style) tracking() float64 { return s.Tracking * s.Size / 1000 }

// Text sets one line with its baseline at y.
func (d *Document) Text(x, y float64, text string, s Style) {
	text = printable(text)
	switch s.Align {
	case Right:
		x -= d.Width(text, s)
	case Centre:
		x -= d.Width(text, s) / 2
	}
	d.use(s)
	d.file.SetTextColor(int(s.Colour.R), int(s.Colour.G), int(s.Colour.B))
	if s.Tracking == 0 {
		d.file.Text(x, y, text)
		return
	}
	d.file.RawWriteStr(fmt.Sprintf("%.3f Tc", s.tracking()))
	d.file.Text(x, y, text)
	d.file.RawWriteStr("0 Tc")
}

// Block sets text in lines no wider than width, the top of the first line at
// y, and returns the y below the last one. A line feed starts a new line.
func (d *Document) Block(x, y, width float64, text string, s Style) float64 {
	for _, line := range d.Lines(text, width, s) {
		d.Text(x, y+s.baseline(), line, s)
		y += s.LineHeight()
	}
	return y
}

// baseline is how far the first baseline of a block lies below its top: the
// leading is shared out so that capitals are centred in the line.
func (s Style) baseline() float64 { return (s.LineHeight() + s.Size*0.72/points) / 2 }

// Width is the width of one line in millimetres.
func (d *Document) Width(text string, s Style) float64 {
	text = printable(text)
	d.use(s)
	return d.file.GetStringWidth(text) + float64(utf8.RuneCountInString(text))*s.tracking()/points
}

// Lines breaks text at spaces, and inside words that are wider than a line.
// What all letters of a batch have in common is broken once.
func (d *Document) Lines(text string, width float64, s Style) []string {
	s.Colour, s.Align, s.Leading = Colour{}, Left, 0 // which change nothing
	key := measure{text, width, s}
	lines, ok := d.lines[key]
	if !ok {
		for paragraph := range strings.SplitSeq(text, "\n") {
			lines = append(lines, d.wrap(paragraph, width, s)...)
		}
		d.lines[key] = lines
	}
	return slices.Clone(lines)
}

// measure is what the lines of a text depend on.
type measure struct {
	text  string
	width float64
	style Style
}

func (d *Document) wrap(paragraph string, width float64, s Style) []string {
	var lines []string
	line := ""
	for word := range strings.SplitSeq(paragraph, " ") {
		longer := strings.TrimPrefix(line+" "+word, " ")
		if d.Width(longer, s) <= width {
			line = longer
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; line != "" && d.Width(line, s) > width; {
			head := d.head(line, width, s)
			lines = append(lines, head)
			line = line[len(head):]
		}
	}
	return append(lines, line)
}

// head returns the longest beginning of text that fits, one character at least.
func (d *Document) head(text string, width float64, s Style) string {
	end := 0
	for i, r := range text {
		next := i + utf8.RuneLen(r)
		if end > 0 && d.Width(text[:next], s) > width {
			break
		}
		end = next
	}
	return text[:end]
}

// Fit makes one line fit the width: the size shrinks as far as least, then the
// text is cut and ends in an ellipsis.
func (d *Document) Fit(text string, width float64, s Style, least float64) (string, Style) {
	natural := d.Width(text, s)
	if natural <= width {
		return text, s
	}
	s.Size = max(least, s.Size*width/natural*0.995)
	if d.Width(text, s) <= width {
		return text, s
	}
	head := d.head(text, width-d.Width("…", s), s)
	return strings.TrimRight(head, " ,.-") + "…", s
}

// use makes the style's font the current one. Setting it again would be
// written again, so text that is only measured doesn't.
func (d *Document) use(s Style) {
	if now := (face{s.Weight, s.Size}); now != d.face {
		family := [...]string{"regular", "medium", "semibold", "bold"}[s.Weight]
		if !d.loaded[s.Weight] {
			d.file.AddUTF8FontFromBytes(family, "", d.fonts.file(s.Weight))
			d.loaded[s.Weight] = true
		}
		d.file.SetFont(family, "", s.Size)
		d.face = now
	}
}

// face is a font at a size; the zero face is none.
type face struct {
	weight Weight
	size   float64
}

// printable replaces what a font of the Basic Multilingual Plane has no glyph
// for: control characters by spaces, the rest by nothing.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case r > 0xffff || r == utf8.RuneError || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}
