package logo

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Limits of a drawing.
const (
	maxDepth    = 32
	maxElements = 1500 // elements and separate loops of paths together
)

const svgNamespace = "http://www.w3.org/2000/svg"

// element is an element of a drawing that is on the list, with its attributes
// checked and normalised.
type element struct {
	name     string
	attrs    map[string]string
	children []*element
}

// drawing is a clean SVG: its size, its gradients in one place, its shapes.
type drawing struct {
	x, y, width, height float64
	gradients           []*element
	root                *element
}

// cleanDrawing parses an SVG against the list of rules.go and writes it anew.
func cleanDrawing(data []byte) (Image, string) {
	d, err := parse(data)
	if err != nil {
		return Image{}, reason(err)
	}
	img := Image{SVG, d.bytes(), int(math.Ceil(d.width)), int(math.Ceil(d.height))}
	picture, err := rasterise(d, checkedSide)
	if err != nil {
		return Image{}, reason(err)
	}
	if blank(picture) {
		return Image{}, "is blank: it draws nothing"
	}
	return img, ""
}

// refusal is why a drawing can't be accepted, in words for its uploader.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

func reason(err error) string {
	if r, ok := errors.AsType[refusal](err); ok {
		return r.Error()
	}
	return "can't be read: the SVG is damaged"
}

// rootElement is the name of the first element of an XML text.
func rootElement(data []byte) string {
	decoder := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	for {
		token, err := decoder.Token()
		if err != nil {
			return ""
		}
		switch t := token.(type) {
		case xml.StartElement:
			return t.Name.Local
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return ""
			}
		}
	}
}

func parse(data []byte) (*drawing, error) {
	p := &parser{decoder: xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))}
	raw, err := p.document()
	if err != nil {
		return nil, err
	}
	sheet, err := parseSheet(p.css.String())
	if err != nil {
		return nil, err
	}
	c := &cleaner{sheet: sheet, gradients: map[string]*element{}}
	root, err := c.known(raw, presentation)
	if err != nil {
		return nil, err
	}
	if root == nil || root.name != "svg" {
		return nil, refuse("is not an SVG drawing")
	}
	d := &drawing{root: root}
	if err := d.measure(raw); err != nil {
		return nil, err
	}
	if d.gradients, err = c.resolve(); err != nil {
		return nil, err
	}
	return d, nil
}

// measure takes the size from the view box, else from width and height.
func (d *drawing) measure(raw *rawElement) error {
	box := strings.FieldsFunc(raw.attr("viewBox"), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
	if len(box) == 0 {
		box = []string{"0", "0", raw.attr("width"), raw.attr("height")}
	}
	if len(box) != 4 {
		return refuse("has a view box that isn't four numbers")
	}
	for i, to := range []*float64{&d.x, &d.y, &d.width, &d.height} {
		n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(box[i]), "px"), 64)
		if err != nil || math.IsNaN(n) || math.Abs(n) > maxNumber {
			return refuse("has no size: give it a view box of four numbers")
		}
		*to = n
	}
	if ratio := d.width / d.height; d.width <= 0 || d.height <= 0 || ratio > 50 || ratio < 1.0/50 {
		return refuse("is not of a usable shape: its view box is %g by %g", d.width, d.height)
	}
	return nil
}

// bytes writes the drawing. Gradients come first, where every reader finds
// them before they are used.
func (d *drawing) bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns=%q viewBox="%s %s %s %s" width="%s" height="%s"`, svgNamespace,
		number(d.x), number(d.y), number(d.width), number(d.height), number(d.width), number(d.height))
	writeAttrs(&b, d.root.attrs)
	b.WriteString(">")
	if len(d.gradients) > 0 {
		write(&b, &element{name: "defs", children: d.gradients})
	}
	for _, child := range d.root.children {
		write(&b, child)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func write(w io.Writer, e *element) {
	fmt.Fprintf(w, "<%s", e.name)
	writeAttrs(w, e.attrs)
	if len(e.children) == 0 {
		io.WriteString(w, "/>")
		return
	}
	io.WriteString(w, ">")
	for _, child := range e.children {
		write(w, child)
	}
	fmt.Fprintf(w, "</%s>", e.name)
}
