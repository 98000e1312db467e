package notify

import (
	"fmt"
	htmltemplate "html/template"
	"math"
	"strings"
	"unicode"

	"github.com/openhouse-ai/console/core"
)

// readable is the contrast that WCAG asks of text (level AA).
const readable = 4.5

// Papers and inks of every letter, by day and by night.
var (
	white     = colour{255, 255, 255}
	black     = colour{}
	ink       = colour{0x1d, 0x23, 0x21}
	nightDisc = colour{0x2a, 0x30, 0x2d} // the lightest of the dark papers
	primary   = colour{0x0b, 0x5d, 0x4e} // for a brand without a colour
)

// look is a brand as a letter wears it. Its colours are checked, so they may
// stand in a style.
type look struct {
	Logo      bool
	Monogram  string
	Primary   htmltemplate.CSS // the band and the button
	OnPrimary htmltemplate.CSS // text on them
	Quiet     htmltemplate.CSS // less important text on them
	Link      htmltemplate.CSS // on white and on the tint
	NightLink htmltemplate.CSS // on the dark papers
	Tint      htmltemplate.CSS // a breath of the primary colour
}

func lookOf(brand core.Brand) look {
	p, ok := parseColour(brand.Primary)
	if !ok {
		p = primary
	}
	on := white
	if contrast(p, black) > contrast(p, white) {
		on = towards(ink, p, black, readable)
	}
	tint := mix(white, p, 0.07)
	return look{
		Monogram: monogram(brand.Name),
		Primary:  p.css(), OnPrimary: on.css(), Quiet: towards(mix(on, p, 0.4), p, on, readable).css(),
		Link: towards(p, tint, ink, readable).css(), NightLink: towards(p, nightDisc, white, readable).css(),
		Tint: tint.css(),
	}
}

// monogram is the first letters of the first two words of a name.
func monogram(name string) string {
	var letters []rune
	for _, word := range strings.Fields(name) {
		for _, r := range word {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				letters = append(letters, unicode.ToUpper(r))
				break
			}
		}
	}
	return string(letters[:min(2, len(letters))])
}

type colour [3]uint8

func parseColour(s string) (c colour, ok bool) {
	if len(s) != 7 {
		return c, false
	}
	_, err := fmt.Sscanf(s, "#%02x%02x%02x", &c[0], &c[1], &c[2])
	return c, err == nil
}

func (c colour) css() htmltemplate.CSS {
	return htmltemplate.CSS(fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]))
}

// towards moves c in steps to end until it can be read on paper.
func towards(c, paper, end colour, ratio float64) colour {
	for share := 0.0; share <= 1; share += 0.05 {
		if m := mix(c, end, share); contrast(m, paper) >= ratio {
			return m
		}
	}
	return end
}

// mix returns a with the share of b in it.
func mix(a, b colour, share float64) colour {
	var m colour
	for i := range m {
		m[i] = uint8(math.Round(float64(a[i])*(1-share) + float64(b[i])*share))
	}
	return m
}

// contrast is the ratio of WCAG 2, from 1 to 21.
func contrast(a, b colour) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c colour) float64 {
	var linear [3]float64
	for i, v := range c {
		s := float64(v) / 255
		if s <= 0.04045 {
			linear[i] = s / 12.92
		} else {
			linear[i] = math.Pow((s+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}
