package logo

import (
	"math"
	"regexp"
	"strings"
)

var numberForm = regexp.MustCompile(`^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?`)

// lexer reads the numbers and letters of a path.
type lexer struct{ rest string }

func (l *lexer) skip()     { l.rest = strings.TrimLeft(l.rest, " ,\t\r\n") }
func (l *lexer) end() bool { l.skip(); return l.rest == "" }

func (l *lexer) number() (float64, error) {
	l.skip()
	text := numberForm.FindString(l.rest)
	if text == "" {
		return 0, errValue
	}
	l.rest = l.rest[len(text):]
	return parseNumber(strings.TrimSuffix(text, "."))
}

// flag reads one digit, 0 or 1: arcs may write "0110" for two flags and a 10.
func (l *lexer) flag() (float64, error) {
	l.skip()
	if l.rest == "" || l.rest[0] != '0' && l.rest[0] != '1' {
		return 0, errValue
	}
	n := float64(l.rest[0] - '0')
	l.rest = l.rest[1:]
	return n, nil
}

// arguments is how many numbers each command takes.
var arguments = map[byte]int{'m': 2, 'l': 2, 'h': 1, 'v': 1, 'c': 6, 's': 4, 'q': 4, 't': 2, 'a': 7, 'z': 0}

// pathData reads a path to the letter of SVG's grammar and writes it in absolute
// coordinates, each segment with its command: M, L, C, S, Q, T, A or Z.
func pathData(value string) (string, error) {
	p := pen{lexer: lexer{rest: value}}
	for command := byte(0); !p.end(); {
		if c := p.rest[0]; c|0x20 >= 'a' && c|0x20 <= 'z' {
			command, p.rest = c, p.rest[1:]
		} else if command == 0 || command|0x20 == 'z' {
			return "", errValue
		}
		if p.out.Len() == 0 && command|0x20 != 'm' {
			return "", errValue
		}
		if err := p.segment(command); err != nil {
			return "", err
		}
		switch command { // further points of a move are lines
		case 'm':
			command = 'l'
		case 'M':
			command = 'L'
		}
	}
	return p.out.String(), nil
}

// pen follows a path and writes it down.
type pen struct {
	lexer
	out            strings.Builder
	x, y           float64
	startX, startY float64 // of the loop, where z returns
}

func (p *pen) segment(command byte) error {
	kind := command | 0x20
	numbers, err := p.arguments(kind)
	if err != nil {
		return err
	}
	originX, originY := p.x, p.y
	if command != kind { // a capital: absolute
		originX, originY = 0, 0
	}
	switch kind {
	case 'z':
		p.x, p.y = p.startX, p.startY
		p.out.WriteByte('Z')
		return nil
	case 'h':
		kind, numbers = 'l', []float64{originX + numbers[0], p.y}
	case 'v':
		kind, numbers = 'l', []float64{p.x, originY + numbers[0]}
	default:
		first := 0
		if kind == 'a' {
			first = 5
		}
		for i := first; i < len(numbers); i += 2 {
			numbers[i] += originX
			numbers[i+1] += originY
		}
	}
	return p.write(kind, numbers)
}

// arguments reads the numbers of a command.
func (p *pen) arguments(kind byte) ([]float64, error) {
	count, ok := arguments[kind]
	if !ok {
		return nil, errValue
	}
	numbers := make([]float64, count)
	for i := range numbers {
		var err error
		if kind == 'a' && (i == 3 || i == 4) {
			numbers[i], err = p.flag()
		} else {
			numbers[i], err = p.number()
		}
		if err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

// write writes a segment in absolute numbers and moves to its end.
func (p *pen) write(kind byte, numbers []float64) error {
	if kind == 'a' {
		numbers[0], numbers[1] = math.Abs(numbers[0]), math.Abs(numbers[1])
		if numbers[0] == 0 || numbers[1] == 0 { // an arc without a radius is a line
			kind, numbers = 'l', numbers[5:]
		}
	}
	p.x, p.y = numbers[len(numbers)-2], numbers[len(numbers)-1]
	if math.Abs(p.x) > maxNumber || math.Abs(p.y) > maxNumber {
		return errValue
	}
	if kind == 'm' {
		p.startX, p.startY = p.x, p.y
	}
	p.out.WriteByte(kind - 0x20)
	p.out.WriteString(join(numbers))
	return nil
}
