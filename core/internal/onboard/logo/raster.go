package logo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"math"
	"strings"

	"github.com/fyne-io/oksvg"
	"github.com/openhouse-ai/console/core"
	"github.com/srwiley/rasterx"
)

// Raster returns a clean logo as an eight-bit PNG, for PDFs and e-mail. The
// longer side of a drawing becomes px pixels; a bitmap is never enlarged.
// Returns invalid for what Clean would not have returned.
func Raster(img Image, px int) ([]byte, error) {
	px = min(max(px, 1), MaxSide)
	picture, err := picture(img, px)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "The logo can't be drawn.")
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, fmt.Errorf("draw logo: %w", err)
	}
	return b.Bytes(), nil
}

func picture(img Image, px int) (image.Image, error) {
	if img.Type == SVG {
		d, err := parse(img.Bytes)
		if err != nil {
			return nil, err
		}
		return rasterise(d, px)
	}
	decoded, _, err := image.Decode(bytes.NewReader(img.Bytes))
	if err != nil {
		return nil, err
	}
	return scale(decoded, px), nil
}

// rasterise draws with oksvg, having worked around what it does not do:
// gradients in the units of a transformed shape, and the even-odd rule.
func rasterise(d *drawing, px int) (picture *image.NRGBA, err error) {
	defer func() { // oksvg may index out of range on input that it does not expect
		if recover() != nil {
			err = refuse("can't be drawn; simplify it")
		}
	}()
	zoom := float64(px) / max(d.width, d.height)
	w, h := max(1, int(d.width*zoom+0.5)), max(1, int(d.height*zoom+0.5))
	base := rasterx.Identity.Scale(zoom, zoom).Translate(-d.x, -d.y)
	p := preparer{gradients: map[string]*element{}}
	for _, g := range d.gradients {
		p.gradients[g.attrs["id"]] = g
	}
	ready := *d
	ready.root = p.prepare(d.root, base, 1)
	if ready.root.attrs["stroke-linejoin"] == "" {
		ready.root.attrs["stroke-linejoin"] = "miter" // which isn't oksvg's default
	}
	ready.gradients = p.used
	icon, err := oksvg.ReadIconStream(bytes.NewReader(ready.bytes()), oksvg.StrictErrorMode)
	if err != nil {
		return nil, refuse("can't be drawn; simplify it")
	}
	canvas := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range icon.SVGPaths {
		drawPath(canvas, &icon.SVGPaths[i], base)
	}
	return scale(canvas, px), nil
}

// evenOdd is the dash offset that marks paths of the even-odd rule: oksvg
// hands it on, and means nothing by it while no line is dashed.
const evenOdd = 1

// preparer rewrites a drawing for oksvg.
type preparer struct {
	gradients map[string]*element
	used      []*element
}

// prepare returns the element as it is drawn inside a space that m turns into
// pixels, with a line width that it has inherited.
func (p *preparer) prepare(e *element, m rasterx.Matrix2D, lineWidth float64) *element {
	ready := &element{name: e.name, attrs: maps.Clone(e.attrs)}
	if own, err := parseTransform(e.attrs["transform"]); err == nil {
		m = m.Mult(own)
	}
	if own, err := parseNumber(e.attrs["stroke-width"]); err == nil {
		lineWidth = own
	}
	// oksvg does not scale lines, and has another default for their width.
	ready.attrs["stroke-width"] = number(lineWidth * math.Sqrt(math.Abs(m.A*m.D-m.B*m.C)))
	switch ready.attrs["fill-rule"] {
	case "evenodd":
		ready.attrs["stroke-dashoffset"] = number(evenOdd)
	case "nonzero":
		ready.attrs["stroke-dashoffset"] = "0"
	}
	delete(ready.attrs, "fill-rule")
	for _, name := range []string{"fill", "stroke"} {
		if id, ok := strings.CutPrefix(ready.attrs[name], "url(#"); ok {
			ready.attrs[name] = p.gradient(strings.TrimSuffix(id, ")"), m)
		}
	}
	for _, child := range e.children {
		ready.children = append(ready.children, p.prepare(child, m, lineWidth))
	}
	return ready
}

// gradient returns the paint for one use of a gradient, transformed to pixels
// if it is in the units of its shape.
func (p *preparer) gradient(id string, m rasterx.Matrix2D) string {
	g := p.gradients[id]
	if g == nil || len(g.children) == 0 {
		return "none"
	}
	use := &element{name: g.name, attrs: maps.Clone(g.attrs), children: g.children}
	use.attrs["id"] = fmt.Sprintf("g%d", len(p.used))
	if g.attrs["gradientUnits"] == "userSpaceOnUse" {
		if own, err := parseTransform(g.attrs["gradientTransform"]); err == nil {
			m = m.Mult(own)
		}
		use.attrs["gradientTransform"] = matrix(m)
	}
	p.used = append(p.used, use)
	return "url(#" + use.attrs["id"] + ")"
}

func drawPath(canvas *image.RGBA, path *oksvg.SvgPath, m rasterx.Matrix2D) {
	w, h := canvas.Bounds().Dx(), canvas.Bounds().Dy()
	onto := func(target *image.RGBA, p *oksvg.SvgPath) {
		p.DrawTransformed(rasterx.NewDasher(w, h, rasterx.NewScannerGV(w, h, target, target.Bounds())), 1, m)
	}
	if path.DashOffset != evenOdd {
		onto(canvas, path)
		return
	}
	fill, stroke := *path, *path
	fill.SetLineColor(nil)
	stroke.SetFillColor(nil)
	layer := image.NewRGBA(canvas.Bounds())
	onto(layer, &fill)
	cover(canvas, layer, coverage(path, canvas.Bounds(), onto))
	onto(canvas, &stroke)
}

// coverage is the even-odd inside of a path: the exclusive or of its loops.
func coverage(path *oksvg.SvgPath, bounds image.Rectangle, onto func(*image.RGBA, *oksvg.SvgPath)) *image.Alpha {
	mask := image.NewAlpha(bounds)
	for _, loop := range loops(path.Path) {
		one := oksvg.SvgPath{PathStyle: path.PathStyle, Path: loop}
		one.SetLineColor(nil)
		one.SetFillColor(color.NRGBA{A: 0xff})
		one.FillOpacity = 1
		layer := image.NewRGBA(bounds)
		onto(layer, &one)
		for i := range mask.Pix {
			a, b := int(mask.Pix[i]), int(layer.Pix[i*4+3])
			mask.Pix[i] = uint8(a + b - 2*a*b/255)
		}
	}
	return mask
}

// loops splits a path where it lifts the pen.
func loops(path rasterx.Path) []rasterx.Path {
	var all []rasterx.Path
	length := map[rasterx.PathCommand]int{
		rasterx.PathMoveTo: 3, rasterx.PathLineTo: 3, rasterx.PathQuadTo: 5, rasterx.PathCubicTo: 7, rasterx.PathClose: 1,
	}
	for start, i := 0, 0; i < len(path); {
		i += length[rasterx.PathCommand(path[i])]
		if i >= len(path) || rasterx.PathCommand(path[i]) == rasterx.PathMoveTo {
			all = append(all, path[start:i])
			start = i
		}
	}
	return all
}

// cover draws a layer where the mask is set.
func cover(canvas, layer *image.RGBA, mask *image.Alpha) {
	draw.DrawMask(canvas, canvas.Bounds(), layer, image.Point{}, mask, image.Point{}, draw.Over)
}
