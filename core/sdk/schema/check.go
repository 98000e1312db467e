package schema

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
)

// longestValue bounds how much of a wrong value is said back, in bytes.
const longestValue = 80

// Check returns nil when the document is JSON of the schema. Otherwise it
// returns an invalid core.Error with every value that is wrong, named from the
// top: rooms[2].size. A schema that can't be read is another kind of error.
func Check(schema, document json.RawMessage) error {
	root, err := parse(schema)
	if err != nil {
		return err
	}
	value, err := read(document)
	if err != nil {
		return &core.Error{Code: core.Invalid, Message: "The document is not JSON."}
	}
	c := checker{root: root}
	c.check(root, "", value, 0)
	return c.problems.Err()
}

// read decodes one JSON value with its numbers as they were written.
func read(document json.RawMessage) (value any, err error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is more behind the value")
	}
	return value, nil
}

// checker collects what is wrong.
type checker struct {
	root     *node
	problems core.Problems
}

func (c *checker) add(path string, value any, reason string, args ...any) {
	text := ""
	switch v := value.(type) {
	case nil, map[string]any, []any:
	default:
		text = fmt.Sprint(v)
	}
	if len(text) > longestValue {
		text = strings.ToValidUTF8(text[:longestValue], "") + "…"
	}
	c.problems.Add(path, text, fmt.Sprintf(reason, args...))
}

func (c *checker) check(n *node, path string, value any, depth int) {
	if n = n.at(c.root); n == nil {
		return
	}
	if depth > 4*deepest {
		c.add(path, nil, "is nested too deep")
		return
	}
	if value == nil {
		if !n.nullable() {
			c.add(path, nil, "is missing")
		}
		return
	}
	if !c.kindFits(n, path, value) {
		return
	}
	if len(n.Enum) > 0 && !slices.ContainsFunc(n.Enum, func(raw json.RawMessage) bool { return same(raw, value) }) {
		c.add(path, secretless(n, value), "is none of %s", strings.Join(n.choices(), ", "))
		return
	}
	switch v := value.(type) {
	case string:
		c.text(n, path, v)
	case json.Number:
		c.number(n, path, v)
	case []any:
		c.list(n, path, v, depth)
	case map[string]any:
		c.object(n, path, v, depth)
	}
}

// kindFits checks the type of a value.
func (c *checker) kindFits(n *node, path string, value any) bool {
	want := n.kind()
	if want == "" {
		return true
	}
	fits, reason := false, ""
	switch want {
	case "string":
		_, fits = value.(string)
		reason = "is not text"
	case "boolean":
		_, fits = value.(bool)
		reason = "is neither true nor false"
	case "integer":
		number, ok := value.(json.Number)
		fits, reason = ok && isWhole(number), "is not a whole number"
	case "number":
		_, fits = value.(json.Number)
		reason = "is not a number"
	case "array":
		_, fits = value.([]any)
		reason = "is not a list"
	case "object":
		_, fits = value.(map[string]any)
		reason = "is not an object"
	default:
		reason = "has the unknown type " + want
	}
	if !fits {
		c.add(path, secretless(n, value), "%s", reason)
	}
	return fits
}

// secretless keeps secrets out of what is said back.
func secretless(n *node, value any) any {
	if n.WriteOnly {
		return nil
	}
	return value
}

// isWhole reports whether Go reads the number into an integer.
func isWhole(n json.Number) bool {
	if _, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return true
	}
	_, err := strconv.ParseUint(n.String(), 10, 64)
	return err == nil
}

func (c *checker) text(n *node, path, s string) {
	if n.isFile() {
		c.file(n, path, s)
		return
	}
	shown := secretless(n, s)
	length := utf8.RuneCountInString(s)
	if n.MinLength != nil && length < *n.MinLength {
		if length == 0 {
			c.add(path, shown, "is missing")
		} else {
			c.add(path, shown, "is shorter than %s", count(*n.MinLength, "character"))
		}
		return
	}
	if n.MaxLength != nil && length > *n.MaxLength {
		c.add(path, shown, "is longer than %s", count(*n.MaxLength, "character"))
	}
	if n.Pattern != "" {
		if pattern, err := regexp.Compile(n.Pattern); err != nil {
			c.add(path, nil, "can't be checked: its pattern is wrong")
		} else if !pattern.MatchString(s) {
			c.add(path, shown, "is not %s", cmp.Or(n.PatternSays, "of the form "+n.Pattern))
		}
	}
	if reason := formatReason(n.Format, s); reason != "" {
		c.add(path, shown, "%s", reason)
	}
	if n.Encoding == "base64" {
		if _, err := base64.StdEncoding.DecodeString(s); err != nil {
			c.add(path, nil, "is not base64")
		}
	}
}

func (c *checker) number(n *node, path string, v json.Number) {
	shown := secretless(n, v)
	if _, err := v.Float64(); err != nil {
		c.add(path, shown, "is out of range")
		return
	}
	for _, limit := range []struct {
		bound  *json.Number
		broken func(int) bool
		reason string
	}{
		{n.Minimum, func(order int) bool { return order < 0 }, "is less than %s"},
		{n.Maximum, func(order int) bool { return order > 0 }, "is more than %s"},
		{n.ExclusiveMinimum, func(order int) bool { return order <= 0 }, "is not more than %s"},
		{n.ExclusiveMaximum, func(order int) bool { return order >= 0 }, "is not less than %s"},
	} {
		if limit.bound != nil && limit.broken(compare(v, *limit.bound)) {
			c.add(path, shown, limit.reason, *limit.bound)
		}
	}
	if n.MultipleOf != nil && !isMultiple(v, *n.MultipleOf) {
		c.add(path, shown, "is not a multiple of %s", *n.MultipleOf)
	}
}

func (c *checker) list(n *node, path string, items []any, depth int) {
	if n.MinItems != nil && len(items) < *n.MinItems {
		if len(items) == 0 {
			c.add(path, nil, "is missing")
		} else {
			c.add(path, nil, "needs at least %s", entries(*n.MinItems))
		}
	}
	if n.MaxItems != nil && len(items) > *n.MaxItems {
		c.add(path, nil, "has more than %s", entries(*n.MaxItems))
	}
	seen := map[string]bool{}
	for i, item := range items {
		at := path + "[" + strconv.Itoa(i) + "]"
		if n.UniqueItems {
			text, err := json.Marshal(item)
			if err == nil && seen[string(text)] {
				c.add(at, item, "is there twice")
			}
			seen[string(text)] = true
		}
		if n.Items != nil {
			c.check(n.Items, at, item, depth+1)
		}
	}
}

func (c *checker) object(n *node, path string, members map[string]any, depth int) {
	for _, name := range n.Required {
		if _, ok := members[name]; !ok {
			c.add(join(path, name), nil, "is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		at := join(path, name)
		part, known := n.Properties[name]
		switch {
		case known:
			c.check(part, at, members[name], depth+1)
		case n.additional != nil:
			c.check(n.additional, at, members[name], depth+1)
		case string(bytes.TrimSpace(n.Additional)) == "false":
			c.add(at, nil, "is not known here")
		}
		for _, other := range n.DependentRequired[name] {
			if _, ok := members[other]; !ok {
				c.add(join(path, other), nil, "is missing beside %s", name)
			}
		}
	}
	if n.MinProperties != nil && len(members) < *n.MinProperties {
		c.add(path, nil, "needs at least %s", entries(*n.MinProperties))
	}
	if n.MaxProperties != nil && len(members) > *n.MaxProperties {
		c.add(path, nil, "has more than %s", entries(*n.MaxProperties))
	}
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return strconv.Itoa(n) + " entries"
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
