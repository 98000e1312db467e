package kit_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core/internal/onboard/kit"
)

func TestEveryLabelDecodes(t *testing.T) {
	t.Parallel()
	short := site(1)
	short.Units[0].URL = "https://oh.ie/q/01234567"
	for name, s := range map[string]kit.Site{"two sheets": site(14), "long names": extreme("en-GB"), "German": extreme("de-DE"), "short link": short} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sheets := pages(t, document(t, s, "labels"))
			if want := (len(s.Units) + 11) / 12; len(sheets) != want {
				t.Fatalf("%d sheets, want %d", len(sheets), want)
			}
			for i, u := range s.Units {
				column, row := i%12%3, i%12/3
				cell := cut(sheets[i/12], 12+float64(column)*62, 12+float64(row)*68.25, 62, 68.25)
				if got := scan(t, cell); got != u.URL {
					t.Errorf("the label of %s holds %q, want %q", u.Label, got, u.URL)
				}
			}
		})
	}
}

func TestEveryLetterDecodes(t *testing.T) {
	t.Parallel()
	long := extreme("de-DE")
	long.Units = long.Units[:1]
	for _, s := range []kit.Site{site(2), long} {
		sheets := pages(t, document(t, s, "letters"))
		if len(sheets) != len(s.Units) {
			t.Fatalf("%d pages for %d letters", len(sheets), len(s.Units))
		}
		for i, u := range s.Units {
			if got := scan(t, cut(sheets[i], 135, 95, 50, 70)); got != u.URL {
				t.Errorf("the letter to %s holds %q, want %q", u.Label, got, u.URL)
			}
		}
	}
}

func TestPosterDecodes(t *testing.T) {
	t.Parallel()
	own := site(1)
	own.URL = "https://homes.harpur.example/"
	for want, s := range map[string]kit.Site{"https://homes.harpur.example/": own, "https://portal.openhouse.example/q": site(1)} {
		sheets := pages(t, document(t, s, "poster"))
		if got := scan(t, cut(sheets[0], 24, 149, 124, 124)); got != want || len(sheets) != 1 {
			t.Errorf("the poster holds %q on %d pages, want %q", got, len(sheets), want)
		}
	}
}

func TestSameBytes(t *testing.T) {
	t.Parallel()
	for _, name := range documents {
		if !bytes.Equal(document(t, site(4), name), document(t, site(4), name)) {
			t.Errorf("two runs of %s differ", name)
		}
	}
}

// box is a word on a page, in points.
type box struct {
	X0   float64 `xml:"xMin,attr"`
	Y0   float64 `xml:"yMin,attr"`
	X1   float64 `xml:"xMax,attr"`
	Y1   float64 `xml:"yMax,attr"`
	Word string  `xml:",chardata"`
}

func words(t *testing.T, document []byte) [][]box {
	t.Helper()
	var page struct {
		Pages []struct {
			Words []box `xml:"word"`
		} `xml:"body>doc>page"`
	}
	if err := xml.Unmarshal(poppler(t, document, "pdftotext", "-bbox", "-", "-"), &page); err != nil {
		t.Fatal(err)
	}
	var all [][]box
	for _, p := range page.Pages {
		all = append(all, p.Words)
	}
	return all
}

// However long the names, nothing leaves the page or runs into another word.
func TestNothingOverlaps(t *testing.T) {
	t.Parallel()
	const margin = 11.9 / 25.4 * 72
	for _, locale := range []string{"en-IE", "en-GB", "de-DE"} {
		for _, name := range documents {
			t.Run(name+" "+locale, func(t *testing.T) {
				t.Parallel()
				for number, page := range words(t, document(t, extreme(locale), name)) {
					for i, a := range page {
						if a.X0 < margin || a.Y0 < margin || a.X1 > 595.3-margin || a.Y1 > 841.9-margin {
							t.Errorf("page %d: %q is in the margin", number+1, a.Word)
						}
						for _, b := range page[i+1:] {
							// A box is as high as the line; its letters fill the middle.
							inset := (a.Y1 - a.Y0) * 0.22
							if a.X0 < b.X1-0.5 && b.X0 < a.X1-0.5 && a.Y0+inset < b.Y1-inset && b.Y0+inset < a.Y1-inset {
								t.Errorf("page %d: %q runs into %q", number+1, a.Word, b.Word)
							}
						}
					}
				}
			})
		}
	}
}

func text(t *testing.T, document []byte) string {
	t.Helper()
	return strings.Join(strings.Fields(string(poppler(t, document, "pdftotext", "-layout", "-", "-"))), " ")
}

func TestWords(t *testing.T) {
	t.Parallel()
	german := site(1)
	german.Locale = "de-AT"
	unknown := site(1)
	unknown.Locale = "tlh"
	for _, c := range []struct {
		site     kit.Site
		document string
		want     []string
	}{
		{site(2), "labels", []string{"1 Harpur Park", "Harpur Lane", "portal.openhouse.example/q/", "Scan to"}},
		{site(2), "letters", []string{"Welcome home to 1 Harpur Green.", "2 March 2026", "Site office, Harpur Homes", "BER certificate", "W23 F8EX"}},
		{german, "letters", []string{"Willkommen zu Hause: 1 Harpur Park.", "2. März 2026", "Herzliche Grüße"}},
		{unknown, "letters", []string{"Welcome home to 1 Harpur Park.", "2 March 2026"}},
		{site(2), "poster", []string{"Meet your home.", "office@harpur.example"}},
		{site(40), "checklist", []string{"Launch checklist", "40 units", "Page 3 of 3", "7 Harpur Close", "Label fixed"}},
		{extreme("en-GB"), "labels", []string{"Łódź", "(East Tower,", "developer.example.com/q/"}},
	} {
		got := text(t, document(t, c.site, c.document))
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is missing in %.600q", c.document, want, got)
			}
		}
		if strings.ContainsAny(got, "{}") {
			t.Errorf("%s: a placeholder is left in %.600q", c.document, got)
		}
	}
}

func TestLetterNamesEachUnit(t *testing.T) {
	t.Parallel()
	s := site(3)
	for i, page := range strings.Split(strings.TrimSuffix(string(poppler(t, document(t, s, "letters"), "pdftotext", "-", "-")), "\f"), "\f") {
		if !strings.Contains(page, fmt.Sprintf("Welcome home to %s.", s.Units[i].Label)) {
			t.Errorf("page %d is not the letter to %s", i+1, s.Units[i].Label)
		}
	}
}
