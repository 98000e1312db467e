package schema

import (
	"encoding/json"
	"math"
	"strconv"
)

// compare orders two numbers; whole ones exactly.
func compare(a, b json.Number) int {
	x, errX := strconv.ParseInt(a.String(), 10, 64)
	y, errY := strconv.ParseInt(b.String(), 10, 64)
	if errX == nil && errY == nil {
		return order(x, y)
	}
	// Past what a float holds, both are infinite and the type says so itself.
	p, _ := a.Float64()
	q, _ := b.Float64()
	return order(p, q)
}

func order[T int64 | float64](x, y T) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// isMultiple allows for the last digits of decimals: 0.3 is three times 0.1.
func isMultiple(v, of json.Number) bool {
	x, errX := strconv.ParseInt(v.String(), 10, 64)
	y, errY := strconv.ParseInt(of.String(), 10, 64)
	if errX == nil && errY == nil {
		return y != 0 && x%y == 0
	}
	p, _ := v.Float64()
	q, _ := of.Float64()
	if q == 0 {
		return false
	}
	times := p / q
	return math.Abs(times-math.Round(times)) < 1e-9*math.Max(1, math.Abs(times))
}

// same reports whether a choice of an enum is the value. Numbers are compared
// as numbers: 1.0 is 1.
func same(raw json.RawMessage, value any) bool {
	choice, err := read(raw)
	if err != nil {
		return false
	}
	a, isNumber := choice.(json.Number)
	b, other := value.(json.Number)
	if isNumber && other {
		return compare(a, b) == 0
	}
	if isNumber || other {
		return false
	}
	x, errX := json.Marshal(choice)
	y, errY := json.Marshal(value)
	return errX == nil && errY == nil && string(x) == string(y)
}
