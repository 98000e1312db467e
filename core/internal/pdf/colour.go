package pdf

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// Colour is an opaque sRGB colour.
type Colour struct{ R, G, B uint8 }

// The neutral colours of printed matter.
var (
	White    = Colour{0xff, 0xff, 0xff}
	Ink      = Colour{0x15, 0x1f, 0x20}
	Muted    = Colour{0x5b, 0x66, 0x66}
	Hairline = Colour{0xd9, 0xd8, 0xd3}
	Paper    = Colour{0xfa, 0xf9, 0xf7}
)

// ParseColour reads #rrggbb. Returns invalid for anything else.
func ParseColour(s string) (Colour, error) {
	if digits, ok := strings.CutPrefix(s, "#"); ok && len(digits) == 6 {
		if b, err := hex.DecodeString(digits); err == nil {
			return Colour{b[0], b[1], b[2]}, nil
		}
	}
	return Colour{}, core.Errorf(core.Invalid, "A colour is written as #rrggbb.")
}

// String returns #rrggbb.
func (c Colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Contrast is the WCAG 2 contrast ratio of two colours, from 1 to 21.
func Contrast(a, b Colour) float64 {
	light, dark := a.luminance(), b.luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func (c Colour) luminance() float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// On returns the colour of text on c: white or ink, whichever reads better.
func (c Colour) On() Colour {
	if Contrast(White, c) >= Contrast(Ink, c) {
		return White
	}
	return Ink
}

// Readable returns c, darkened as far as text in it needs to reach the
// contrast 4.5 on white.
func (c Colour) Readable() Colour {
	dark := c
	for step := 1; Contrast(dark, White) < 4.5; step++ {
		dark = c.Mix(Ink, float64(step)/20)
	}
	return dark
}

// Mix returns c with the share t, from 0 to 1, of the other colour.
func (c Colour) Mix(other Colour, t float64) Colour {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*t)) }
	return Colour{mix(c.R, other.R), mix(c.G, other.G), mix(c.B, other.B)}
}
