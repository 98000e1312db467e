package catalogue_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
)

// schema is as much of JSON Schema as the catalogue speaks.
type schema struct {
	Dialect    string            `json:"$schema"`
	Type       any               `json:"type"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Enum       []any             `json:"enum"`
	Minimum    *float64          `json:"minimum"`
	Maximum    *float64          `json:"maximum"`
	MinLength  int               `json:"minLength"`
	MaxLength  *int              `json:"maxLength"`
	Pattern    string            `json:"pattern"`
	Examples   []any             `json:"examples"`
}

// allows is what a validator says.
func (s schema) allows(value any) bool {
	var kind string
	switch v := value.(type) {
	case nil:
		kind = "null"
	case bool:
		kind = "boolean"
	case float64:
		if kind = "number"; v == float64(int64(v)) && !slices.Contains(s.kinds(), "number") {
			kind = "integer"
		}
		if s.Minimum != nil && v < *s.Minimum || s.Maximum != nil && v > *s.Maximum {
			return false
		}
	case string:
		kind = "string"
		if n := utf8.RuneCountInString(v); n < s.MinLength || s.MaxLength != nil && n > *s.MaxLength {
			return false
		}
		if !regexp.MustCompile(s.Pattern).MatchString(v) {
			return false
		}
	case map[string]any:
		kind = "object"
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				return false
			}
		}
		for name, inside := range v {
			if property, ok := s.Properties[name]; ok && !property.allows(inside) {
				return false
			}
		}
	}
	return slices.Contains(s.kinds(), kind) && (s.Enum == nil || slices.Contains(s.Enum, value))
}

func (s schema) kinds() []string {
	if kind, ok := s.Type.(string); ok {
		return []string{kind}
	}
	var kinds []string
	for _, kind := range s.Type.([]any) {
		kinds = append(kinds, kind.(string))
	}
	return kinds
}

// TestSchema lets the schema and the check judge the same data: whoever relies
// on one may rely on the other.
func TestSchema(t *testing.T) {
	t.Parallel()
	for _, kind := range catalogue.All() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			var s schema
			if err := json.Unmarshal(kind.Schema(), &s); err != nil {
				t.Fatalf("%v in %s", err, kind.Schema())
			}
			if s.Dialect != "https://json-schema.org/draft/2020-12/schema" || len(s.Examples) != 1 || !s.allows(s.Examples[0]) {
				t.Errorf("the schema refuses its own example: %s", kind.Schema())
			}
			rapid.Check(t, func(t *rapid.T) {
				data := dataOf(kind).Draw(t, "data")
				text, err := json.Marshal(data)
				if err != nil {
					t.Fatal(err)
				}
				var again map[string]any
				if err := json.Unmarshal(text, &again); err != nil {
					t.Fatal(err)
				}
				if fields := kind.Check(text); s.allows(again) != (len(fields) == 0) {
					t.Fatalf("%s: the schema allows it: %v; the check says %v", text, s.allows(again), fields)
				}
			})
		})
	}
}

// dataOf draws data that is right, or wrong, in as many ways as there are.
func dataOf(kind catalogue.Type) *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		data := map[string]any{}
		for _, f := range kind.Fields {
			if f.Required && rapid.IntRange(0, 9).Draw(t, f.Name+" is sent") > 0 || rapid.Bool().Draw(t, f.Name+" is sent too") {
				data[f.Name] = valueOf(t, f)
			}
		}
		if rapid.Bool().Draw(t, "more") {
			data["mine"] = []any{1, "two"}
		}
		return data
	})
}

func valueOf(t *rapid.T, f catalogue.Field) any {
	if rapid.IntRange(0, 9).Draw(t, "wrong") == 0 {
		return rapid.SampledFrom([]any{nil, -1, true, "text", "", 1 << 53, []any{}, map[string]any{}, strings.Repeat("é", 350)}).Draw(t, f.Name)
	}
	switch f.Kind {
	case catalogue.Flag:
		return rapid.Bool().Draw(t, f.Name)
	case catalogue.Count:
		return rapid.OneOf(rapid.Int64Range(0, 12), rapid.Int64Range(90, 610), rapid.Int64Range(0, 1<<53-1)).Draw(t, f.Name)
	case catalogue.Measure:
		return rapid.OneOf(rapid.Float64Range(0, 1<<53-1), rapid.Just(0.0)).Draw(t, f.Name)
	default:
		if f.Values != nil {
			return rapid.SampledFrom(f.Values).Draw(t, f.Name)
		}
		return fmt.Sprint(f.Name, rapid.StringMatching(`[a-zé"/\\]{0,400}[\n\x7f]?`).Draw(t, f.Name))
	}
}
