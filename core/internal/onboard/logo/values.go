package logo

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/srwiley/rasterx"
	"golang.org/x/image/colornames"
)

// maxNumber bounds every coordinate, far beyond what a logo needs and far
// below what fixed-point drawing can hold.
const maxNumber = 100_000

var errValue = errors.New("value")

var (
	identifierForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,63}$`)
	urlForm        = regexp.MustCompile(`^url\(\s*['"]?#([A-Za-z_][A-Za-z0-9_.-]{0,63})['"]?\s*\)$`)
	rgbForm        = regexp.MustCompile(`^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$`)
	hexForm        = regexp.MustCompile(`^#([0-9a-f]{3}|[0-9a-f]{6})$`)
	transformForm  = regexp.MustCompile(`^\s*(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^()]*)\)[\s,]*`)
)

func oneOf(words ...string) rule {
	return func(value string) (string, error) {
		if slices.Contains(words, value) {
			return value, nil
		}
		return "", nil // as good as absent, like "inherit"
	}
}

func identifier(value string) (string, error) {
	if !identifierForm.MatchString(value) {
		return "", errValue
	}
	return value, nil
}

// parseNumber reads a number of limited size.
func parseNumber(s string) (float64, error) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) || math.Abs(n) > maxNumber {
		return 0, errValue
	}
	return n, nil
}

// number writes without an exponent, which not every reader understands.
func number(n float64) string {
	s := strconv.FormatFloat(n, 'f', 6, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

func length(value string) (string, error) {
	n, err := parseNumber(strings.TrimSuffix(value, "px"))
	return number(n), err
}

func fraction(value string) (string, error) {
	percent, isPercent := strings.CutSuffix(value, "%")
	n, err := parseNumber(percent)
	if isPercent {
		n /= 100
	}
	return number(n), err
}

func colour(value string) (string, error) {
	v := strings.ToLower(value)
	if m := rgbForm.FindStringSubmatch(v); m != nil {
		var c [3]int
		for i := range c {
			n, err := strconv.Atoi(m[i+1])
			if err != nil || n > 255 {
				return "", errValue
			}
			c[i] = n
		}
		return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]), nil
	}
	switch {
	case hexForm.MatchString(v):
		return v, nil
	case v == "currentcolor":
		return "#000000", nil // what it means where a picture stands alone
	case v == "inherit":
		return "", nil
	}
	if c, ok := colornames.Map[v]; ok {
		return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B), nil
	}
	return "", errValue
}

func paint(value string) (string, error) {
	if m := urlForm.FindStringSubmatch(value); m != nil {
		return "url(#" + m[1] + ")", nil
	}
	if value == "none" || value == "transparent" {
		return "none", nil
	}
	return colour(value)
}

func pointList(value string) (string, error) {
	numbers, err := numberList(value)
	if err != nil || len(numbers)%2 != 0 {
		return "", errValue
	}
	return join(numbers), nil
}

// numberList reads numbers as paths write them: "1-2.5.5e1" is four.
func numberList(s string) ([]float64, error) {
	l := lexer{rest: s}
	var numbers []float64
	for !l.end() {
		n, err := l.number()
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

func join(numbers []float64) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = number(n)
	}
	return strings.Join(words, " ")
}

// transform folds a list of transformations into one matrix.
func transform(value string) (string, error) {
	if value == "" || value == "none" {
		return "", nil
	}
	m, err := parseTransform(value)
	if err != nil {
		return "", err
	}
	return matrix(m), nil
}

func matrix(m rasterx.Matrix2D) string {
	return "matrix(" + join([]float64{m.A, m.B, m.C, m.D, m.E, m.F}) + ")"
}

func parseTransform(value string) (rasterx.Matrix2D, error) {
	m := rasterx.Identity
	for value != "" {
		match := transformForm.FindStringSubmatch(value)
		if match == nil {
			return m, errValue
		}
		n, err := numberList(match[2])
		if err != nil {
			return m, err
		}
		if m, err = transformed(m, match[1], n); err != nil {
			return m, err
		}
		value = value[len(match[0]):]
	}
	for _, n := range []float64{m.A, m.B, m.C, m.D, m.E, m.F} {
		if math.IsNaN(n) || math.Abs(n) > maxNumber {
			return m, errValue
		}
	}
	return m, nil
}

func transformed(m rasterx.Matrix2D, name string, n []float64) (rasterx.Matrix2D, error) {
	const degree = math.Pi / 180
	switch {
	case name == "matrix" && len(n) == 6:
		return m.Mult(rasterx.Matrix2D{A: n[0], B: n[1], C: n[2], D: n[3], E: n[4], F: n[5]}), nil
	case name == "translate" && len(n) == 1:
		return m.Translate(n[0], 0), nil
	case name == "translate" && len(n) == 2:
		return m.Translate(n[0], n[1]), nil
	case name == "scale" && len(n) == 1:
		return m.Scale(n[0], n[0]), nil
	case name == "scale" && len(n) == 2:
		return m.Scale(n[0], n[1]), nil
	case name == "rotate" && len(n) == 1:
		return m.Rotate(n[0] * degree), nil
	case name == "rotate" && len(n) == 3:
		return m.Translate(n[1], n[2]).Rotate(n[0]*degree).Translate(-n[1], -n[2]), nil
	case name == "skewX" && len(n) == 1:
		return m.SkewX(n[0] * degree), nil
	case name == "skewY" && len(n) == 1:
		return m.SkewY(n[0] * degree), nil
	}
	return m, errValue
}
