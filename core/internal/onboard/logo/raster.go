package logo

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/png"
	"maps"
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
	if px < checkedSide { // what is computed coarsely would cost less, and be refused less
		fine, err := rasterise(d, checkedSide)
		if err != nil {
			return nil, err
		}
		return scale(fine, px), nil
	}
	zoom := float64(px) / max(d.width, d.height)
	w, h := max(1, int(d.width*zoom+0.5)), max(1, int(d.height*zoom+0.5))
	base := rasterx.Identity.Scale(zoom, zoom).Translate(-d.x, -d.y)
	p := preparer{gradients: map[string]*element{}, side: float64(max(w, h))}
	for _, g := range d.gradients {
		p.gradients[g.attrs["id"]] = g
	}
	ready := *d
	ready.root = p.prepare(d.root, space{m: base, lineWidth: 1, fill: "#000000", stroke: "none"})
	if p.cost > maxCost {
		return nil, errComplex
	}
	if ready.root.attrs["stroke-linejoin"] == "" {
		ready.root.attrs["stroke-linejoin"] = "miter" // which isn't oksvg's default
	}
	ready.gradients = p.used
	icon, err := oksvg.ReadIconStream(bytes.NewReader(ready.bytes()), oksvg.StrictErrorMode)
	if err != nil {
		return nil, refuse("can't be drawn; simplify it")
	}
	return render(icon, base, w, h)
}

func render(icon *oksvg.SvgIcon, m rasterx.Matrix2D, w, h int) (*image.NRGBA, error) {
	scanner := newScanner(w, h)
	dasher := rasterx.NewDasher(w, h, scanner)
	for i := range icon.SVGPaths {
		path := &icon.SVGPaths[i]
		path.UseNonZeroWinding = path.DashOffset != evenOdd
		path.DrawTransformed(dasher, 1, m)
		if scanner.painted > maxPainted {
			return nil, errComplex
		}
	}
	return scale(scanner.canvas, max(w, h)), nil
}

// evenOdd is the dash offset that marks paths of the even-odd rule: oksvg
// hands it on, and means nothing by it while no line is dashed.
const evenOdd = 1

// preparer rewrites a drawing for oksvg.
type preparer struct {
	gradients map[string]*element
	used      []*element
	side      float64 // of the canvas, in pixels
	cost      float64
}

// space is what an element is drawn in: the way to pixels, and what it inherits.
type space struct {
	m            rasterx.Matrix2D
	lineWidth    float64
	fill, stroke string
}

// enter returns the space inside an element.
func (s space) enter(e *element) space {
	if own, err := parseTransform(e.attrs["transform"]); err == nil {
		s.m = s.m.Mult(own)
	}
	if own, err := parseNumber(e.attrs["stroke-width"]); err == nil {
		s.lineWidth = own
	}
	s.fill = cmp.Or(e.attrs["fill"], s.fill)
	s.stroke = cmp.Or(e.attrs["stroke"], s.stroke)
	return s
}

func (p *preparer) prepare(e *element, s space) *element {
	s = s.enter(e)
	ready := &element{name: e.name, attrs: maps.Clone(e.attrs)}
	for _, child := range e.children {
		ready.children = append(ready.children, p.prepare(child, s))
	}
	switch ready.attrs["fill-rule"] {
	case "evenodd":
		ready.attrs["stroke-dashoffset"] = number(evenOdd)
	case "nonzero":
		ready.attrs["stroke-dashoffset"] = "0"
	}
	delete(ready.attrs, "fill-rule")
	if e.name == "svg" || e.name == "g" {
		delete(ready.attrs, "fill")
		delete(ready.attrs, "stroke")
		return ready
	}
	ready.attrs["fill"] = p.pigment(s.fill, s.m)
	ready.attrs["stroke"] = p.pigment(s.stroke, s.m)
	// oksvg does not scale lines, and has another default for their width.
	width := s.lineWidth * zoomOf(s.m)
	ready.attrs["stroke-width"] = number(width)
	p.cost += cost(e, zoomOf(s.m)/p.side, width/p.side)
	return ready
}

func (p *preparer) pigment(value string, m rasterx.Matrix2D) string {
	if id, ok := strings.CutPrefix(value, "url(#"); ok {
		return p.gradient(strings.TrimSuffix(id, ")"), m)
	}
	return value
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
