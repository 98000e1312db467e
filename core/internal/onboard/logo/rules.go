package logo

import (
	"encoding/xml"
	"maps"
	"slices"
	"strings"
)

// rule checks a value and returns it normalised.
type rule func(value string) (string, error)

// presentation are the attributes of every shape and group.
var presentation = map[string]rule{
	"fill": paint, "stroke": paint, "opacity": fraction, "fill-opacity": fraction, "stroke-opacity": fraction,
	"stroke-width": length, "stroke-miterlimit": length, "transform": transform,
	"fill-rule":       oneOf("nonzero", "evenodd"),
	"stroke-linecap":  oneOf("butt", "round", "square"),
	"stroke-linejoin": oneOf("miter", "round", "bevel"),
}

// allowed is the vocabulary of a clean drawing, inside its root.
var allowed = map[string]map[string]rule{
	"g":        presentation,
	"path":     with(presentation, map[string]rule{"d": pathData}),
	"rect":     with(presentation, lengths("x", "y", "width", "height", "rx", "ry")),
	"circle":   with(presentation, lengths("cx", "cy", "r")),
	"ellipse":  with(presentation, lengths("cx", "cy", "rx", "ry")),
	"line":     with(presentation, lengths("x1", "y1", "x2", "y2")),
	"polyline": with(presentation, map[string]rule{"points": pointList}),
	"polygon":  with(presentation, map[string]rule{"points": pointList}),
	"linearGradient": with(gradient, map[string]rule{
		"x1": fraction, "y1": fraction, "x2": fraction, "y2": fraction}),
	"radialGradient": with(gradient, map[string]rule{
		"cx": fraction, "cy": fraction, "r": fraction, "fx": fraction, "fy": fraction}),
	"stop": {"offset": fraction, "stop-color": colour, "stop-opacity": fraction},
}

var gradient = map[string]rule{
	"id": identifier, "gradientTransform": transform,
	"gradientUnits": oneOf("userSpaceOnUse", "objectBoundingBox"),
	"spreadMethod":  oneOf("pad", "reflect", "repeat"),
}

// silent are elements that draw nothing: they are dropped with all they hold.
// A clip path is among them while it is a rectangle, as drawing programs put
// around a whole picture.
var silent = []string{"", "title", "desc", "metadata", "style", "clipPath"}

// harmful are refused with a word of warning instead of advice.
var harmful = []string{"script", "foreignObject", "iframe", "handler", "animate", "animateTransform", "animateMotion", "set", "a", "listener"}

func with(common, own map[string]rule) map[string]rule {
	all := maps.Clone(common)
	maps.Copy(all, own)
	return all
}

func lengths(names ...string) map[string]rule {
	rules := map[string]rule{}
	for _, name := range names {
		rules[name] = length
	}
	return rules
}

// cleaner turns raw elements into clean ones.
type cleaner struct {
	sheet     sheet
	gradients map[string]*element
	order     []string // ids of gradients as they came
}

// element returns nil without an error for what draws nothing.
func (c *cleaner) element(raw *rawElement) (*element, error) {
	if slices.Contains(silent, raw.name) {
		return nil, checkClip(raw)
	}
	if raw.name == "defs" {
		return nil, c.definitions(raw)
	}
	rules, ok := allowed[raw.name]
	switch {
	case slices.Contains(harmful, raw.name):
		return nil, refuse("contains <%s>, which isn't allowed in a logo", raw.name)
	case !ok:
		return nil, refuse("uses <%s>; save it as plain shapes, with text turned into outlines", raw.name)
	}
	e, err := c.known(raw, rules)
	if err == nil && e != nil && strings.HasSuffix(e.name, "Gradient") {
		return nil, c.keep(raw, e)
	}
	return e, err
}

// known cleans an element whose rules are known, and its children.
func (c *cleaner) known(raw *rawElement, rules map[string]rule) (*element, error) {
	attrs, hidden, err := c.attributes(raw, rules)
	if err != nil || hidden {
		return nil, err
	}
	e := &element{name: raw.name, attrs: attrs}
	for _, child := range raw.children {
		kept, err := c.element(child)
		if err != nil {
			return nil, err
		}
		if kept != nil {
			e.children = append(e.children, kept)
		}
	}
	return e, nil
}

// definitions keeps the gradients of a defs element. Anything else in it is
// checked and then left out, since nothing that could use it is allowed.
func (c *cleaner) definitions(raw *rawElement) error {
	for _, child := range raw.children {
		if _, err := c.element(child); err != nil {
			return err
		}
	}
	return nil
}

func checkClip(raw *rawElement) error {
	if raw.name != "clipPath" {
		return nil
	}
	for _, child := range raw.children {
		if child.name != "rect" && child.name != "" && child.name != "title" {
			return refuse("is clipped by a shape; flatten it before saving")
		}
	}
	return nil
}

// attributes checks those on the list, with the style sheet and the style
// attribute folded in, and leaves the others out.
func (c *cleaner) attributes(raw *rawElement, rules map[string]rule) (clean map[string]string, hidden bool, err error) {
	values := map[string]string{}
	for _, a := range raw.attrs {
		if err := checkAttribute(a); err != nil {
			return nil, false, err
		}
		if a.Name.Space == "" {
			values[a.Name.Local] = a.Value
		}
	}
	for class := range strings.FieldsSeq(values["class"]) {
		maps.Copy(values, c.sheet[class])
	}
	style, err := parseDeclarations(values["style"])
	if err != nil {
		return nil, false, err
	}
	maps.Copy(values, style)
	if strings.TrimSpace(values["display"]) == "none" || strings.TrimSpace(values["visibility"]) == "hidden" {
		return nil, true, nil
	}
	if dashes := strings.TrimSpace(values["stroke-dasharray"]); dashes != "" && dashes != "none" {
		return nil, false, refuse("has dashed lines; turn them into shapes")
	}
	if mask := strings.TrimSpace(values["mask"] + values["filter"]); mask != "" && mask != "none" {
		return nil, false, refuse("uses a mask or a filter; flatten it before saving")
	}
	return normalise(values, rules)
}

func normalise(values map[string]string, rules map[string]rule) (map[string]string, bool, error) {
	clean := map[string]string{}
	for name, value := range values {
		check, ok := rules[name]
		if !ok {
			continue
		}
		value, err := check(strings.TrimSpace(value))
		if err != nil {
			return nil, false, refuse("has a %s that can't be read", name)
		}
		if value != "" {
			clean[name] = value
		}
	}
	return clean, false, nil
}

// checkAttribute refuses what has no business in a picture, even though it
// would be left out: its sender should know.
func checkAttribute(a xml.Attr) error {
	name := strings.ToLower(a.Name.Local)
	value := strings.ToLower(strings.TrimSpace(a.Value))
	switch {
	case strings.HasPrefix(name, "on"):
		return refuse("contains an event handler, which isn't allowed in a logo")
	case name == "href" && !strings.HasPrefix(value, "#"):
		return refuse("refers to something outside of itself, which isn't allowed in a logo")
	case a.Name.Space == "" && a.Name.Local != "style" && outward(value):
		return refuse("refers to something outside of itself, which isn't allowed in a logo")
	}
	return nil
}

// outward reports whether a value has a url() that isn't a fragment.
func outward(value string) bool {
	for {
		_, rest, found := strings.Cut(value, "url(")
		if !found {
			return false
		}
		if !strings.HasPrefix(strings.TrimLeft(rest, ` '"`), "#") {
			return true
		}
		value = rest
	}
}
