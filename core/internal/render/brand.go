package render

import (
	"fmt"
	"math"
	"strconv"

	"github.com/openhouse-ai/console/core"
)

// BrandCSS is the stylesheet of a developer's public pages: their colours as
// custom properties, with a text colour that can be read on each. A colour
// that isn't #rrggbb is left to the page's own.
func BrandCSS(b core.Brand) []byte {
	css := []byte(":root {\n")
	css = brandColour(css, "brand", b.Primary)
	css = brandColour(css, "brand-accent", b.Accent)
	return append(css, "}\n"...)
}

func brandColour(css []byte, name, hex string) []byte {
	if _, ok := Luminance(hex); !ok {
		return css
	}
	return fmt.Appendf(css, "  --%s: %s;\n  --%s-ink: %s;\n", name, hex, name, Ink(hex))
}

// Ink is the text colour, near black or white, that contrasts more with a
// background of #rrggbb; white when hex isn't of that form.
func Ink(hex string) string {
	if luminance, _ := Luminance(hex); luminance > 0.199 { // where both contrast alike, 4.2 to 1
		return "#10191a"
	}
	return "#ffffff"
}

// Luminance is the relative luminance of #rrggbb as WCAG defines it, 0 for
// black and 1 for white; false when hex isn't of that form.
func Luminance(hex string) (float64, bool) {
	if len(hex) != 7 || hex[0] != '#' {
		return 0, false
	}
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		return 0, false
	}
	return 0.2126*linear(n>>16) + 0.7152*linear(n>>8&255) + 0.0722*linear(n&255), true
}

func linear(channel uint64) float64 {
	c := float64(channel) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}
