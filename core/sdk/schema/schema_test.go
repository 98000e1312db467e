package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/schema"
	"github.com/openhouse-ai/console/ui"
	"pgregory.net/rapid"
)

const house = `{
	"type": "object", "additionalProperties": false, "required": ["name", "rooms", "token", "contact", "tags"],
	"properties": {
		"tags": {"type": ["array", "null"], "items": {"type": "string", "maxLength": 5}, "x-order": 9, "uniqueItems": true},
		"name": {"type": "string", "title": "Name of the house", "description": "As on the gate.", "maxLength": 20, "minLength": 1, "pattern": "^[A-Z]", "x-order": 1},
		"rooms": {"type": "integer", "minimum": 1, "maximum": 40, "default": 3, "x-order": 2},
		"area": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5, "x-order": 3},
		"garden": {"type": "boolean", "default": true, "x-order": 4},
		"status": {"type": "string", "enum": ["not_started", "done"], "x-order": 5},
		"token": {"type": "string", "writeOnly": true, "minLength": 8, "x-order": 6},
		"contact": {"type": "object", "required": ["email"], "x-order": 7, "properties": {
			"email": {"type": "string", "format": "email", "examples": ["office@harpur.example"]}, "site": {"type": "string", "format": "uri", "x-order": 1}}},
		"open": {"type": "string", "format": "date", "x-order": 8},
		"kinds": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": ["flat", "semi_detached", "A1"]}, "x-order": 10},
		"floors": {"type": "array", "items": {"type": "integer"}, "x-order": 11},
		"plots": {"type": "array", "items": {"type": "object", "properties": {"no": {"type": "integer", "minimum": 1}}, "required": ["no"]}, "x-order": 12},
		"note": {"type": "string", "format": "textarea", "x-order": 13}
	}
}`

func fields(t *testing.T, of string, values map[string]any) []ui.Field {
	t.Helper()
	found, err := schema.Fields(json.RawMessage(of), values)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestFieldsAreDrawnAsTheyWereDeclared(t *testing.T) {
	t.Parallel()
	want := []ui.Field{
		{Name: "name", Label: "Name of the house", Hint: "As on the gate.", MaxLength: 20, Required: true},
		{Kind: ui.NumberField, Name: "rooms", Label: "Rooms", Value: "3", Min: "1", Max: "40", Step: "1", Required: true},
		{Kind: ui.NumberField, Name: "area", Label: "Area", Step: "0.5"},
		{Kind: ui.Checkbox, Name: "garden", Label: "Garden", Checked: true},
		{Kind: ui.Select, Name: "status", Label: "Status", Placeholder: "Choose", Options: []ui.Option{{Value: "not_started", Label: "Not started"}, {Value: "done", Label: "Done"}}},
		{Kind: ui.PasswordField, Name: "token", Label: "Token", Required: true, Complete: "off"},
		{Kind: ui.EmailField, Name: "contact.email", Label: "Email", Required: true, Placeholder: "office@harpur.example"},
		{Kind: ui.URLField, Name: "contact.site", Label: "Site"},
		{Kind: ui.DateField, Name: "open", Label: "Open"},
		{Kind: ui.ListField, Name: "tags", Label: "Tags", Hint: "One on each line."},
		{Kind: ui.Checkboxes, Name: "kinds", Label: "Kinds", Required: true, Options: []ui.Option{{Value: "flat", Label: "Flat"}, {Value: "semi_detached", Label: "Semi detached"}, {Value: "A1", Label: "A1"}}},
		{Kind: ui.ListField, Name: "floors", Label: "Floors", Hint: "One on each line."},
		{Kind: ui.TextArea, Name: "plots", Label: "Plots", Hint: "As JSON.", Rows: 6},
		{Kind: ui.TextArea, Name: "note", Label: "Note"},
	}
	got := fields(t, house, nil)
	if len(got) != len(want) {
		t.Fatalf("%d fields, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("got  %+v\nwant %+v", got[i], want[i])
		}
	}
}

func TestFieldsShowValuesAndNoSecret(t *testing.T) {
	t.Parallel()
	var values map[string]any
	document := `{"name":"Gable","rooms":7,"area":1250000.5,"token":{"set":true,"hint":"…k3f9"},"contact":{"email":"a@b.ie"},"tags":["a","b"],"kinds":["flat"],"floors":[1,2],"plots":[{"no":1}]}`
	if err := json.Unmarshal([]byte(document), &values); err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{}
	for _, f := range fields(t, house, values) {
		shown[f.Name] = f.Value + strings.Join(f.Values, ",")
		if f.Name == "token" && (f.Placeholder != "Set, ends in k3f9. Leave it empty to keep it." || f.Required) {
			t.Errorf("%+v", f)
		}
		if f.Checked {
			t.Error("what is not set takes no default when there are values")
		}
	}
	want := map[string]string{
		"name": "Gable", "rooms": "7", "area": "1250000.5", "token": "", "contact.email": "a@b.ie", "tags": "a,b", "kinds": "flat", "floors": "1,2",
		"plots": "[\n  {\n    \"no\": 1\n  }\n]", "garden": "", "status": "", "contact.site": "", "open": "", "note": "",
	}
	sameTexts(t, shown, want)
	values["token"] = "a whole secret"
	text, err := json.Marshal(fields(t, house, values))
	if err != nil || strings.Contains(string(text), "a whole secret") {
		t.Error("the form holds a secret")
	}
}

func TestDecodeReadsWhatAFormSends(t *testing.T) {
	t.Parallel()
	got, err := schema.Decode(json.RawMessage(house), map[string][]string{
		"name": {" Gable "}, "rooms": {"07"}, "area": {"12.50"}, "garden": {"on"}, "status": {""}, "token": {" s3cret with space "}, "contact.email": {"a@b.ie"},
		"tags": {"one\r\n two \n\n"}, "kinds": {"flat", "A1"}, "floors": {"1\n2"}, "plots": {`[ {"no": 1} ]`}, "note": {"a\r\nb"}, "elsewhere": {"x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"area":12.50,"contact":{"email":"a@b.ie"},"floors":[1,2],"garden":true,"kinds":["flat","A1"],"name":"Gable","note":"a\nb","plots":[{"no":1}],"rooms":7,"tags":["one","two"],"token":" s3cret with space "}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// Defaults stand for what was not sent, secrets may stay, lists may be empty.
	got, err = schema.Decode(json.RawMessage(house), map[string][]string{"name": {"Gable"}, "contact.email": {"a@b.ie"}})
	if want := `{"contact":{"email":"a@b.ie"},"garden":false,"name":"Gable","rooms":3,"tags":[]}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

func TestDecodeSaysEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := schema.Decode(json.RawMessage(house), map[string][]string{
		"name": {"gable"}, "rooms": {"many"}, "area": {"0.3"}, "garden": {"maybe"}, "status": {"open"}, "token": {"short"}, "contact.email": {"a@"},
		"contact.site": {"harpur"}, "tags": {"one\none\nlonger than"}, "kinds": nil, "floors": {"1\nx"}, "plots": {`[{"no": 0}, {}, 3]`}, "open": {"31/03/2026"},
	})
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Code != core.Invalid {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range e.Fields {
		got[f.Field] = f.Reason
		if f.Field == "token" && f.Value != "" {
			t.Error("a secret is said back")
		}
	}
	want := map[string]string{
		"name": "is not of the form ^[A-Z]", "rooms": "is not a whole number", "area": "is not a multiple of 0.5", "garden": "is neither true nor false",
		"status": "is none of not_started, done", "token": "is shorter than 8 characters", "contact.email": "is not an e-mail address", "contact.site": "is not an address such as https://example.com",
		"tags[1]": "is there twice", "tags[2]": "is longer than 5 characters", "floors[1]": "is not a whole number", "plots[0].no": "is less than 1",
		"plots[1].no": "is missing", "plots[2]": "is not an object", "open": "is not a date such as 2026-03-31",
	}
	sameTexts(t, got, want)
}

func sameTexts(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name := range maps.Keys(want) {
		if got[name] != want[name] {
			t.Errorf("%s is %q, want %q", name, got[name], want[name])
		}
	}
	for name := range got {
		if _, wanted := want[name]; !wanted {
			t.Errorf("%s is %q, want nothing", name, got[name])
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ schema, document, wrong string }{
		{`{}`, `{"a":[1,null]}`, ""},
		{``, `1`, ""},
		{`{"type":"object"}`, `{`, "The document is not JSON."},
		{`{"type":"object"}`, `{} {}`, "The document is not JSON."},
		{`{"type":"object","additionalProperties":false}`, `{"x":1}`, "x is not known here"},
		{`{"type":"object","additionalProperties":{"type":"integer"}}`, `{"x":1,"y":"1"}`, "y is not a whole number"},
		{`{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"array","items":{"type":"object","properties":{"c":{"type":"boolean"}}}}}}}}`, `{"a":{"b":[{},{},{"c":1}]}}`, "a.b[2].c is neither true nor false"},
		{`{"type":["string","null"]}`, `null`, ""},
		{`{"type":"string"}`, `null`, "is missing"},
		{`{"type":"integer"}`, `1.0`, "is not a whole number"},
		{`{"type":"integer"}`, `1e3`, "is not a whole number"},
		{`{"type":"integer"}`, `18446744073709551615`, ""},
		{`{"type":"integer","maximum":9007199254740992}`, `9007199254740993`, "is more than 9007199254740992"},
		{`{"type":"number"}`, `1e999`, "is out of range"},
		{`{"type":"number","exclusiveMaximum":1}`, `1`, "is not less than 1"},
		{`{"type":"number","multipleOf":0.1}`, `0.3`, ""},
		{`{"enum":[1,"two",null]}`, `1.0`, ""},
		{`{"enum":[1,"two"]}`, `"1"`, "is none of 1, two"},
		{`{"type":"string","maxLength":3}`, `"ÁÉÍ"`, ""},
		{`{"type":"string","pattern":"^a","patternDescription":"a word with a"}`, `"b"`, "is not a word with a"},
		{`{"type":"string","contentEncoding":"base64"}`, `"?"`, "is not base64"},
		{`{"type":"string","format":"uuid"}`, `"x"`, "is not a UUID"},
		{`{"type":"string","format":"ipv4"}`, `"::1"`, "is not an IPv4 address"},
		{`{"type":"string","format":"date-time"}`, `"2026-02-30T00:00:00Z"`, "is not a time such as"},
		{`{"type":"array","minItems":2,"maxItems":3}`, `[1]`, "needs at least 2 entries"},
		{`{"type":"array","maxItems":1}`, `[1,2]`, "has more than 1 entry"},
		{`{"type":"object","dependentRequired":{"a":["b"]}}`, `{"a":1}`, "b is missing beside a"},
		{`{"type":"object","properties":{"a":{"$ref":"#/components/schemas/N"}},"components":{"schemas":{"N":{"type":"object","properties":{"n":{"$ref":"#/components/schemas/N"},"v":{"type":"integer"}}}}}}`, `{"a":{"n":{"n":{"v":"x"}}}}`, "a.n.n.v is not a whole number"},
	} {
		err := schema.Check(json.RawMessage(c.schema), json.RawMessage(c.document))
		switch {
		case c.wrong == "" && err != nil:
			t.Errorf("%s refuses %s: %v", c.schema, c.document, err)
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong) || core.CodeOf(err) != core.Invalid):
			t.Errorf("%s on %s says %v, want %q", c.schema, c.document, err, c.wrong)
		}
	}
}

// A schema that can't be kept to is its author's fault, not the writer's.
func TestSchemasThatAreNotSupported(t *testing.T) {
	t.Parallel()
	wide := `{"type":"object","properties":{` + strings.TrimSuffix(strings.Repeat(`"%s":{"$ref":"#/$defs/N"},`, 9), ",") + `}`
	loop := fmt.Sprintf(`{"$defs":{"N":`+wide+`}},`+wide[1:]+`}`, "a", "b", "c", "d", "e", "f", "g", "h", "i", "a", "b", "c", "d", "e", "f", "g", "h", "i")
	for _, text := range []string{`[`, `{"type":5}`, `{"properties":{"a":{"oneOf":[]}}}`, `{"items":{"not":{}}}`, loop} {
		if _, err := schema.Fields(json.RawMessage(text), nil); err == nil || core.CodeOf(err) != core.Internal {
			t.Errorf("%.80s: %v", text, err)
		}
		if _, err := schema.Decode(json.RawMessage(text), nil); err == nil || core.CodeOf(err) != core.Internal {
			t.Errorf("%.80s: %v", text, err)
		}
	}
}

// anyProperty draws the schema of one property.
func anyProperty(depth int) *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		kinds := []string{"string", "integer", "number", "boolean", "enum", "strings", "choices", "date", "secret", "json"}
		if depth > 0 {
			kinds = append(kinds, "object")
		}
		switch rapid.SampledFrom(kinds).Draw(t, "kind") {
		case "string":
			return map[string]any{"type": "string", "maxLength": rapid.IntRange(1, 8).Draw(t, "longest")}
		case "integer":
			return map[string]any{"type": "integer", "minimum": rapid.IntRange(-5, 5).Draw(t, "least")}
		case "number":
			return map[string]any{"type": []string{"number", "null"}, "maximum": rapid.IntRange(-5, 5).Draw(t, "most")}
		case "boolean":
			return map[string]any{"type": "boolean"}
		case "enum":
			return map[string]any{"type": "integer", "enum": []int{1, 2, 3}}
		case "strings":
			return map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "maxItems": 3}
		case "choices":
			return map[string]any{"type": "array", "items": map[string]any{"type": "string", "enum": []string{"a", "b_c"}}, "minItems": 1}
		case "date":
			return map[string]any{"type": "string", "format": rapid.SampledFrom([]string{"date", "email", "uri", "textarea"}).Draw(t, "format")}
		case "secret":
			return map[string]any{"type": "string", "writeOnly": true}
		case "json":
			return map[string]any{"type": "array", "items": map[string]any{"type": "object"}}
		}
		return anyObject(depth-1).Draw(t, "object")
	})
}

func anyObject(depth int) *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		properties := rapid.MapOfN(rapid.StringMatching(`[a-z_]{1,6}`), anyProperty(depth), 1, 6).Draw(t, "properties")
		required := []string{}
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if rapid.Bool().Draw(t, name+" is required") {
				required = append(required, name)
			}
		}
		return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	})
}

// What Decode lets through is of the schema, but for secrets that are kept;
// and drawn in a form and sent again it is the same.
func TestWhatDecodeReturnsIsOfTheSchema(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal(anyObject(2).Draw(t, "schema"))
		if err != nil {
			t.Fatal(err)
		}
		drawn, err := schema.Fields(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		sent := map[string][]string{}
		for _, f := range drawn {
			value := rapid.OneOf(rapid.SampledFrom([]string{"", "1", "2.5", "on", "a", "b_c\na", "2026-03-31", "a@b.ie", "https://a.ie/b", `[{"x":1}]`, "-7"}), rapid.String())
			if rapid.Bool().Draw(t, f.Name+" is sent") {
				sent[f.Name] = []string{value.Draw(t, f.Name)}
			}
		}
		document, err := schema.Decode(text, sent)
		if err != nil {
			if core.CodeOf(err) != core.Invalid {
				t.Fatal(err)
			}
			return
		}
		if err := schema.Check(text, document); err != nil {
			e, _ := errors.AsType[*core.Error](err)
			for _, f := range e.Fields {
				if f.Reason != "is missing" || !slices.ContainsFunc(drawn, func(d ui.Field) bool { return d.Name == f.Field && d.Kind == ui.PasswordField }) {
					t.Fatalf("%s: %v", document, err)
				}
			}
		}
		again, err := schema.Decode(text, send(t, text, document))
		if err != nil || string(again) != string(document) {
			t.Fatalf("sent again %s becomes %s, %v", document, again, err)
		}
	})
}

// send is what a browser sends of the form that shows the document; secrets
// are typed again.
func send(t *rapid.T, text, document json.RawMessage) map[string][]string {
	var values map[string]any
	if err := json.Unmarshal(document, &values); err != nil {
		t.Fatal(err)
	}
	drawn, err := schema.Fields(text, values)
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string][]string{}
	for _, f := range drawn {
		switch f.Kind {
		case ui.Checkbox:
			if f.Checked {
				sent[f.Name] = []string{"on"}
			}
		case ui.Checkboxes:
			sent[f.Name] = f.Values
		case ui.ListField:
			sent[f.Name] = []string{f.Text()}
		case ui.PasswordField:
			var at any = values
			for step := range strings.SplitSeq(f.Name, ".") {
				inside, _ := at.(map[string]any)
				at = inside[step]
			}
			secret, _ := at.(string)
			sent[f.Name] = []string{secret}
		default:
			sent[f.Name] = []string{f.Value}
		}
	}
	return sent
}

// Whatever a schema, a form and a document are, nothing breaks.
func FuzzSchema(f *testing.F) {
	f.Add(house, `{"name":"Gable","rooms":3}`, "rooms", "4")
	f.Add(`{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/a"}}}`, `{"a":1}`, "a", "1e9999")
	f.Add(`{"type":"array","items":null,"properties":{"a":null}}`, `[null]`, "a", "[")
	f.Fuzz(func(t *testing.T, text, document, name, value string) {
		raw := json.RawMessage(text)
		_ = schema.Check(raw, json.RawMessage(document))
		var values map[string]any
		_ = json.Unmarshal([]byte(document), &values)
		drawn, err := schema.Fields(raw, values)
		if err != nil {
			return
		}
		sent := map[string][]string{name: {value}}
		for _, f := range drawn {
			sent[f.Name] = append(sent[f.Name], f.Value, value)
		}
		decoded, err := schema.Decode(raw, sent)
		if err == nil && !json.Valid(decoded) {
			t.Errorf("%s is no JSON", decoded)
		}
	})
}
