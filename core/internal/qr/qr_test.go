package qr_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"testing"

	"github.com/fyne-io/oksvg"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/qr"
	"github.com/srwiley/rasterx"
	"pgregory.net/rapid"
)

const link = "https://portal.openhouse.example/q/0123456789abcdefghijklmnop"

// read decodes a picture with a decoder that shares nothing with the encoder.
// It is told that the picture holds a code and nothing else, since its search
// for codes is misled by about one code in two hundred, however well drawn.
func read(t interface{ Fatalf(string, ...any) }, img image.Image) string {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatalf("prepare picture: %v", err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_CHARACTER_SET: "UTF-8", gozxing.DecodeHintType_PURE_BARCODE: true,
	})
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	return result.GetText()
}

func encode(t interface{ Fatalf(string, ...any) }, text string) qr.Code {
	code, err := qr.Encode(text)
	if err != nil {
		t.Fatalf("encode %q: %v", text, err)
	}
	return code
}

func picture(t interface{ Fatalf(string, ...any) }, code qr.Code, scale int) image.Image {
	data, err := code.PNG(scale)
	if err != nil {
		t.Fatalf("draw: %v", err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("read PNG: %v", err)
	}
	return img
}

func TestPNGDecodes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`https://[a-z]{1,40}\.example/q/[a-zA-Z0-9áłß]{1,60}`).Draw(t, "text")
		if got := read(t, picture(t, encode(t, text), 4)); got != text {
			t.Fatalf("got %q, want %q", got, text)
		}
	})
}

func TestPNGIsOneBitWithQuietZone(t *testing.T) {
	t.Parallel()
	code := encode(t, link)
	img := picture(t, code, 3)
	if p, ok := img.(*image.Paletted); !ok || len(p.Palette) != 2 {
		t.Errorf("the image is a %T, want one bit a pixel", img)
	}
	want := image.Rect(12, 12, 12+3*code.Size(), 12+3*code.Size())
	if got := inked(img); got != want {
		t.Errorf("dark pixels fill %v, want %v: four modules clear all around", got, want)
	}
}

func TestSVGDecodes(t *testing.T) {
	t.Parallel()
	code := encode(t, link)
	icon, err := oksvg.ReadIconStream(bytes.NewReader(code.SVG()), oksvg.StrictErrorMode)
	if err != nil {
		t.Fatal(err)
	}
	side := (code.Size() + 2*qr.QuietZone) * 5
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	icon.SetTarget(0, 0, float64(side), float64(side))
	icon.Draw(rasterx.NewDasher(side, side, rasterx.NewScannerGV(side, side, img, img.Bounds())), 1)
	if got := read(t, img); got != link {
		t.Errorf("got %q", got)
	}
	quiet := 5 * qr.QuietZone
	if got, want := inked(img), image.Rect(quiet, quiet, side-quiet, side-quiet); got != want {
		t.Errorf("dark pixels fill %v, want %v", got, want)
	}
}

// inked is the smallest rectangle that holds every dark pixel.
func inked(img image.Image) image.Rectangle {
	var all image.Rectangle
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 128 {
				all = all.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return all
}

func TestRunsAreTheModules(t *testing.T) {
	t.Parallel()
	code := encode(t, link)
	dark := map[[2]int]bool{}
	for _, run := range code.Runs() {
		for x := run.X; x < run.X+run.Width; x++ {
			dark[[2]int{x, run.Y}] = true
		}
		if code.Dark(run.X-1, run.Y) || code.Dark(run.X+run.Width, run.Y) {
			t.Fatalf("the run %v has a dark neighbour", run)
		}
	}
	for y := range code.Size() {
		for x := range code.Size() {
			if dark[[2]int{x, y}] != code.Dark(x, y) {
				t.Fatalf("module %d,%d differs", x, y)
			}
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", strings.Repeat("x", qr.MaxText+1)} {
		if _, err := qr.Encode(text); core.CodeOf(err) != core.Invalid {
			t.Errorf("%d bytes: got %v, want invalid", len(text), err)
		}
	}
	if code := encode(t, strings.Repeat("x", qr.MaxText)); read(t, picture(t, code, 4)) != strings.Repeat("x", qr.MaxText) {
		t.Error("the longest text doesn't decode")
	}
}

func TestEncodeAll(t *testing.T) {
	t.Parallel()
	texts := []string{link, "b", link, "c", "b"}
	var heard []int
	codes, err := qr.EncodeAll(t.Context(), texts, func(done int) { heard = append(heard, done) })
	if err != nil {
		t.Fatal(err)
	}
	if len(codes) != 3 || fmt.Sprint(heard) != "[1 2 3]" {
		t.Errorf("%d codes, progress %v: each different text is encoded once", len(codes), heard)
	}
	for text, code := range codes {
		if code.Text() != text || read(t, picture(t, code, 4)) != text {
			t.Errorf("%q has another's code", text)
		}
	}
}

func TestEncodeAllStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	texts := make([]string, 500)
	for i := range texts {
		texts[i] = fmt.Sprint(link, i)
	}
	most := 0
	_, err := qr.EncodeAll(ctx, texts, func(done int) {
		most = done
		if done == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context canceled", err)
	}
	if most > 50 {
		t.Errorf("%d codes after the third cancelled", most)
	}
	if _, err := qr.EncodeAll(t.Context(), []string{"a", ""}, nil); core.CodeOf(err) != core.Invalid {
		t.Errorf("an empty text: got %v, want invalid", err)
	}
}
