package pdf_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/pdf"
	"github.com/openhouse-ai/console/core/internal/qr"
	"pgregory.net/rapid"
)

func options() pdf.Options {
	return pdf.Options{Title: "Bóthar na Trá", Author: "Łódź Homes", Language: "en-IE", Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
}

// sample draws one of everything.
func sample(t *testing.T) []byte {
	t.Helper()
	d := pdf.New(options())
	d.AddPage()
	d.Bookmark("Dún Aonghasa")
	d.Text(20, 20, "Łódź Ελλάδα Київ", pdf.Style{Size: 12, Colour: pdf.Ink})
	d.Block(20, 30, 60, "The quick brown fox\njumps.", pdf.Style{Weight: pdf.SemiBold, Size: 11, Tracking: -20, Colour: pdf.Muted})
	d.Text(20, 60, "no\x00 emoji \U0001F600 here \U00010000", pdf.Style{Weight: pdf.Bold, Size: 9})
	d.Fill(20, 70, 10, 10, pdf.Paper)
	d.Round(40, 70, 10, 10, 2, pdf.Ink)
	d.Outline(60, 70, 10, 10, 2, 0.2, pdf.Hairline)
	d.Line(20, 90, 100, 90, 0.2, pdf.Hairline)
	code, err := qr.Encode("https://portal.openhouse.example/q/1")
	if err != nil {
		t.Fatal(err)
	}
	d.QR(code, 20, 100, 30, pdf.Ink)
	d.Link(20, 100, 30, 30, "https://portal.openhouse.example/q/1")
	img := image.NewNRGBA(image.Rect(0, 0, 40, 20))
	img.Set(1, 1, color.NRGBA{200, 0, 0, 128})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	picture := d.Picture(b.Bytes())
	w, h := picture.Within(30, 30)
	if math.Abs(w-30) > 1e-9 || math.Abs(h-15) > 1e-9 {
		t.Errorf("the picture is %g by %g in a box of 30, want 30 by 15", w, h)
	}
	d.Place(picture, 60, 100, w, h)
	out, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSameBytes(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(sample(t), sample(t)) {
		t.Error("two runs differ")
	}
}

// poppler runs one of its tools on a document.
func poppler(t *testing.T, document []byte, tool string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		t.Fatalf("%s is not installed: apt-get install poppler-utils", tool)
	}
	command := exec.CommandContext(t.Context(), path, args...)
	command.Stdin = bytes.NewReader(document)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return string(out)
}

func TestTextSurvives(t *testing.T) {
	t.Parallel()
	text := poppler(t, sample(t), "pdftotext", "-layout", "-", "-")
	for _, want := range []string{"Łódź Ελλάδα Київ", "The quick brown fox", "jumps.", "no emoji here"} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("%q is missing in %q", want, text)
		}
	}
	info := poppler(t, sample(t), "pdfinfo", "-")
	for _, want := range []string{"Bóthar na Trá", "Łódź Homes", "595.28 x 841.89 pts (A4)"} {
		if !strings.Contains(info, want) {
			t.Errorf("%q is missing in %q", want, info)
		}
	}
}

func TestFailureIsReturned(t *testing.T) {
	t.Parallel()
	d := pdf.New(options())
	d.AddPage()
	d.Place(d.Picture([]byte("no picture")), 0, 0, 10, 10)
	d.Text(10, 10, "after", pdf.Style{Size: 10})
	d.Lines("after", 10, pdf.Style{Size: 10})
	if err := d.Write(&bytes.Buffer{}); err == nil {
		t.Error("a broken picture was printed")
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	d := pdf.New(options())
	d.AddPage()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zżł]{1,30}( [a-z]{1,12}){0,20}`).Draw(t, "text")
		width := rapid.Float64Range(10, 120).Draw(t, "width")
		style := pdf.Style{Size: rapid.Float64Range(5, 30).Draw(t, "size"), Tracking: rapid.Float64Range(-30, 30).Draw(t, "tracking")}
		lines := d.Lines(text, width, style)
		for _, line := range lines {
			if d.Width(line, style) > width && len([]rune(line)) > 1 {
				t.Errorf("%q is %g wide in %g", line, d.Width(line, style), width)
			}
		}
		if strings.ReplaceAll(strings.Join(lines, ""), " ", "") != strings.ReplaceAll(text, " ", "") {
			t.Errorf("%q became %q", text, lines)
		}
	})
}

func TestFit(t *testing.T) {
	t.Parallel()
	d := pdf.New(options())
	d.AddPage()
	style := pdf.Style{Size: 12, Tracking: -10}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Za-zé ]{1,80}`).Draw(t, "text")
		width := rapid.Float64Range(8, 100).Draw(t, "width")
		fitted, small := d.Fit(text, width, style, 7)
		if small.Size > 12 || small.Size < 7 {
			t.Errorf("size %g is outside of 7 to 12", small.Size)
		}
		if d.Width(fitted, small) > width {
			t.Errorf("%q is %g wide in %g", fitted, d.Width(fitted, small), width)
		}
		if fitted != text && !strings.HasSuffix(fitted, "…") {
			t.Errorf("%q was cut to %q without a sign", text, fitted)
		}
	})
}

func TestColours(t *testing.T) {
	t.Parallel()
	channel := rapid.Uint8()
	rapid.Check(t, func(t *rapid.T) {
		c := pdf.Colour{R: channel.Draw(t, "r"), G: channel.Draw(t, "g"), B: channel.Draw(t, "b")}
		if back, err := pdf.ParseColour(c.String()); err != nil || back != c {
			t.Errorf("%v came back as %v, %v", c, back, err)
		}
		if got := pdf.Contrast(c.Readable(), pdf.White); got < 4.5 {
			t.Errorf("%v as text on white has the contrast %.2f", c, got)
		}
		if got := pdf.Contrast(c.On(), c); got < 4.1 { // the worst grey lies between white and ink
			t.Errorf("text on %v has the contrast %.2f", c, got)
		}
		if pdf.Contrast(c, pdf.White) >= 4.5 && c.Readable() != c {
			t.Errorf("%v reads well and was changed", c)
		}
	})
	for _, s := range []string{"", "#12345", "#1234567", "123456#", "#12345g", "#+12345"} {
		if _, err := pdf.ParseColour(s); core.CodeOf(err) != core.Invalid {
			t.Errorf("ParseColour(%q): got %v, want invalid", s, err)
		}
	}
}
