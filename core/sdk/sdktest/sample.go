package sdktest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core/sdk"
)

// shape is the part of a JSON Schema that values are made up from.
type shape struct {
	Ref        string           `json:"$ref"`
	Type       any              `json:"type"` // a word, or several
	Default    any              `json:"default"`
	Enum       []any            `json:"enum"`
	Format     string           `json:"format"`
	Minimum    *float64         `json:"minimum"`
	Above      *float64         `json:"exclusiveMinimum"`
	MinLength  int              `json:"minLength"`
	MaxLength  *int             `json:"maxLength"`
	MinItems   int              `json:"minItems"`
	Items      *shape           `json:"items"`
	Properties map[string]shape `json:"properties"`
	Required   []string         `json:"required"`
}

// form is what is sent to an action.
func (x *trial) form(id string, schema sdk.Schema) url.Values {
	if given, ok := x.options.forms[id]; ok {
		return given
	}
	values := url.Values{}
	for name, v := range x.document(schema) {
		if list, ok := v.([]any); ok {
			for _, one := range list {
				values.Add(name, fmt.Sprint(one))
			}
			continue
		}
		values.Set(name, fmt.Sprint(v))
	}
	return values
}

// params are those of a tool.
func (x *trial) params(tool sdk.ToolInfo) any {
	given, ok := x.options.forms[tool.ID]
	if !ok {
		return x.document(tool.Schema)
	}
	params := map[string]any{}
	for name, values := range given {
		if len(values) == 0 {
			continue
		}
		params[name] = values[0]
		var literal any
		if json.Unmarshal([]byte(values[0]), &literal) == nil {
			params[name] = literal
		}
	}
	return params
}

// body is what is sent to a route, made from its part of the document.
func (x *trial) body(r sdk.RouteInfo) any {
	var document struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct {
					Schema shape `json:"schema"`
				} `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
		Components struct {
			Schemas map[string]shape `json:"schemas"`
		} `json:"components"`
	}
	if json.Unmarshal(x.manifest.OpenAPI, &document) != nil {
		return nil
	}
	content, has := document.Paths[r.Path][strings.ToLower(r.Method)].RequestBody.Content["application/json"]
	if !has {
		return nil
	}
	return x.value("", content.Schema, document.Components.Schemas, 0)
}

// document makes up a document of a schema.
func (x *trial) document(schema sdk.Schema) map[string]any {
	var s shape
	if len(schema) == 0 || json.Unmarshal(schema, &s) != nil {
		return map[string]any{}
	}
	object, _ := x.value("", s, nil, 0).(map[string]any)
	return object
}

// value makes up one value. A property that is called like something that Seed
// has made gets the id of it.
func (x *trial) value(name string, s shape, known map[string]shape, depth int) any {
	if ref, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = known[ref]
	}
	switch {
	case s.Default != nil:
		return s.Default
	case len(s.Enum) > 0:
		return s.Enum[0]
	case depth > 8:
		return nil
	}
	switch s.kind() {
	case "object", "":
		object := map[string]any{}
		for property, of := range s.Properties {
			if property == "$schema" || of.optional(property, s.Required) {
				continue
			}
			object[property] = x.value(property, of, known, depth+1)
		}
		return object
	case "array":
		list := []any{}
		for range s.MinItems {
			list = append(list, x.value(name, *s.Items, known, depth+1))
		}
		return list
	case "boolean":
		return false
	case "integer", "number":
		switch {
		case s.Minimum != nil:
			return *s.Minimum
		case s.Above != nil:
			return *s.Above + 1
		}
		return 1
	}
	return x.text(name, s)
}

// optional says that a document is whole without the property.
func (s shape) optional(name string, required []string) bool {
	return !slices.Contains(required, name) && s.kind() == "object"
}

// kind is the type, without null.
func (s shape) kind() string {
	switch t := s.Type.(type) {
	case string:
		return t
	case []any:
		for _, one := range t {
			if word, ok := one.(string); ok && word != "null" {
				return word
			}
		}
	}
	return ""
}

func (x *trial) text(name string, s shape) string {
	if len(x.site.Units) > 0 {
		switch strings.TrimSuffix(name, "_id") {
		case "unit":
			return x.site.Units[0].ID
		case "development":
			return x.site.Development.ID
		case "homeowner":
			return x.site.Homeowners[0].ID
		}
	}
	switch s.Format {
	case "file":
		return File([]byte("sample"))
	case "date":
		return x.Now().Format("2006-01-02")
	case "date-time":
		return x.Now().Format("2006-01-02T15:04:05Z07:00")
	case "email":
		return "someone@example.org"
	case "uri", "url":
		return "https://example.org/"
	}
	word := "Sample"
	for len(word) < s.MinLength {
		word += " sample"
	}
	if s.MaxLength != nil && len(word) > *s.MaxLength {
		word = word[:*s.MaxLength]
	}
	return word
}
