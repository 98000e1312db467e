package logo

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"github.com/srwiley/rasterx"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// scanner fills loops of lines for rasterx. Unlike the scanner that rasterx
// brings, it knows the even-odd rule, works on no more of the canvas than a
// shape covers, and counts what it does.
type scanner struct {
	canvas   *image.RGBA
	loops    [][]fixed.Point26_6
	source   image.Image
	gradient bool
	nonZero  bool
	painted  float64 // canvases filled; a gradient counts twenty
}

func newScanner(w, h int) *scanner {
	return &scanner{canvas: image.NewRGBA(image.Rect(0, 0, w, h)), source: image.Black, nonZero: true}
}

// Start begins a loop.
func (s *scanner) Start(a fixed.Point26_6) { s.loops = append(s.loops, []fixed.Point26_6{a}) }

// Line adds a line to the loop.
func (s *scanner) Line(b fixed.Point26_6) {
	if last := len(s.loops) - 1; last >= 0 {
		s.loops[last] = append(s.loops[last], b)
	}
}

// Clear forgets the loops.
func (s *scanner) Clear() { s.loops = s.loops[:0] }

// SetWinding chooses the rule of what is inside.
func (s *scanner) SetWinding(nonZero bool) { s.nonZero = nonZero }

// SetBounds and SetClip are not needed: the canvas is the bounds.
func (s *scanner) SetBounds(int, int) {}

// SetClip does nothing, like SetBounds.
func (s *scanner) SetClip(image.Rectangle) {}

// SetColor takes a colour, or the function that computes a gradient.
func (s *scanner) SetColor(c any) {
	switch c := c.(type) {
	case color.Color:
		s.source, s.gradient = image.NewUniform(c), false
	case rasterx.ColorFunc:
		s.source, s.gradient = computed{c, s.canvas.Bounds()}, true
	}
}

// computed is the picture that a function paints.
type computed struct {
	at     rasterx.ColorFunc
	bounds image.Rectangle
}

func (c computed) At(x, y int) color.Color { return c.at(x, y) }
func (c computed) Bounds() image.Rectangle { return c.bounds }
func (c computed) ColorModel() color.Model { return color.RGBAModel }

// GetPathExtent is the rectangle around the loops.
func (s *scanner) GetPathExtent() fixed.Rectangle26_6 {
	e := fixed.Rectangle26_6{
		Min: fixed.Point26_6{X: math.MaxInt32, Y: math.MaxInt32},
		Max: fixed.Point26_6{X: math.MinInt32, Y: math.MinInt32},
	}
	for _, loop := range s.loops {
		for _, p := range loop {
			e.Min.X, e.Min.Y = min(e.Min.X, p.X), min(e.Min.Y, p.Y)
			e.Max.X, e.Max.Y = max(e.Max.X, p.X), max(e.Max.Y, p.Y)
		}
	}
	return e
}

// Draw fills the loops.
func (s *scanner) Draw() {
	e := s.GetPathExtent()
	area := image.Rect(e.Min.X.Floor(), e.Min.Y.Floor(), e.Max.X.Ceil()+1, e.Max.Y.Ceil()+1).Intersect(s.canvas.Bounds())
	if len(s.loops) == 0 || area.Empty() || s.painted > maxPainted {
		return
	}
	mask := image.NewAlpha(area)
	raster := vector.NewRasterizer(area.Dx(), area.Dy())
	if s.nonZero {
		s.count(area, 1)
		for _, loop := range s.loops {
			trace(raster, loop, area.Min)
		}
		raster.Draw(mask, area, image.Opaque, image.Point{})
	} else {
		s.alternate(mask, raster)
	}
	if s.gradient {
		s.count(area, 20)
	}
	draw.DrawMask(s.canvas, area, s.source, area.Min, mask, area.Min, draw.Over)
}

// alternate makes the mask of the even-odd rule: the exclusive or of the loops.
func (s *scanner) alternate(mask *image.Alpha, raster *vector.Rasterizer) {
	area := mask.Bounds()
	one := image.NewAlpha(area)
	for _, loop := range s.loops {
		if s.count(area, 2); s.painted > maxPainted {
			return
		}
		raster.Reset(area.Dx(), area.Dy())
		raster.DrawOp = draw.Src
		trace(raster, loop, area.Min)
		raster.Draw(one, area, image.Opaque, image.Point{})
		for i := range mask.Pix {
			a, b := int(mask.Pix[i]), int(one.Pix[i])
			mask.Pix[i] = uint8(a + b - 2*a*b/255)
		}
	}
}

func (s *scanner) count(area image.Rectangle, weight float64) {
	s.painted += weight * float64(area.Dx()*area.Dy()) / float64(len(s.canvas.Pix)/4)
}

// trace hands the edges on as they are: rasterx closes what it fills, and makes
// the outline of a stroke of many open pieces that close each other.
func trace(raster *vector.Rasterizer, loop []fixed.Point26_6, origin image.Point) {
	at := func(p fixed.Point26_6) (x, y float32) {
		return float32(p.X)/64 - float32(origin.X), float32(p.Y)/64 - float32(origin.Y)
	}
	raster.MoveTo(at(loop[0]))
	for _, p := range loop[1:] {
		raster.LineTo(at(p))
	}
}
