package sdk

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// schemaPath is where a document keeps schemas.
const schemaPath = "#/components/schemas/"

// part is what the routes add to the console's document: paths below the
// mount, and the schemas that these name. Errors are the console's problems.
func part(api *huma.OpenAPI) (json.RawMessage, error) {
	raw, err := json.Marshal(api)
	if err != nil {
		return nil, err
	}
	var document struct {
		Paths      map[string]map[string]map[string]any `json:"paths"`
		Components struct {
			Schemas map[string]any `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(raw, &document); err != nil {
		return nil, err
	}
	for _, item := range document.Paths {
		for _, operation := range item {
			if responses, ok := operation["responses"].(map[string]any); ok {
				responses["default"] = map[string]any{
					"description": "Error",
					"content":     map[string]any{"application/problem+json": map[string]any{"schema": map[string]any{"$ref": schemaPath + "Problem"}}},
				}
			}
		}
	}
	kept := map[string]any{}
	for _, item := range document.Paths {
		for _, operation := range item {
			keep(operation, document.Components.Schemas, kept)
		}
	}
	return json.Marshal(map[string]any{"paths": document.Paths, "components": map[string]any{"schemas": kept}})
}

// keep copies the schemas that a part of the document names, and those that
// they name.
func keep(node any, all, kept map[string]any) {
	switch node := node.(type) {
	case []any:
		for _, one := range node {
			keep(one, all, kept)
		}
	case map[string]any:
		for key, one := range node {
			ref, _ := one.(string)
			name, isRef := strings.CutPrefix(ref, schemaPath)
			if key != "$ref" || !isRef {
				keep(one, all, kept)
			} else if s, known := all[name]; known && kept[name] == nil {
				kept[name] = s
				keep(s, all, kept)
			}
		}
	}
}

// marshal writes what a route answers. huma's own errors (a body that breaks
// its schema) become the responder's. They are read by their JSON, because
// huma has one maker of errors for the whole process and the console, which
// may run in the same one, has set its own.
func marshal(w io.Writer, v any) error {
	to, ours := w.(*responder)
	failure, failed := v.(huma.StatusError)
	if !ours || !failed {
		return huma.DefaultJSONFormat.Marshal(w, v)
	}
	if to.err == nil {
		to.err = refusal(failure)
	}
	return nil
}

// refusal is huma's error as core's, with fields named as the caller wrote
// them.
func refusal(failure huma.StatusError) error {
	var said struct {
		Detail string `json:"detail"`
		Errors []struct {
			Message  string `json:"message"`
			Location string `json:"location"`
			Field    string `json:"field"`
			Reason   string `json:"reason"`
			Value    any    `json:"value"`
		} `json:"errors"`
	}
	raw, err := json.Marshal(failure)
	if err == nil {
		err = json.Unmarshal(raw, &said)
	}
	if err != nil || failure.GetStatus() >= 500 {
		text := failure.Error()
		for _, e := range said.Errors {
			text += ": " + e.Message + e.Reason
		}
		return &wire.Fault{Text: text}
	}
	refused := &core.Error{Code: core.Invalid, Message: sentence(said.Detail)}
	for _, e := range said.Errors {
		field := e.Field + e.Location
		for _, prefix := range []string{"body.", "query.", "path.", "header."} {
			field = strings.TrimPrefix(field, prefix)
		}
		refused.Fields = append(refused.Fields, core.FieldError{Field: field, Value: shown(e.Value), Reason: e.Message + e.Reason})
	}
	return refused
}

// sentence makes huma's message read like ours.
func sentence(message string) string {
	switch {
	case message == "" || message == "validation failed":
		return "Some values need correcting."
	case strings.HasSuffix(message, "."):
		return message
	}
	return strings.ToUpper(message[:1]) + message[1:] + "."
}

// maxValue bounds how much of a wrong value is said back, in bytes.
const maxValue = 80

func shown(v any) string {
	switch v.(type) {
	case nil, map[string]any, []any:
		return ""
	}
	text := fmt.Sprint(v)
	if len(text) > maxValue {
		return strings.ToValidUTF8(text[:maxValue], "") + "…"
	}
	return text
}
