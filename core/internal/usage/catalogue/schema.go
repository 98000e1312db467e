package catalogue

import (
	"bytes"
	"encoding/json"
)

// member is one member of an object whose order counts.
type member struct {
	name  string
	value any
}

// ordered writes an object with its members in their order.
func ordered(members []member) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(literal(m.name))
		b.WriteByte(':')
		b.Write(literal(m.value))
	}
	b.WriteByte('}')
	return b.Bytes()
}

// literal writes a text, a number, a list of texts or JSON.
func literal(value any) []byte {
	text, _ := json.Marshal(value) // fails for nothing that the tables hold
	return text
}

// Schema is the JSON Schema (2020-12) of the type's data.
func (t Type) Schema() json.RawMessage {
	var properties []member
	required := []string{}
	for _, f := range t.Fields {
		properties = append(properties, member{f.Name, f.schema()})
		if f.Required {
			required = append(required, f.Name)
		}
	}
	return ordered([]member{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", "urn:openhouse:event:" + t.Name},
		{"title", t.Name},
		{"description", t.Meaning},
		{"type", "object"},
		{"properties", ordered(properties)},
		{"required", required},
		{"additionalProperties", true},
		{"examples", []json.RawMessage{t.Example()}},
	})
}

func (f Field) schema() json.RawMessage {
	kind := map[Kind]string{Text: "string", Count: "integer", Measure: "number", Flag: "boolean"}[f.Kind]
	members := []member{{"description", f.Meaning}, {"type", kind}}
	if !f.Required { // null says nothing
		members[1].value = []string{kind, "null"}
	}
	switch f.Kind {
	case Text:
		members = append(members, f.textSchema()...)
	case Count:
		members = append(members, member{"minimum", f.Min}, member{"maximum", f.most()})
	case Measure:
		members = append(members, member{"minimum", 0}, member{"maximum", maxCount})
	}
	return ordered(members)
}

func (f Field) textSchema() []member {
	if f.Values != nil {
		values := make([]any, 0, len(f.Values)+1)
		for _, v := range f.Values {
			values = append(values, v)
		}
		if !f.Required {
			values = append(values, nil)
		}
		return []member{{"enum", values}}
	}
	limits := []member{{"maxLength", maxText}, {"pattern", `^[^\x00-\x1f\x7f]*$`}}
	if f.Length > 0 {
		limits[0].value = f.Length
	}
	if f.Required {
		limits = append([]member{{"minLength", 1}}, limits...)
	}
	return limits
}
