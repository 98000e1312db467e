package usage

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how many arrays and objects of an event's data lie inside each
// other at most: SQLite reads no more than a thousand.
const maxDepth = 100

var (
	errData  = errors.New("is not JSON, or longer than 64 KiB")
	errDepth = errors.New("has more than 100 arrays and objects inside each other")
)

// canonical writes JSON without white space and with sorted names, so that a
// sender who serialises the same data anew is not in conflict with itself.
// Numbers stay as they are spelled. Data that is canonical comes back itself.
// What it returns holds until the next call.
func (p *plain) canonical(data []byte) ([]byte, error) {
	if len(data) == 0 {
		return nil, nil
	}
	if len(data) > maxBody {
		return nil, errData
	}
	if p.whole(data) {
		if len(p.out) == len(data) && bytes.Equal(p.out, data) {
			return data, nil
		}
		return p.out, nil
	}
	return reordered(data)
}

// reordered is canonical for all that is JSON.
func reordered(data []byte) ([]byte, error) {
	out, err := jsontext.AppendFormat(make([]byte, 0, len(data)), data,
		jsontext.ReorderRawObjects(true), jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false))
	if err != nil {
		return nil, errData
	}
	if depth(out) > maxDepth {
		return nil, errDepth
	}
	return out, nil
}

// depth is how many arrays and objects of valid JSON lie inside each other.
func depth(data []byte) (deepest int) {
	open, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			open++
			deepest = max(deepest, open)
		case c == '}' || c == ']':
			open--
		}
	}
	return deepest
}

// plain writes JSON canonically that needs no thought, which is nearly all that
// is reported, several times as fast as a library does: names are of ASCII, and
// texts are escaped as they have to be. Its methods answer false for all else,
// right or wrong.
type plain struct {
	in, out []byte
	at      int
	members []member // of the objects that are open
	scratch []byte
}

// member is one of an object: where its name and all of it are in out, and the
// first eight bytes of the name, which tell most of them apart.
type member struct {
	from, name, until int
	begins            uint64
}

func (p *plain) whole(data []byte) bool {
	if !utf8.Valid(data) {
		return false
	}
	p.in, p.at, p.out, p.members = data, 0, slices.Grow(p.out[:0], len(data)), p.members[:0]
	if !p.value(0) {
		return false
	}
	p.space()
	return p.at == len(p.in)
}

// space skips white space and returns the byte behind it, 0 at the end.
func (p *plain) space() byte {
	for ; p.at < len(p.in); p.at++ {
		if c := p.in[p.at]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
	}
	return 0
}

// take writes the byte at hand.
func (p *plain) take() {
	p.out = append(p.out, p.in[p.at])
	p.at++
}

func (p *plain) value(depth int) bool {
	switch c := p.space(); {
	case c == '"':
		return p.text(false)
	case c == '{':
		return depth < maxDepth && p.object(depth+1)
	case c == '[':
		return depth < maxDepth && p.array(depth+1)
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if len(p.in)-p.at >= len(word) && string(p.in[p.at:p.at+len(word)]) == word {
			p.out = append(p.out, word...)
			p.at += len(word)
			return true
		}
	}
	return false
}

func (p *plain) array(depth int) bool {
	p.take()
	if p.space() == ']' {
		p.take()
		return true
	}
	for p.value(depth) {
		switch p.space() {
		case ',':
			p.take()
		case ']':
			p.take()
			return true
		default:
			return false
		}
	}
	return false
}

func (p *plain) object(depth int) bool {
	first := len(p.members)
	p.take()
	if p.space() == '}' {
		p.take()
		return true
	}
	for {
		m := member{from: len(p.out)}
		if p.space() != '"' || !p.text(true) {
			return false
		}
		m.name = len(p.out)
		m.begins = beginning(p.out[m.from+1 : m.name-1])
		if p.space() != ':' {
			return false
		}
		p.take()
		if !p.value(depth) {
			return false
		}
		m.until = len(p.out)
		p.members = append(p.members, m)
		switch p.space() {
		case ',':
			p.take()
		case '}':
			if !p.sort(p.members[first:]) {
				return false
			}
			p.members = p.members[:first]
			p.take()
			return true
		default:
			return false
		}
	}
}

// sort brings the members of an object into the order of their names; false if
// two have the same.
func (p *plain) sort(members []member) bool {
	name := func(m member) []byte { return p.out[m.from+1 : m.name-1] } // without the quotation marks
	order := func(a, b member) int {
		if a.begins != b.begins {
			return cmp.Compare(a.begins, b.begins)
		}
		return bytes.Compare(name(a), name(b))
	}
	if !slices.IsSortedFunc(members, order) {
		from := members[0].from
		slices.SortFunc(members, order)
		p.scratch = p.scratch[:0]
		for i, m := range members {
			if i > 0 {
				if order(members[i-1], m) == 0 {
					return false
				}
				p.scratch = append(p.scratch, ',')
			}
			p.scratch = append(p.scratch, p.out[m.from:m.until]...)
		}
		copy(p.out[from:], p.scratch)
		return true
	}
	for i := 1; i < len(members); i++ {
		if order(members[i-1], members[i]) == 0 {
			return false
		}
	}
	return true
}

// beginning is the first eight bytes of a name as a number of the same order. No
// name holds a zero.
func beginning(name []byte) (n uint64) {
	for i := range 8 {
		n <<= 8
		if i < len(name) {
			n |= uint64(name[i])
		}
	}
	return n
}

// text writes a text as it is. A name is of ASCII, without escapes: another
// order is wanted for others.
func (p *plain) text(name bool) bool {
	from := p.at
	for p.at++; p.at < len(p.in); p.at++ {
		switch c := p.in[p.at]; {
		case c == '"':
			p.at++
			p.out = append(p.out, p.in[from:p.at]...)
			return true
		case c == '\\':
			p.at++
			if name || p.at == len(p.in) || bytes.IndexByte([]byte(`"\bfnrt`), p.in[p.at]) < 0 {
				return false
			}
		case c < ' ' || name && c >= utf8.RuneSelf:
			return false
		}
	}
	return false
}

func (p *plain) number() bool {
	from := p.at
	if p.in[p.at] == '-' {
		p.at++
	}
	zero := p.at < len(p.in) && p.in[p.at] == '0'
	n := p.digits()
	if n == 0 || zero && n > 1 {
		return false
	}
	if p.at < len(p.in) && p.in[p.at] == '.' {
		p.at++
		if p.digits() == 0 {
			return false
		}
	}
	if p.at < len(p.in) && (p.in[p.at] == 'e' || p.in[p.at] == 'E') {
		p.at++
		if p.at < len(p.in) && (p.in[p.at] == '+' || p.in[p.at] == '-') {
			p.at++
		}
		if p.digits() == 0 {
			return false
		}
	}
	p.out = append(p.out, p.in[from:p.at]...)
	return true
}

func (p *plain) digits() (n int) {
	for ; p.at < len(p.in) && '0' <= p.in[p.at] && p.in[p.at] <= '9'; p.at++ {
		n++
	}
	return n
}
