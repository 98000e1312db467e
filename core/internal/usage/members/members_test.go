package members_test

import (
	"bytes"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/openhouse-ai/console/core/internal/usage/members"
)

// FuzzAll compares the walk with a parser that checks everything.
func FuzzAll(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a" : "b\"}" , "c":[1,{"d":"]"}],"e":null,"\u0066":-1.5e3}`, "{\"a\":{\n\"b\":[]\t},\"c\":true}", `{"a":"\\"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if value := jsontext.Value(text); !value.IsValid() || value.Kind() != '{' {
			return // never walked
		}
		d := jsontext.NewDecoder(bytes.NewReader(text))
		if _, err := d.ReadToken(); err != nil {
			t.Fatal(err)
		}
		nodes := 1
		for name, value := range members.All(text) {
			token, err := d.ReadToken()
			if err != nil || token.String() != string(name) {
				t.Fatalf("%q: name %q, want %q (%v)", text, name, token, err)
			}
			want, err := d.ReadValue()
			if err != nil || string(want) != string(value) {
				t.Fatalf("%q: value %q, want %q (%v)", text, value, want, err)
			}
			inside, depth := members.Shape(value)
			if nodes += inside; (depth > 0) != (want.Kind() == '{' || want.Kind() == '[') || depth > inside {
				t.Errorf("%q has %d nodes, %d deep", value, inside, depth)
			}
		}
		if token, err := d.ReadToken(); err != nil || token.Kind() != '}' {
			t.Fatalf("%q: the walk ended before %v (%v)", text, token, err)
		}
		if all, _ := members.Shape(text); all != nodes {
			t.Errorf("%q has %d nodes, its parts %d", text, all, nodes)
		}
	})
}

func TestStops(t *testing.T) {
	t.Parallel()
	for name := range members.All([]byte(`{"a":1,"b":2}`)) {
		if string(name) != "a" {
			t.Fatalf("went on to %q", name)
		}
		break
	}
}

func TestShape(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text         string
		nodes, depth int
	}{{`1`, 0, 0}, {`"[["`, 0, 0}, {`{}`, 1, 1}, {`[[],[[]],{}]`, 5, 3}, {`{"a":{"b":[{}]}}`, 4, 4}} {
		if nodes, depth := members.Shape([]byte(test.text)); nodes != test.nodes || depth != test.depth {
			t.Errorf("%s: %d nodes, %d deep, want %d and %d", test.text, nodes, depth, test.nodes, test.depth)
		}
	}
}
