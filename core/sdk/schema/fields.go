package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/ui"
)

// Fields are the fields of a form for the schema, in the order of "x-order",
// filled with the values; nil draws the defaults. The properties of an object
// inside are named with a dot: contact.name.
//
// The value of a secret (writeOnly) is never drawn: a value other than "" or
// null says that it is set, and {"set": true, "hint": "…k3f9"} how it ends.
// What no field can show, such as a list of objects, is edited as JSON.
func Fields(schema json.RawMessage, values map[string]any) ([]ui.Field, error) {
	root, err := formed(schema)
	if err != nil {
		return nil, err
	}
	return root.fields(root, "", values, values == nil, 0), nil
}

func (n *node) fields(root *node, path string, values map[string]any, fresh bool, depth int) []ui.Field {
	var fields []ui.Field
	for _, name := range n.names() {
		part, at := n.Properties[name], join(path, name)
		inner := part.at(root)
		value, set := values[name]
		if inner.unfolds(depth) {
			within, _ := value.(map[string]any)
			fields = append(fields, inner.fields(root, at, within, fresh, depth+1)...)
			continue
		}
		if !set && fresh && len(inner.Default) > 0 {
			// What the schema gives wrongly is the same as not given.
			_ = json.Unmarshal(inner.Default, &value)
		}
		f := inner.field(root, value)
		f.Name = at
		if inner.kind() != "array" && inner.kind() != "boolean" { // a list may be empty, a box unticked
			f.Required = n.requires(name)
		}
		f.Label, f.Hint = inner.label(part, name), describe(part.Description, inner.Description, f.Hint)
		if inner.WriteOnly && isSet(value) {
			f.Required = false
		}
		f.ReadOnly = inner.ReadOnly || part.ReadOnly
		fields = append(fields, f)
	}
	return fields
}

// describe is the first text that says something.
func describe(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// label is the title, or the name as words: "API key" has to be a title.
func (n *node) label(part *node, name string) string {
	if title := describe(part.Title, n.Title); title != "" {
		return title
	}
	words := strings.ReplaceAll(name, "_", " ")
	if words == "" {
		return words
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// kindsOfText are the controls of formats.
var kindsOfText = map[string]ui.FieldKind{
	"email": ui.EmailField, "idn-email": ui.EmailField, "uri": ui.URLField, "iri": ui.URLField, "date": ui.DateField,
	"textarea": ui.TextArea, "password": ui.PasswordField, "hidden": ui.HiddenField, "color": ui.ColorField,
}

// field is one control without its name.
func (n *node) field(root *node, value any) ui.Field {
	if n.WriteOnly {
		return n.secret(value)
	}
	if n.isFile() {
		return n.fileField()
	}
	f := ui.Field{Value: written(value), Placeholder: n.example()}
	switch n.kind() {
	case "boolean":
		f.Kind, f.Checked, f.Value, f.Placeholder = ui.Checkbox, value == true || f.Value == "true", "", ""
	case "integer", "number":
		if len(n.Enum) > 0 {
			return n.choice(f)
		}
		f.Kind, f.Min, f.Max, f.Step = ui.NumberField, number(n.Minimum), number(n.Maximum), n.step()
	case "array":
		return n.listField(root, f, value)
	case "string":
		if len(n.Enum) > 0 {
			return n.choice(f)
		}
		f.Kind = kindsOfText[n.Format]
		if n.MaxLength != nil {
			f.MaxLength = *n.MaxLength
		}
		if f.Kind == ui.DateField {
			f.MaxLength, f.Placeholder = 0, ""
		}
	default:
		f = asJSON(value)
	}
	return f
}

// secret is never drawn with its value.
func (n *node) secret(value any) ui.Field {
	f := ui.Field{Kind: ui.PasswordField, Complete: "off"}
	if n.MaxLength != nil {
		f.MaxLength = *n.MaxLength
	}
	if !isSet(value) {
		return f
	}
	f.Placeholder = "Set. Leave it empty to keep it."
	masked, _ := value.(map[string]any)
	if hint, _ := masked["hint"].(string); hint != "" {
		f.Placeholder = "Set, ends in " + strings.TrimLeft(hint, "….") + ". Leave it empty to keep it."
	}
	return f
}

// isSet reports whether the value of a secret says that there is one.
func isSet(value any) bool {
	switch v := value.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case map[string]any:
		set, said := v["set"].(bool)
		return set || !said && len(v) > 0
	}
	return true
}

// choice is a select; without a value the reader has to choose, or may not.
func (n *node) choice(f ui.Field) ui.Field {
	f.Kind, f.Placeholder = ui.Select, "Choose"
	for _, text := range n.choices() {
		f.Options = append(f.Options, ui.Option{Value: text, Label: choiceLabel(text)})
	}
	return f
}

// choiceLabel reads a code as words: not_started is "Not started". What has
// capitals or digits of its own stays: EUR, A4.
func choiceLabel(text string) string {
	if text == "" {
		return "None"
	}
	if strings.ToLower(text) != text || strings.ContainsAny(text, "0123456789.:/") {
		return text
	}
	words := strings.ReplaceAll(text, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

func (n *node) listField(root *node, f ui.Field, value any) ui.Field {
	item := n.Items.at(root)
	if item == nil {
		item = &node{}
	}
	f.Values, f.Value = list(value), ""
	switch kind := item.kind(); {
	case len(item.Enum) > 0:
		f.Kind, f.Placeholder = ui.Checkboxes, ""
		f.Options = item.choice(ui.Field{}).Options
	case kind == "string" || kind == "integer" || kind == "number":
		f.Kind, f.Hint = ui.ListField, "One on each line."
	default:
		return asJSON(value)
	}
	f.Required = n.MinItems != nil && *n.MinItems > 0
	return f
}

// asJSON is the field of what has no control of its own.
func asJSON(value any) ui.Field {
	f := ui.Field{Kind: ui.TextArea, Rows: 6, Hint: "As JSON."}
	if text, err := json.MarshalIndent(value, "", "  "); err == nil && value != nil {
		f.Value = string(text)
	}
	return f
}

func (n *node) example() string {
	if len(n.Examples) == 0 {
		return ""
	}
	return plain(n.Examples[0])
}

func (n *node) step() string {
	switch {
	case n.MultipleOf != nil:
		return n.MultipleOf.String()
	case n.kind() == "integer":
		return "1"
	}
	return "any"
}

func number(n *json.Number) string {
	if n == nil {
		return ""
	}
	return n.String()
}

// list are the entries of a list, as they are written in a field.
func list(value any) []string {
	switch v := value.(type) {
	case []string:
		return slices.Clone(v)
	case []any:
		texts := make([]string, len(v))
		for i, item := range v {
			texts[i] = written(item)
		}
		return texts
	}
	return nil
}

// written is a value as it stands in a field.
func written(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any, []any, []string:
		return ""
	}
	return fmt.Sprint(value)
}
