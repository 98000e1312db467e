package logo_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/logo"
)

func solid(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for x := range w {
		img.Set(x, h/2, color.NRGBA{200, 30, 30, 255})
	}
	return img
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// header is a PNG that claims a size and holds no pixels.
func header(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	b = binary.BigEndian.AppendUint32(b, w)
	b = binary.BigEndian.AppendUint32(b, h)
	b = append(b, 8, 6, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
}

func refused(t *testing.T, name string, data []byte, file, why string) {
	t.Helper()
	img, err := logo.Clean(data, file)
	if err == nil {
		t.Errorf("%s was accepted: %.300s", name, img.Bytes)
		return
	}
	e, ok := err.(*core.Error)
	if !ok || e.Code != core.Invalid || len(e.Fields) != 1 || e.Fields[0].Field != "logo" {
		t.Errorf("%s: got %v, want an invalid field", name, err)
		return
	}
	if !strings.Contains(e.Fields[0].Reason, why) {
		t.Errorf("%s: the reason is %q, want it to say %q", name, e.Fields[0].Reason, why)
	}
}

func TestBitmaps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		data       []byte
		name, kind string
		w, h       int
	}{
		{pngOf(t, solid(40, 20)), "logo.png", logo.PNG, 40, 20},
		{pngOf(t, solid(40, 20)), "", logo.PNG, 40, 20},
		{jpegOf(t, solid(40, 20)), "Logo final.JPEG", logo.JPEG, 40, 20},
		{pngOf(t, solid(1760, 110)), "wide.PNG", logo.PNG, 1600, 100},
		{pngOf(t, image.NewGray16(image.Rect(0, 0, 9, 9))), "grey16.png", logo.PNG, 9, 9},
	} {
		img, err := logo.Clean(c.data, c.name)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if img.Type != c.kind || img.Width != c.w || img.Height != c.h {
			t.Errorf("%s became %s, %d by %d", c.name, img.Type, img.Width, img.Height)
		}
		config, _, err := image.DecodeConfig(bytes.NewReader(img.Bytes))
		if err != nil || config.Width != c.w || config.Height != c.h {
			t.Errorf("%s: the bytes are %d by %d (%v)", c.name, config.Width, config.Height, err)
		}
	}
}

func TestRefusedBitmaps(t *testing.T) {
	t.Parallel()
	good := pngOf(t, solid(40, 20))
	for name, c := range map[string]struct {
		data      []byte
		file, why string
	}{
		"nothing":            {nil, "logo.png", "is empty"},
		"too many bytes":     {append(bytes.Clone(good), make([]byte, logo.MaxBytes)...), "logo.png", "larger than 2 MiB"},
		"a GIF":              {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "logo.gif", "neither PNG"},
		"a GIF named PNG":    {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "logo.png", "neither PNG"},
		"a program":          {[]byte("MZ\x90\x00"), "logo.png", "neither PNG"},
		"a page":             {[]byte("<html><svg/></html>"), "logo.svg", "neither PNG"},
		"a page with script": {[]byte("<!DOCTYPE html><script>alert(1)</script>"), "logo.svg", "neither PNG"},
		"PNG named JPEG":     {good, "logo.jpg", "doesn't agree"},
		"PNG named page":     {good, "logo.html", "doesn't agree"},
		"PNG without type":   {good, "logo", "doesn't agree"},
		"SVG named PNG":      {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "logo.png", "doesn't agree"},
		"bomb: wide":         {header(60000, 1), "logo.png", "4,096"},
		"bomb: high":         {header(1, 1<<31-1), "logo.png", "4,096"},
		"bomb: many pixels":  {header(4096, 4096), "logo.png", "8 million"},
		"header alone":       {header(10, 10), "logo.png", "damaged"},
		"cut off":            {good[:len(good)-20], "logo.png", "damaged"},
		"JPEG cut off":       {jpegOf(t, solid(40, 20))[:40], "logo.jpg", "damaged"},
		"PNG magic alone":    {[]byte("\x89PNG\r\n\x1a\n"), "logo.png", "damaged"},
		"transparent":        {pngOf(t, image.NewNRGBA(image.Rect(0, 0, 10, 10))), "logo.png", "blank"},
	} {
		refused(t, name, c.data, c.file, c.why)
	}
}

// What is hidden beside the picture doesn't survive.
func TestPolyglots(t *testing.T) {
	t.Parallel()
	const hidden = "<script>alert(1)</script>PK\x03\x04"
	good := pngOf(t, solid(40, 20))
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len("Comment\x00"+hidden)))
	body := append([]byte("tEXt"), "Comment\x00"+hidden...)
	chunk = binary.BigEndian.AppendUint32(append(chunk, body...), crc32.ChecksumIEEE(body))
	jpg := jpegOf(t, solid(40, 20))
	comment := append([]byte{0xff, 0xfe, 0, byte(len(hidden) + 2)}, hidden...)
	for name, c := range map[string]struct {
		data []byte
		file string
	}{
		"after the PNG":   {append(bytes.Clone(good), hidden...), "logo.png"},
		"in a PNG chunk":  {append(append(bytes.Clone(good[:33]), chunk...), good[33:]...), "logo.png"},
		"after the JPEG":  {append(bytes.Clone(jpg), hidden...), "logo.jpg"},
		"in JPEG comment": {append(append(bytes.Clone(jpg[:2]), comment...), jpg[2:]...), "logo.jpg"},
	} {
		img, err := logo.Clean(c.data, c.file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if bytes.Contains(img.Bytes, []byte("script")) || bytes.Contains(img.Bytes, []byte("PK\x03\x04")) {
			t.Errorf("%s: the hidden part survived", name)
		}
	}
}

// raster is the picture of a logo, its longer side 200 pixels.
func raster(t *testing.T, img logo.Image) image.Image {
	t.Helper()
	data, err := logo.Raster(img, 200)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	canvas := image.NewNRGBA(picture.Bounds())
	draw.Draw(canvas, canvas.Bounds(), picture, image.Point{}, draw.Src)
	return canvas
}

var (
	red   = color.NRGBA{255, 0, 0, 255}
	blue  = color.NRGBA{0, 0, 255, 255}
	green = color.NRGBA{0, 255, 0, 255}
	clear = color.NRGBA{}
)

// The exports of three drawing programs keep their look and lose the rest.
func TestDrawings(t *testing.T) {
	t.Parallel()
	for name, points := range map[string]map[image.Point]color.NRGBA{
		"illustrator": {{50, 50}: red, {150, 50}: blue},
		"figma":       {{25, 50}: red, {75, 50}: green, {105, 50}: blue, {150, 50}: clear, {195, 50}: blue},
		"inkscape":    {{50, 50}: red, {150, 50}: blue, {50, 98}: red},
	} {
		data, err := os.ReadFile("testdata/" + name + ".svg")
		if err != nil {
			t.Fatal(err)
		}
		img, err := logo.Clean(data, name+".svg")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if img.Width != 100 || img.Height != 50 {
			t.Errorf("%s is %d by %d, want 100 by 50", name, img.Width, img.Height)
		}
		picture := raster(t, img)
		for p, want := range points {
			if got := picture.At(p.X, p.Y); got != want {
				t.Errorf("%s at %v is %v, want %v", name, p, got, want)
			}
		}
		for _, word := range []string{"secret", "style", "class", "inkscape", "DOCTYPE", "<!--", "clip"} {
			if bytes.Contains(img.Bytes, []byte(word)) {
				t.Errorf("%s kept %q: %s", name, word, img.Bytes)
			}
		}
		again, err := logo.Clean(img.Bytes, name+".svg")
		if err != nil || !bytes.Equal(again.Bytes, img.Bytes) {
			t.Errorf("%s changes when it is cleaned again (%v):\n%s\n%s", name, err, img.Bytes, again.Bytes)
		}
	}
}
