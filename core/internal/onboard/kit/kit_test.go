package kit_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/kit"
	"github.com/openhouse-ai/console/core/internal/qr"
)

// site is a development with n units, named as the register of prices names
// those of Harpur Lane.
func site(n int) kit.Site {
	roads := []string{"Harpur Park", "Harpur Green", "Harpur Place", "Harpur Close", "Harpur Avenue", "Harpur Crescent"}
	s := kit.Site{
		Brand:       core.Brand{Name: "Harpur Homes", Primary: "#075a4d"},
		Contact:     core.Contact{Name: "Site office", Email: "office@harpur.example", Phone: "+353 1 555 0123"},
		Development: core.Development{Name: "Harpur Lane", Address: "Leixlip, Co. Kildare"},
		Locale:      "en-IE",
		Now:         time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
	}
	for i := range n {
		label := fmt.Sprint(i/len(roads)+1, " ", roads[i%len(roads)])
		sum := sha256.Sum256([]byte(label))
		s.Units = append(s.Units, kit.Unit{
			Label: label, Address: label + ", Harpur Lane, Leixlip", Postcode: "W23 F8EX",
			URL: "https://portal.openhouse.example/q/" + hex.EncodeToString(sum[:13]),
		})
	}
	return s
}

// extreme is as long in every word as names get.
func extreme(locale string) kit.Site {
	s := site(3)
	s.Locale = locale
	s.Brand.Name = "Cumann Tithíochta Dún Aonghasa agus Inis Mór na nOileán Teoranta, Gaillimh"
	s.Brand.Primary = "#ffe27a"
	s.Development.Name = "Bóthar na Trá – Cúirt Naomh Éanna, Céim a Trí agus Céim a Ceathair den Scéim"
	s.Contact.Email = "a-rather-long-mailbox-name@dun-aonghasa-housing.example"
	s.Units[0] = kit.Unit{
		Label:    "Apartment 1204, Block C – Łódź Wharf (East Tower, upper floors, second core)",
		Address:  "Apartment 1204, Block C – Łódź Wharf (East Tower, upper floors, second core), Dún Aonghasa, Kilronan, Inis Mór, Co. Galway",
		Postcode: "H91 X0Y1",
		URL:      "https://a-very-long-host-name.portal.developer.example.com/q/0123456789abcdefghijklmnop",
	}
	return s
}

// document makes one PDF of a site.
func document(t *testing.T, s kit.Site, name string) []byte {
	t.Helper()
	var p kit.Printer
	make := map[string]func(context.Context, *bytes.Buffer) error{
		"labels":    func(ctx context.Context, b *bytes.Buffer) error { return p.Labels(ctx, b, s) },
		"letters":   func(ctx context.Context, b *bytes.Buffer) error { return p.Letters(ctx, b, s) },
		"poster":    func(ctx context.Context, b *bytes.Buffer) error { return p.Poster(ctx, b, s) },
		"checklist": func(ctx context.Context, b *bytes.Buffer) error { return p.Checklist(ctx, b, s) },
	}[name]
	var b bytes.Buffer
	if err := make(t.Context(), &b); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b.Bytes()
}

var documents = []string{"labels", "letters", "poster", "checklist"}

// poppler runs one of its tools on a document.
func poppler(t *testing.T, document []byte, tool string, args ...string) []byte {
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
	return out
}

// pages draws a document at 150 dpi, which is what a poor printer makes of it.
func pages(t *testing.T, document []byte) []image.Image {
	t.Helper()
	folder := t.TempDir()
	poppler(t, document, "pdftoppm", "-r", "150", "-gray", "-png", "-", filepath.Join(folder, "page"))
	names, err := filepath.Glob(filepath.Join(folder, "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	var all []image.Image
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, decodePNG(t, data))
	}
	return all
}

func decodePNG(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// cut is a part of a page, given in millimetres.
func cut(page image.Image, x, y, w, h float64) image.Image {
	px := func(mm float64) int { return int(mm/25.4*150 + 0.5) }
	part := image.NewGray(image.Rect(0, 0, px(w), px(h)))
	draw.Draw(part, part.Bounds(), page, image.Pt(px(x), px(y)), draw.Src)
	return part
}

// scan finds the code in a picture, whatever else is on it, with a decoder that
// shares nothing with the encoder, and checks that its quiet zone is clear.
func scan(t *testing.T, img image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		return "nothing: " + err.Error()
	}
	checkQuietZone(t, img, result)
	return result.GetText()
}

func checkQuietZone(t *testing.T, img image.Image, result *gozxing.Result) {
	t.Helper()
	code, err := qr.Encode(result.GetText())
	if err != nil {
		t.Fatal(err)
	}
	// The first three points are the middles of the corner patterns: below
	// left, above left, above right, each three and a half modules inside.
	corner, right := result.GetResultPoints()[1], result.GetResultPoints()[2]
	module := (right.GetX() - corner.GetX()) / float64(code.Size()-7)
	left, top := corner.GetX()-3.5*module, corner.GetY()-3.5*module
	for y := -qr.QuietZone; y < code.Size()+qr.QuietZone; y++ {
		for x := -qr.QuietZone; x < code.Size()+qr.QuietZone; x++ {
			if x >= 0 && y >= 0 && x < code.Size() && y < code.Size() {
				continue
			}
			at := img.At(int(left+(float64(x)+0.5)*module), int(top+(float64(y)+0.5)*module))
			if color.GrayModel.Convert(at).(color.Gray).Y < 230 {
				t.Fatalf("%s: the quiet zone is not clear at module %d,%d of %d", result.GetText(), x, y, code.Size())
			}
		}
	}
}
