package ui

import (
	"slices"
	"strings"
)

func (f *Field) fill(sent []string) {
	switch f.Kind {
	case PasswordField, CodeField, FileField:
		return
	case Checkbox:
		f.Checked = len(sent) > 0
	case Checkboxes:
		f.Values = sent
	case ListField:
		f.Values = Lines(strings.Join(sent, "\n"))
	default:
		if len(sent) > 0 {
			f.Value = sent[0]
		}
	}
}

// Field is the field of the name, to be completed. Without one it is a new
// field that is part of nothing.
func (f *Form) Field(name string) *Field {
	found := new(Field)
	f.each(func(field *Field) {
		if field.Name == name {
			found = field
		}
	})
	return found
}

// Chosen reports whether an option of the field is chosen.
func (f Field) Chosen(o Option) bool {
	if f.Kind == Checkboxes {
		return slices.Contains(f.Values, o.Value)
	}
	return f.Value == o.Value
}

// Text is the entries of a list field, one on each line.
func (f Field) Text() string { return strings.Join(f.Values, "\n") }

// Lines splits what was typed into a list field: trimmed, without blanks.
func Lines(s string) []string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func joinSentences(before, name, reason string) string {
	if name != "" {
		reason = name + ": " + reason
	}
	return strings.TrimSpace(before + " " + reason)
}
