package cloudevents

import (
	"strings"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
)

// decodeBinary reads an event whose attributes are headers and whose data is
// the body.
func decodeBinary(header func(name string) string, body []byte) usage.Report {
	var problems core.Problems
	var at attributes
	for _, a := range []struct {
		name   string
		target *string
	}{
		{"specversion", &at.specversion}, {"id", &at.id}, {"source", &at.source}, {"type", &at.kind},
		{"time", &at.time}, {"subject", &at.subject},
	} {
		text := unescaped(strings.Clone(header("ce-" + a.name)))
		if !utf8.ValidString(text) {
			problems.Add(a.name, "", "is not valid text")
			continue
		}
		*a.target = text
	}
	if reason := catalogue.Malformed(body); reason != "" {
		problems.Add("data", "", reason)
		body = nil
	}
	return finish(problems, at, body)
}

// unescaped is what a header says: without the quotes that it may stand in, and
// with one round of percent-decoding. A percent sign that two hexadecimal
// digits don't follow stands for itself.
func unescaped(text string) string {
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		text = unquoted(text[1 : len(text)-1])
	}
	if !strings.Contains(text, "%") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) && digit(text[i+1]) >= 0 && digit(text[i+2]) >= 0 {
			b.WriteByte(byte(digit(text[i+1])<<4 | digit(text[i+2])))
			i += 2
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func unquoted(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// digit is the value of a hexadecimal digit, -1 if it is none.
func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
