package sdk

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// schemaOf is the JSON Schema of a struct, whole in one piece.
func schemaOf(t reflect.Type) (s Schema, err error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is not a struct", t)
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.Tag.Get("format") == "file" && f.Type != reflect.TypeFor[[]byte]() {
			return nil, fmt.Errorf("the field %s has the format file and has to be []byte", f.Name)
		}
	}
	err = guarded(func() error { // huma panics when a tag can't be read
		s, err = json.Marshal(inline{}.Schema(t, false, t.Name()))
		return err
	})
	return s, err
}

// inline is huma's registry for schemas without references, with the fields'
// order and labels in them.
type inline map[reflect.Type]bool

func (r inline) Schema(t reflect.Type, _ bool, _ string) *huma.Schema {
	at := t
	for at.Kind() == reflect.Pointer {
		at = at.Elem()
	}
	if r[at] {
		return &huma.Schema{Type: huma.TypeObject} // it holds itself
	}
	r[at] = at.Kind() == reflect.Struct
	defer delete(r, at)
	s := huma.SchemaFromType(r, t)
	if s == nil || at.Kind() != reflect.Struct {
		return s
	}
	for i, f := range reflect.VisibleFields(at) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		property := s.Properties[name]
		if property == nil {
			continue
		}
		if property.Extensions == nil {
			property.Extensions = map[string]any{}
		}
		property.Extensions["x-order"] = i
		if label := f.Tag.Get("label"); label != "" {
			property.Title = label
		}
		if accept := f.Tag.Get("accept"); accept != "" {
			property.Extensions["x-accept"] = accept
		}
	}
	return s
}

func (inline) SchemaFromRef(string) *huma.Schema            { return nil }
func (inline) TypeFromRef(string) reflect.Type              { return nil }
func (inline) Map() map[string]*huma.Schema                 { return nil }
func (inline) RegisterTypeAlias(reflect.Type, reflect.Type) {}
