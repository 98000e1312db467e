package logo

import (
	"maps"
	"slices"
	"strings"
)

// sheet holds the declarations of each class.
type sheet map[string]map[string]string

// parseSheet reads the style sheet of a drawing, in which drawing programs put
// plain classes: ".a,.b{fill:#123456}". Returns a refusal for anything else.
func parseSheet(css string) (sheet, error) {
	s := sheet{}
	css = withoutComments(css)
	for strings.TrimSpace(css) != "" {
		selectors, rest, found := strings.Cut(css, "{")
		body, after, closed := strings.Cut(rest, "}")
		if !found || !closed || strings.Contains(selectors, "@") {
			return nil, refuse("has a style sheet that can't be read; save it with presentation attributes")
		}
		declarations, err := parseDeclarations(body)
		if err != nil {
			return nil, err
		}
		for selector := range strings.SplitSeq(selectors, ",") {
			class, ok := strings.CutPrefix(strings.TrimSpace(selector), ".")
			if !ok || !identifierForm.MatchString(class) || strings.Contains(class, ".") {
				return nil, refuse("has a style sheet that can't be read; save it with presentation attributes")
			}
			if s[class] == nil {
				s[class] = map[string]string{}
			}
			maps.Copy(s[class], declarations)
		}
		css = after
	}
	return s, nil
}

func withoutComments(css string) string {
	for {
		before, rest, found := strings.Cut(css, "/*")
		if !found {
			return css
		}
		_, after, _ := strings.Cut(rest, "*/")
		css = before + " " + after
	}
}

// parseDeclarations reads "fill:#123;stroke:none". Whatever isn't on the list
// of attributes is left out later; a reference outside is refused at once.
func parseDeclarations(css string) (map[string]string, error) {
	declarations := map[string]string{}
	for declaration := range strings.SplitSeq(withoutComments(css), ";") {
		name, value, found := strings.Cut(declaration, ":")
		if !found {
			continue
		}
		value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
		if outward(strings.ToLower(value)) {
			return nil, refuse("refers to something outside of itself, which isn't allowed in a logo")
		}
		declarations[strings.ToLower(strings.TrimSpace(name))] = value
	}
	return declarations, nil
}

// keep notes a gradient under its id, with the one that it builds upon.
func (c *cleaner) keep(raw *rawElement, e *element) error {
	id := e.attrs["id"]
	if id == "" || c.gradients[id] != nil {
		return nil // nothing can refer to it
	}
	for _, a := range raw.attrs {
		if a.Name.Local == "href" {
			parent := strings.TrimPrefix(strings.TrimSpace(a.Value), "#")
			if !identifierForm.MatchString(parent) {
				return refuse("has a gradient that can't be read")
			}
			e.attrs["href"] = parent
		}
	}
	c.gradients[id] = e
	c.order = append(c.order, id)
	return nil
}

// resolve returns the gradients with what they take over from others.
func (c *cleaner) resolve() ([]*element, error) {
	resolved := make([]*element, 0, len(c.order))
	for _, id := range c.order {
		e := c.gradients[id]
		whole := &element{name: e.name, attrs: maps.Clone(e.attrs), children: slices.Clone(e.children)}
		for depth, parent := 0, c.gradients[e.attrs["href"]]; parent != nil; depth, parent = depth+1, c.gradients[parent.attrs["href"]] {
			if depth > 8 {
				return nil, refuse("has a gradient that refers to itself")
			}
			for name, value := range parent.attrs {
				if _, own := whole.attrs[name]; !own {
					whole.attrs[name] = value
				}
			}
			if len(whole.children) == 0 {
				whole.children = parent.children
			}
		}
		delete(whole.attrs, "href")
		resolved = append(resolved, whole)
	}
	return resolved, nil
}
