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

// pathData reads a path to the letter of SVG's grammar and writes each segment
// with its command and spaced numbers, which every reader understands alike.
func pathData(value string) (string, error) {
	l := lexer{rest: value}
	var b strings.Builder
	for command := byte(0); !l.end(); {
		if c := l.rest[0]; c|0x20 >= 'a' && c|0x20 <= 'z' {
			command, l.rest = c, l.rest[1:]
		} else if command == 0 || command|0x20 == 'z' {
			return "", errValue
		}
		if b.Len() == 0 && command|0x20 != 'm' {
			return "", errValue
		}
		if err := segment(&b, &l, command); err != nil {
			return "", err
		}
		switch command { // further points of a move are lines
		case 'm':
			command = 'l'
		case 'M':
			command = 'L'
		}
	}
	return b.String(), nil
}

func segment(b *strings.Builder, l *lexer, command byte) error {
	count, ok := arguments[command|0x20]
	if !ok {
		return errValue
	}
	numbers := make([]float64, count)
	for i := range numbers {
		var err error
		if arc := command|0x20 == 'a'; arc && (i == 3 || i == 4) {
			numbers[i], err = l.flag()
		} else {
			numbers[i], err = l.number()
		}
		if err != nil {
			return err
		}
	}
	if command|0x20 == 'a' {
		numbers[0], numbers[1] = math.Abs(numbers[0]), math.Abs(numbers[1])
		if numbers[0] == 0 || numbers[1] == 0 { // an arc without a radius is a line
			command, numbers = command-'a'+'l', numbers[5:]
		}
	}
	b.WriteByte(command)
	b.WriteString(join(numbers))
	return nil
}
