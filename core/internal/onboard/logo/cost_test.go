package logo_test

import (
	"os"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core/internal/onboard/logo"
)

// Small files that would keep a processor busy for minutes are refused before
// they do; the test takes as long as the refusals.
func TestExpensiveDrawings(t *testing.T) {
	t.Parallel()
	const gradient = `<radialGradient id="a" fx="0.1" cy=".9"><stop/><stop offset=".5" stop-color="red"/><stop offset="1"/></radialGradient>`
	const stroke = ` stroke="red" stroke-width="99999" stroke-linejoin="round" stroke-linecap="round"/>`
	for name, content := range map[string]string{
		"wide strokes": strings.Repeat(`<path d="M-99999 -99999L99999 99999-99999 99999"`+stroke, 700),
		"wide curves":  strings.Repeat(`<path d="M-99999 -99999C99999 99999-99999 99999 99999-99999A99999 9 1 0 1 50 50"`+stroke, 700),
		"many arcs":    square + `<path d="M0 0` + strings.Repeat("a9 9 0 1 1 9 9a9 9 0 1 1-9-9", 8000) + `" stroke="red"/>`,
		"many lines":   square + `<path d="M0 0` + strings.Repeat("h9v9h-9v-9", 20000) + `" stroke="red"/>`,
		"many loops":   `<path fill-rule="evenodd" d="` + strings.Repeat("M0 0h90v90", 1400) + `"/>`,
		"huge rounds":  strings.Repeat(`<rect width="99999" height="99999" rx="50000" stroke="red"/>`, 1400),
		"gradients":    gradient + strings.Repeat(`<rect width="100" height="100" fill="url(#a)"/>`, 1400),
		"zoomed":       `<g transform="scale(100000)">` + strings.Repeat(`<circle r="90000" stroke="red" stroke-width="90000"/>`, 1400) + `</g>`,
		"tiny view":    `<g transform="scale(100000)">` + `<path d="M0 0C9 9 9-9 1 1"` + stroke + `</g>`,
	} {
		refused(t, name, svg(content), "logo.svg", "too complex")
	}
}

// What passes the check at one resolution can be drawn at every other.
func TestRasterAtEverySize(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"figma", "illustrator", "inkscape"} {
		data, err := os.ReadFile("testdata/" + name + ".svg")
		if err != nil {
			t.Fatal(err)
		}
		img, err := logo.Clean(data, name+".svg")
		if err != nil {
			t.Fatal(err)
		}
		for _, px := range []int{1, 16, 255, 256, 257, 600} {
			if _, err := logo.Raster(img, px); err != nil {
				t.Errorf("%s at %d pixels: %v", name, px, err)
			}
		}
	}
}
