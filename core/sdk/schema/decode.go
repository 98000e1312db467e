package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// Decode returns what a form sent as JSON of the schema. Names that the schema
// doesn't know are ignored; what was left empty is left out, unless it is a
// checkbox, which sends nothing when it isn't ticked. A name that was not sent
// at all takes the schema's default. An empty secret is left out without
// complaint, because it means the one that is kept.
//
// Everything that is wrong is returned at once in an invalid core.Error whose
// fields are named like the form's.
func Decode(schema json.RawMessage, values map[string][]string) (json.RawMessage, error) {
	root, err := formed(schema)
	if err != nil {
		return nil, err
	}
	d := decoder{root: root, sent: values}
	document, err := json.Marshal(d.object(root, "", 0))
	if err != nil {
		return nil, err
	}
	if err := Check(schema, document); err != nil {
		e, ok := errors.AsType[*core.Error](err)
		if !ok {
			return nil, err
		}
		d.join(e.Fields)
	}
	if err := d.problems.Err(); err != nil {
		return nil, err
	}
	return document, nil
}

// decoder reads a form.
type decoder struct {
	root     *node
	sent     map[string][]string
	problems core.Problems
	kept     []string // names of secrets that were left empty
}

// join adds what the document's check has found, unless the field is known to
// be wrong or is a secret that is kept.
func (d *decoder) join(found []core.FieldError) {
	for _, f := range found {
		field, _, _ := strings.Cut(f.Field, "[")
		if slices.Contains(d.kept, f.Field) || slices.ContainsFunc(d.problems, func(p core.FieldError) bool { return p.Field == f.Field || p.Field == field }) {
			continue
		}
		d.problems = append(d.problems, f)
	}
}

// object reads the properties that the form has fields for.
func (d *decoder) object(n *node, path string, depth int) map[string]any {
	out := map[string]any{}
	for _, name := range n.names() {
		part, at := n.Properties[name].at(d.root), join(path, name)
		if part.unfolds(depth) {
			if within := d.object(part, at, depth+1); n.requires(name) || d.filled(at) {
				out[name] = within
			}
			continue
		}
		value, given := d.value(part, at)
		if list, isList := value.([]any); given || isList && list != nil && n.requires(name) {
			out[name] = value
		}
	}
	return out
}

// filled reports whether anything of an object was sent.
func (d *decoder) filled(path string) bool {
	for name, values := range d.sent {
		if strings.HasPrefix(name, path+".") && slices.ContainsFunc(values, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			return true
		}
	}
	return false
}

// value reads one field; given is false when it is left out.
func (d *decoder) value(n *node, path string) (value any, given bool) {
	texts, sent := d.sent[path]
	switch kind := n.kind(); {
	case kind == "boolean":
		return d.boolean(path, texts)
	case !sent && len(n.Default) > 0:
		return n.Default, true
	case n.WriteOnly && (len(texts) == 0 || texts[0] == ""):
		d.kept = append(d.kept, path)
		return nil, false
	case kind == "array" && n.listable(d.root):
		return d.list(n, path, texts)
	case len(texts) == 0:
		return nil, false
	}
	return d.scalar(n, path, texts[0])
}

// boolean is a checkbox, or a choice of true and false.
func (d *decoder) boolean(path string, texts []string) (any, bool) {
	if len(texts) == 0 {
		return false, true
	}
	switch strings.ToLower(strings.TrimSpace(texts[len(texts)-1])) {
	case "on", "true", "1", "yes":
		return true, true
	case "", "off", "false", "0", "no":
		return false, true
	}
	d.problems.Add(path, texts[0], "is neither true nor false")
	return nil, false
}

// listable reports whether the entries are written one on each line.
func (n *node) listable(root *node) bool {
	item := n.Items.at(root)
	if item == nil {
		return false
	}
	switch item.kind() {
	case "string", "integer", "number":
		return true
	}
	return len(item.Enum) > 0
}

func (d *decoder) list(n *node, path string, texts []string) (any, bool) {
	item := n.Items.at(d.root)
	entries := []any{}
	for line := range strings.Lines(strings.Join(texts, "\n")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if value, given := d.scalar(item, path+"["+strconv.Itoa(len(entries))+"]", line); given {
			entries = append(entries, value)
		} else {
			entries = append(entries, nil)
		}
	}
	return entries, len(entries) > 0
}

// scalar reads one text as a value of the type.
func (d *decoder) scalar(n *node, path, text string) (any, bool) {
	trimmed := strings.TrimSpace(text)
	switch n.kind() {
	case "string":
		if !n.WriteOnly && n.Format != "textarea" {
			text = trimmed
		}
		if strings.TrimSpace(text) == "" {
			return "", n.clearable()
		}
		return strings.ReplaceAll(text, "\r\n", "\n"), true
	case "integer":
		return d.whole(path, trimmed)
	case "number":
		return d.decimal(path, trimmed)
	}
	if trimmed == "" {
		return nil, false
	}
	if n.kind() == "" && !json.Valid([]byte(trimmed)) {
		return trimmed, true // of any type: text is one
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(trimmed)); err != nil {
		d.problems.Add(path, "", "is not JSON")
		return nil, false
	}
	return json.RawMessage(compact.Bytes()), true
}

// clearable reports whether an emptied text is a value of its own: left out,
// it would become the default again.
func (n *node) clearable() bool {
	return len(n.Default) > 0 && len(n.Enum) == 0 && (n.MinLength == nil || *n.MinLength == 0) && n.Pattern == "" && (n.Format == "" || n.Format == "textarea")
}

func (d *decoder) whole(path, text string) (any, bool) {
	if text == "" {
		return nil, false
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n, true
	}
	d.problems.Add(path, text, "is not a whole number")
	return nil, false
}

// decimal keeps the digits as they were typed where JSON allows it.
func (d *decoder) decimal(path, text string) (any, bool) {
	if text == "" {
		return nil, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.ContainsAny(text, "xXpPnN_") {
		d.problems.Add(path, text, "is not a number")
		return nil, false
	}
	if json.Valid([]byte(text)) {
		return json.Number(text), true
	}
	return f, true
}
