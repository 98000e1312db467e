package logo

import (
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// rawElement is an element as uploaded, before anything about it is trusted.
type rawElement struct {
	name     string
	attrs    []xml.Attr
	children []*rawElement
}

func (e *rawElement) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// parser reads a document into a tree of limited depth and size, keeping the
// text of style elements aside. Entities are not expanded: encoding/xml knows
// the five of XML and refuses every other.
type parser struct {
	decoder  *xml.Decoder
	elements int
	css      strings.Builder
}

func (p *parser) document() (*rawElement, error) {
	for {
		token, err := p.decoder.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.Directive:
			if err := checkDirective(t); err != nil {
				return nil, err
			}
		case xml.StartElement:
			root, err := p.element(t, 1)
			if err != nil {
				return nil, err
			}
			return root, p.end()
		}
	}
}

// end checks that only blanks and comments follow the root.
func (p *parser) end() error {
	for {
		token, err := p.decoder.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement, xml.Directive:
			return refuse("has more than one drawing in it")
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return refuse("has text after the drawing")
			}
		}
	}
}

// checkDirective accepts the document types that drawing programs write and
// refuses those that declare something.
func checkDirective(d xml.Directive) error {
	if s := string(d); strings.ContainsAny(s, "[]") || strings.Contains(strings.ToUpper(s), "ENTITY") {
		return refuse("declares entities, which isn't allowed")
	}
	return nil
}

func (p *parser) element(start xml.StartElement, depth int) (*rawElement, error) {
	p.elements++
	for _, a := range start.Attr {
		if a.Name.Local == "d" {
			p.elements += strings.Count(strings.ToLower(a.Value), "m")
		}
	}
	if depth > maxDepth || p.elements > maxElements {
		return nil, refuse("is too complex: simplify it to %d elements, nested at most %d deep", maxElements, maxDepth)
	}
	e := &rawElement{name: start.Name.Local, attrs: start.Attr}
	if start.Name.Space != svgNamespace && start.Name.Space != "" {
		e.name = "" // of another vocabulary: read over, and dropped by the cleaner
	}
	for {
		token, err := p.decoder.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := p.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, child)
		case xml.CharData:
			if e.name == "style" {
				p.css.Write(t)
			}
		case xml.Directive:
			return nil, refuse("declares entities, which isn't allowed")
		case xml.EndElement:
			return e, nil
		}
	}
}

func writeAttrs(w io.Writer, attrs map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		fmt.Fprintf(w, ` %s="`, name)
		xml.EscapeText(w, []byte(attrs[name])) // nothing to escape is left; this proves it
		io.WriteString(w, `"`)
	}
}
