// Package schema stands between a JSON Schema and people: it draws the fields
// of a form from one, reads what a form sent as JSON of that schema, and checks
// a document against it. It knows the keywords that huma writes for Go types.
package schema

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Bounds: how far a schema is nested and references are followed, how far the
// objects of a form are, and how many fields it has.
const (
	deepest     = 16
	deepestForm = 4
	mostFields  = 500
)

// kinds is the value of "type": one word, or a list with "null" in it.
type kinds []string

func (k *kinds) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*k = kinds{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(k))
}

// node is a schema, or a part of one.
type node struct {
	Ref         string            `json:"$ref"`
	Kinds       kinds             `json:"type"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Format      string            `json:"format"`
	Encoding    string            `json:"contentEncoding"`
	Default     json.RawMessage   `json:"default"`
	Examples    []json.RawMessage `json:"examples"`
	Enum        []json.RawMessage `json:"enum"`
	ReadOnly    bool              `json:"readOnly"`
	WriteOnly   bool              `json:"writeOnly"`
	Order       float64           `json:"x-order"`
	Accept      string            `json:"x-accept"` // of a file

	Minimum          *json.Number `json:"minimum"`
	Maximum          *json.Number `json:"maximum"`
	ExclusiveMinimum *json.Number `json:"exclusiveMinimum"`
	ExclusiveMaximum *json.Number `json:"exclusiveMaximum"`
	MultipleOf       *json.Number `json:"multipleOf"`

	MinLength   *int   `json:"minLength"`
	MaxLength   *int   `json:"maxLength"`
	Pattern     string `json:"pattern"`
	PatternSays string `json:"patternDescription"`

	Items       *node `json:"items"`
	MinItems    *int  `json:"minItems"`
	MaxItems    *int  `json:"maxItems"`
	UniqueItems bool  `json:"uniqueItems"`

	Properties        map[string]*node    `json:"properties"`
	Required          []string            `json:"required"`
	DependentRequired map[string][]string `json:"dependentRequired"`
	MinProperties     *int                `json:"minProperties"`
	MaxProperties     *int                `json:"maxProperties"`
	Additional        json.RawMessage     `json:"additionalProperties"`
	additional        *node               // when Additional is a schema

	Definitions map[string]*node `json:"$defs"`
	Components  struct {
		Schemas map[string]*node `json:"schemas"`
	} `json:"components"`

	OneOf json.RawMessage `json:"oneOf"`
	AnyOf json.RawMessage `json:"anyOf"`
	AllOf json.RawMessage `json:"allOf"`
	Not   json.RawMessage `json:"not"`
}

// parse reads a schema. An error is the schema's author's.
func parse(schema json.RawMessage) (*node, error) {
	n := &node{}
	if len(bytes.TrimSpace(schema)) == 0 {
		return n, nil
	}
	if err := json.Unmarshal(schema, n); err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	if err := n.settle(n, "", 0); err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	return n, nil
}

// settle refuses what Check would not understand, and reads additional
// properties.
func (n *node) settle(root *node, path string, depth int) error {
	if depth > deepest {
		return fmt.Errorf("%s is nested more than %d deep", path, deepest)
	}
	for keyword, text := range map[string]json.RawMessage{"oneOf": n.OneOf, "anyOf": n.AnyOf, "allOf": n.AllOf, "not": n.Not} {
		if len(text) > 0 {
			return fmt.Errorf("%s uses %s, which is not supported", cmp.Or(path, "it"), keyword)
		}
	}
	for name := range n.Properties {
		if n.Properties[name] == nil {
			n.Properties[name] = &node{}
		}
	}
	if bytes.HasPrefix(bytes.TrimSpace(n.Additional), []byte("{")) {
		n.additional = &node{}
		if err := json.Unmarshal(n.Additional, n.additional); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	for name, part := range n.parts() {
		if err := part.settle(root, join(path, name), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// parts are the schemas inside.
func (n *node) parts() map[string]*node {
	parts := maps.Clone(n.Properties)
	if parts == nil {
		parts = map[string]*node{}
	}
	for prefix, more := range map[string]map[string]*node{"$defs.": n.Definitions, "components.": n.Components.Schemas} {
		for name, part := range more {
			if part != nil {
				parts[prefix+name] = part
			}
		}
	}
	if n.Items != nil {
		parts["[]"] = n.Items
	}
	if n.additional != nil {
		parts["*"] = n.additional
	}
	return parts
}

// at follows references inside the document; what leads nowhere allows
// anything.
func (n *node) at(root *node) *node {
	for range deepest {
		if n == nil || n.Ref == "" {
			return n
		}
		found := false
		for prefix, named := range map[string]map[string]*node{"#/$defs/": root.Definitions, "#/components/schemas/": root.Components.Schemas} {
			if name, ok := strings.CutPrefix(n.Ref, prefix); ok && named[name] != nil {
				n, found = named[name], true
				break
			}
		}
		if !found {
			return &node{}
		}
	}
	return &node{}
}

// formed reads a schema that a form is made of.
func formed(schema json.RawMessage) (*node, error) {
	root, err := parse(schema)
	if err != nil {
		return nil, err
	}
	left := mostFields
	if root.count(root, 0, &left); left < 0 {
		return nil, fmt.Errorf("read schema: a form has at most %d fields", mostFields)
	}
	return root, nil
}

func (n *node) count(root *node, depth int, left *int) {
	for _, part := range n.Properties {
		if *left--; *left < 0 {
			return
		}
		if part = part.at(root); part.unfolds(depth) {
			part.count(root, depth+1, left)
		}
	}
}

// unfolds reports whether an object's properties are fields of their own.
func (n *node) unfolds(depth int) bool {
	return n.kind() == "object" && len(n.Properties) > 0 && depth < deepestForm
}

// kind is the type of a value that is not null: "" allows any.
func (n *node) kind() string {
	for _, k := range n.Kinds {
		if k != "null" {
			return k
		}
	}
	if len(n.Kinds) == 0 && n.Properties != nil {
		return "object"
	}
	return ""
}

func (n *node) nullable() bool { return len(n.Kinds) == 0 || slices.Contains(n.Kinds, "null") }

// names are the properties as their author ordered them.
func (n *node) names() []string {
	return slices.SortedFunc(maps.Keys(n.Properties), func(a, b string) int {
		return cmp.Or(cmp.Compare(n.Properties[a].Order, n.Properties[b].Order), strings.Compare(a, b))
	})
}

func (n *node) requires(name string) bool { return slices.Contains(n.Required, name) }

// choices are the texts of an enum.
func (n *node) choices() []string {
	var texts []string
	for _, raw := range n.Enum {
		texts = append(texts, plain(raw))
	}
	return texts
}

// plain is a JSON value as it stands in a field of a form.
func plain(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	if text := string(bytes.TrimSpace(raw)); text != "null" {
		return text
	}
	return ""
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
