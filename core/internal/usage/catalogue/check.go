package catalogue

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage/members"
)

// Limits of an event's data: bytes, and levels of arrays and objects within
// each other.
const (
	MaxData  = 64 << 10
	MaxDepth = 100
)

// Judge says what is wrong with the data of an event of a type, and why a
// person decides about it. Data of unknown types has to be JSON and no more.
// Fields are named as data.model; those that the catalogue doesn't know are
// allowed.
func Judge(name string, data []byte) Verdict {
	if len(data) <= MaxData {
		if reason := Malformed(data); reason != "" {
			return wrong(reason)
		}
	}
	return JudgeValid(name, data)
}

// JudgeValid is Judge for data that a strict parser has accepted already: valid
// UTF-8, no name twice in an object.
func JudgeValid(name string, data []byte) Verdict {
	if len(data) > MaxData {
		return wrong("is longer than 64 KiB")
	}
	if t, ok := byName[name]; ok {
		return t.judge(data)
	}
	if deep(data, MaxDepth) {
		return wrong(tooDeep)
	}
	return Verdict{Hold: HoldUnknownType}
}

// wrong says what is wrong with data as a whole.
func wrong(reason string) Verdict {
	return Verdict{Fields: []core.FieldError{{Field: "data", Reason: reason}}}
}

// Check says what is wrong with data as data of the type.
func (t Type) Check(data []byte) []core.FieldError { return Judge(t.Name, data).Fields }

// Hold is why a person decides about data that is as it should be: HoldTokens
// where parts are more than the whole (billing.md H19), else "".
func (t Type) Hold(data []byte) string { return Judge(t.Name, data).Hold }

// Malformed says why data can't be read as JSON, "" if it can or is empty.
func Malformed(data []byte) string {
	if len(data) == 0 || jsontext.Value(data).IsValid() {
		return ""
	}
	if _, err := jsontext.NewDecoder(bytes.NewReader(data)).ReadValue(); err != nil {
		return "is not JSON: " + Explain(err)
	}
	return "is more than one JSON value"
}

const tooDeep = "is nested deeper than 100 levels"

// deep reports whether a value is nested deeper than so many levels, which a
// short one can't be.
func deep(value []byte, levels int) bool {
	if len(value) <= 2*levels {
		return false
	}
	_, depth := members.Shape(value)
	return depth > levels
}

// judgement is one walk through the data of an event.
type judgement struct {
	fields []core.FieldError
	counts [16]int64
}

func (t *Type) judge(data []byte) Verdict {
	var j judgement
	var seen uint32
	switch data = bytes.TrimSpace(data); {
	case len(data) == 0 || string(data) == "null":
	case data[0] != '{':
		return wrong("is not an object")
	default:
		expected := 0
		for name, value := range members.All(data) {
			if deep(value, MaxDepth-1) {
				return wrong(tooDeep)
			}
			at, ok := t.place(name, expected)
			if !ok || value[0] == 'n' { // null says nothing
				continue
			}
			seen |= 1 << at
			expected = at + 1
			if reason := j.read(&t.Fields[at], at, value); reason != "" {
				j.wrong(&t.Fields[at], value, reason)
			}
		}
	}
	for i := range t.Fields {
		if t.Fields[i].Required && seen&(1<<i) == 0 {
			j.wrong(&t.Fields[i], nil, "is missing")
		}
	}
	if len(j.fields) == 0 && !t.adds(&j.counts) {
		return Verdict{Hold: HoldTokens}
	}
	return Verdict{Fields: j.fields}
}

// place finds a field by name, first where it is if the sender keeps the order
// of the catalogue.
func (t *Type) place(name []byte, expected int) (int, bool) {
	if expected < len(t.Fields) && t.Fields[expected].Name == string(name) {
		return expected, true
	}
	at, ok := t.places[string(name)]
	return at, ok
}

// adds reports whether no parts are more than their whole.
func (t *Type) adds(counts *[16]int64) bool {
	for _, s := range t.sums {
		rest := counts[t.places[s.whole]]
		for _, part := range s.parts {
			rest -= counts[t.places[part]]
		}
		if rest < 0 {
			return false
		}
	}
	return true
}

func (j *judgement) wrong(f *Field, value []byte, reason string) {
	e := core.FieldError{Field: "data." + f.Name, Reason: reason}
	if f.Values != nil && len(value) > 0 {
		e.Value = string(value[:min(len(value), 80)])
	}
	j.fields = append(j.fields, e)
}

// read returns what is wrong with a field's value.
func (j *judgement) read(f *Field, at int, value []byte) string {
	switch f.Kind {
	case Text:
		return f.checkText(value)
	case Count:
		n, reason := f.count(value)
		j.counts[at] = n
		return reason
	case Measure:
		return checkMeasure(value)
	default:
		if value[0] != 't' && value[0] != 'f' {
			return "is not true or false"
		}
		return ""
	}
}

func (f *Field) checkText(value []byte) string {
	if value[0] != '"' {
		return "is not text"
	}
	text := members.Text(value)
	limit := f.Length
	if limit == 0 {
		limit = maxText
	}
	switch {
	case len(text) == 0 && f.Required:
		return "is empty"
	case len(text) > limit && utf8.RuneCount(text) > limit:
		return "is longer than " + strconv.Itoa(limit) + " characters"
	case len(text) < len(value)-2 && hasControl(text), bytes.IndexByte(text, del) >= 0: // the only one that needs no escape
		return "holds a control character"
	case f.Values != nil && !oneOf(f.Values, text):
		return "is none of " + strings.Join(f.Values, ", ")
	}
	return ""
}

const del = 0x7f

func hasControl(text []byte) bool {
	for _, c := range text {
		if c < 0x20 || c == del {
			return true
		}
	}
	return false
}

func oneOf(values []string, text []byte) bool {
	for _, v := range values {
		if v == string(text) {
			return true
		}
	}
	return false
}

func (f *Field) count(value []byte) (int64, string) {
	if value[0] == '-' {
		return 0, "is negative"
	}
	var n int64
	for _, c := range value {
		if c < '0' || c > '9' {
			return 0, "is not a whole number in digits"
		}
		if n = 10*n + int64(c-'0'); n > maxCount {
			return 0, "is more than " + strconv.Itoa(maxCount)
		}
	}
	if n < f.Min {
		return 0, "is less than " + strconv.FormatInt(f.Min, 10)
	}
	if n > f.most() {
		return 0, "is more than " + strconv.FormatInt(f.Max, 10)
	}
	return n, ""
}

func (f *Field) most() int64 {
	if f.Max == 0 {
		return maxCount
	}
	return f.Max
}

func checkMeasure(value []byte) string {
	if value[0] == '-' {
		return "is negative"
	}
	if value[0] < '0' || value[0] > '9' {
		return "is not a number"
	}
	if n, err := strconv.ParseFloat(string(value), 64); err != nil || n > maxCount {
		return "is more than " + strconv.Itoa(maxCount)
	}
	return ""
}
