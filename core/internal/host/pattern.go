package host

import (
	"net/url"
	"strings"
)

// pattern is a path with named parts: /notes/{note}.
type pattern []string

func parsePattern(path string) pattern {
	return strings.Split(strings.Trim(path, "/"), "/")
}

func isParam(part string) bool { return strings.HasPrefix(part, "{") && strings.HasSuffix(part, "}") }

// match reads a path's named parts.
func (p pattern) match(path string) (params map[string]string, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) != len(p) {
		return nil, false
	}
	params = map[string]string{}
	for i, want := range p {
		switch got, err := url.PathUnescape(parts[i]); {
		case err != nil:
			return nil, false
		case isParam(want) && got != "":
			params[strings.Trim(want, "{}")] = got
		case isParam(want) || got != want:
			return nil, false
		}
	}
	return params, true
}

// before reports whether p is asked before q: of two that match one path, the
// one whose words are fixed earlier, /notes/new before /notes/{note}.
func (p pattern) before(q pattern) bool {
	for i := range min(len(p), len(q)) {
		if isParam(p[i]) != isParam(q[i]) {
			return isParam(q[i])
		}
	}
	return false
}

// find returns the index of the pattern that a path belongs to, or -1.
func find(patterns []pattern, path string) (index int, params map[string]string) {
	index = -1
	for i, p := range patterns {
		if index >= 0 && !p.before(patterns[index]) {
			continue
		}
		if found, ok := p.match(path); ok {
			index, params = i, found
		}
	}
	return index, params
}
