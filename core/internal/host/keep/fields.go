package keep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core/sdk"
)

// decode reads one JSON value and keeps numbers as they are written.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// property is what of a schema says where its secrets are.
type property struct {
	Properties map[string]property `json:"properties"`
	WriteOnly  bool                `json:"writeOnly"`
}

// secretFields are the paths of the secrets of a schema, in order, with dots
// between the names. A secret where no path leads, in a list or behind a
// reference, would be stored in clear: it is refused.
func secretFields(schema sdk.Schema) ([]string, error) {
	if len(schema) == 0 {
		return nil, nil
	}
	var top property
	var whole any
	if err := errors.Join(json.Unmarshal(schema, &top), json.Unmarshal(schema, &whole)); err != nil {
		return nil, fmt.Errorf("read schema of settings: %w", err)
	}
	fields := top.secrets("")
	marked, refers := countSecrets(whole)
	if refers {
		return nil, errors.New("the schema of settings refers to other schemas, where secrets can't be seen")
	}
	if marked != len(fields) {
		return nil, fmt.Errorf("the schema of settings marks %d secrets, and only %d are plain properties", marked, len(fields))
	}
	slices.Sort(fields)
	return fields, nil
}

func (p property) secrets(path string) (fields []string) {
	if p.WriteOnly {
		return []string{path}
	}
	for name, below := range p.Properties {
		if strings.Contains(name, ".") {
			continue // no path leads there
		}
		fields = append(fields, below.secrets(join(path, name))...)
	}
	return fields
}

// countSecrets counts every "writeOnly": true, wherever it stands, and says
// whether there is a reference.
func countSecrets(v any) (n int, refers bool) {
	var below []any
	switch v := v.(type) {
	case map[string]any:
		if marked, _ := v["writeOnly"].(bool); marked {
			n++
		}
		_, refers = v["$ref"].(string)
		below = slices.Collect(maps.Values(v))
	case []any:
		below = v
	}
	for _, v := range below {
		more, refer := countSecrets(v)
		n, refers = n+more, refers || refer
	}
	return n, refers
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// put sets the value of a path, with the objects on its way.
func put(object map[string]any, path string, value any) {
	first, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		object[first] = value
		return
	}
	below, ok := object[first].(map[string]any)
	if !ok {
		below = map[string]any{}
		object[first] = below
	}
	put(below, rest, value)
}

// take removes the value of a path and returns it.
func take(object map[string]any, path string) (value any, there bool) {
	first, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		value, there = object[first]
		delete(object, first)
		return value, there
	}
	below, ok := object[first].(map[string]any)
	if !ok {
		return nil, false
	}
	return take(below, rest)
}

// flatten writes the values of an object as text, by path.
func flatten(into map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			flatten(into, join(path, name), v[name])
		}
	case []any:
		var parts []string
		for _, part := range v {
			text, _ := json.Marshal(part) // it was read from JSON
			parts = append(parts, string(text))
		}
		into[path] = strings.Join(parts, ", ")
	case string:
		into[path] = v
	case json.Number:
		into[path] = v.String()
	case bool:
		into[path] = strconv.FormatBool(v)
	}
}
