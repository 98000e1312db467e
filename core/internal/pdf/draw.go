package pdf

import (
	"bytes"
	"fmt"
	"strconv"

	"codeberg.org/go-pdf/fpdf"
	"github.com/openhouse-ai/console/core/internal/qr"
)

// Fill fills a rectangle.
func (d *Document) Fill(x, y, w, h float64, c Colour) {
	d.file.SetFillColor(int(c.R), int(c.G), int(c.B))
	d.file.Rect(x, y, w, h, "F")
}

// Round fills a rectangle with round corners.
func (d *Document) Round(x, y, w, h, radius float64, c Colour) {
	d.file.SetFillColor(int(c.R), int(c.G), int(c.B))
	d.file.RoundedRect(x, y, w, h, radius, "1234", "F")
}

// Outline draws the edge of a rectangle with round corners.
func (d *Document) Outline(x, y, w, h, radius, width float64, c Colour) {
	d.pen(width, c)
	d.file.RoundedRect(x, y, w, h, radius, "1234", "D")
}

// Line draws a straight line.
func (d *Document) Line(x1, y1, x2, y2, width float64, c Colour) {
	d.pen(width, c)
	d.file.Line(x1, y1, x2, y2)
}

func (d *Document) pen(width float64, c Colour) {
	d.file.SetLineWidth(width)
	d.file.SetDrawColor(int(c.R), int(c.G), int(c.B))
}

// Link makes a rectangle open an address.
func (d *Document) Link(x, y, w, h float64, url string) { d.file.LinkString(x, y, w, h, url) }

// QR draws the dark modules of a code as vectors; side is the width of the
// code without its quiet zone, which the caller keeps clear. The modules are
// one path of whole numbers on a scaled grid: small, and without seams.
func (d *Document) QR(code qr.Code, x, y, side float64, c Colour) {
	if code.Size() == 0 || d.file.Err() {
		return
	}
	module := side * points / float64(code.Size())
	path := make([]byte, 0, 8*1024)
	path = fmt.Appendf(path, "q %.3f %.3f %.3f rg %.5f 0 0 -%.5f %.3f %.3f cm\n",
		float64(c.R)/255, float64(c.G)/255, float64(c.B)/255, module, module, x*points, (PageHeight-y)*points)
	for _, run := range code.Runs() {
		for _, n := range [...]int{run.X, run.Y, run.Width} {
			path = strconv.AppendInt(path, int64(n), 10)
			path = append(path, ' ')
		}
		path = append(path, "1 re\n"...)
	}
	d.file.RawWriteStr(string(append(path, "f Q"...)))
}

// Picture is an image of a document, stored once however often it is placed.
type Picture struct {
	name          string
	width, height float64
}

// Picture adds a PNG to the document.
func (d *Document) Picture(png []byte) Picture {
	d.pictures++
	name := fmt.Sprintf("picture %d", d.pictures)
	info := d.file.RegisterImageOptionsReader(name, fpdf.ImageOptions{ImageType: "png"}, bytes.NewReader(png))
	if d.file.Err() {
		return Picture{}
	}
	return Picture{name, info.Width(), info.Height()}
}

// Within returns the largest size of the picture inside a box, undistorted.
func (p Picture) Within(width, height float64) (w, h float64) {
	if p.width == 0 || p.height == 0 {
		return 0, 0
	}
	scale := min(width/p.width, height/p.height)
	return p.width * scale, p.height * scale
}

// Place draws a picture.
func (d *Document) Place(p Picture, x, y, w, h float64) {
	d.file.ImageOptions(p.name, x, y, w, h, false, fpdf.ImageOptions{ImageType: "png"}, 0, "")
}
