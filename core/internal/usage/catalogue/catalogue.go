// Package catalogue knows the types of usage events: what each means, which
// fields its data has, and whether data that is reported is as it should be.
package catalogue

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/openhouse-ai/console/core"
)

// Kind is what a field holds.
type Kind string

// A count is a whole number written in digits, a measure any number; neither
// is ever negative.
const (
	Text    Kind = "text"
	Count   Kind = "count"
	Measure Kind = "measure"
	Flag    Kind = "flag"
)

// Field is one member of an event's data.
type Field struct {
	Name     string
	Kind     Kind
	Required bool
	Meaning  string

	Values   []string // the only texts allowed; nil: any
	Min, Max int64    // of a count; Max 0: maxCount
	Length   int      // of a text, in characters; 0: maxText
	Example  any      // nil: the example of the type leaves it out
}

// Limits of fields. A count is exact in every language that reads it.
const (
	maxText  = 200
	maxCount = 1<<53 - 1
)

// Type is one kind of usage event.
type Type struct {
	Name    string // ai.openhouse.llm.called
	Meaning string
	Fields  []Field

	sums   []sum
	places map[string]int // of fields, by name
}

// sum says that some fields are parts of another: together never more than it.
type sum struct {
	whole string
	parts []string
}

// Reasons for which a person decides about an event that is not wrong: they
// are those of usage.Hold.
const (
	HoldUnknownType = "unknown_type"
	HoldTokens      = "tokens"
)

// Verdict is what the catalogue says about an event: what is wrong with it,
// and, if nothing is, why a person decides.
type Verdict struct {
	Fields []core.FieldError
	Hold   string // "" is none
}

var (
	types  = listed()
	byName = indexed(types)
)

func listed() []*Type {
	all := slices.Concat(homeTypes, assistantTypes, mapTypes, platformTypes)
	slices.SortFunc(all, func(a, b *Type) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

func indexed(types []*Type) map[string]*Type {
	index := make(map[string]*Type, len(types))
	for _, t := range types {
		t.places = make(map[string]int, len(t.Fields))
		for i, f := range t.Fields {
			t.places[f.Name] = i
		}
		index[t.Name] = t
	}
	return index
}

// All returns every type in the order of their names.
func All() []Type {
	all := make([]Type, len(types))
	for i, t := range types {
		all[i] = *t
	}
	return all
}

// Find returns the type of a name.
func Find(name string) (Type, bool) {
	t, ok := byName[name]
	if !ok {
		return Type{}, false
	}
	return *t, true
}

// Example is data as this type has it.
func (t Type) Example() json.RawMessage {
	var members []member
	for _, f := range t.Fields {
		if f.Example != nil {
			members = append(members, member{f.Name, f.Example})
		}
	}
	return ordered(members)
}
