// Package members walks through JSON objects that a strict parser has accepted
// already. It checks nothing a second time, and so costs next to nothing; given
// anything else than valid JSON it panics.
package members

import (
	"bytes"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// All yields the name, unquoted, and the raw value of each member of a valid
// JSON object. Both point into the object as long as the name has no escapes.
func All(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		at := blank(object, blank(object, 0)+1)
		for object[at] != '}' {
			end := pass(object, at)
			name := Text(object[at:end])
			at = blank(object, blank(object, end)+1)
			end = pass(object, at)
			if !yield(name, object[at:end]) {
				return
			}
			if at = blank(object, end); object[at] == ',' {
				at = blank(object, at+1)
			}
		}
	}
}

// Text is what a valid JSON string says. It points into the string as long as
// that has no escapes.
func Text(quoted []byte) []byte {
	inside := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inside, '\\') < 0 {
		return inside
	}
	text, _ := jsontext.AppendUnquote(nil, quoted) // fails for what isn't valid
	return text
}

// Shape is how many arrays and objects a valid JSON value is made of, and how
// many of them lie within each other at most: 0 and 0 of a number, 1 and 1 of {}.
func Shape(value []byte) (nodes, depth int) {
	before := 0
	measure(value, 0, func(level int) bool {
		if level > before {
			nodes++
			depth = max(depth, level)
		}
		before = level
		return true
	})
	return nodes, depth
}

// blank returns the place of the first byte from at that is no white space.
func blank(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t') {
		at++
	}
	return at
}

// pass returns the place behind the value that begins at a place.
func pass(text []byte, at int) int {
	switch text[at] {
	case '"':
		return passString(text, at)
	case '{', '[':
		return measure(text, at, func(level int) bool { return level > 0 })
	}
	for at < len(text) {
		switch text[at] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			return at
		}
		at++
	}
	return at
}

func passString(text []byte, at int) int {
	if end := at + 1 + bytes.IndexByte(text[at+1:], '"'); text[end-1] != '\\' {
		return end + 1
	}
	for at++; text[at] != '"'; at++ { // perhaps it is an escape's
		if text[at] == '\\' {
			at++
		}
	}
	return at + 1
}

// measure follows brackets from a place, telling the level that each leads to,
// until it is told to stop or the text ends. Returns the place behind the last.
func measure(text []byte, at int, visit func(level int) bool) int {
	level := 0
	for at < len(text) {
		switch text[at] {
		case '"':
			at = passString(text, at)
			continue
		case '{', '[':
			level++
		case '}', ']':
			level--
		default:
			at++
			continue
		}
		if at++; !visit(level) {
			return at
		}
	}
	return at
}
